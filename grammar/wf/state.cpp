#include "grammar/wf/state.hpp"

#include <algorithm>

#include "grammar/text/result.hpp"
#include "grammar/wf/chars.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::grammar {

using text::Applicability;
using text::Code;
using text::Diagnostic;
using text::Span;

namespace {

constexpr const char* kEndOfLine = "the end of the line";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool ends_line(const char* at, const char* end) {
  return at == end || *at == '\n' || *at == '#';
}

}  // namespace

State::State(const CleanText& clean, ast::File& into, text::DiagnosticSink& sink)
    : begin(clean.text.data()),
      end(clean.text.data() + clean.text.size()),
      file(into),
      clean_(clean),
      sink_(sink) {}

const char* State::skip(const char* at) {
  if (parens > 0) return skip_lines(at, end);
  at = skip_spaces(at, end);
  if (at == end || (*at != '\n' && *at != '#')) return at;
  // Alternatives ask again and again what follows the same line end; comments there may be long.
  if (at != skipped_from_) {
    skipped_from_ = at;
    skipped_to_ = skip_in_statement(at, end);
  }
  return skipped_to_;
}

// ---- mistakes ----

bool State::on_broken_line(const char* at) const {
  if (clean_.broken_lines.empty()) return false;
  const char* start = at;
  while (start > begin && start[-1] != '\n') --start;
  return std::binary_search(clean_.broken_lines.begin(), clean_.broken_lines.end(), offset(start));
}

std::string_view State::token_at(const char* at) const {
  const char* stop = name_end(at, end);
  if (stop == at) {
    while (stop < end && (std::isalnum(static_cast<unsigned char>(*stop)) != 0)) ++stop;
  }
  if (stop == at && at < end) {
    ++stop;
    while (stop < end && (static_cast<unsigned char>(*stop) & 0xC0) == 0x80) ++stop;
  }
  return {at, static_cast<std::size_t>(stop - at)};
}

Diagnostic& State::report(Code code, Span span, std::string message) {
  ++mistakes_;
  return sink_.report(code, span, std::move(message));
}

void State::fail(Code code, Span span, std::string message) {
  failed_at = begin + span.begin;
  failed_parens = static_cast<int>(open_parens.size());
  if (!on_broken_line(failed_at)) report(code, span, std::move(message));
  give_up_item();
}

void State::fail(const Expectation& expected, const char* at) {
  const std::string what = expected.what;
  if (ends_line(at, end)) {
    // The place is behind the last token, not where the comment or the next line starts.
    const char* back = at;
    while (back > begin && is_blank(back[-1])) --back;
    if (parens > 0 || offset(back) > last_end) back = std::max(begin + last_end, begin);
    const char* found = at == end ? "the end of the file" : kEndOfLine;
    fail(Code::syntax, span(back, back), "expected " + what + ", found " + found);
  }
  const std::string_view token = token_at(at);
  const Span where = span(at, at + token.size());
  if (expected.is_name && is_reserved(token)) {
    fail(Code::reserved_word, where, "`" + std::string(token) + "` is a reserved word and cannot be a name");
  }
  fail(Code::syntax, where, "expected " + what + ", found `" + std::string(token) + "`");
}

void State::give_up_item_at(const char* at) {
  failed_at = at;
  failed_parens = static_cast<int>(open_parens.size());
  give_up_item();
}

void State::give_up_item() {
  if (mistakes_ >= kMaxSyntaxErrors) throw FileAbort{};
  throw ItemAbort{};
}

void State::fail_unclosed_text(const char* opened, const char* line_end) {
  failed_at = line_end;
  failed_parens = 0;
  while (line_end > opened + 1 && is_blank(line_end[-1])) --line_end;
  if (!on_broken_line(opened)) {
    Diagnostic& d = report(Code::unclosed, span(opened, line_end), "the text is not closed on its line");
    d.primary.text = "expected `\"` at the end";
  }
  give_up_item();
}

void State::fail_unclosed_list(const char* opened, const char* at, const char* wanted) {
  // With a closing parenthesis further on the list is not unclosed, only something in it is wrong.
  const int open_lists = static_cast<int>(open_parens.size());
  if (closes_parens(at, end, open_lists)) fail(Expectation{wanted}, at);
  failed_at = at;
  failed_parens = 0;
  if (!on_broken_line(opened)) {
    const Span where = span(at, at + (at < end && *at != '\n' ? token_at(at).size() : 0));
    Diagnostic& d = report(Code::unclosed, where, "a parenthesis is never closed");
    d.primary.text = std::string("expected ") + wanted;
    d.secondary.push_back({span(opened, opened + 1), "opened here"});
  }
  give_up_item();
}

void State::fail_too_deep(const char* at) {
  failed_at = at;
  failed_parens = 0;
  const std::string limit = std::to_string(kMaxDepth);
  report(Code::too_deep, span(at, std::min(at + 1, end)), "nested more than " + limit + " levels deep");
  if (mistakes_ >= kMaxSyntaxErrors) throw FileAbort{};
  throw DeclarationAbort{};
}

void State::report_unclosed_block(const char* at) {
  if (unclosed_reported_ == at) return;
  unclosed_reported_ = at;
  const char* opened = suspect_brace_.value_or(braces.back().at);
  suspect_brace_.reset();
  leave_gap(opened, at);
  const bool at_end = at == end;
  const Span where = at_end ? span(end, end) : span(at, name_end(at, end));
  Diagnostic& d = report(Code::unclosed, where, "a block is never closed");
  d.primary.text =
      at_end ? "expected `}` before the end of the file" : "expected `}` before this declaration";
  d.secondary.push_back({span(opened, opened + 1), "opened here"});
}

void State::report_mixed_logic(std::size_t base, const std::vector<bool>& conjunctions) {
  const Span whole = text::join(exprs[base]->span, exprs.back()->span);
  Diagnostic& d = report(Code::mixed_and_or, whole, "`and` and `or` are mixed without parentheses");
  d.primary.text = "`and` would bind first here";
  text::Fix fix{"put the `and` part in parentheses", Applicability::machine, {}};
  for (std::size_t i = 0; i < conjunctions.size(); ++i) {
    if (!conjunctions[i]) continue;
    const std::uint32_t from = exprs[base + i]->span.begin;
    while (i + 1 < conjunctions.size() && conjunctions[i + 1]) ++i;
    const std::uint32_t to = exprs[base + i + 1]->span.end;
    fix.edits.push_back({{file.id, from, from}, "("});
    fix.edits.push_back({{file.id, to, to}, ")"});
  }
  d.fixes.push_back(std::move(fix));
}

void State::report_not_any_of(Span where) {
  Diagnostic& d = report(Code::not_any_of, where, "`is not any of` is written `is none of`");
  d.fixes.push_back({"write `is none of`", Applicability::machine, {{where, "is none of"}}});
}

void State::report_missing_if_past(Span where) {
  Diagnostic& d = report(Code::missing_if_past, where, "a moment may already be over: `if past` is missing");
  d.primary.text = "what happens when this is in the past?";
  d.helps.push_back("add `, if past` and one of `skip`, `continue`, `stop`, `within 30 days enroll now`");
  d.fixes.push_back({"continue when it is past",
                     Applicability::maybe_incorrect,
                     {{{file.id, where.end, where.end}, ", if past continue"}}});
}

void State::report_missing_limit(Span where) {
  Diagnostic& d =
      report(Code::missing_limit, where, "a wait for an event needs a limit: `at most` is missing");
  d.primary.text = "this may never happen";
  d.fixes.push_back({"wait at most 7 days",
                     Applicability::has_placeholders,
                     {{{file.id, where.end, where.end}, ", at most 7 days"}}});
}

State::Marks State::marks() const {
  return {exprs.size(), events.size(), rows.size(),        blocks.size(),
          open.size(),  fields.size(), open_fields.size(), arms.size()};
}

void State::cut(const Marks& to) {
  exprs.resize(to.exprs);
  events.resize(to.events);
  rows.resize(to.rows);
  blocks.resize(to.blocks);
  open.resize(to.open);
  fields.resize(to.fields);
  open_fields.resize(to.open_fields);
  arms.resize(to.arms);
}

// ---- nesting ----

namespace {

std::size_t indent_of(const char* begin, const char* at) {
  while (at > begin && at[-1] != '\n') --at;
  std::size_t indent = 0;
  while (is_blank(at[indent])) ++indent;
  return indent;
}

}  // namespace

void State::open_brace(const char* at) {
  braces.push_back({at, indent_of(begin, at)});
}

void State::close_brace(const char* at) {
  const char* start = at;
  while (start > begin && is_blank(start[-1])) --start;
  const bool first_on_line = start == begin || start[-1] == '\n';
  // A brace left of the line that opened the block most likely closes an outer block.
  if (first_on_line && !suspect_brace_ && static_cast<std::size_t>(at - start) < braces.back().indent) {
    suspect_brace_ = braces.back().at;
  }
}

// ---- stacks ----

ast::ExprPtr State::pop_expr() {
  ast::ExprPtr top = std::move(exprs.back());
  exprs.pop_back();
  return top;
}

ast::ExprPtr State::take_top() {
  taken_span_ = exprs.back()->span;
  return std::move(exprs.back());
}

namespace {

ast::ExprPtr join_logic(std::vector<ast::ExprPtr> operands, bool conjunction) {
  if (operands.size() == 1) return std::move(operands.front());
  const text::Span where = text::join(operands.front()->span, operands.back()->span);
  return std::make_unique<ast::Expr>(ast::Expr{ast::Logic{conjunction, std::move(operands), false}, where});
}

}  // namespace

void State::combine_logic(const std::vector<bool>& conjunctions) {
  if (conjunctions.empty()) return;
  const std::size_t base = exprs.size() - conjunctions.size() - 1;
  const bool has_and = std::find(conjunctions.begin(), conjunctions.end(), true) != conjunctions.end();
  const bool has_or = std::find(conjunctions.begin(), conjunctions.end(), false) != conjunctions.end();
  if (has_and && has_or) report_mixed_logic(base, conjunctions);
  std::vector<ast::ExprPtr> alternatives, part;
  part.push_back(std::move(exprs[base]));
  for (std::size_t i = 0; i < conjunctions.size(); ++i) {
    if (!conjunctions[i]) {
      alternatives.push_back(join_logic(std::move(part), true));
      part.clear();
    }
    part.push_back(std::move(exprs[base + i + 1]));
  }
  alternatives.push_back(join_logic(std::move(part), true));
  exprs.resize(base);
  exprs.push_back(join_logic(std::move(alternatives), false));
}

std::vector<ast::Atom> State::pop_row() {
  std::vector<ast::Atom> top = std::move(rows.back());
  rows.pop_back();
  return top;
}

ast::Block State::pop_block() {
  ast::Block top = std::move(blocks.back());
  blocks.pop_back();
  return top;
}

std::vector<ast::Field> State::pop_fields() {
  std::vector<ast::Field> top = std::move(fields.back());
  fields.pop_back();
  return top;
}

ast::EventPhrase State::pop_event() {
  ast::EventPhrase top = std::move(events.back());
  events.pop_back();
  return top;
}

void State::finish_step(const char* from) {
  ast::Step done = std::move(open.back());
  open.pop_back();
  done.span.file = file.id;
  done.span.begin = offset(from);
  if (done.span.end == 0) done.span.end = last_end;
  blocks.back().push_back(std::move(done));
}

}  // namespace wf::grammar
