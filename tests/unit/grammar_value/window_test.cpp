// Weekly windows: rule S15.
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>

#include "generators.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

constexpr const char* kNewYork = "America/New_York";
constexpr const char* kTokyo = "Asia/Tokyo";
constexpr WeeklyWindow kOffice{0b0011111, 9 * 60, 18 * 60};
constexpr WeeklyWindow kNights{0b0011111, 22 * 60, 6 * 60};

std::int64_t at(const char* local, const char* zone) {
  return to_instant(parse_local(local).value(), zone);
}
bool open(const WeeklyWindow& window, const char* local, const char* zone = kTokyo) {
  return is_open(window, at(local, zone), zone);
}
std::string next(const WeeklyWindow& window, const char* local, const char* zone = kTokyo) {
  std::optional<std::int64_t> instant = next_open(window, at(local, zone), zone);
  return instant ? format_instant(*instant, zone) : "never";
}

TEST_CASE("a window is half-open") {
  CHECK_FALSE(open(kOffice, "2026-03-02T08:59:59.999999"));
  CHECK(open(kOffice, "2026-03-02T09:00"));
  CHECK(open(kOffice, "2026-03-02T17:59:59.999999"));
  CHECK_FALSE(open(kOffice, "2026-03-02T18:00"));
  CHECK_FALSE(open(kOffice, "2026-03-07T12:00"));  // a Saturday
}

TEST_CASE("the next opening") {
  CHECK(next(kOffice, "2026-03-02T10:30:15") == "2026-03-02T10:30:15+09:00");
  CHECK(next(kOffice, "2026-03-02T10:30:15.25") == "2026-03-02T10:30:15.25+09:00");
  CHECK(next(kOffice, "2026-03-02T07:00") == "2026-03-02T09:00:00+09:00");
  CHECK(next(kOffice, "2026-03-02T18:00") == "2026-03-03T09:00:00+09:00");
  CHECK(next(kOffice, "2026-03-06T18:00") == "2026-03-09T09:00:00+09:00");  // Friday evening to Monday
  CHECK(next(kOffice, "2026-03-06T17:59:59") == "2026-03-06T17:59:59+09:00");
  CHECK(next(kOffice, "2026-12-31T23:30") == "2027-01-01T09:00:00+09:00");
}

TEST_CASE("one weekday comes round in a week") {
  WeeklyWindow mondays{0b0000001, 9 * 60, 10 * 60};
  CHECK(next(mondays, "2026-03-02T10:00") == "2026-03-09T09:00:00+09:00");
  CHECK(next(mondays, "2026-03-03T00:00") == "2026-03-09T09:00:00+09:00");
}

TEST_CASE("a window across midnight belongs to the day it starts on") {
  CHECK(open(kNights, "2026-03-06T23:00"));     // Friday
  CHECK(open(kNights, "2026-03-07T05:59:59"));  // still Friday's
  CHECK_FALSE(open(kNights, "2026-03-07T06:00"));
  CHECK_FALSE(open(kNights, "2026-03-07T23:00"));  // Saturday
  CHECK_FALSE(open(kNights, "2026-03-02T05:00"));  // Sunday's night
  CHECK(next(kNights, "2026-03-07T06:00") == "2026-03-09T22:00:00+09:00");
  CHECK(next(kNights, "2026-03-03T21:00") == "2026-03-03T22:00:00+09:00");
}

TEST_CASE("whole days and windows up to midnight") {
  CHECK(open(WeeklyWindow{}, "2026-03-02T00:00"));
  CHECK(open(WeeklyWindow{}, "2026-03-02T23:59:59"));
  WeeklyWindow evening{0x7f, 20 * 60, 24 * 60};
  CHECK(open(evening, "2026-03-02T23:59:59"));
  CHECK_FALSE(open(evening, "2026-03-03T00:00"));
  WeeklyWindow until_midnight{0x7f, 20 * 60, 0};
  CHECK(open(until_midnight, "2026-03-02T23:59:59"));
  CHECK_FALSE(open(until_midnight, "2026-03-03T00:00"));
  WeeklyWindow weekend{0b1100000, 0, 24 * 60};
  CHECK(next(weekend, "2026-03-02T00:00") == "2026-03-07T00:00:00+09:00");
}

TEST_CASE("some windows never open") {
  CHECK(next(WeeklyWindow{0, 0, 1440}, "2026-03-02T00:00") == "never");
  CHECK(next(WeeklyWindow{0x80, 0, 1440}, "2026-03-02T00:00") == "never");
  CHECK(next(WeeklyWindow{0x7f, 600, 600}, "2026-03-02T00:00") == "never");
  CHECK_FALSE(open(WeeklyWindow{0x7f, 600, 600}, "2026-03-02T10:00"));
}

TEST_CASE("an opening in the gap of daylight saving is the end of the gap") {
  WeeklyWindow early{0x7f, 2 * 60 + 30, 4 * 60};
  CHECK(next(early, "2026-03-08T01:00", kNewYork) == "2026-03-08T03:00:00-04:00");
  WeeklyWindow lost{0x7f, 2 * 60 + 10, 2 * 60 + 20};
  CHECK(next(lost, "2026-03-08T01:00", kNewYork) == "2026-03-09T02:10:00-04:00");
}

TEST_CASE("hours that happen twice are open twice") {
  WeeklyWindow window{0x7f, 60, 90};
  std::int64_t first = at("2026-11-01T01:00", kNewYork);
  CHECK(is_open(window, first, kNewYork));
  CHECK_FALSE(is_open(window, first + 30 * kMinute, kNewYork));
  CHECK(is_open(window, first + kHour, kNewYork));
  CHECK(next_open(window, first + 30 * kMinute, kNewYork) == first + kHour);
}

TEST_CASE("a weekday that was left out") {
  WeeklyWindow fridays{0b0010000, 9 * 60, 18 * 60};  // Samoa had no Friday, 30 December 2011
  CHECK(next(fridays, "2011-12-29T12:00", "Pacific/Apia") == "2012-01-06T09:00:00+14:00");
}

TEST_CASE("windows at the ends of time") {
  for (std::int64_t instant :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    std::optional<std::int64_t> opening = next_open(kOffice, instant, kNewYork);
    REQUIRE(opening);
    CHECK(*opening >= instant);
  }
}

/// The definition, minute by minute.
bool open_by_definition(const WeeklyWindow& window, std::int64_t instant, const char* zone) {
  std::int32_t today = local_date(instant, zone);
  std::int32_t minute = local_minutes(instant, zone);
  auto listed = [&window](std::int32_t day) { return (window.days >> weekday(day) & 1) != 0; };
  if (window.from <= window.to) return listed(today) && minute >= window.from && minute < window.to;
  return (listed(today) && minute >= window.from) || (listed(today - 1) && minute < window.to);
}

TEST_CASE("next_open is the first open minute") {
  rc::prop("found by walking", [] {
    const char* zone =
        *rc::gen::element(kNewYork, "Europe/Berlin", kTokyo, "Australia/Lord_Howe", "Pacific/Apia");
    WeeklyWindow window;
    window.days = *rc::gen::inRange<std::uint8_t>(1, 128);
    window.from = *rc::gen::inRange(0, 1440);
    window.to = *rc::gen::inRange(0, 1441);
    RC_PRE(window.from != window.to);
    // Close to a change of the offset, where mistakes are.
    const char* near = *rc::gen::element(
        "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
        "2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z", "2011-12-30T10:00:00Z", "2026-07-01T00:00:00Z");
    std::int64_t start = *parse_instant(near) + *rc::gen::inRange<std::int64_t>(-3 * 1440, 1440) * kMinute;
    std::int64_t walk = start;
    while (!open_by_definition(window, walk, zone)) walk += kMinute;
    RC_ASSERT(next_open(window, start, zone) == walk);
    RC_ASSERT(is_open(window, start, zone) == (walk == start));
    RC_ASSERT(next_open(window, start + 1, zone) == (walk == start ? start + 1 : walk));
  });
}

}  // namespace
}  // namespace wf::value
