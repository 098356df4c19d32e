// The tags that enclose nothing.
#include <algorithm>

#include "grammar/liquid/blocks.hpp"
#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

using Kind = Token::Kind;

void assign(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ExpressionParser in = parser.expressions(tag);
  ast::Assign assign;
  assign.name = in.name("the name of a variable");
  in.expect(Kind::equals, "`=`");
  if (in.at(Kind::end)) in.unexpected("a value");
  assign.value = in.value();
  add(block, {std::move(assign), tag.whole}, true);
}

void echo(BlockParser& parser, const Piece& tag, ast::Block& block) {
  add(block, {ast::Output{parser.expressions(tag).value()}, tag.whole}, false);
}

void counter(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ExpressionParser in = parser.expressions(tag);
  const std::string_view name = in.name("the name of a counter");
  in.expect_end();
  add(block, {ast::Counter{name, tag.name == "increment"}, tag.whole}, false);
}

void interrupt(BlockParser& parser, const Piece& tag, ast::Block& block) {
  parser.expressions(tag).expect_end();
  add(block, {ast::Interrupt{tag.name == "break"}, tag.whole}, false);
}

void cycle(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ExpressionParser in = parser.expressions(tag);
  ast::Cycle cycle;
  ast::Expression first = in.expression();
  if (in.accept(Kind::colon)) {
    cycle.group = std::move(first);
    first = in.expression();
  }
  const char* begin = first.written.data();
  cycle.values.push_back(std::move(first));
  while (in.accept(Kind::comma) && !in.at(Kind::end)) cycle.values.push_back(in.expression());
  in.expect_end();
  const std::string_view last = cycle.values.back().written;
  cycle.written = {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
  add(block, {std::move(cycle), tag.whole}, false);
}

void arguments(ExpressionParser& in, ast::Partial& partial) {
  while (true) {
    in.accept(Kind::comma);
    if (in.at(Kind::end)) return;
    const std::string_view name = in.name("the name of an argument");
    in.expect(Kind::colon, "`:`");
    partial.arguments.emplace_back(name, in.expression());
  }
}

void partial(BlockParser& parser, const Piece& tag, ast::Block& block) {
  ExpressionParser in = parser.expressions(tag);
  ast::Partial partial;
  partial.is_isolated = tag.name == "render";
  if (partial.is_isolated && !in.at(Kind::text)) in.unexpected("the name of a partial in quotes");
  partial.name = in.expression();
  // `with:` is an argument of that name.
  const bool has_subject = in.peek(1).kind != Kind::colon;
  if (has_subject) {
    partial.is_repeated = in.accept_word("for");
    if (partial.is_repeated || in.accept_word("with")) partial.subject = in.expression();
    if (in.peek(1).kind != Kind::colon && in.accept_word("as")) partial.alias = in.name("a name");
  }
  arguments(in, partial);
  add(block, {std::move(partial), tag.whole}, false);
}

}  // namespace

bool parse_simple_tag(BlockParser& parser, const Piece& tag, ast::Block& block) {
  using Parse = void (*)(BlockParser&, const Piece&, ast::Block&);
  static constexpr std::pair<std::string_view, Parse> kTags[] = {
      {"assign", assign},   {"break", interrupt},   {"continue", interrupt},
      {"cycle", cycle},     {"decrement", counter}, {"echo", echo},
      {"include", partial}, {"increment", counter}, {"render", partial}};
  const auto found = std::find_if(std::begin(kTags), std::end(kTags),
                                  [&](const auto& row) { return row.first == tag.name; });
  if (found == std::end(kTags)) return false;
  found->second(parser, tag, block);
  return true;
}

}  // namespace wf::liquid
