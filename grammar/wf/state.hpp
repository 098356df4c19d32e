// What the grammar's actions build into, and how mistakes are reported and survived.
//
// Leaf rules leave their result in a register (`name`, `path`, `duration` …) that the enclosing rule reads at
// once. Rules that nest push onto a stack. After a mistake every stack is cut back to its size before the
// broken item.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"
#include "grammar/wf/clean.hpp"

namespace wf::grammar {

/// Thrown after a mistake was reported; the innermost item (step, field, declaration …) is given up.
struct ItemAbort {};
/// Thrown when the rest of the declaration cannot be read with profit (nested too deep).
struct DeclarationAbort {};
/// Thrown when enough mistakes were reported.
struct FileAbort {};

/// What stood in the grammar where something else stood in the file.
struct Expectation {
  const char* what;      ///< plain words, "a duration such as `2 days`"
  bool is_name = false;  ///< a reserved word here is reported as such
  bool exists = true;    ///< false: nobody wrote a message yet
};

class State {
 public:
  State(const CleanText& clean, ast::File& file, text::DiagnosticSink& sink);

  // ---- places ----
  const char* begin;
  const char* end;
  std::uint32_t last_end = 0;  ///< behind the last token that matched
  std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - begin); }
  text::Span span(const char* from, const char* to) const { return {file.id, offset(from), offset(to)}; }
  /// From a rule's start to the end of its last token.
  text::Span span_from(const char* from) const { return {file.id, offset(from), last_end}; }
  /// Behind the blanks that follow a token; line ends are blanks inside parentheses.
  const char* skip(const char* at);

  // ---- mistakes ----
  text::Diagnostic& report(text::Code code, text::Span span, std::string message);
  [[noreturn]] void fail(const Expectation& expected, const char* at);
  [[noreturn]] void fail(text::Code code, text::Span span, std::string message);
  /// A text without its closing quote up to `line_end`.
  [[noreturn]] void fail_unclosed_text(const char* open, const char* line_end);
  /// A list that goes on with something else than `wanted`.
  [[noreturn]] void fail_unclosed_list(const char* open, const char* at, const char* wanted);
  [[noreturn]] void fail_too_deep(const char* at);
  void report_unclosed_block(const char* at);
  bool reported_unclosed_at(const char* at) const { return unclosed_reported_ == at; }
  void report_mixed_logic(std::size_t base, const std::vector<bool>& conjunctions);
  void report_not_any_of(text::Span span);
  void report_missing_if_past(text::Span moment);
  void report_missing_limit(text::Span event);
  /// Drops the item behind a mistake that is reported already.
  [[noreturn]] void give_up_item_at(const char* at);
  /// What stands there is in no tree.
  void leave_gap(const char* from, const char* to) { file.gaps.push_back(span(from, to)); }
  /// Where the innermost mistake was noticed.
  const char* failed_at = nullptr;
  int failed_parens = 0;

  struct Marks {
    std::size_t exprs, events, rows, blocks, open, fields, open_fields, arms;
  };
  Marks marks() const;
  void cut(const Marks& to);

  // ---- nesting ----
  struct Brace {
    const char* at;
    std::size_t indent;
  };
  int depth = 0;
  int parens = 0;
  std::vector<const char*> open_parens;
  std::vector<Brace> braces;
  void open_brace(const char* at);
  void close_brace(const char* at);

  // ---- registers ----
  ast::Name name;
  ast::Path path;
  std::string text;
  text::Span text_span;
  ast::Number number;
  ast::Duration duration;
  std::int32_t minutes = 0;
  ast::TimeRange time_range;
  ast::NameRange name_range;
  ast::NumberRange number_range;
  ast::Literal literal;
  ast::Moment moment;
  std::optional<ast::IfPast> if_past;
  std::optional<ast::AnchorPolicy> anchor;
  ast::Schedule schedule;
  ast::PauseClause pause;
  ast::ZoneClause zone;
  ast::TypeRef type;
  ast::Name other_name;
  ast::Reenroll reenroll;
  ast::Experiment::Arm variant;
  std::int64_t test_offset = 0;

  // ---- stacks ----
  std::vector<ast::ExprPtr> exprs;
  std::vector<ast::EventPhrase> events;
  std::vector<std::vector<ast::Atom>> rows;
  std::vector<ast::Block> blocks;
  std::vector<ast::Step> open;
  std::vector<std::vector<ast::Field>> fields;
  std::vector<ast::Field> open_fields;
  std::vector<ast::Match::Arm> arms;

  ast::ExprPtr pop_expr();
  ast::Expr& top_expr() { return *exprs.back(); }
  template <class Node>
  void push_expr(Node node, text::Span where) {
    exprs.push_back(std::make_unique<ast::Expr>(ast::Expr{std::move(node), where}));
  }
  /// Replaces the top expression by `node`, which was built from it; the span grows to the last token.
  template <class Node>
  void wrap_top(Node node) {
    const text::Span where{file.id, top_span().begin, last_end};
    exprs.back() = std::make_unique<ast::Expr>(ast::Expr{std::move(node), where});
  }
  text::Span top_span() const { return exprs.back() ? exprs.back()->span : taken_span_; }
  /// Takes the top expression out to be put into the node that replaces it.
  ast::ExprPtr take_top();
  /// Joins the expressions that `and` (true) and `or` (false) connect, and reports a mix of both.
  void combine_logic(const std::vector<bool>& conjunctions);
  std::vector<ast::Atom>& row() { return rows.back(); }
  std::vector<ast::Atom> pop_row();
  ast::Block pop_block();
  std::vector<ast::Field> pop_fields();
  ast::EventPhrase pop_event();
  template <class Node>
  Node& open_node() {
    return std::get<Node>(open.back().node);
  }
  /// Ends the step on top of `open`, which began at `from`.
  void finish_step(const char* from);
  template <class Node>
  void add_step(Node node, const char* from) {
    blocks.back().push_back(ast::Step{std::move(node), span_from(from)});
  }

  // ---- the declaration being read ----
  ast::Decl decl;
  ast::Property property;
  ast::Flag flag;
  ast::Trigger trigger;
  ast::WindowClause window;
  ast::Report report_clause;
  ast::TestLine line;
  template <class Node>
  Node& declared() {
    return std::get<Node>(decl.node);
  }

  ast::File& file;

 private:
  [[noreturn]] void give_up_item();
  bool on_broken_line(const char* at) const;
  std::string_view token_at(const char* at) const;

  const CleanText& clean_;
  text::DiagnosticSink& sink_;
  std::size_t mistakes_ = 0;
  text::Span taken_span_;
  const char* unclosed_reported_ = nullptr;
  std::optional<const char*> suspect_brace_;
  const char* skipped_from_ = nullptr;  ///< the last line end looked beyond, and what was found there
  const char* skipped_to_ = nullptr;
};

}  // namespace wf::grammar
