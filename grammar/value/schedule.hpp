// Recurring local times: `daily at 09:00`, `monthly on last fri at 09:00`. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wf::value {

/// Months and years that have no such day give their last one: 31 is the last day of every month.
struct Schedule {
  enum class Every : std::uint8_t { none, day, week, month, year };
  Every every = Every::none;
  std::uint8_t weekdays = 0;  ///< bit 0 = Monday; week: the days, month with `nth`: the day counted
  std::int8_t nth = 0;        ///< month: 1..4, -1 for the last; 0: `day` counts
  std::uint8_t day = 1;       ///< month and year: 1..31
  std::uint8_t month = 1;     ///< year
  std::int32_t at = 0;        ///< local minutes since midnight
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// The first occurrence after `after`, never the same one twice; nothing when the schedule has none.
std::optional<std::int64_t> next_occurrence(const Schedule& schedule, std::int64_t after,
                                            std::string_view zone);

}  // namespace wf::value
