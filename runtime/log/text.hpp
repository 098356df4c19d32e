// Small questions about text which the log and the doors to the outside share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wf {

/// Length in bytes (1–4) of the sequence that starts at `at`; 0 when it is malformed, overlong, a surrogate
/// or cut.
inline std::size_t utf8_length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(at);
  const unsigned second = byte(at + 1);
  if (lead < 0x80) return at < text.size() ? 1 : 0;
  if (lead < 0xC2 || lead > 0xF4 || !follows(at + 1)) return 0;
  if (lead <= 0xDF) return 2;
  if (!follows(at + 2)) return 0;
  if (lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  const bool outside = (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return follows(at + 3) && !outside ? 4 : 0;
}

inline bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

/// ASCII letters in lower case, other bytes as they are.
inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

/// A control character of ASCII: what may stand in no header, address or path.
inline bool is_control(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7F;
}

}  // namespace wf
