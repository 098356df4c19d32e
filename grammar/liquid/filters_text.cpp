// Filters that change texts.
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "grammar/liquid/filter_groups.hpp"

namespace wf::liquid {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string changed_case(std::string_view text, bool to_upper) {
  std::string out(text);
  if (is_ascii(text)) {
    std::transform(out.begin(), out.end(), out.begin(), to_upper ? upper : lower);
    return out;
  }
  icu::UnicodeString letters = icu::UnicodeString::fromUTF8(out);
  to_upper ? letters.toUpper(icu::Locale::getRoot()) : letters.toLower(icu::Locale::getRoot());
  out.clear();
  return letters.toUTF8String(out);
}

Datum upcase(Call& call) {
  return call.scratch.text(changed_case(call.input_text(), true));
}

Datum downcase(Call& call) {
  return call.scratch.text(changed_case(call.input_text(), false));
}

Datum capitalize(Call& call) {
  const std::string_view text = call.input_text();
  const std::size_t first = byte_of(text, 1);
  return call.scratch.text(changed_case(text.substr(0, first), true) +
                           changed_case(text.substr(first), false));
}

Datum joined(Call& call, std::string_view first, std::string_view second) {
  TextBuilder out(call.scratch);
  out.add(first);
  out.add(second);
  return call.scratch.text(out.take());
}

Datum append(Call& call) {
  return joined(call, call.input_text(), call.argument_text(0));
}

Datum prepend(Call& call) {
  return joined(call, call.argument_text(0), call.input_text());
}

Datum strip(Call& call) {
  return Datum::text(strip_end(strip_start(call.input_text())));
}

Datum lstrip(Call& call) {
  return Datum::text(strip_start(call.input_text()));
}

Datum rstrip(Call& call) {
  return Datum::text(strip_end(call.input_text()));
}

Datum squish(Call& call) {
  std::string out;
  for (const char c : strip_end(strip_start(call.input_text()))) {
    if (!is_space(c)) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return call.scratch.text(std::move(out));
}

/// Every line break, also one of Windows, becomes `with`.
Datum breaks_replaced(Call& call, std::string_view text, std::string_view with) {
  TextBuilder out(call.scratch);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") ++i;
    if (text[i] == '\n') {
      out.add(with);
    } else {
      out.add(text[i]);
    }
  }
  return call.scratch.text(out.take());
}

Datum strip_newlines(Call& call) {
  return breaks_replaced(call, call.input_text(), "");
}

Datum replaced_everywhere(Call& call, std::string_view text, std::string_view wanted, std::string_view with) {
  TextBuilder out(call.scratch);
  std::size_t at = 0;
  while (true) {
    // An empty text is found before every character and at the end.
    const std::size_t found = find_part(text, wanted, at);
    if (found == text.npos) break;
    out.add(text.substr(at, found - at));
    out.add(with);
    at = found + wanted.size();
    if (!wanted.empty()) continue;
    if (at == text.size()) break;
    const std::size_t next = at + byte_of(text.substr(at), 1);
    out.add(text.substr(at, next - at));
    at = next;
  }
  out.add(text.substr(at));
  return call.scratch.text(out.take());
}

Datum replaced_at(Call& call, std::size_t at, std::string_view wanted, std::string_view with) {
  const std::string_view text = call.input_text();
  if (at == text.npos) return Datum::text(text);
  TextBuilder out(call.scratch);
  out.add(text.substr(0, at));
  out.add(with);
  out.add(text.substr(at + wanted.size()));
  return call.scratch.text(out.take());
}

Datum replace(Call& call) {
  return replaced_everywhere(call, call.input_text(), call.argument_text(0), call.argument_text(1));
}

Datum replace_first(Call& call) {
  const std::string_view wanted = call.argument_text(0);
  return replaced_at(call, find_part(call.input_text(), wanted, 0), wanted, call.argument_text(1));
}

/// The last place by the ends of both: rfind() alone would take time in the square of a hostile text.
std::size_t find_last(Call& call, std::string_view wanted) {
  const std::string_view text = call.input_text();
  call.scratch.work(text.size() / 64 * (1 + std::min<std::size_t>(wanted.size(), text.size()) / 64));
  return text.rfind(wanted);
}

Datum replace_last(Call& call) {
  const std::string_view wanted = call.argument_text(0);
  return replaced_at(call, find_last(call, wanted), wanted, call.argument_text(1));
}

Datum remove(Call& call) {
  const std::string_view wanted = call.argument_text(0);
  if (wanted.empty()) return Datum::text(call.input_text());
  return replaced_everywhere(call, call.input_text(), wanted, "");
}

Datum remove_first(Call& call) {
  const std::string_view wanted = call.argument_text(0);
  return replaced_at(call, find_part(call.input_text(), wanted, 0), wanted, "");
}

Datum remove_last(Call& call) {
  const std::string_view wanted = call.argument_text(0);
  return replaced_at(call, find_last(call, wanted), wanted, "");
}

constexpr FilterRow kRows[] = {
    {"append", 1, 1, append},
    {"capitalize", 0, 0, capitalize},
    {"downcase", 0, 0, downcase},
    {"lstrip", 0, 0, lstrip},
    {"prepend", 1, 1, prepend},
    {"remove", 1, 1, remove},
    {"remove_first", 1, 1, remove_first},
    {"remove_last", 1, 1, remove_last},
    {"replace", 1, 2, replace},
    {"replace_first", 1, 2, replace_first},
    {"replace_last", 2, 2, replace_last},
    {"rstrip", 0, 0, rstrip},
    {"squish", 0, 0, squish},
    {"strip", 0, 0, strip},
    {"strip_newlines", 0, 0, strip_newlines},
    {"upcase", 0, 0, upcase},
};

}  // namespace

std::span<const FilterRow> text_filters() {
  return kRows;
}

}  // namespace wf::liquid
