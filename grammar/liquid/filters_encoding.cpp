// Filters between forms of writing: HTML, URLs, base64.
#include <unicode/utf8.h>

#include <array>

#include "grammar/liquid/escape.hpp"
#include "grammar/liquid/filter_groups.hpp"

namespace wf::liquid {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Datum markup(Call& call, TextBuilder& out) {
  return Datum::markup(call.scratch.keep(out.take()));
}

/// Is this `&` the start of `&name;` or `&#123;`?
bool is_entity(std::string_view text) {
  std::size_t at = 1;
  const bool numeric = at < text.size() && text[at] == '#';
  if (numeric) ++at;
  const std::size_t start = at;
  const auto belongs = [&](char c) {
    return numeric ? is_digit(c) : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  // Names of entities are short; a longer search would be work in the square of a hostile text.
  while (at < text.size() && at - start < 40 && belongs(text[at])) ++at;
  return at > start && at < text.size() && text[at] == ';';
}

Datum escaped(Call& call, bool keeps_entities) {
  if (call.input.is_nil()) return {};
  if (call.escapes_html && call.input.is_markup()) return call.input;
  const std::string_view text = call.input_text();
  TextBuilder out(call.scratch);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool stays = kMarkupCharacters.find(text[i]) == kMarkupCharacters.npos ||
                       (keeps_entities && text[i] == '&' && is_entity(text.substr(i)));
    if (stays) {
      out.add(text[i]);
    } else {
      out.add(entity_of(text[i]));
    }
  }
  return markup(call, out);
}

Datum escape(Call& call) {
  return escaped(call, false);
}

Datum escape_once(Call& call) {
  return escaped(call, true);
}

Datum raw(Call& call) {
  return Datum::markup(call.input_text());
}

/// The line breaks are HTML afterwards, so what stands between them has to be.
Datum newline_to_br(Call& call) {
  const bool escapes = call.escapes_html && !call.input.is_markup();
  const std::string_view text = call.input_text();
  TextBuilder out(call.scratch);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") ++i;
    if (text[i] == '\n') {
      out.add("<br />\n");
    } else if (escapes && kMarkupCharacters.find(text[i]) != kMarkupCharacters.npos) {
      out.add(entity_of(text[i]));
    } else {
      out.add(text[i]);
    }
  }
  return markup(call, out);
}

/// Takes out what stands between `open` and `close`, both included; an `open` without a `close` stays.
std::string without(std::string_view text, std::string_view open, std::string_view close) {
  std::string out;
  for (std::size_t at = text.find(open); at != text.npos; at = text.find(open)) {
    const std::size_t end = text.find(close, at + open.size());
    if (end == text.npos) break;
    out += text.substr(0, at);
    text.remove_prefix(end + close.size());
  }
  return out += text;
}

/// The same for several pairs at once, the first one first; a pair that has no end any more is not sought
/// again.
std::string without_blocks(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kBlocks[] = {
      {"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}};
  std::array<bool, 3> ended{};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.npos;
    for (std::size_t n = 0; n < 3 && end == text.npos && text[at] == '<'; ++n) {
      const auto& [open, close] = kBlocks[n];
      if (ended[n] || !text.substr(at).starts_with(open)) continue;
      end = text.find(close, at + open.size());
      ended[n] = end == text.npos;
      if (!ended[n]) end += close.size();
    }
    if (end == text.npos) {
      out += text[at++];
    } else {
      at = end;
    }
  }
  return out;
}

Datum strip_html(Call& call) {
  return call.scratch.text(without(without_blocks(call.input_text()), "<", ">"));
}

bool is_kept_in_url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.' ||
         c == '-' || c == '~';
}

Datum url_encode(Call& call) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  TextBuilder out(call.scratch);
  for (const char c : call.input_text()) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_kept_in_url(c)) {
      out.add(c);
    } else if (c == ' ') {
      out.add('+');
    } else {
      out.add('%');
      out.add(kHex[byte >> 4]);
      out.add(kHex[byte & 15]);
    }
  }
  return call.scratch.text(out.take());
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Datum utf8_text(Call& call, std::string text) {
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), i, size, c);
    if (c < 0) throw Fault{"what is decoded is no UTF-8 text"};
  }
  return call.scratch.text(std::move(text));
}

Datum url_decode(Call& call) {
  const std::string_view text = call.input_text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool has_code =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (has_code) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return utf8_text(call, std::move(out));
}

Datum encoded(Call& call, std::string_view alphabet) {
  const std::string_view text = call.input_text();
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t bytes = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n)
      bits = bits << 8 | (n < bytes ? static_cast<unsigned char>(text[i + n]) : 0U);
    for (std::size_t n = 0; n < 4; ++n) out += n <= bytes ? alphabet[bits >> (18 - 6 * n) & 63] : '=';
  }
  return call.scratch.text(std::move(out));
}

/// `padded`: the `=` at the end must be there.
Datum decoded(Call& call, std::string_view alphabet, bool padded) {
  std::string_view text = call.input_text();
  const bool whole = text.size() % 4 == 0;
  for (int n = 0; n < 2 && whole && text.ends_with('='); ++n) text.remove_suffix(1);
  bool valid = (whole || !padded) && text.size() % 4 != 1;
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    valid = valid && digit != alphabet.npos;
    bits = bits << 6 | static_cast<std::uint32_t>(digit & 63);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 255);
  }
  if (!valid) throw Fault{"the text is no base64"};
  return utf8_text(call, std::move(out));
}

Datum base64_encode(Call& call) {
  return encoded(call, kBase64);
}

Datum base64_decode(Call& call) {
  return decoded(call, kBase64, true);
}

Datum base64_url_safe_encode(Call& call) {
  return encoded(call, kUrlBase64);
}

Datum base64_url_safe_decode(Call& call) {
  return decoded(call, kUrlBase64, false);
}

constexpr FilterRow kRows[] = {
    {"base64_decode", 0, 0, base64_decode},
    {"base64_encode", 0, 0, base64_encode},
    {"base64_url_safe_decode", 0, 0, base64_url_safe_decode},
    {"base64_url_safe_encode", 0, 0, base64_url_safe_encode},
    {"escape", 0, 0, escape},
    {"escape_once", 0, 0, escape_once},
    {"h", 0, 0, escape},
    {"newline_to_br", 0, 0, newline_to_br},
    {"raw", 0, 0, raw},
    {"strip_html", 0, 0, strip_html},
    {"url_decode", 0, 0, url_decode},
    {"url_encode", 0, 0, url_encode},
};

}  // namespace

std::span<const FilterRow> encoding_filters() {
  return kRows;
}

}  // namespace wf::liquid
