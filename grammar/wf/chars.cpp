#include "grammar/wf/chars.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wf::grammar {
namespace {

constexpr std::string_view kReserved[] = {"and",   "or",     "not", "is",  "if",   "else",
                                          "match", "wait",   "let", "set", "stop", "when",
                                          "where", "unless", "in",  "for", "true", "false"};

enum CharClass : unsigned char { other, first, later, wide };

constexpr std::array<CharClass, 256> kClasses = [] {
  std::array<CharClass, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = first;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = first;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = later;
  for (int c = 0x80; c <= 0xFF; ++c) table[static_cast<std::size_t>(c)] = wide;
  table['_'] = first;
  return table;
}();

CharClass class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

/// Behind the non-ASCII character at `at` when it has the property, else `at`.
const char* wide_char(const char* at, const char* end, UProperty property) {
  std::int32_t i = 0;
  UChar32 c = 0;
  U8_NEXT(at, i, static_cast<std::int32_t>(std::min<std::ptrdiff_t>(end - at, 4)), c);
  return c >= 0 && u_hasBinaryProperty(c, property) ? at + i : at;
}

std::string_view word_at(const char* at, const char* end) {
  return {at, static_cast<std::size_t>(name_end(at, end) - at)};
}

/// Behind `count` words, each followed by blanks; null when there are fewer.
const char* behind_words(const char* at, const char* end, int count) {
  for (int i = 0; i < count; ++i) {
    const char* stop = name_end(at, end);
    if (stop == at) return nullptr;
    at = skip_spaces(stop, end);
  }
  return at;
}

bool continues_statement(const char* at, const char* end) {
  const std::string_view word = word_at(at, end);
  if (word == "with" || word == "using" || word == "and" || word == "or" || word == "else") {
    const char* behind = word.data() + word.size();
    return behind == end || *behind != '.';
  }
  if (word != "on") return false;
  return word_at(skip_spaces(word.data() + word.size(), end), end) == "failure";
}

const char* behind_text(const char* at, const char* end) {
  for (++at; at < end && *at != '\n'; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && at + 1 < end && at[1] != '\n') ++at;
  }
  return at;
}

const char* line_end(const char* at, const char* end) {
  const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
  return found ? static_cast<const char*>(found) : end;
}

/// Behind the `)` that closes `open` lists when it comes before any brace, else null.
const char* behind_parens(const char* at, const char* end, int open) {
  constexpr std::ptrdiff_t kFarthest = 4096;
  end = std::min(end, at + std::min(kFarthest, end - at));
  while (at < end && *at != '{' && *at != '}') {
    if (*at == '"') {
      at = behind_text(at, end);
      continue;
    }
    if (*at == '#') {
      at = line_end(at, end);
      continue;
    }
    if (*at == '(') ++open;
    if (*at == ')' && --open == 0) return at + 1;
    ++at;
  }
  return nullptr;
}

}  // namespace

const char* name_end(const char* at, const char* end) {
  if (at == end) return at;
  const CharClass start = class_of(*at);
  if (start == other || start == later) return at;
  const char* next = start == first ? at + 1 : wide_char(at, end, UCHAR_XID_START);
  if (next == at) return at;
  while (next < end) {
    const CharClass kind = class_of(*next);
    if (kind == other) break;
    const char* behind = kind == wide ? wide_char(next, end, UCHAR_XID_CONTINUE) : next + 1;
    if (behind == next) break;
    next = behind;
  }
  return next;
}

bool is_reserved(std::string_view word) {
  constexpr std::string_view kFirst = "aefilmnostuw";
  if (word.size() < 2 || word.size() > 6 || kFirst.find(word[0]) == std::string_view::npos) return false;
  return std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
}

std::optional<ast::Unit> unit_of(std::string_view word) {
  using ast::Unit;
  if (word.ends_with('s')) word.remove_suffix(1);
  if (word == "second") return Unit::second;
  if (word == "minute") return Unit::minute;
  if (word == "hour") return Unit::hour;
  if (word == "day") return Unit::day;
  if (word == "week") return Unit::week;
  if (word == "month") return Unit::month;
  if (word == "year") return Unit::year;
  return std::nullopt;
}

const char* skip_spaces(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
  return at;
}

const char* skip_lines(const char* at, const char* end) {
  for (;;) {
    at = skip_spaces(at, end);
    if (at == end) return at;
    if (*at == '#')
      at = line_end(at, end);
    else if (*at == '\n')
      ++at;
    else
      return at;
  }
}

const char* skip_in_statement(const char* at, const char* end) {
  at = skip_spaces(at, end);
  if (at == end || (*at != '\n' && *at != '#')) return at;
  const char* next = skip_lines(at, end);
  return continues_statement(next, end) ? next : at;
}

bool starts_declaration(const char* at, const char* end) {
  const std::string_view word = word_at(at, end);
  if (word.empty() || is_reserved(word)) return false;
  const char* behind = skip_spaces(word.data() + word.size(), end);
  if (word == "test") return behind < end && *behind == '"';
  if (word == "extend") return word_at(behind, end) == "object";
  const std::string_view name = word_at(behind, end);
  if (name.empty() || is_reserved(name)) return false;
  constexpr std::string_view kKinds[] = {"workflow", "object", "segment", "campaign", "scoring", "sequence"};
  if (std::find(std::begin(kKinds), std::end(kKinds), word) != std::end(kKinds)) return true;
  const char* third = behind_words(behind, end, 1);
  if (word == "event" && word_at(third, end) == "on") return true;
  return third < end && *third == '{';
}

const char* next_declaration(const char* at, const char* end) {
  for (at = line_end(at, end); at < end; at = line_end(at, end)) {
    ++at;
    if (starts_declaration(at, end)) return at;
  }
  return end;
}

bool closes_parens(const char* at, const char* end, int open) {
  return behind_parens(at, end, open) != nullptr;
}

const char* statement_end(const char* at, const char* end, int open_parens) {
  if (open_parens > 0) {
    if (const char* closed = behind_parens(at, end, open_parens)) at = closed;
  }
  int open_braces = 0;
  while (at < end) {
    const char c = *at;
    if (c == '"') {
      at = behind_text(at, end);
      continue;
    }
    if (c == '#') {
      at = line_end(at, end);
      continue;
    }
    if (open_braces == 0 && (c == '\n' || c == ';' || c == '}')) return at;
    if (c == '\n' && starts_declaration(at + 1, end)) return at;
    if (c == '{') ++open_braces;
    if (c == '}') --open_braces;
    ++at;
  }
  return end;
}

}  // namespace wf::grammar
