#include "grammar/value/calendar.hpp"

#include <algorithm>
#include <limits>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "grammar/value/zone.hpp"

namespace wf::value {
namespace {

constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;
constexpr std::int32_t kMinutesPerDay = 24 * 60;
constexpr std::int64_t kDaysPerEra = 146'097;  // 400 Gregorian years
// Where the internal year, which starts on 1 March, meets 1970-01-01.
constexpr std::int64_t kEpochDay = 719'468;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

template <class T>
T clamp_to(std::int64_t n) {
  using Limits = std::numeric_limits<T>;
  return static_cast<T>(std::clamp<std::int64_t>(n, Limits::min(), Limits::max()));
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::uint32_t days_in_month(std::int64_t year, std::uint32_t month) {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Days since 1970-01-01. Years start on 1 March here, so that the leap day is the last of its year.
std::int64_t days_of(std::int64_t year, std::uint32_t month, std::uint32_t day) {
  std::int64_t march_year = month > 2 ? year : year - 1;
  std::int64_t era = floor_div(march_year, 400);
  std::int64_t year_of_era = march_year - era * 400;
  std::int64_t march_month = (month + 9) % 12;
  std::int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
  std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kEpochDay;
}

Civil civil_date(std::int64_t days) {
  std::int64_t shifted = days + kEpochDay;
  std::int64_t era = floor_div(shifted, kDaysPerEra);
  std::int64_t day_of_era = shifted - era * kDaysPerEra;
  std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / (kDaysPerEra - 1)) / 365;
  std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::int64_t march_month = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = static_cast<std::uint32_t>(day_of_year - (153 * march_month + 2) / 5 + 1);
  civil.month = static_cast<std::uint32_t>(march_month < 10 ? march_month + 3 : march_month - 9);
  civil.year = static_cast<std::int32_t>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  return civil;
}

const Zone& known_zone(std::string_view name) {
  const Zone* zone = find_zone(name);
  WF_ASSERT(zone != nullptr);
  return *zone;
}

std::int64_t local_seconds(std::int64_t instant, const Zone& zone) {
  std::int64_t seconds = floor_div(instant, kSecond);
  return seconds + zone.at(seconds).offset;
}

std::int64_t from_local_seconds(std::int64_t seconds, std::string_view zone) {
  return mul_saturating(known_zone(zone).from_local(seconds), kSecond);
}

/// Minutes since 1970-01-01T00:00 local at which the window is next open, not before `minute`.
std::optional<std::int64_t> next_open_minute(const WeeklyWindow& window, std::int64_t minute) {
  std::int32_t length = window.to - window.from + (window.to < window.from ? kMinutesPerDay : 0);
  std::int64_t today = floor_div(minute, kMinutesPerDay);
  for (std::int64_t day = today - 1; day <= today + 7; ++day) {
    bool listed = (window.days >> floor_mod(day + 3, 7)) & 1;
    std::int64_t opening = day * kMinutesPerDay + window.from;
    if (listed && length > 0 && minute < opening + length) return std::max(minute, opening);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int32_t> to_days(std::int32_t year, std::uint32_t month, std::uint32_t day) {
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  std::int64_t days = days_of(year, month, day);
  if (days != clamp_to<std::int32_t>(days)) return std::nullopt;
  return static_cast<std::int32_t>(days);
}

Civil from_days(std::int32_t days) {
  return civil_date(days);
}

Weekday weekday(std::int32_t days) {
  return static_cast<Weekday>(floor_mod(std::int64_t{days} + 3, 7));  // 1970-01-01 was a Thursday
}

std::int64_t to_instant(std::int32_t days, std::int32_t minutes, std::string_view zone) {
  return from_local_seconds(days * kSecondsPerDay + minutes * std::int64_t{60}, zone);
}

std::int64_t to_instant(const Civil& local, std::string_view zone) {
  std::int64_t days = days_of(local.year, local.month, local.day);
  std::int64_t seconds = days * kSecondsPerDay + local.hour * 3600 + local.minute * 60 + local.second;
  const Zone& known = known_zone(zone);
  std::int64_t utc = known.from_local(seconds);
  bool in_gap = utc + known.at(utc).offset != seconds;
  return add_saturating(mul_saturating(utc, kSecond), in_gap ? 0 : local.micro);
}

std::int32_t utc_offset(std::int64_t instant, std::string_view zone) {
  return known_zone(zone).at(floor_div(instant, kSecond)).offset;
}

Civil to_local(std::int64_t instant, std::string_view zone) {
  std::int64_t seconds = local_seconds(instant, known_zone(zone));
  std::int64_t days = floor_div(seconds, kSecondsPerDay);
  auto rest = static_cast<std::uint32_t>(seconds - days * kSecondsPerDay);
  Civil local = civil_date(days);
  local.hour = rest / 3600;
  local.minute = rest / 60 % 60;
  local.second = rest % 60;
  local.micro = static_cast<std::uint32_t>(floor_mod(instant, kSecond));
  return local;
}

std::int32_t local_date(std::int64_t instant, std::string_view zone) {
  return static_cast<std::int32_t>(floor_div(local_seconds(instant, known_zone(zone)), kSecondsPerDay));
}

std::int32_t local_minutes(std::int64_t instant, std::string_view zone) {
  return static_cast<std::int32_t>(floor_mod(local_seconds(instant, known_zone(zone)), kSecondsPerDay) / 60);
}

std::int32_t add_months(std::int32_t days, std::int32_t months) {
  Civil from = civil_date(days);
  std::int64_t month = std::int64_t{from.year} * 12 + (from.month - 1) + months;
  std::int64_t year = floor_div(month, 12);
  auto month_of_year = static_cast<std::uint32_t>(floor_mod(month, 12)) + 1;
  std::uint32_t day = std::min(from.day, days_in_month(year, month_of_year));
  return clamp_to<std::int32_t>(days_of(year, month_of_year, day));
}

bool is_open(const WeeklyWindow& window, std::int64_t instant, std::string_view zone) {
  std::int64_t minute = floor_div(local_seconds(instant, known_zone(zone)), 60);
  return next_open_minute(window, minute) == minute;
}

std::optional<std::int64_t> next_open(const WeeklyWindow& window, std::int64_t instant,
                                      std::string_view zone) {
  const Zone& known = known_zone(zone);
  std::int64_t seconds = floor_div(instant, kSecond);
  // Local time is even between two changes of the offset; a change may jump into or over the window.
  while (true) {
    std::int64_t offset = known.at(seconds).offset;
    std::int64_t minute = floor_div(seconds + offset, 60);
    std::optional<std::int64_t> opening = next_open_minute(window, minute);
    if (!opening) return std::nullopt;
    std::int64_t open_at = *opening == minute ? seconds : *opening * 60 - offset;
    std::int64_t end = known.end_of_span(seconds);
    if (open_at < end) return std::max(instant, mul_saturating(open_at, kSecond));
    seconds = end;
  }
}

bool is_open(std::span<const ZonedWindow> windows, std::int64_t instant) {
  return std::all_of(windows.begin(), windows.end(),
                     [&](const ZonedWindow& window) { return is_open(window.hours, instant, window.zone); });
}

std::optional<std::int64_t> next_open(std::span<const ZonedWindow> windows, std::int64_t instant) {
  const std::int64_t end = add_saturating(instant, 400 * kDay);
  std::int64_t at = instant;
  while (at <= end) {
    const std::int64_t before = at;
    for (const ZonedWindow& window : windows) {
      const auto opening = next_open(window.hours, at, window.zone);
      if (!opening) return std::nullopt;
      at = *opening;
    }
    if (at == before) return at;
  }
  return std::nullopt;
}

}  // namespace wf::value
