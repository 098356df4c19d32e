// The structure of a template: texts, outputs, and tags with what they enclose. Internal.
#pragma once

#include <initializer_list>
#include <string_view>

#include "grammar/liquid/expressions.hpp"

namespace wf::liquid {

/// Parses the pieces of one source (a template, or the lines of a `liquid` tag). Everything throws Fault.
class BlockParser {
 public:
  BlockParser(ParseState& state, Pieces pieces, int depth = 0)
      : state_(state), pieces_(pieces), depth_(depth) {}

  /// To the end of the source.
  ast::Block run();

  /// What stands up to one of the tags `ends`, which is `end()` then; `open` is the tag that they belong to.
  ast::Block until(const Piece& open, std::initializer_list<std::string_view> ends);
  const Piece& end() const { return end_; }
  ExpressionParser expressions(const Piece& tag) const { return {state_, tag.markup}; }
  ParseState& state() { return state_; }

  /// A tag with all it encloses; appends to `block`.
  void tag(const Piece& tag, ast::Block& block);

 private:
  bool starts_elsewhere(const Piece& tag, ast::Block& block);
  void add_piece(const Piece& piece, ast::Block& block);
  void lines(const Piece& tag, ast::Block& block);
  void comment_lines(const Piece& tag) const;

  ParseState& state_;
  Pieces pieces_;
  Piece end_;
  int depth_;
};

void add(ast::Block& block, ast::Node node, bool is_blank);

/// Appends the tag of that name; false when there is none. (tags.cpp, block_tags.cpp)
bool parse_simple_tag(BlockParser& parser, const Piece& tag, ast::Block& block);
bool parse_block_tag(BlockParser& parser, const Piece& tag, ast::Block& block);

}  // namespace wf::liquid
