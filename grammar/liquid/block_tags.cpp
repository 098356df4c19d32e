// The tags that enclose others.
#include <algorithm>

#include "grammar/liquid/blocks.hpp"
#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

using Kind = Token::Kind;

/// A tag that shows nothing does not show its white space either.
void drop_space(ast::Block& block) {
  std::erase_if(block.nodes,
                [](const ast::Node& node) { return std::holds_alternative<ast::Text>(node.what); });
}

void branches(BlockParser& parser, const Piece& tag, ast::Block& block) {
  const std::string_view close = tag.name == "if" ? "endif" : "endunless";
  ast::Branches all;
  Piece head = tag;
  bool is_blank = true;
  do {
    ast::Branch branch;
    branch.is_negated = head.name == "unless";
    if (head.name != "else") branch.condition = parser.expressions(head).condition();
    branch.body = parser.until(tag, {"else", "elsif", close});
    is_blank = is_blank && branch.body.is_blank;
    head = parser.end();
    all.branches.push_back(std::move(branch));
  } while (head.name != close);
  if (is_blank) {
    for (ast::Branch& branch : all.branches) drop_space(branch.body);
  }
  add(block, {std::move(all), tag.whole}, is_blank);
}

std::vector<ast::Expression> when_values(ExpressionParser in) {
  std::vector<ast::Expression> values;
  do {
    values.push_back(in.operand());
  } while (in.accept(Kind::comma) || in.accept_word("or"));
  return values;
}

void choice(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ast::Case choice;
  ExpressionParser in = parser.expressions(tag);
  choice.subject = in.operand();
  in.expect_end();
  bool is_blank = parser.until(tag, {"when", "else", "endcase"}).is_blank;
  for (Piece head = parser.end(); head.name != "endcase"; head = parser.end()) {
    ast::When when;
    when.is_else = head.name == "else";
    if (!when.is_else) when.values = when_values(parser.expressions(head));
    when.body = parser.until(tag, {"when", "else", "endcase"});
    is_blank = is_blank && when.body.is_blank;
    choice.whens.push_back(std::move(when));
  }
  if (is_blank) {
    for (ast::When& when : choice.whens) drop_space(when.body);
  }
  add(block, {std::move(choice), tag.whole}, is_blank);
}

void loop_option(ExpressionParser& in, ast::For& loop) {
  if (!loop.is_table && in.accept_word("reversed")) {
    loop.is_reversed = true;
    return;
  }
  const std::string_view option = in.peek().text;
  std::optional<ast::Expression>* target = option == "limit"                   ? &loop.limit
                                           : option == "offset"                ? &loop.offset
                                           : option == "cols" && loop.is_table ? &loop.columns
                                                                               : nullptr;
  if (!in.at(Kind::name) || target == nullptr)
    in.unexpected(loop.is_table ? "`cols`, `limit` or `offset`" : "`limit`, `offset` or `reversed`");
  in.name("an option");
  in.expect(Kind::colon, "`:`");
  loop.goes_on = loop.goes_on ||
                 (!loop.is_table && option == "offset" && in.peek().text == "continue" && in.at(Kind::name));
  *target = in.expression();
}

ast::For loop_head(BlockParser& parser, const Piece& tag) {
  ExpressionParser in = parser.expressions(tag);
  ast::For loop;
  loop.is_table = tag.name == "tablerow";
  loop.name = in.name("the name of a variable");
  if (!in.accept_word("in")) in.unexpected("`in`");
  loop.collection = in.expression();
  loop.label = std::string(loop.name) + "-" + std::string(loop.collection.written);
  while (in.accept(Kind::comma) || !in.at(Kind::end)) {
    if (in.at(Kind::end)) break;
    if (!in.at(Kind::comma)) loop_option(in, loop);
  }
  return loop;
}

void loop(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ast::For loop = loop_head(parser, tag);
  loop.body = parser.until(tag, {"else", "endfor"});
  if (parser.end().name == "else") loop.otherwise = parser.until(tag, {"endfor"});
  const bool is_blank = loop.body.is_blank && loop.otherwise.is_blank;
  if (is_blank) {
    drop_space(loop.body);
    drop_space(loop.otherwise);
  }
  add(block, {std::move(loop), tag.whole}, is_blank);
}

void table(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ast::For loop = loop_head(parser, tag);
  loop.body = parser.until(tag, {"endtablerow"});
  add(block, {std::move(loop), tag.whole}, false);
}

void capture(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ExpressionParser in = parser.expressions(tag);
  ast::Capture capture;
  if (in.at(Kind::text)) {
    capture.name = parser.state().name(in.peek().text);
    in.accept(Kind::text);
  } else {
    capture.name = in.name("the name of a variable");
  }
  in.expect_end();
  capture.body = parser.until(tag, {"endcapture"});
  add(block, {std::move(capture), tag.whole}, true);
}

void if_changed(BlockParser& parser, const Piece& tag, ast::Block& block) {
  parser.expressions(tag).expect_end();
  ast::Block body = parser.until(tag, {"endifchanged"});
  const bool is_blank = body.is_blank;
  add(block, {ast::IfChanged{std::move(body)}, tag.whole}, is_blank);
}

}  // namespace

bool parse_block_tag(BlockParser& parser, const Piece& tag, ast::Block& block) {
  using Parse = void (*)(BlockParser&, const Piece&, ast::Block&);
  static constexpr std::pair<std::string_view, Parse> kTags[] = {
      {"capture", capture},      {"case", choice},    {"for", loop},       {"if", branches},
      {"ifchanged", if_changed}, {"tablerow", table}, {"unless", branches}};
  const auto found = std::find_if(std::begin(kTags), std::end(kTags),
                                  [&](const auto& row) { return row.first == tag.name; });
  if (found == std::end(kTags)) return false;
  found->second(parser, tag, block);
  return true;
}

}  // namespace wf::liquid
