// Local times that a zone skips or repeats.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wf::value {

/// Local minutes [from, to) of a day that a change of the offset skips, or repeats; `to` may lie beyond
/// midnight.
struct LocalChange {
  std::int32_t day = 0;
  std::int32_t from = 0, to = 0;
  bool skipped = false;
};
/// The changes of a zone in [begin, end), in order.
std::vector<LocalChange> local_changes(std::int64_t begin, std::int64_t end, std::string_view zone);

}  // namespace wf::value
