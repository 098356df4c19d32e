#include "compiler/yaml/statements.hpp"

#include <algorithm>
#include <utility>

#include "grammar/format/lines.hpp"

namespace wf::yaml {

using format::Kind;
using format::Token;

Statements::Statements(std::string_view source) {
  const std::vector<Token> all = format::tokenise(source);
  std::vector<std::uint32_t> place(all.size());
  std::uint32_t breaks = 0;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    place[i] = static_cast<std::uint32_t>(tokens_.size());
    breaks += all[i].breaks;
    if (all[i].kind == Kind::comment) {
      comments_.push_back({place[i], all[i].text, all[i].breaks == 0 && i > 0, all[i].breaks > 1});
      continue;
    }
    tokens_.push_back(all[i]);
    tokens_.back().breaks = std::exchange(breaks, 0);
  }
  for (Token& token : tokens_) token.partner = place[token.partner];
}

bool Statements::continues(std::uint32_t i, std::uint32_t first) const {
  const Token& here = tokens_[i];
  const Token& before = tokens_[i - 1];
  if (before.kind == Kind::comma) return true;
  if (here.is("on")) return i + 1 < tokens_.size() && tokens_[i + 1].is("failure");
  if (here.is("else")) return before.is("}") ? tokens_[first].is("if") : true;
  return here.is("with") || here.is("using") || here.is("and") || here.is("or");
}

std::vector<Range> Statements::split(Range range, bool commas) const {
  std::vector<Range> found;
  std::uint32_t first = range.first;
  const auto end = [&](std::uint32_t at) {
    if (first < at) found.push_back({first, at});
  };
  for (std::uint32_t i = range.first; i < range.last; ++i) {
    const bool separator = tokens_[i].kind == Kind::semicolon || (commas && tokens_[i].kind == Kind::comma);
    if (separator || (i > first && tokens_[i].breaks > 0 && !continues(i, first))) {
      end(i);
      first = separator ? i + 1 : i;
    }
    if (tokens_[i].kind == Kind::open) i = std::max(i, tokens_[i].partner);
  }
  end(range.last);
  return found;
}

std::uint32_t Statements::block_of(Range range) const {
  for (std::uint32_t i = range.first; i < range.last; ++i) {
    if (tokens_[i].kind != Kind::open) continue;
    if (tokens_[i].is("{")) return i;
    i = std::max(i, tokens_[i].partner);
  }
  return range.last;
}

std::vector<Range> Statements::items(Range range) const {
  std::vector<Range> found;
  std::uint32_t first = range.first;
  for (std::uint32_t i = range.first; i < range.last; ++i) {
    if (tokens_[i].kind == Kind::open) i = std::max(i, tokens_[i].partner);
    if (tokens_[i].kind != Kind::comma) continue;
    found.push_back({first, i});
    first = i + 1;
  }
  if (first < range.last) found.push_back({first, range.last});
  return found;
}

std::string Statements::text(Range range) const {
  std::string out;
  std::uint32_t first = range.first;
  for (std::uint32_t i = range.first; i < range.last; ++i) {
    const bool tall = tokens_[i].is("{") && tokens_[i].kind == Kind::open && tokens_[i].tall;
    if (!tall) continue;
    // What stood on lines of its own is separated by `;` on one.
    out += format::join_tokens(tokens_, first, i) + (i > first ? " { " : "{ ");
    const std::vector<Range> inner = split(inside(i));
    for (std::size_t n = 0; n < inner.size(); ++n) out += (n > 0 ? "; " : "") + text(inner[n]);
    out += " }";
    i = tokens_[i].partner;
    first = i + 1;
    if (first < range.last) out += ' ';
  }
  return out + format::join_tokens(tokens_, first, range.last);
}

}  // namespace wf::yaml
