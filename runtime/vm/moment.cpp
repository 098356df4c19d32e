#include "runtime/vm/moment.hpp"

#include <algorithm>
#include <string_view>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::vm {

using value::Kind;

namespace {

constexpr std::int64_t kMinutesPerDay = 24 * 60;

std::string_view zone_of(const std::string& fixed, const value::Value& dynamic) {
  if (dynamic.kind() == Kind::text && value::zone_exists(dynamic.as_text())) return dynamic.as_text();
  return fixed;
}

/// `next mon at 09:00` and `09:00`: the first such local time after `now`.
std::int64_t next_occurrence(const bytecode::Moment& moment, std::string_view zone, std::int64_t now) {
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
std::int64_t move_date(const bytecode::Moment& moment, std::int32_t day, std::int32_t minutes,
                       std::string_view zone) {
  day = value::add_months(day, moment.offset_months) + moment.offset_days;
  if (moment.at >= 0) return value::to_instant(day, moment.at, zone);
  return value::to_instant(day, minutes, zone);
}

}  // namespace

std::optional<std::int64_t> resolve(const bytecode::Moment& moment, const value::Value& anchor,
                                    const value::Value& dynamic_zone, std::int64_t now) {
  const std::string_view zone = zone_of(moment.zone, dynamic_zone);
  if (!moment.has_anchor) return next_occurrence(moment, zone, now);
  if (anchor.kind() == Kind::date) {
    const std::int64_t base = move_date(moment, anchor.as_date(), 0, zone);
    return value::add_saturating(base, moment.offset);
  }
  if (anchor.kind() != Kind::instant) return std::nullopt;
  const std::int64_t shifted = value::add_saturating(anchor.as_instant(), moment.offset);
  if (moment.at < 0 && moment.offset_days == 0 && moment.offset_months == 0) return shifted;
  // The anchor's seconds survive where only the date moves.
  const std::int64_t within_minute = moment.at < 0 ? shifted % value::kMinute : 0;
  return move_date(moment, value::local_date(shifted, zone), value::local_minutes(shifted, zone), zone) +
         within_minute;
}

std::optional<std::int64_t> closed_until(const bytecode::Window& window, const value::Value& dynamic_zone,
                                         std::uint64_t key, std::int64_t now) {
  const std::string_view zone = zone_of(window.zone, dynamic_zone);
  if (value::is_open(window.hours, now, zone)) return std::nullopt;
  const auto opening = value::next_open(window.hours, now, zone);
  if (!opening) return now + 365 * value::kDay;
  const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
  const auto jitter =
      static_cast<std::int64_t>(value::hash64(bytes) % static_cast<std::uint64_t>(kWindowJitter));
  // A window shorter than the jitter must still be open at the instant chosen.
  const std::int64_t chosen = *opening + jitter;
  return value::is_open(window.hours, chosen, zone) ? chosen : *opening;
}

}  // namespace wf::vm
