#include "grammar/liquid/expressions.hpp"

#include <algorithm>
#include <array>

#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/numbers.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::liquid {
namespace {

using Kind = Token::Kind;

constexpr int kMaxDepth = 50;
constexpr std::size_t kLongestName = 64;

/// A word that is a value; nothing for a name.
std::optional<Datum> word_value(std::string_view word, bool compares) {
  if (word == "nil" || word == "null") return Datum();
  if (word == "true" || word == "false") return Datum::boolean(word == "true");
  if (word == "blank") return compares ? Datum::blank() : Datum::text("");
  if (word == "empty") return compares ? Datum::empty() : Datum::text("");
  return {};
}

bool is_none(const ast::Expression& e) {
  return !e.lookup && !e.bounds &&
         (e.literal.is_nil() || e.literal.is(Type::blank) || e.literal.is(Type::empty));
}

void guard(ast::Expression& e) {
  if (e.lookup) e.lookup->is_guarded = true;
}

std::string count_of_arguments(const FilterRow& row) {
  static constexpr std::array<const char*, 4> kWords = {"no", "one", "two", "three"};
  if (row.most == 0) return "no argument";
  const std::string most = std::string(kWords[row.most]) + (row.most == 1 ? " argument" : " arguments");
  if (row.least == row.most) return most;
  return row.least == 0 ? "at most " + most : std::string(kWords[row.least]) + " to " + most;
}

}  // namespace

std::string_view ParseState::name(std::string_view written) {
  const bool ascii = std::all_of(written.begin(), written.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return written;
  std::string composed = text::nfc(written);
  if (composed == written) return written;
  return *names.emplace_back(std::make_unique<std::string>(std::move(composed)));
}

bool ExpressionParser::accept(Kind kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

bool ExpressionParser::accept_word(std::string_view word) {
  if (!at(Kind::name) || peek().text != word) return false;
  take();
  return true;
}

void ExpressionParser::expect(Kind kind, const char* what) {
  if (!at(kind)) unexpected(what);
  take();
}

void ExpressionParser::unexpected(const char* wanted) const {
  const Token& token = peek();
  const std::string found = token.kind == Kind::end    ? "the end"
                            : token.kind == Kind::text ? "a text"
                                                       : "`" + std::string(token.text) + "`";
  throw Fault{std::string("expected ") + wanted + ", found " + found, token.text};
}

std::string_view ExpressionParser::name(const char* what) {
  if (!at(Kind::name)) unexpected(what);
  return state_.name(take().text);
}

std::string_view ExpressionParser::written_since(std::size_t first) const {
  const char* begin = tokens_[first].text.data();
  const std::string_view last = tokens_[at_ > first ? at_ - 1 : first].text;
  return {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
}

ast::Value ExpressionParser::value() {
  ast::Value value;
  if (at(Kind::end)) return value;
  value.expression = expression();
  while (accept(Kind::pipe)) value.filters.push_back(filter());
  expect_end();
  if (!value.filters.empty() && value.filters.front().name == "default") guard(value.expression);
  return value;
}

ast::Expression ExpressionParser::expression() {
  return literal_or_lookup(false);
}

ast::Expression ExpressionParser::operand() {
  return literal_or_lookup(true);
}

ast::Expression ExpressionParser::literal_or_lookup(bool compares) {
  if (++depth_ > kMaxDepth) throw Fault{"an expression nests too deep", peek().text};
  const std::size_t first = at_;
  ast::Expression e;
  switch (peek().kind) {
    case Kind::text:
      e.literal = Datum::text(take().text);
      break;
    case Kind::number:
      if (const auto number = parse_number(take().text)) {
        e.literal = *number;
      } else {
        throw Fault{"a number is too large", tokens_[first].text};
      }
      break;
    case Kind::open_round:
      e = bounds();
      break;
    case Kind::name: {
      const bool is_path = peek(1).kind == Kind::dot || peek(1).kind == Kind::open_square;
      const auto word = is_path ? std::nullopt : word_value(peek().text, compares);
      if (word) {
        take();
        e.literal = *word;
      } else {
        e = lookup();
      }
      break;
    }
    case Kind::open_square:
      e = lookup();
      break;
    default:
      unexpected("a value");
  }
  e.written = written_since(first);
  if (e.lookup) e.lookup->written = e.written;
  --depth_;
  return e;
}

ast::Expression ExpressionParser::lookup() {
  ast::Expression e;
  e.lookup = std::make_unique<ast::Lookup>();
  e.lookup->id = state_.lookups++;
  if (at(Kind::open_square)) {
    e.lookup->segments.push_back(bracketed());
  } else {
    e.lookup->segments.push_back({name("a name"), nullptr, true});
  }
  add_segments(*e.lookup);
  return e;
}

void ExpressionParser::add_segments(ast::Lookup& lookup) {
  while (true) {
    if (at(Kind::open_square)) {
      lookup.segments.push_back(bracketed());
    } else if (accept(Kind::dot)) {
      lookup.segments.push_back({name("a name behind the point"), nullptr, true});
    } else {
      return;
    }
  }
}

ast::Segment ExpressionParser::bracketed() {
  take();
  ast::Expression key = expression();
  expect(Kind::close_square, "`]`");
  const bool is_name = !key.lookup && !key.bounds && key.literal.is(Type::text);
  if (is_name) return {key.literal.as_text(), nullptr, false};
  return {{}, std::make_unique<ast::Expression>(std::move(key)), false};
}

ast::Expression ExpressionParser::bounds() {
  take();
  ast::Expression e;
  e.bounds = std::make_unique<ast::Bounds>();
  e.bounds->first = expression();
  expect(Kind::dots, "`..`");
  e.bounds->last = expression();
  expect(Kind::close_round, "`)`");
  return e;
}

ast::Filter ExpressionParser::filter() {
  ast::Filter filter;
  if (!at(Kind::name)) unexpected("the name of a filter");
  filter.name = take().text;
  filter.row = filter_named(filter.name);
  if (filter.name == "raw" && !state_.options.allow_raw) filter.row = nullptr;
  std::string_view stray_keyword;
  if (accept(Kind::colon)) arguments(filter, stray_keyword);
  check(filter, stray_keyword);
  return filter;
}

void ExpressionParser::arguments(ast::Filter& filter, std::string_view& stray_keyword) {
  do {
    if (!at(Kind::name) || peek(1).kind != Kind::colon) {
      filter.arguments.push_back(expression());
      continue;
    }
    const std::string_view word = take().text;
    take();
    ast::Expression argument = expression();
    guard(argument);
    if (filter.row != nullptr && filter.row->keyword == word) {
      filter.keyword = std::move(argument);
    } else {
      stray_keyword = word;
    }
  } while (accept(Kind::comma));
}

void ExpressionParser::check(const ast::Filter& filter, std::string_view stray_keyword) const {
  const std::string quoted = "`" + std::string(filter.name) + "`";
  if (filter.row == nullptr) {
    if (state_.options.strict_filters) {
      const bool is_long = filter.name.size() > kLongestName;
      throw Fault{"there is no filter " + quoted, filter.name,
                  is_long ? "" : text::did_you_mean(filter.name, names_of_filters())};
    }
    return;
  }
  if (!stray_keyword.empty())
    throw Fault{"the filter " + quoted + " has no argument `" + std::string(stray_keyword) + "`",
                stray_keyword};
  const std::size_t given = filter.arguments.size();
  if (given < filter.row->least || given > filter.row->most)
    throw Fault{"the filter " + quoted + " takes " + count_of_arguments(*filter.row), filter.name};
}

ast::Condition ExpressionParser::condition() {
  ast::Condition condition;
  bool goes_on = true;
  while (goes_on) {
    condition.push_back(comparison());
    const bool is_and = accept_word("and");
    goes_on = is_and || accept_word("or");
    condition.back().and_next = is_and;
  }
  expect_end();
  return condition;
}

ast::Comparison ExpressionParser::comparison() {
  ast::Comparison c;
  c.left = operand();
  c.comparison = comparison_operator();
  if (c.comparison == ast::Operator::truth) {
    guard(c.left);
    return c;
  }
  c.right = operand();
  if (is_none(c.right)) guard(c.left);
  if (is_none(c.left)) guard(c.right);
  return c;
}

ast::Operator ExpressionParser::comparison_operator() {
  using Op = ast::Operator;
  static constexpr std::pair<std::string_view, Op> kOperators[] = {
      {"==", Op::equal},   {"!=", Op::unequal}, {"<>", Op::unequal},  {"<", Op::less},
      {"<=", Op::at_most}, {">", Op::greater},  {">=", Op::at_least}, {"contains", Op::contains}};
  if (at(Kind::end)) return Op::truth;
  for (const auto& [text, op] : kOperators) {
    if (peek().text == text && !at(Kind::text)) {
      take();
      return op;
    }
  }
  return Op::truth;
}

}  // namespace wf::liquid
