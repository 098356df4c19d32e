// Business time: rule S12.
#include "grammar/value/business.hpp"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace wf::value {
namespace {

constexpr const char* kTokyo = "Asia/Tokyo";
constexpr std::uint8_t kWeekdays = 0b0011111;

std::int32_t day(const char* date) {
  return parse_date(date).value();
}

/// Monday to Friday 9 to 12 and 13 to 18; closed from 29 December 2026 to 3 January 2027, and on 20 March.
BusinessHours office() {
  BusinessHours hours;
  hours.zone = kTokyo;
  hours.open = {{kWeekdays, 9 * 60, 12 * 60}, {kWeekdays, 13 * 60, 18 * 60}};
  hours.closed = {day("2026-03-20")};
  for (std::int32_t d = day("2026-12-29"); d <= day("2027-01-03"); ++d) hours.closed.push_back(d);
  return hours;
}

std::int64_t at(const char* local, const std::string& zone = kTokyo) {
  return to_instant(parse_local(local).value(), zone);
}
std::string text(std::optional<std::int64_t> instant, const std::string& zone = kTokyo) {
  return instant ? format_instant(*instant, zone).substr(0, 16) : "never";
}
std::string hours_after(const char* local, std::int64_t hours) {
  return text(add_business_time(office(), at(local), hours * kHour));
}
std::string days_after(const char* local, std::int32_t days) {
  return text(add_business_days(office(), at(local), days));
}
std::string dates_after(const char* date, std::int32_t days) {
  const auto found = add_business_dates(office(), day(date), days);
  return found ? format_date(*found) : "never";
}

TEST_CASE("S12 business hours count open time only") {
  CHECK(hours_after("2026-03-02T09:00", 3) == "2026-03-02T12:00");  // due at the closing for lunch
  CHECK(hours_after("2026-03-02T09:00", 4) == "2026-03-02T14:00");
  CHECK(hours_after("2026-03-02T09:00", 8) == "2026-03-02T18:00");  // due at closing, not on Tuesday
  CHECK(hours_after("2026-03-02T10:00", 8) == "2026-03-03T10:00");
  CHECK(hours_after("2026-03-06T17:30", 8) == "2026-03-09T17:30");  // over a weekend
  CHECK(hours_after("2026-03-07T12:00", 1) == "2026-03-09T10:00");  // from a Saturday
  CHECK(hours_after("2026-03-19T17:00", 2) == "2026-03-23T10:00");  // over a holiday and a weekend
  CHECK(hours_after("2026-12-28T18:00", 8) == "2027-01-04T18:00");  // over the year's end
  CHECK(hours_after("2026-03-02T12:30", 0) == "2026-03-02T12:30");
}

TEST_CASE("S12 business hours counted backwards") {
  CHECK(hours_after("2026-03-02T18:00", -8) == "2026-03-02T09:00");
  CHECK(hours_after("2026-03-02T13:00", -1) == "2026-03-02T11:00");
  CHECK(hours_after("2026-03-02T14:00", -1) == "2026-03-02T13:00");
  CHECK(hours_after("2026-03-02T09:00", -8) == "2026-02-27T09:00");
  CHECK(hours_after("2026-03-01T00:00", -1) == "2026-02-27T17:00");
}

TEST_CASE("S12 business days keep the time of day, and end at a closing") {
  CHECK(days_after("2026-03-02T10:30", 2) == "2026-03-04T10:30");
  CHECK(days_after("2026-03-06T10:30", 1) == "2026-03-09T10:30");
  CHECK(days_after("2026-03-19T10:30", 1) == "2026-03-23T10:30");
  CHECK(days_after("2026-03-06T18:00", 1) == "2026-03-09T18:00");
  CHECK(days_after("2026-03-06T20:00", 1) == "2026-03-09T18:00");
  CHECK(days_after("2026-03-07T12:00", 2) == "2026-03-10T18:00");
  CHECK(days_after("2026-03-02T08:00", 1) == "2026-03-02T18:00");
  CHECK(days_after("2026-03-02T09:00", 1) == "2026-03-02T18:00");
  CHECK(days_after("2026-03-02T12:30", 1) == "2026-03-03T12:00");
}

TEST_CASE("S12 business days counted backwards end at an opening") {
  CHECK(days_after("2026-03-04T10:30", -2) == "2026-03-02T10:30");
  CHECK(days_after("2026-03-09T10:30", -1) == "2026-03-06T10:30");
  CHECK(days_after("2026-03-06T00:00", -2) == "2026-03-04T09:00");
  CHECK(days_after("2026-03-09T09:00", -1) == "2026-03-06T09:00");
  CHECK(days_after("2026-03-06T18:00", -1) == "2026-03-06T09:00");
  CHECK(days_after("2026-03-03T12:30", -1) == "2026-03-02T13:00");
}

TEST_CASE("S12 a day with shorter hours ends at its closing") {
  BusinessHours hours = office();
  hours.open.push_back({0b0100000, 9 * 60, 12 * 60});  // Saturday morning
  CHECK(text(add_business_days(hours, at("2026-03-06T15:00"), 1)) == "2026-03-07T12:00");
  CHECK(text(add_business_days(hours, at("2026-03-06T15:00"), 2)) == "2026-03-09T15:00");
  CHECK(text(add_business_days(hours, at("2026-03-07T11:00"), 1)) == "2026-03-09T11:00");
}

TEST_CASE("S12 business dates skip what is closed") {
  CHECK(dates_after("2026-03-06", 2) == "2026-03-10");
  CHECK(dates_after("2026-03-07", 1) == "2026-03-09");
  CHECK(dates_after("2026-03-06", -2) == "2026-03-04");
  CHECK(dates_after("2027-01-04", -1) == "2026-12-28");
  CHECK(dates_after("2026-03-06", 0) == "2026-03-06");
}

TEST_CASE("hours beyond midnight belong to the day on which they start") {
  BusinessHours nights;
  nights.zone = kTokyo;
  nights.open = {{kWeekdays, 22 * 60, 6 * 60}};
  nights.closed = {day("2026-03-03")};
  CHECK(text(add_business_time(nights, at("2026-03-03T05:00"), 2 * kHour)) == "2026-03-04T23:00");
  CHECK(text(add_business_days(nights, at("2026-03-03T05:00"), 1)) == "2026-03-05T05:00");
  CHECK(is_business_day(nights, day("2026-03-02")));
  CHECK_FALSE(is_business_day(nights, day("2026-03-03")));
  CHECK(text(opening_of(nights, day("2026-03-02"))) == "2026-03-02T22:00");
}

TEST_CASE("a calendar that never opens gives nothing") {
  BusinessHours never;
  never.zone = "UTC";
  CHECK_FALSE(add_business_time(never, 0, kHour));
  CHECK_FALSE(add_business_days(never, 0, 1));
  CHECK_FALSE(add_business_dates(never, 0, -1));
  CHECK_FALSE(is_business_day(never, 0));
}

// ---- against the definition, minute by minute
// -------------------------------------------------------------------------

bool closed(const BusinessHours& hours, std::int32_t d) {
  return std::count(hours.closed.begin(), hours.closed.end(), d) > 0;
}

/// Does the minute belong to the hours that start on the day?
bool of_day(const BusinessHours& hours, std::int32_t d, std::int64_t instant) {
  const std::int32_t today = local_date(instant, hours.zone), minute = local_minutes(instant, hours.zone);
  if (closed(hours, d)) return false;
  return std::any_of(hours.open.begin(), hours.open.end(), [&](const WeeklyWindow& w) {
    if ((w.days >> weekday(d) & 1) == 0) return false;
    const bool crosses = w.to < w.from;
    if (today == d) return minute >= w.from && (crosses || minute < w.to);
    return crosses && today == d + 1 && minute < w.to;
  });
}
bool open_then(const BusinessHours& hours, std::int64_t instant) {
  const std::int32_t today = local_date(instant, hours.zone);
  return of_day(hours, today, instant) || of_day(hours, today - 1, instant);
}

std::int64_t walk(const BusinessHours& hours, std::int64_t from, std::int64_t minutes) {
  const std::int64_t step = minutes < 0 ? -kMinute : kMinute;
  for (std::int64_t rest = std::abs(minutes); rest > 0; from += step) {
    if (open_then(hours, minutes < 0 ? from - kMinute : from)) --rest;
  }
  return from;
}

/// The open minutes of a business day.
std::vector<std::int64_t> minutes_of(const BusinessHours& hours, std::int32_t d) {
  std::vector<std::int64_t> minutes;
  const std::int64_t begin = to_instant(d, 0, hours.zone) - 2 * kHour;
  for (std::int64_t m = begin; m < begin + 54 * kHour; m += kMinute) {
    if (of_day(hours, d, m)) minutes.push_back(m);
  }
  return minutes;
}

/// `count` business days after `from`, by lists of minutes.
std::int64_t walk_days(const BusinessHours& hours, std::int64_t from, int count) {
  std::int32_t d = local_date(from, hours.zone);
  while (minutes_of(hours, d).empty() || minutes_of(hours, d).front() > from) --d;
  const auto here = minutes_of(hours, d);
  const auto passed = static_cast<std::size_t>(
      std::count_if(here.begin(), here.end(), [&](std::int64_t m) { return m < from; }));
  if (passed == 0) --count;  // all of this day is still to come
  for (; count > 0; --count) {
    do ++d;
    while (minutes_of(hours, d).empty());
  }
  const auto there = minutes_of(hours, d);
  const bool whole = passed == 0 || passed == here.size();
  const std::size_t reached = whole ? there.size() : std::min(passed, there.size());
  return there[reached - 1] + kMinute;  // not the opening of the next part
}

BusinessHours any_hours() {
  BusinessHours hours;
  hours.zone = *rc::gen::element("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe");
  const int windows = *rc::gen::inRange(1, 4);
  for (int i = 0; i < windows; ++i) {
    WeeklyWindow w;
    w.days = *rc::gen::inRange<std::uint8_t>(1, 128);
    w.from = *rc::gen::inRange(0, 1440);
    w.to = *rc::gen::inRange(0, 1441);
    RC_PRE(w.from != w.to);
    hours.open.push_back(w);
  }
  const std::int32_t around = day("2026-03-29");
  for (std::int32_t d = around - 20; d < around + 40; ++d) {
    if (*rc::gen::inRange(0, 8) == 0) hours.closed.push_back(d);
  }
  return hours;
}

std::int64_t any_start() {
  // Close to a change of the offset, where mistakes are.
  const char* near = *rc::gen::element("2026-03-08T07:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
                                       "2026-04-04T15:00:00Z", "2026-07-01T00:00:00Z");
  return *parse_instant(near) + *rc::gen::inRange<std::int64_t>(-3 * 1440, 1440) * kMinute;
}

TEST_CASE("S12 business time is what a walk through the minutes gives") {
  rc::prop("forwards and backwards", [] {
    const BusinessHours hours = any_hours();
    const std::int64_t start = any_start();
    const std::int64_t minutes = *rc::gen::inRange<std::int64_t>(-1500, 1500);
    RC_ASSERT(add_business_time(hours, start, minutes * kMinute) == walk(hours, start, minutes));
  });
}

TEST_CASE("S12 business days are what lists of open minutes give") {
  rc::prop("forwards", [] {
    BusinessHours hours = any_hours();
    // Hours of two days that overlap have no single day to belong to.
    for (const WeeklyWindow& w : hours.open) RC_PRE(w.to > w.from);
    const std::int64_t start = any_start();
    const int days = *rc::gen::inRange(1, 6);
    RC_ASSERT(add_business_days(hours, start, days) == walk_days(hours, start, days));
  });
}

TEST_CASE("S12 there and back again is never after the start") {
  rc::prop("open time", [] {
    const BusinessHours hours = any_hours();
    const std::int64_t start = any_start();
    const std::int64_t length = *rc::gen::inRange<std::int64_t>(0, 3000) * kMinute + 1;
    const auto there = add_business_time(hours, start, length);
    RC_ASSERT(there.has_value());
    const auto back = add_business_time(hours, *there, -length);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back >= start);  // later only by closed time
    RC_ASSERT(add_business_time(hours, *back, length) == there);
  });
}

}  // namespace
}  // namespace wf::value
