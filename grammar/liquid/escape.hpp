// Making texts safe for where they are shown. Internal.
#pragma once

#include <string>
#include <string_view>

namespace wf::liquid {

/// The characters that mean something in HTML text and quoted attributes, and what is written for one.
inline constexpr std::string_view kMarkupCharacters = "&<>\"'";
inline std::string_view entity_of(char c) {
  return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : "&#39;";
}

/// For a mail header, where a line break would start another one: a space for line breaks, no NUL.
inline std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_break = false;
  for (const char c : text) {
    if (c == '\0') continue;
    const bool is_break = c == '\r' || c == '\n';
    if (!is_break) {
      out += c;
    } else if (!in_break) {
      out += ' ';
    }
    in_break = is_break;
  }
  return out;
}

}  // namespace wf::liquid
