// What stands inside outputs and tags, to expressions. Internal.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/liquid/ast.hpp"
#include "grammar/liquid/document.hpp"
#include "grammar/liquid/lexer.hpp"

namespace wf::liquid {

/// What the parts of one parsing share.
struct ParseState {
  ParseOptions options;
  std::vector<std::unique_ptr<std::string>> names;  ///< those whose NFC differs from what was written
  std::uint32_t lookups = 0;
  std::size_t pieces = 0;  ///< tags, outputs and texts so far

  /// In NFC; lives as long as the document.
  std::string_view name(std::string_view written);
};

/// Reads the markup of one output or tag from left to right. Everything throws Fault.
class ExpressionParser {
 public:
  ExpressionParser(ParseState& state, std::string_view markup) : state_(state), tokens_(tokens_of(markup)) {}

  /// An expression and its filters.
  ast::Value value();
  ast::Expression expression();
  /// As expression(), where `blank` and `empty` stand for what is so.
  ast::Expression operand();
  ast::Condition condition();

  /// The name that stands here; `what` says what was expected.
  std::string_view name(const char* what);
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool at(Token::Kind kind) const { return peek().kind == kind; }
  bool accept(Token::Kind kind);
  bool accept_word(std::string_view word);
  void expect(Token::Kind kind, const char* what);
  void expect_end() { expect(Token::Kind::end, "nothing more"); }
  [[noreturn]] void unexpected(const char* wanted) const;

 private:
  ast::Expression literal_or_lookup(bool compares);
  ast::Expression lookup();
  void add_segments(ast::Lookup& lookup);
  ast::Segment bracketed();
  ast::Expression bounds();
  ast::Filter filter();
  void arguments(ast::Filter& filter, std::string_view& stray_keyword);
  void check(const ast::Filter& filter, std::string_view stray_keyword) const;
  ast::Comparison comparison();
  ast::Operator comparison_operator();
  std::string_view written_since(std::size_t first) const;
  const Token& take() { return tokens_[at_ + 1 == tokens_.size() ? at_ : at_++]; }

  ParseState& state_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace wf::liquid
