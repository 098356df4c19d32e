// Holiday files: iCalendar text to the local days it closes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wf::schema {

struct Holidays {
  std::vector<std::int32_t> days;  ///< since 1970-01-01, ascending, each once
  /// End of the last year that has an event of its own; bytecode::Calendar::kEndless when all repeat for
  /// ever.
  std::int32_t known_until = 0;
};

/// Why a file cannot be used, and the bytes of it that are to blame.
struct HolidayProblem {
  std::size_t begin = 0, end = 0;
  std::string message;
};

/// Rules that repeat for ever are followed to the end of this year.
inline constexpr std::int32_t kLastHolidayYear = 2099;
/// More closed days than this are refused.
inline constexpr std::size_t kMaxHolidays = 20'000;

/// Every event must cover whole days of `zone`, which must exist. Cancelled events are left out; RRULE,
/// RDATE, EXDATE and RECURRENCE-ID are followed.
std::variant<Holidays, HolidayProblem> read_holidays(std::string_view ics, const std::string& zone);

}  // namespace wf::schema
