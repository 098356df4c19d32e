// Dates and windows. Calendar arithmetic itself is shared; what is computed with it is written here once
// more.
#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "tests/reference/interpreter/evaluate.hpp"

namespace wf::reference {

using value::Kind;

namespace {

std::string zone_for(const std::string& fixed, const Value& given) {
  const bool usable = given.kind() == Kind::text && value::zone_exists(given.as_text());
  return usable ? std::string(given.as_text()) : fixed;
}

}  // namespace

std::optional<std::int64_t> resolve(const bytecode::Moment& moment, const Value& anchor, const Value& given,
                                    std::int64_t now) {
  const std::string zone = zone_for(moment.zone, given);
  if (!moment.has_anchor) {
    // The next time that the clock shows the hour, on the weekday if one is named: then never today.
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
  const bool date_only = anchor.kind() == Kind::date;
  if (!date_only && anchor.kind() != Kind::instant) return std::nullopt;
  const bool moves_date = moment.at >= 0 || moment.offset_days != 0 || moment.offset_months != 0;
  if (!date_only && !moves_date) return anchor.as_instant() + moment.offset;
  value::Civil local;
  if (date_only) {
    local = value::from_days(anchor.as_date());
  } else {
    local = value::to_local(anchor.as_instant() + moment.offset, zone);
  }
  std::int32_t day = value::to_days(local.year, local.month, local.day).value();
  day = value::add_months(day, moment.offset_months) + moment.offset_days;
  const auto minutes = moment.at >= 0 ? moment.at : static_cast<std::int32_t>(local.hour * 60 + local.minute);
  const std::int64_t instant = value::to_instant(day, minutes, zone);
  if (date_only) return instant + moment.offset;
  if (moment.at >= 0) return instant;
  return instant + local.second * value::kSecond + local.micro;
}

std::optional<std::int64_t> closed_until(const sema::WindowUse& window, const Value& given, Key record,
                                         std::int64_t now) {
  const std::string zone = zone_for(window.zone, given);
  if (value::is_open(window.hours, now, zone)) return std::nullopt;
  const auto opening = value::next_open(window.hours, now, zone);
  if (!opening) return now + 365 * value::kDay;
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(record >> (8 * i) & 0xff);
  const auto spread = static_cast<std::uint64_t>(15 * value::kMinute);
  const std::int64_t chosen = *opening + static_cast<std::int64_t>(value::hash64(bytes) % spread);
  return value::is_open(window.hours, chosen, zone) ? chosen : *opening;
}

}  // namespace wf::reference
