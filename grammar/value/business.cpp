#include "grammar/value/business.hpp"

#include <algorithm>
#include <limits>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "grammar/value/zone.hpp"

namespace wf::value {
namespace {

constexpr std::int32_t kMinutesPerDay = 24 * 60;
/// How far a search goes before the calendar counts as closed for good.
constexpr std::int32_t kHorizonDays = 100 * 366;

/// Half-open. Of local minutes since midnight, or of instants.
struct Interval {
  std::int64_t begin = 0, end = 0;
};
using Intervals = std::vector<Interval>;

Intervals merged(Intervals parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  Intervals result;
  for (const Interval& part : parts) {
    if (part.begin >= part.end) continue;
    if (result.empty() || part.begin > result.back().end) {
      result.push_back(part);
    } else {
      result.back().end = std::max(result.back().end, part.end);
    }
  }
  return result;
}

bool is_closed(const BusinessHours& hours, std::int32_t day) {
  return std::binary_search(hours.closed.begin(), hours.closed.end(), day);
}

/// Local minutes of the hours that start on a day; they may go beyond its midnight.
Intervals local_hours(const BusinessHours& hours, std::int32_t day) {
  Intervals parts;
  if (is_closed(hours, day)) return parts;
  for (const WeeklyWindow& window : hours.open) {
    if ((window.days >> weekday(day) & 1) == 0) continue;
    const std::int32_t end = window.to + (window.to < window.from ? kMinutesPerDay : 0);
    parts.push_back({window.from, end});
  }
  return merged(std::move(parts));
}

/// The instants of a stretch of local minutes: in two parts where daylight saving repeats some of them.
void append_instants(Intervals& out, std::int32_t day, const Interval& local, const Zone& zone) {
  const std::int64_t midnight = std::int64_t{day} * kMinutesPerDay;
  const std::int64_t begin = (midnight + local.begin) * 60, end = (midnight + local.end) * 60;
  // No offset reaches a day.
  for (std::int64_t at = begin - kMinutesPerDay * 60; at < end + kMinutesPerDay * 60;) {
    const std::int64_t offset = zone.at(at).offset, behind = zone.end_of_span(at);
    const std::int64_t from = std::max(begin - offset, zone.at(at).begin);
    const std::int64_t to = std::min(end - offset, behind);
    if (from < to) out.push_back({mul_saturating(from, kSecond), mul_saturating(to, kSecond)});
    if (behind == std::numeric_limits<std::int64_t>::max()) return;
    at = behind;
  }
}

const Zone& zone_of(const BusinessHours& hours) {
  const Zone* zone = find_zone(hours.zone);
  WF_ASSERT(zone != nullptr);
  return *zone;
}

/// The open time of a business day.
Intervals hours_of(const BusinessHours& hours, std::int32_t day) {
  Intervals result;
  for (const Interval& local : local_hours(hours, day)) append_instants(result, day, local, zone_of(hours));
  return merged(std::move(result));
}

/// The open time between two midnights, whichever days it belongs to.
Intervals open_on(const BusinessHours& hours, std::int32_t day) {
  Intervals local;
  for (const Interval& part : local_hours(hours, day - 1)) {
    local.push_back({part.begin - kMinutesPerDay, part.end - kMinutesPerDay});
  }
  for (const Interval& part : local_hours(hours, day)) local.push_back(part);
  for (Interval& part : local) {
    part.begin = std::clamp<std::int64_t>(part.begin, 0, kMinutesPerDay);
    part.end = std::clamp<std::int64_t>(part.end, 0, kMinutesPerDay);
  }
  Intervals result;
  for (const Interval& part : merged(std::move(local))) append_instants(result, day, part, zone_of(hours));
  return merged(std::move(result));
}

std::int64_t length_of(const Intervals& open) {
  std::int64_t length = 0;
  for (const Interval& part : open) length += part.end - part.begin;
  return length;
}

std::int64_t passed_at(const Intervals& open, std::int64_t instant) {
  std::int64_t passed = 0;
  for (const Interval& part : open) {
    passed += std::clamp<std::int64_t>(instant - part.begin, 0, part.end - part.begin);
  }
  return passed;
}

/// The first instant (or with `last` the last one) at which that much of the open time has passed.
std::int64_t instant_after(const Intervals& open, std::int64_t passed, bool last) {
  for (const Interval& part : open) {
    const std::int64_t length = part.end - part.begin;
    if (passed < length || (passed == length && (!last || &part == &open.back()))) return part.begin + passed;
    passed -= length;
  }
  return open.back().end;
}

/// The `count`-th business day from `day` in the direction of `step`, `day` itself not counted.
std::optional<std::int32_t> business_day(const BusinessHours& hours, std::int32_t day, std::int32_t count,
                                         std::int32_t step) {
  for (std::int32_t searched = 0; count > 0; ++searched) {
    if (searched > kHorizonDays) return std::nullopt;
    day += step;
    if (is_business_day(hours, day)) --count;
  }
  return day;
}

/// The last business day that has begun at `from`, or going back the first that has not ended.
std::optional<std::int32_t> day_at(const BusinessHours& hours, std::int64_t from, bool forwards) {
  const std::int32_t step = forwards ? -1 : 1;
  std::int32_t day = local_date(from, hours.zone) - step;
  for (std::int32_t searched = 0; searched <= kHorizonDays; ++searched, day += step) {
    const Intervals open = hours_of(hours, day);
    if (!open.empty() && (forwards ? open.front().begin <= from : open.back().end >= from)) return day;
  }
  return std::nullopt;
}

}  // namespace

bool is_business_day(const BusinessHours& hours, std::int32_t day) {
  return !local_hours(hours, day).empty();
}

std::optional<std::int64_t> add_business_time(const BusinessHours& hours, std::int64_t from,
                                              std::int64_t length) {
  std::int64_t rest = length < 0 ? -length : length;
  if (rest == 0) return from;
  const std::int32_t step = length < 0 ? -1 : 1;
  std::int32_t day = local_date(from, hours.zone);
  for (std::int32_t searched = 0; searched <= kHorizonDays; ++searched, day += step) {
    Intervals open = open_on(hours, day);
    if (step < 0) std::reverse(open.begin(), open.end());
    for (Interval& part : open) {
      (step > 0 ? part.begin : part.end) = step > 0 ? std::max(part.begin, from) : std::min(part.end, from);
      if (part.begin >= part.end) continue;
      if (rest <= part.end - part.begin) return step > 0 ? part.begin + rest : part.end - rest;
      rest -= part.end - part.begin;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> add_business_days(const BusinessHours& hours, std::int64_t from,
                                              std::int32_t days) {
  if (days == 0) return from;
  const bool forwards = days > 0;
  const std::int32_t step = forwards ? 1 : -1;
  std::int32_t count = forwards ? days : -days;
  const auto day = day_at(hours, from, forwards);
  if (!day) return std::nullopt;
  const Intervals open = hours_of(hours, *day);
  const std::int64_t passed = passed_at(open, from), whole = length_of(open);
  if (passed > 0 && passed < whole) {
    const auto target = business_day(hours, *day, count, step);
    if (!target) return std::nullopt;
    const Intervals reached = hours_of(hours, *target);
    return instant_after(reached, std::min(passed, length_of(reached)), !forwards);
  }
  // Between two days: the day at hand is the first one counted when all of it is still to come.
  const bool counts = forwards ? passed == 0 : passed == whole;
  const auto target = business_day(hours, *day, counts ? count - 1 : count, step);
  if (!target) return std::nullopt;
  const Intervals reached = hours_of(hours, *target);
  return forwards ? reached.back().end : reached.front().begin;
}

std::optional<std::int32_t> add_business_dates(const BusinessHours& hours, std::int32_t date,
                                               std::int32_t days) {
  return business_day(hours, date, days < 0 ? -days : days, days < 0 ? -1 : 1);
}

std::int64_t opening_of(const BusinessHours& hours, std::int32_t day) {
  const Intervals open = hours_of(hours, day);
  return open.empty() ? to_instant(day, 0, hours.zone) : open.front().begin;
}

}  // namespace wf::value
