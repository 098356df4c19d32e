// Civil time: zones, local times, months, weekly windows. Pure functions over the system's tz database.
//
// Instants are microseconds since 1970-01-01T00:00Z. A non-existent local time is the first instant after the
// gap, an ambiguous one the earlier (rule S11). Thread-safe after the first call of any function.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wf::value {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

struct Civil {
  std::int32_t year = 1970;
  std::uint32_t month = 1;  ///< 1..12
  std::uint32_t day = 1;    ///< 1..31
  std::uint32_t hour = 0;
  std::uint32_t minute = 0;
  std::uint32_t second = 0;
  std::uint32_t micro = 0;
  friend bool operator==(const Civil&, const Civil&) = default;
};

/// Weekday 0 = Monday … 6 = Sunday.
using Weekday = std::uint8_t;

/// True for a zone of the tz database ("Asia/Tokyo", "UTC").
bool zone_exists(std::string_view zone);
/// Version of the tz database, recorded beside timers.
std::string tzdb_version();

/// Days since 1970-01-01 of a civil date; nothing when the date does not exist.
std::optional<std::int32_t> to_days(std::int32_t year, std::uint32_t month, std::uint32_t day);
Civil from_days(std::int32_t days);
Weekday weekday(std::int32_t days);

/// Instant of local date + minutes after midnight in a zone. An unknown zone is an assertion: check first.
std::int64_t to_instant(std::int32_t days, std::int32_t minutes, std::string_view zone);
std::int64_t to_instant(const Civil& local, std::string_view zone);
Civil to_local(std::int64_t instant, std::string_view zone);
std::int32_t local_date(std::int64_t instant, std::string_view zone);
std::int32_t local_minutes(std::int64_t instant, std::string_view zone);

/// Same day of a later month, or its last day (31 Jan + 1 month = 28 or 29 Feb).
std::int32_t add_months(std::int32_t days, std::int32_t months);

/// Weekly hours in which something is allowed: a set of weekdays and a half-open range of local minutes.
/// A range that ends before it starts crosses midnight and belongs to the day it starts on; an empty range
/// never opens. Local time decides: minutes that daylight saving skips are closed, minutes that it repeats
/// open twice.
struct WeeklyWindow {
  std::uint8_t days = 0x7f;  ///< bit 0 = Monday
  std::int32_t from = 0;     ///< minutes since midnight
  std::int32_t to = 24 * 60;
  friend bool operator==(const WeeklyWindow&, const WeeklyWindow&) = default;
};

bool is_open(const WeeklyWindow& window, std::int64_t instant, std::string_view zone);
/// `instant` if open then, else the next opening; nothing when the window never opens.
std::optional<std::int64_t> next_open(const WeeklyWindow& window, std::int64_t instant,
                                      std::string_view zone);

/// Hours in a zone of their own; several are open when all of them are.
struct ZonedWindow {
  WeeklyWindow hours;
  std::string_view zone;
};
bool is_open(std::span<const ZonedWindow> windows, std::int64_t instant);
/// As for one; nothing when they are not open together within 400 days.
std::optional<std::int64_t> next_open(std::span<const ZonedWindow> windows, std::int64_t instant);

// Text forms. Parsers return nothing for a malformed or non-existent date.
std::optional<std::int32_t> parse_date(std::string_view text);         ///< 2026-03-02
std::optional<std::int32_t> parse_time_of_day(std::string_view text);  ///< 09:00, 24:00 allowed
/// RFC 3339 with offset or Z; fraction up to 6 digits. 2026-03-02T09:00:00+09:00
std::optional<std::int64_t> parse_instant(std::string_view text);
/// Local date and time without offset: 2026-03-02T09:00 or with seconds.
std::optional<Civil> parse_local(std::string_view text);
/// "3d", "4d6h", "90m", "0m", "2h30m", units w d h m s: the notation of tests and flags. Result in
/// microseconds.
std::optional<std::int64_t> parse_compact_duration(std::string_view text);
std::string format_date(std::int32_t days);
std::string format_time_of_day(std::int32_t minutes);
std::string format_instant(std::int64_t instant);                         ///< UTC, "2026-03-02T00:00:00Z"
std::string format_instant(std::int64_t instant, std::string_view zone);  ///< "2026-03-02T09:00:00+09:00"
std::string format_duration(std::int64_t us);                             ///< "1 day 2 hours"
std::string format_compact_duration(std::int64_t us);                     ///< "1d2h"

}  // namespace wf::value
