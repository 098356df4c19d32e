// Business time: counted in the opening hours of a calendar only. Pure functions.
//
// Hours belong to the local day on which they start, also beyond midnight; a closed day closes the hours that
// start on it. Time counted forwards is due at a closing rather than at the opening behind it; time counted
// backwards, the other way round.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grammar/value/calendar.hpp"

namespace wf::value {

struct BusinessHours {
  std::string zone;
  std::vector<WeeklyWindow> open;    ///< may overlap
  std::vector<std::int32_t> closed;  ///< days since 1970-01-01, ascending
};

/// A day on which hours start.
bool is_business_day(const BusinessHours& hours, std::int32_t day);

/// The first instant at which `length` (microseconds) of open time has passed since `from`; with a negative
/// length, the last instant from which it passes until `from`. Nothing when the calendar does not open that
/// much within 100 years.
std::optional<std::int64_t> add_business_time(const BusinessHours& hours, std::int64_t from,
                                              std::int64_t length);

/// `days` business days from `from`. The open time that has passed of the day at `from` has then passed of
/// the day reached, or all of that day if it is shorter; from outside the opening hours, whole days are
/// counted: Friday evening and one business day is Monday's closing.
std::optional<std::int64_t> add_business_days(const BusinessHours& hours, std::int64_t from,
                                              std::int32_t days);

/// The business day that is `days` after (or before) `date`, which itself is not counted.
std::optional<std::int32_t> add_business_dates(const BusinessHours& hours, std::int32_t date,
                                               std::int32_t days);

/// When the hours of a business day begin.
std::int64_t opening_of(const BusinessHours& hours, std::int32_t day);

}  // namespace wf::value
