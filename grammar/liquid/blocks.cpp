#include "grammar/liquid/blocks.hpp"

#include <algorithm>

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxPieces = 200'000;

std::string quoted(std::string_view name) {
  return "`" + std::string(name) + "`";
}

bool is_end_of_something(std::string_view name) {
  return name.starts_with("end") || name == "else" || name == "elsif" || name == "when";
}

}  // namespace

void add(ast::Block& block, ast::Node node, bool is_blank) {
  block.nodes.push_back(std::move(node));
  block.is_blank = block.is_blank && is_blank;
}

ast::Block BlockParser::run() {
  ast::Block block;
  for (Piece piece = pieces_.next(); piece.kind != Piece::Kind::end; piece = pieces_.next()) {
    if (is_end_of_something(piece.name))
      throw Fault{quoted(piece.name) + " without the tag that it belongs to", piece.whole};
    add_piece(piece, block);
  }
  return block;
}

ast::Block BlockParser::until(const Piece& open, std::initializer_list<std::string_view> ends) {
  if (++depth_ > kMaxDepth) throw Fault{"tags nest more than 100 deep", open.whole};
  ast::Block block;
  for (Piece piece = pieces_.next();; piece = pieces_.next()) {
    if (piece.kind == Piece::Kind::end) throw Fault{quoted(open.name) + " is never closed", open.whole};
    if (piece.kind == Piece::Kind::tag && std::find(ends.begin(), ends.end(), piece.name) != ends.end()) {
      end_ = piece;
      break;
    }
    if (is_end_of_something(piece.name))
      throw Fault{quoted(piece.name) + " does not belong to " + quoted(open.name), piece.whole};
    add_piece(piece, block);
  }
  --depth_;
  return block;
}

void BlockParser::add_piece(const Piece& piece, ast::Block& block) {
  if (++state_.pieces > kMaxPieces) throw Fault{"the template has too many tags and outputs", piece.whole};
  if (piece.kind == Piece::Kind::text) {
    if (!piece.whole.empty())
      add(block, {ast::Text{piece.whole}, piece.whole}, strip_start(piece.whole).empty());
  } else if (piece.kind == Piece::Kind::output) {
    add(block, {ast::Output{expressions(piece).value()}, piece.whole}, false);
  } else {
    tag(piece, block);
  }
}

void BlockParser::tag(const Piece& tag, ast::Block& block) {
  if (starts_elsewhere(tag, block) || parse_simple_tag(*this, tag, block) ||
      parse_block_tag(*this, tag, block))
    return;
  throw Fault{"there is no tag " + quoted(tag.name), tag.name};
}

/// The tags that change how the source is read.
bool BlockParser::starts_elsewhere(const Piece& tag, ast::Block& block) {
  if (tag.name == "#") {
    comment_lines(tag);
  } else if (tag.name == "comment") {
    pieces_.skip_comment(tag.whole);
  } else if (tag.name == "doc") {
    if (!tag.markup.empty()) throw Fault{"`doc` takes nothing", tag.markup};
    pieces_.skip_doc(tag.whole);
  } else if (tag.name == "raw") {
    if (!tag.markup.empty()) throw Fault{"`raw` takes nothing", tag.markup};
    const std::string_view text = pieces_.raw(tag.whole);
    if (!text.empty()) add(block, {ast::Text{text}, text}, false);
  } else if (tag.name == "liquid") {
    lines(tag, block);
  } else {
    return false;
  }
  return true;
}

void BlockParser::lines(const Piece& tag, ast::Block& block) {
  if (depth_ + 1 > kMaxDepth) throw Fault{"tags nest more than 100 deep", tag.whole};
  ast::Block inner = BlockParser(state_, Pieces::of_lines(tag.markup), depth_ + 1).run();
  for (ast::Node& node : inner.nodes) block.nodes.push_back(std::move(node));
  block.is_blank = block.is_blank && inner.is_blank;
}

/// Every line of an inline comment must start with `#`: an uncommented one would be lost without a word.
void BlockParser::comment_lines(const Piece& tag) const {
  for (std::size_t at = tag.markup.find('\n'); at != tag.markup.npos; at = tag.markup.find('\n', at + 1)) {
    const std::string_view line = strip_start(tag.markup.substr(at + 1));
    if (!line.empty() && !line.starts_with('#'))
      throw Fault{"every line of a comment must start with `#`", line.substr(0, 1)};
  }
}

}  // namespace wf::liquid
