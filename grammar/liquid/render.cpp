// Templates with values.
#include "grammar/liquid/filters.hpp"
#include "grammar/liquid/template.hpp"
#include "grammar/text/result.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::liquid {
namespace {

using value::Kind;
using value::Value;

std::string list_text(const value::List& items) {
  std::string out;
  for (const Value& item : items) {
    if (&item != items.data()) out += ", ";
    out += to_text(item);
  }
  return out;
}

/// A line break in a header would start another header.
std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_break = false;
  for (char c : text) {
    if (c == '\0') continue;
    bool is_break = c == '\r' || c == '\n';
    if (!is_break) {
      out += c;
    } else if (!in_break) {
      out += ' ';
    }
    in_break = is_break;
  }
  return out;
}

Value apply_filters(Value v, const std::vector<Filter>& filters, Escape escape) {
  for (const Filter& filter : filters) {
    // HTML outputs are escaped at the end in any case, and must not be twice.
    if (escape == Escape::html && filter.name == "escape") continue;
    WF_ASSERT(is_valid(filter));
    v = find_filter(filter.name)->apply(v, filter.arguments);
  }
  return v;
}

}  // namespace

std::string to_text(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return value.as_boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.as_integer());
    case Kind::decimal:
      return value::format_decimal(value.as_micros());
    case Kind::text:
      return std::string(value.as_text());
    case Kind::instant:
      return value::format_instant(value.as_instant());
    case Kind::date:
      return value::format_date(value.as_date());
    case Kind::time_of_day:
      return value::format_time_of_day(value.as_time_of_day());
    case Kind::duration:
      return value::format_duration(value.as_duration());
    case Kind::list:
      return list_text(value.as_list());
    case Kind::unknown:
    case Kind::enumeration:
    case Kind::ref:
    case Kind::resource:
    case Kind::map:
      return {};
  }
  return {};
}

std::string render(const Template& tmpl, Escape escape,
                   const std::function<Value(std::size_t output, const Output&)>& lookup) {
  std::string out;
  std::size_t output_index = 0;
  for (const auto& part : tmpl.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      out += *literal;
      continue;
    }
    const Output& output = std::get<Output>(part);
    std::string text = to_text(apply_filters(lookup(output_index++, output), output.filters, escape));
    out += escape == Escape::html ? escape_html(text) : text;
  }
  return escape == Escape::header ? one_line(out) : out;
}

}  // namespace wf::liquid
