#include "grammar/value/schedule.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

bool listed(std::uint8_t weekdays, std::int32_t day) {
  return (weekdays >> weekday(day) & 1) != 0;
}

/// The day of a month: its first of the month at hand.
std::int32_t day_of_month(const Schedule& schedule, std::int32_t first) {
  const std::int32_t last = add_months(first, 1) - 1;
  if (schedule.nth == 0) return std::min(first + schedule.day - 1, last);
  std::int32_t day = schedule.nth > 0 ? first : last;
  const std::int32_t step = schedule.nth > 0 ? 1 : -1;
  while (!listed(schedule.weekdays, day)) day += step;
  return schedule.nth > 0 ? day + (schedule.nth - 1) * 7 : day;
}

/// The first day of the period that begins at or before `day`, moved by `periods`.
std::int32_t period_begin(const Schedule& schedule, std::int32_t day, std::int32_t periods) {
  const Civil civil = from_days(day);
  const std::int32_t first_of_month = day - static_cast<std::int32_t>(civil.day) + 1;
  if (schedule.every == Schedule::Every::month) return add_months(first_of_month, periods);
  const auto month = static_cast<std::int32_t>(civil.month);
  return add_months(first_of_month, static_cast<std::int32_t>(schedule.month) - month + periods * 12);
}

}  // namespace

std::optional<std::int64_t> next_occurrence(const Schedule& schedule, std::int64_t after,
                                            std::string_view zone) {
  using Every = Schedule::Every;
  const bool by_weekday =
      schedule.every == Every::week || (schedule.every == Every::month && schedule.nth != 0);
  if (schedule.every == Every::none || (by_weekday && (schedule.weekdays & 0x7f) == 0)) return std::nullopt;
  // A time that daylight saving skips can fall on the day after its own.
  const std::int32_t yesterday = local_date(after, zone) - 1;
  for (std::int32_t i = 0;; ++i) {
    const bool by_day = schedule.every == Every::day || schedule.every == Every::week;
    const std::int32_t day =
        by_day ? yesterday + i : day_of_month(schedule, period_begin(schedule, yesterday, i));
    if (schedule.every == Every::week && !listed(schedule.weekdays, day)) continue;
    const std::int64_t instant = to_instant(day, schedule.at, zone);
    if (instant > after) return instant;
    if (i > 400) return std::nullopt;  // the end of time
  }
}

}  // namespace wf::value
