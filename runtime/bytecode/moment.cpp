#include "runtime/bytecode/moment.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"

namespace wf::bytecode {

using value::Kind;

namespace {

/// `next mon at 09:00` and `09:00`: the first such local time after `now`.
std::int64_t next_occurrence(const Moment& moment, std::string_view zone, std::int64_t now) {
  std::int32_t day = value::local_date(now, zone);
  const std::int32_t at = std::max(moment.at, 0);
  if (moment.next_weekday < 0) {
    const std::int64_t today = value::to_instant(day, at, zone);
    return today > now ? today : value::to_instant(day + 1, at, zone);
  }
  do ++day;
  while (value::weekday(day) != static_cast<value::Weekday>(moment.next_weekday));
  return value::to_instant(day, at, zone);
}

/// Moves the local date and, unless the moment names a time of day, keeps the anchor's.
std::int64_t move_date(const Moment& moment, std::int32_t day, std::int32_t minutes, std::string_view zone) {
  day = value::add_months(day, moment.offset_months) + moment.offset_days;
  if (moment.at >= 0) return value::to_instant(day, moment.at, zone);
  return value::to_instant(day, minutes, zone);
}

/// The schedule's first time after now; from a date on, when it is that date's day of the year.
std::optional<std::int64_t> next_scheduled(value::Schedule schedule, const value::Value& anchor,
                                           std::string_view zone, std::int64_t now) {
  if (anchor.is_unknown()) return value::next_occurrence(schedule, now, zone);
  const std::int32_t date =
      anchor.kind() == Kind::date ? anchor.as_date() : value::local_date(anchor.as_instant(), zone);
  const value::Civil civil = value::from_days(date);
  schedule.month = static_cast<std::uint8_t>(civil.month);
  schedule.day = static_cast<std::uint8_t>(civil.day);
  return value::next_occurrence(
      schedule, std::max(now, value::sub_saturating(value::to_instant(date, 0, zone), 1)), zone);
}

std::optional<std::int64_t> count_business(const Moment& moment, const value::BusinessHours& hours,
                                           const value::Value& anchor, std::string_view zone) {
  const bool from_date = anchor.kind() == Kind::date;
  if (moment.business_days != 0 && (from_date || moment.at >= 0)) {
    const std::int32_t date =
        from_date ? anchor.as_date() : value::local_date(anchor.as_instant(), hours.zone);
    const auto day = value::add_business_dates(hours, date, moment.business_days);
    if (!day) return std::nullopt;
    return moment.at >= 0 ? value::to_instant(*day, moment.at, zone) : value::opening_of(hours, *day);
  }
  const std::int64_t from =
      from_date ? value::to_instant(anchor.as_date(), 0, hours.zone) : anchor.as_instant();
  return moment.business_days != 0 ? value::add_business_days(hours, from, moment.business_days)
                                   : value::add_business_time(hours, from, moment.business);
}

}  // namespace

std::string_view zone_of(const std::string& fixed, const value::Value& dynamic) {
  if (dynamic.kind() == Kind::text && value::zone_exists(dynamic.as_text())) return dynamic.as_text();
  return fixed;
}

std::optional<std::int64_t> resolve(const Moment& moment, const Catalogue& catalogue,
                                    const value::Value& anchor, const value::Value& dynamic_zone,
                                    std::int64_t now) {
  const std::string_view zone = zone_of(moment.zone, dynamic_zone);
  if (moment.has_anchor && anchor.kind() != Kind::date && anchor.kind() != Kind::instant) return std::nullopt;
  if (moment.recurs.every != value::Schedule::Every::none) {
    return next_scheduled(moment.recurs, anchor, zone, now);
  }
  if (!moment.has_anchor) return next_occurrence(moment, zone, now);
  if (moment.calendar != kNone) {
    return count_business(moment, catalogue.calendars[moment.calendar].hours, anchor, zone);
  }
  if (anchor.kind() == Kind::date) {
    const std::int64_t base = move_date(moment, anchor.as_date(), 0, zone);
    return value::add_saturating(base, moment.offset);
  }
  const std::int64_t shifted = value::add_saturating(anchor.as_instant(), moment.offset);
  if (moment.at < 0 && moment.offset_days == 0 && moment.offset_months == 0) return shifted;
  // The anchor's seconds survive where only the date moves.
  const std::int64_t within_minute = moment.at < 0 ? shifted % value::kMinute : 0;
  return move_date(moment, value::local_date(shifted, zone), value::local_minutes(shifted, zone), zone) +
         within_minute;
}

}  // namespace wf::bytecode
