#include "grammar/liquid/filter_groups.hpp"

#include <algorithm>

namespace wf::liquid {
namespace {

const std::vector<FilterRow>& table() {
  static const std::vector<FilterRow> rows = [] {
    std::vector<FilterRow> all;
    for (const auto group : {text_filters(), encoding_filters(), number_filters(), list_filters(),
                             search_filters(), part_filters()})
      all.insert(all.end(), group.begin(), group.end());
    std::sort(all.begin(), all.end(), [](const FilterRow& a, const FilterRow& b) { return a.name < b.name; });
    return all;
  }();
  return rows;
}

}  // namespace

const FilterRow* filter_named(std::string_view name) {
  const auto found =
      std::lower_bound(table().begin(), table().end(), name,
                       [](const FilterRow& row, std::string_view wanted) { return row.name < wanted; });
  return found != table().end() && found->name == name ? &*found : nullptr;
}

const std::vector<std::string>& names_of_filters() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const FilterRow& row : table()) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

}  // namespace wf::liquid
