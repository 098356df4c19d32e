#include "runtime/channels/mime.hpp"

#include <sodium.h>

#include <algorithm>

#include "runtime/log/text.hpp"

namespace wf::channels {
namespace {

constexpr std::size_t kMaxPlainValue = 900;
constexpr std::size_t kMaxPlainName = 200;
constexpr std::size_t kMaxEncodedLine = 76;

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating NUL
  return out;
}

/// ASCII that no reader takes for an encoded word and that survives folding and trimming.
bool is_plain(std::string_view text, std::size_t max_size) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
  const bool trimmed = text.empty() || (text.front() != ' ' && text.back() != ' ');
  return ascii && trimmed && text.size() <= max_size && text.find("=?") == std::string_view::npos;
}

std::string encoded_words(std::string_view text) {
  // 45 bytes become 60 characters; with "=?UTF-8?B?" and "?=" a word has 72 of the 75 allowed. The first
  // shares its line with the field's name.
  constexpr std::size_t kFirstChunk = 30, kChunk = 45;
  std::string out;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const std::size_t length = std::max<std::size_t>(1, utf8_length(text, size));
      if (size + length > (out.empty() ? kFirstChunk : kChunk)) break;
      size += length;
    }
    out += out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?";
    out += base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

bool is_phrase_character(char c) {
  return c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

std::string quoted_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string with_crlf(std::string_view body) {
  std::string out;
  out.reserve(body.size() + body.size() / 32 + 2);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\r' || body[i] == '\n') {
      if (body[i] == '\r' && i + 1 < body.size() && body[i + 1] == '\n') ++i;
      out += "\r\n";
    } else {
      out += body[i];
    }
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

/// Bytes that quoted-printable writes as themselves; white space is judged by its place in the line.
bool is_literal(char c) {
  return c > 0x20 && c <= 0x7E && c != '=';
}

void append_quoted_line(std::string& out, std::string_view line) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool space = (c == ' ' || c == '\t') && !last;
    // A dot that starts a line is what careless relays lose.
    const bool literal = (is_literal(c) || space) && !(c == '.' && column == 0);
    const std::size_t width = literal ? 1 : 3;
    if (column + width + (last ? 0 : 1) > kMaxEncodedLine) {
      out += "=\r\n";
      column = 0;
    }
    if (literal) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', kHex[byte >> 4], kHex[byte & 15]};
    }
    column += width;
  }
  out += "\r\n";
}

std::string quoted_printable(std::string_view body) {
  std::string out;
  out.reserve(body.size() + body.size() / 8);
  while (!body.empty()) {
    const std::size_t end = body.find("\r\n");
    append_quoted_line(out, body.substr(0, end));
    body.remove_prefix(end + 2);
  }
  return out;
}

std::string base64_lines(std::string_view body) {
  constexpr std::size_t kChunk = 57;  // 76 characters
  std::string out;
  for (std::size_t i = 0; i < body.size(); i += kChunk) out += base64(body.substr(i, kChunk)) + "\r\n";
  return out;
}

bool prefers_base64(std::string_view body) {
  const auto escaped = std::count_if(body.begin(), body.end(), [](char c) {
    return !is_literal(c) && c != ' ' && c != '\t' && c != '\r' && c != '\n';
  });
  return static_cast<std::size_t>(escaped) > body.size() / 6;
}

}  // namespace

std::string encode_header_text(std::string_view text) {
  return is_plain(text, kMaxPlainValue) ? std::string(text) : encoded_words(text);
}

std::string encode_display_name(std::string_view name) {
  if (!is_plain(name, kMaxPlainName)) return encoded_words(name);
  const bool phrase = std::all_of(name.begin(), name.end(), is_phrase_character);
  return phrase ? std::string(name) : quoted_string(name);
}

std::string encode_text_part(std::string_view subtype, std::string_view body) {
  const std::string text = with_crlf(body);
  const bool as_base64 = prefers_base64(text);
  std::string out = "Content-Type: text/" + std::string(subtype) + "; charset=utf-8\r\n";
  out += as_base64 ? "Content-Transfer-Encoding: base64\r\n\r\n"
                   : "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  return out + (as_base64 ? base64_lines(text) : quoted_printable(text));
}

}  // namespace wf::channels
