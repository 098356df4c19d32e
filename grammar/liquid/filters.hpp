// The filters that an output may name. Internal to liquid.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/liquid/template.hpp"

namespace wf::liquid {

struct FilterInfo {
  std::string_view name;
  std::size_t arguments;  ///< how many it takes
  value::Value (*apply)(const value::Value& input, const std::vector<value::Value>& arguments);
};

/// The filter of that name, or null.
const FilterInfo* find_filter(std::string_view name);
const std::vector<std::string>& filter_names();

std::string escape_html(std::string_view text);

}  // namespace wf::liquid
