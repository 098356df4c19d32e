#include "compiler/yaml/values.hpp"

#include <algorithm>

#include "grammar/format/tokens.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::yaml {

using format::Kind;
using format::Token;
using text::Code;

text::Diagnostic& Values::report(const Node& node, std::string message) {
  const std::uint32_t end = std::max(node.end, node.begin + 1);
  return sink_.report(Code::yaml_form, {file_, node.begin, end}, std::move(message));
}

void Values::unknown_key(const Node& key, const std::string& of, const std::vector<std::string>& known) {
  text::Diagnostic& d = report(key, of + " has no key `" + key.value + "`");
  const std::string meant = text::did_you_mean(key.value, known);
  if (!meant.empty()) d.helps.push_back(meant);
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "`" : ", `") + name + "`";
  if (!all.empty()) d.notes.push_back("its keys: " + all);
}

void Values::check_code(const Node& node, bool statement) {
  const auto refuse = [&](std::string_view part, const char* why) {
    const auto at = static_cast<std::uint32_t>(part.data() - node.value.data());
    const std::uint32_t begin = node.verbatim ? node.inner + at : node.begin;
    sink_.report(Code::yaml_form, {file_, begin, begin + static_cast<std::uint32_t>(part.size())}, why);
  };
  const std::vector<Token> tokens = format::scan(node.value);
  int blocks = 0;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool bracket = token.kind == Kind::open || token.kind == Kind::close;
    const bool alone = bracket && token.partner == i;
    if (alone || (bracket && token.is("}") != tokens[token.partner].is("{") && token.kind == Kind::close))
      return refuse(token.text, "this bracket has no other one in its value");
    if (token.kind == Kind::open && token.is("{")) ++blocks;
    if (token.kind == Kind::close && token.is("}")) --blocks;
    if (token.kind == Kind::text && (token.text.size() < 2 || !token.text.ends_with('"')))
      return refuse(token.text, "a text without its closing quote");
    if (token.kind == Kind::comment) return refuse(token.text, "a comment cannot stand within a value");
    if (token.kind == Kind::semicolon && !(statement && blocks > 0))
      return refuse(token.text, "`;` cannot stand in a value: write an item of a list for each");
  }
  if (tokens.empty()) report(node, "a value is missing here");
}

void Values::code(const Node& node, bool statement) {
  if (!node.is_scalar()) {
    report(node, node.kind == Node::Kind::null ? "a value is missing here" : "one value is needed here");
    return out_.put("missing", node.begin);
  }
  check_code(node, statement);
  if (node.verbatim) return out_.copy(node.value, node.inner);
  // Lines of a block are one statement.
  std::string line = node.value;
  while (line.ends_with('\n')) line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ' ');
  out_.put(line, node.begin);
}

void Values::text(const Node& node) {
  if (!node.is_scalar()) {
    report(node, "a text is needed here");
    return out_.put("\"\"", node.begin);
  }
  out_.put("\"", node.begin);
  const std::string_view value = node.value;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find_first_of("\"\\\n\t", at), value.size());
    const auto place = static_cast<std::uint32_t>(at);
    if (end > at && node.verbatim) out_.copy(value.substr(at, end - at), node.inner + place);
    if (end > at && !node.verbatim) out_.put(value.substr(at, end - at), node.begin);
    at = end;
    if (at == value.size()) break;
    const char c = value[at++];
    const char escaped[] = {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : c};
    out_.put(std::string_view(escaped, 2), node.begin);
  }
  out_.put("\"", node.end > node.begin ? node.end - 1 : node.begin);
}

template <class Item>
void Values::separated(const Node& node, Item item) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out_.put(", ", node.items[i].begin);
    item(node.items[i]);
  }
}

void Values::loose(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return code(node);
    case Node::Kind::scalar:
      return node.style == Node::Style::quoted ? text(node) : code(node);
    case Node::Kind::sequence:
      out_.put("(", node.begin);
      separated(node, [this](const Node& item) { loose(item); });
      return out_.put(")", node.end);
    case Node::Kind::mapping:
      out_.put("(", node.begin);
      for (std::size_t i = 0; i < node.entries.size(); ++i) {
        if (i > 0) out_.put(", ", node.entries[i].key.begin);
        name(node.entries[i].key);
        out_.put(" ", node.entries[i].key.end);
        loose(node.entries[i].value);
      }
      return out_.put(")", node.end);
  }
}

void Values::list(const Node& node) {
  if (!node.is_sequence()) return code(node);
  out_.put("(", node.begin);
  separated(node, [this](const Node& item) { code(item); });
  out_.put(")", node.end);
}

void Values::commas(const Node& node, bool texts) {
  const auto one = [&](const Node& item) { texts ? text(item) : code(item); };
  if (!node.is_sequence()) return one(node);
  if (node.items.empty()) report(node, "at least one is needed here");
  separated(node, one);
}

void Values::words(const Node& key) {
  std::string blanks = key.value;
  std::replace(blanks.begin(), blanks.end(), '_', ' ');
  out_.copy(blanks, key.inner);
}

}  // namespace wf::yaml
