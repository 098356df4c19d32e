#include "grammar/liquid/filters.hpp"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <array>

namespace wf::liquid {
namespace {

using value::Kind;
using value::Value;
using Arguments = std::vector<Value>;

/// Liquid counts unknown, false and what is empty as missing.
bool is_missing(const Value& v) {
  switch (v.kind()) {
    case Kind::unknown:
      return true;
    case Kind::boolean:
      return !v.as_boolean();
    case Kind::text:
      return v.as_text().empty();
    case Kind::list:
      return v.as_list().empty();
    case Kind::map:
      return v.as_map().empty();
    default:
      return false;
  }
}

Value or_default(const Value& input, const Arguments& arguments) {
  return is_missing(input) ? arguments[0] : input;
}

Value escape(const Value& input, const Arguments&) {
  return Value::text(escape_html(to_text(input)));
}

template <class Change>
Value change_letters(const Value& input, Change change) {
  icu::UnicodeString letters = icu::UnicodeString::fromUTF8(to_text(input));
  change(letters);
  std::string utf8;
  return Value::text(letters.toUTF8String(utf8));
}

Value upcase(const Value& input, const Arguments&) {
  return change_letters(input, [](icu::UnicodeString& s) { s.toUpper(icu::Locale::getRoot()); });
}

Value downcase(const Value& input, const Arguments&) {
  return change_letters(input, [](icu::UnicodeString& s) { s.toLower(icu::Locale::getRoot()); });
}

Value strip(const Value& input, const Arguments&) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  std::string text = to_text(input);
  std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return Value::text("");
  return Value::text(std::string_view(text).substr(begin, text.find_last_not_of(kSpace) - begin + 1));
}

constexpr std::array<FilterInfo, 5> kFilters = {{{"default", 1, or_default},
                                                 {"downcase", 0, downcase},
                                                 {"escape", 0, escape},
                                                 {"strip", 0, strip},
                                                 {"upcase", 0, upcase}}};

}  // namespace

const FilterInfo* find_filter(std::string_view name) {
  for (const FilterInfo& filter : kFilters) {
    if (filter.name == name) return &filter;
  }
  return nullptr;
}

bool is_valid(const Filter& filter) {
  const FilterInfo* known = find_filter(filter.name);
  return known && filter.arguments.size() == known->arguments;
}

const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const FilterInfo& filter : kFilters) all.emplace_back(filter.name);
    return all;
  }();
  return names;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace wf::liquid
