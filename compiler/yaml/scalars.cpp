#include "compiler/yaml/scalars.hpp"

#include <algorithm>
#include <array>

namespace wf::yaml {
namespace {

/// What YAML 1.1 or 1.2 reads as something else than a text.
bool has_meaning(std::string_view value) {
  constexpr std::array<std::string_view, 12> kWords = {"null", "~",   "true", "false", "yes", "no",
                                                       "on",   "off", "y",    "n",     "<<",  "="};
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

/// Would YAML see another structure in it?
bool is_safe(std::string_view value) {
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@` ";
  if (value.empty()) return false;
  const bool negative = value[0] == '-' && value.size() > 1 && value[1] >= '0' && value[1] <= '9';
  if (kIndicators.find(value[0]) != value.npos && !negative) return false;
  if (value.back() == ' ' || value.back() == ':') return false;
  if (value.find_first_of("\n\t\r") != value.npos) return false;
  return value.find(": ") == value.npos && value.find(" #") == value.npos && !value.starts_with("---");
}

}  // namespace

bool is_plain(std::string_view value) {
  return is_safe(value) && !has_meaning(value);
}

bool is_plain_code(std::string_view code) {
  const bool null = code == "null" || code == "Null" || code == "NULL" || code == "~" || code == "<<";
  return is_safe(code) && !null && code.find_first_of(",[]{}") == code.npos;
}

std::string quoted_scalar(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out += c;
  }
  return out + '"';
}

std::string text_scalar(std::string_view value) {
  const bool number = !value.empty() && value[0] >= '0' && value[0] <= '9';
  return is_plain(value) && !number ? std::string(value) : quoted_scalar(value);
}

std::string code_in_flow(std::string_view code) {
  const bool plain = is_plain(code) && code.find_first_of(",[]{}") == code.npos;
  if (plain) return std::string(code);
  return code.find('\'') == code.npos ? "'" + std::string(code) + "'" : quoted_scalar(code);
}

std::string code_scalar(std::string_view code) {
  if (is_plain(code)) return std::string(code);
  if (code.find('\'') == code.npos) return "'" + std::string(code) + "'";
  return quoted_scalar(code);
}

std::string unquoted(std::string_view token) {
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') {
      out += token[i];
      continue;
    }
    const char c = token[++i];
    out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return out;
}

}  // namespace wf::yaml
