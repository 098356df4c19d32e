#include "grammar/value/zone_changes.hpp"

#include <algorithm>

#include "grammar/text/result.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/zone.hpp"

namespace wf::value {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 60 * 60;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

std::vector<LocalChange> local_changes(std::int64_t begin, std::int64_t end, std::string_view zone) {
  const Zone* found = find_zone(zone);
  WF_ASSERT(found != nullptr);
  const Zone& known = *found;
  std::vector<LocalChange> changes;
  const std::int64_t last = floor_div(end, kSecond);
  for (std::int64_t at = known.end_of_span(floor_div(begin, kSecond) - 1); at < last;
       at = known.end_of_span(at)) {
    const std::int64_t before = known.at(at - 1).offset, after = known.at(at).offset;
    const std::int64_t from = at + std::min(before, after);
    const std::int64_t day = floor_div(from, kDaySeconds), midnight = day * kDaySeconds;
    const std::int64_t length = std::max(before, after) - std::min(before, after);
    changes.push_back({static_cast<std::int32_t>(day), static_cast<std::int32_t>((from - midnight) / 60),
                       static_cast<std::int32_t>((from - midnight + length) / 60), after > before});
  }
  return changes;
}

}  // namespace wf::value
