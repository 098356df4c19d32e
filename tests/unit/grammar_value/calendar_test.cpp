// Dates, months, and text forms. Zones and windows have their own files.
#include "grammar/value/calendar.hpp"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>

#include "generators.hpp"

namespace wf::value {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::int32_t day(const char* text) {
  return parse_date(text).value();
}
std::string plus_months(const char* text, std::int32_t months) {
  return format_date(add_months(day(text), months));
}

TEST_CASE("civil dates") {
  CHECK(to_days(1970, 1, 1) == 0);
  CHECK(to_days(2026, 3, 2) == 20514);
  CHECK(to_days(1969, 12, 31) == -1);
  CHECK(to_days(2000, 2, 29) == 11016);
  CHECK_FALSE(to_days(1900, 2, 29));
  CHECK_FALSE(to_days(2026, 2, 29));
  CHECK_FALSE(to_days(2026, 4, 31));
  CHECK_FALSE(to_days(2026, 0, 1));
  CHECK_FALSE(to_days(2026, 13, 1));
  CHECK_FALSE(to_days(2026, 1, 0));
  CHECK_FALSE(to_days(std::numeric_limits<std::int32_t>::max(), 1, 1));
  CHECK_FALSE(to_days(std::numeric_limits<std::int32_t>::min(), 1, 1));
}

TEST_CASE("days follow each other from 1800 to 2200") {
  std::int32_t days = *to_days(1800, 1, 1);
  Weekday expected = 2;  // a Wednesday
  for (int year = 1800; year <= 2200; ++year) {
    bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    const std::uint32_t lengths[] = {31, leap ? 29u : 28u, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (std::uint32_t month = 1; month <= 12; ++month) {
      for (std::uint32_t d = 1; d <= lengths[month - 1]; ++d, ++days, expected = (expected + 1) % 7) {
        Civil civil = from_days(days);
        bool same = civil == Civil{year, month, d, 0, 0, 0, 0} && to_days(year, month, d) == days &&
                    weekday(days) == expected;
        if (!same) FAIL(year << '-' << month << '-' << d);
      }
    }
  }
}

TEST_CASE("every day has one date") {
  rc::prop("to_days(from_days(n)) == n", [](std::int32_t n) {
    Civil civil = from_days(n);
    RC_ASSERT(to_days(civil.year, civil.month, civil.day) == n);
  });
}

TEST_CASE("months end at their last day") {
  CHECK(plus_months("2026-01-31", 1) == "2026-02-28");
  CHECK(plus_months("2028-01-31", 1) == "2028-02-29");
  CHECK(plus_months("2026-01-31", 2) == "2026-03-31");
  CHECK(plus_months("2026-03-31", -1) == "2026-02-28");
  CHECK(plus_months("2024-02-29", 12) == "2025-02-28");
  CHECK(plus_months("2024-02-29", 48) == "2028-02-29");
  CHECK(plus_months("2026-11-30", 3) == "2027-02-28");
  CHECK(plus_months("2026-01-15", -13) == "2024-12-15");
  CHECK(plus_months("2026-05-31", 0) == "2026-05-31");
}

TEST_CASE("adding months is not associative") {
  std::int32_t twice = add_months(add_months(day("2026-01-31"), 1), 1);
  CHECK(format_date(twice) == "2026-03-28");
  CHECK(plus_months("2026-01-31", 2) == "2026-03-31");
}

TEST_CASE("months beyond the range of dates stay within it") {
  constexpr auto kLast = std::numeric_limits<std::int32_t>::max();
  constexpr auto kFirst = std::numeric_limits<std::int32_t>::min();
  CHECK(add_months(0, kLast) == kLast);
  CHECK(add_months(0, kFirst) == kFirst);
  CHECK(add_months(kLast, 1) == kLast);
}

TEST_CASE("dates and times of day as text") {
  CHECK(parse_date("2026-03-02") == 20514);
  for (const char* bad : {"", "2026-3-2", "2026-02-30", "2026-13-01", "2026-03-02 ", " 2026-03-02",
                          "2026/03/02", "20260302", "2026-03-0", "+026-03-02", "２０２６-03-02"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_date(bad));
  }
  CHECK(parse_time_of_day("00:00") == 0);
  CHECK(parse_time_of_day("23:59") == 1439);
  CHECK(parse_time_of_day("24:00") == 1440);
  for (const char* bad : {"", "9:00", "24:01", "12:60", "12", "12:", "12:00:00", "-1:00", "ab:cd"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_time_of_day(bad));
  }
  for (std::int32_t minutes = 0; minutes <= 1440; ++minutes) {
    CHECK(parse_time_of_day(format_time_of_day(minutes)) == minutes);
  }
}

TEST_CASE("instants as text") {
  std::int64_t expected = 20514 * kDay;
  CHECK(parse_instant("2026-03-02T00:00:00Z") == expected);
  CHECK(parse_instant("2026-03-02T09:00:00+09:00") == expected);
  CHECK(parse_instant("2026-03-01T18:30:00-05:30") == expected);
  CHECK(parse_instant("2026-03-02T00:00:00.5Z") == expected + 500'000);
  CHECK(parse_instant("2026-03-02T00:00:00.000001z") == expected + 1);
  CHECK(parse_instant("1969-12-31T23:59:59Z") == -kSecond);
  for (const char* bad : {"", "2026-03-02", "2026-03-02T00:00:00", "2026-03-02T00:00Z",
                          "2026-03-02T24:00:00Z", "2026-02-29T00:00:00Z", "2026-03-02T00:00:60Z",
                          "2026-03-02T00:00:00.Z", "2026-03-02T00:00:00.1234567Z", "2026-03-02T00:00:00+9:00",
                          "2026-03-02T00:00:00+24:00", "2026-03-02T00:00:00Zx", "2026-03-02 00:00:00Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_instant(bad));
  }
  CHECK(format_instant(expected) == "2026-03-02T00:00:00Z");
  CHECK(format_instant(expected + 1'500'000) == "2026-03-02T00:00:01.5Z");
  CHECK(format_instant(-1) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_instant(expected, "Asia/Tokyo") == "2026-03-02T09:00:00+09:00");
  CHECK(format_instant(expected, "America/St_Johns") == "2026-03-01T20:30:00-03:30");
  CHECK(format_instant(kMax) == "294247-01-10T04:00:54.775807Z");
  CHECK(format_instant(kMin) == "-290308-12-21T19:59:05.224192Z");
}

TEST_CASE("instants survive printing and reading") {
  rc::prop("in several zones", [] {
    // The text has four digits for the year.
    std::int64_t instant = *rc::gen::inRange<std::int64_t>(*parse_instant("1975-01-01T00:00:00Z"),
                                                           *parse_instant("9999-12-30T00:00:00Z"));
    for (const char* zone : {"UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}) {
      RC_ASSERT(parse_instant(format_instant(instant, zone)) == instant);
    }
    RC_ASSERT(parse_instant(format_instant(instant)) == instant);
  });
}

TEST_CASE("local times as text") {
  CHECK(parse_local("2026-03-02T09:00") == Civil{2026, 3, 2, 9, 0, 0, 0});
  CHECK(parse_local("2026-03-02T09:00:30") == Civil{2026, 3, 2, 9, 0, 30, 0});
  CHECK(parse_local("2026-03-02T09:00:30.25") == Civil{2026, 3, 2, 9, 0, 30, 250'000});
  for (const char* bad : {"", "2026-03-02", "2026-03-02T09", "2026-03-02T09:00Z",
                          "2026-03-02T09:00:", "2026-02-30T09:00", "2026-03-02T25:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_local(bad));
  }
}

TEST_CASE("compact durations") {
  CHECK(parse_compact_duration("3d") == 3 * kDay);
  CHECK(parse_compact_duration("4d6h") == 4 * kDay + 6 * kHour);
  CHECK(parse_compact_duration("90m") == 90 * kMinute);
  CHECK(parse_compact_duration("0m") == 0);
  CHECK(parse_compact_duration("1w2d3h4m5s") == 9 * kDay + 3 * kHour + 4 * kMinute + 5 * kSecond);
  for (const char* bad : {"", "3", "d", "3x", "3 d", "-3d", "1h1d", "1d1d", "3d ", "1.5h", "3D", "106751992d",
                          "99999999999999999999s", "106751991d106751991h99999999999999m"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_compact_duration(bad));
  }
  CHECK(format_compact_duration(26 * kHour) == "1d2h");
  CHECK(format_compact_duration(0) == "0m");
  CHECK(format_compact_duration(90 * kSecond) == "1m30s");
  CHECK(format_compact_duration(-kDay) == "-1d");
  CHECK(format_compact_duration(kMin) == "-106751991d4h54.775808s");
}

TEST_CASE("durations in words") {
  CHECK(format_duration(26 * kHour) == "1 day 2 hours");
  CHECK(format_duration(kMinute) == "1 minute");
  CHECK(format_duration(14 * kDay) == "14 days");
  CHECK(format_duration(0) == "0 minutes");
  CHECK(format_duration(500'000) == "0.5 seconds");
  CHECK(format_duration(-2 * kHour - kSecond) == "-2 hours 1 second");
}

TEST_CASE("whole durations survive printing and reading") {
  rc::prop("of seconds", [] {
    std::int64_t us = *rc::gen::inRange<std::int64_t>(0, kMax / kSecond) * kSecond;
    RC_ASSERT(parse_compact_duration(format_compact_duration(us)) == us);
  });
}

TEST_CASE("parsers accept or refuse any bytes") {
  rc::prop("mutated texts", [](const std::string& noise, std::uint8_t at) {
    for (std::string text : {"2026-03-02T09:00:00.25+09:00", "2026-03-02T09:00", "1w2d3h"}) {
      text.replace(at % text.size(), noise.size(), noise);
      parse_date(text);
      parse_time_of_day(text);
      parse_local(text);
      parse_compact_duration(text);
      if (std::optional<std::int64_t> instant = parse_instant(text)) {
        RC_ASSERT(parse_instant(format_instant(*instant)) == instant);
      }
    }
  });
}

}  // namespace
}  // namespace wf::value
