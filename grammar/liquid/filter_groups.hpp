// The filters: a table from names to functions. Internal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {

/// One use of a filter.
struct Call {
  const Datum& input;
  std::span<const Datum> arguments;
  const Datum* keyword;  ///< null when it was not given
  Scratch& scratch;
  std::int64_t now;
  bool escapes_html;  ///< outputs are made safe for HTML

  bool has(std::size_t n) const { return n < arguments.size(); }
  /// Nil when it was not given.
  Datum argument(std::size_t n) const { return has(n) ? arguments[n] : Datum(); }
  std::string_view input_text() { return text_of(input, scratch); }
  std::string_view argument_text(std::size_t n) { return has(n) ? text_of(arguments[n], scratch) : ""; }
};

struct FilterRow {
  std::string_view name;
  std::uint8_t least, most;  ///< arguments
  Datum (*apply)(Call& call);
  std::string_view keyword = {};  ///< of an argument with a name
};

/// Null without one.
const FilterRow* filter_named(std::string_view name);
/// All, in alphabetical order.
const std::vector<std::string>& names_of_filters();

// The groups.
std::span<const FilterRow> text_filters();
std::span<const FilterRow> encoding_filters();
std::span<const FilterRow> number_filters();
std::span<const FilterRow> list_filters();
std::span<const FilterRow> search_filters();
std::span<const FilterRow> part_filters();

}  // namespace wf::liquid
