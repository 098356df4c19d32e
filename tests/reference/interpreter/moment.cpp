// Dates and windows. Calendar arithmetic itself is shared; what is computed with it is written here once
// more.
#include "grammar/value/business.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "grammar/value/schedule.hpp"
#include "tests/reference/interpreter/evaluate.hpp"

namespace wf::reference {

using bytecode::Moment;
using value::Kind;

namespace {

std::string zone_for(const std::string& fixed, const Value& given) {
  const bool usable = given.kind() == Kind::text && value::zone_exists(given.as_text());
  return usable ? std::string(given.as_text()) : fixed;
}

/// The next time that the clock shows the hour, on the weekday if one is named: then never today.
std::int64_t next_hour(const Moment& moment, const std::string& zone, std::int64_t now) {
  std::int32_t day = value::local_date(now, zone);
  const std::int32_t hour = moment.at < 0 ? 0 : moment.at;
  if (moment.next_weekday < 0) {
    while (value::to_instant(day, hour, zone) <= now) ++day;
  } else {
    do ++day;
    while (value::weekday(day) != static_cast<value::Weekday>(moment.next_weekday));
  }
  return value::to_instant(day, hour, zone);
}

std::int32_t date_of(const Value& anchor, const std::string& zone) {
  return anchor.kind() == Kind::date ? anchor.as_date() : value::local_date(anchor.as_instant(), zone);
}

/// A schedule's next time; with an anchor, on its day of the year, from the anchor's date on.
std::optional<std::int64_t> next_time(value::Schedule schedule, const Value& anchor, const std::string& zone,
                                      std::int64_t now) {
  if (!anchor.is_unknown()) {
    const std::int32_t date = date_of(anchor, zone);
    const value::Civil civil = value::from_days(date);
    schedule.month = static_cast<std::uint8_t>(civil.month);
    schedule.day = static_cast<std::uint8_t>(civil.day);
    now = std::max(now, value::to_instant(date, 0, zone) - 1);
  }
  return value::next_occurrence(schedule, now, zone);
}

std::optional<std::int64_t> business_moment(const Moment& moment, const value::BusinessHours& hours,
                                            const Value& anchor, const std::string& zone) {
  const bool date_only = anchor.kind() == Kind::date;
  if (moment.business_days != 0 && (date_only || moment.at >= 0)) {
    const auto day = value::add_business_dates(hours, date_of(anchor, hours.zone), moment.business_days);
    if (!day) return std::nullopt;
    return moment.at < 0 ? value::opening_of(hours, *day) : value::to_instant(*day, moment.at, zone);
  }
  const std::int64_t from =
      date_only ? value::to_instant(anchor.as_date(), 0, hours.zone) : anchor.as_instant();
  if (moment.business_days != 0) return value::add_business_days(hours, from, moment.business_days);
  return value::add_business_time(hours, from, moment.business);
}

}  // namespace

std::optional<std::int64_t> resolve(const Moment& moment, const bytecode::Catalogue& catalogue,
                                    const Value& anchor, const Value& given, std::int64_t now) {
  const std::string zone = zone_for(moment.zone, given);
  const bool date_only = anchor.kind() == Kind::date;
  if (moment.has_anchor && !date_only && anchor.kind() != Kind::instant) return std::nullopt;
  if (moment.recurs.every != value::Schedule::Every::none) {
    return next_time(moment.recurs, moment.has_anchor ? anchor : Value(), zone, now);
  }
  if (!moment.has_anchor) return next_hour(moment, zone, now);
  if (moment.calendar != kNone) {
    return business_moment(moment, catalogue.calendars.at(moment.calendar).hours, anchor, zone);
  }
  const bool moves_date = moment.at >= 0 || moment.offset_days != 0 || moment.offset_months != 0;
  if (!date_only && !moves_date) return anchor.as_instant() + moment.offset;
  const value::Civil local = date_only ? value::from_days(anchor.as_date())
                                       : value::to_local(anchor.as_instant() + moment.offset, zone);
  std::int32_t day = value::to_days(local.year, local.month, local.day).value();
  day = value::add_months(day, moment.offset_months) + moment.offset_days;
  const auto minutes = moment.at >= 0 ? moment.at : static_cast<std::int32_t>(local.hour * 60 + local.minute);
  const std::int64_t instant = value::to_instant(day, minutes, zone);
  if (date_only) return instant + moment.offset;
  if (moment.at >= 0) return instant;
  return instant + local.second * value::kSecond + local.micro;
}

std::optional<std::int64_t> closed_until(const std::vector<sema::WindowUse>& windows,
                                         const std::vector<Value>& zones, Key record, std::int64_t now) {
  std::vector<value::ZonedWindow> all;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < windows.size(); ++i) names.push_back(zone_for(windows[i].zone, zones.at(i)));
  for (std::size_t i = 0; i < windows.size(); ++i) all.push_back({windows[i].hours, names[i]});
  if (value::is_open(all, now)) return std::nullopt;
  const auto opening = value::next_open(all, now);
  if (!opening) return now + 365 * value::kDay;
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(record >> (8 * i) & 0xff);
  const auto spread = static_cast<std::uint64_t>(15 * value::kMinute);
  const std::int64_t chosen = *opening + static_cast<std::int64_t>(value::hash64(bytes) % spread);
  return value::is_open(all, chosen) ? chosen : *opening;
}

}  // namespace wf::reference
