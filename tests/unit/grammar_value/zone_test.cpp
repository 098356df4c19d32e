// Zones and daylight saving: rule S11.
#include <date/tz.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "generators.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

constexpr const char* kZones[] = {"America/New_York",    "Europe/Berlin",     "Asia/Tokyo",
                                  "Australia/Lord_Howe", "Europe/Dublin",     "Pacific/Apia",
                                  "America/Sao_Paulo",   "Africa/Casablanca", "Asia/Kathmandu",
                                  "America/Godthab",     "Asia/Jerusalem",    "UTC"};

/// Local text to UTC text.
std::string utc(const char* local, const char* zone) {
  return format_instant(to_instant(parse_local(local).value(), zone));
}

std::int64_t at(const char* instant) {
  return parse_instant(instant).value();
}

TEST_CASE("zones are known by their names") {
  CHECK(zone_exists("Asia/Tokyo"));
  CHECK(zone_exists("UTC"));
  CHECK(zone_exists("Europe/Kiev"));
  for (const char* bad : {"", "Tokyo", "Asia/Atlantis", "../../etc/passwd", "Asia/", "+09:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(zone_exists(bad));
  }
  CHECK_FALSE(zone_exists(std::string(100'000, 'x')));
  CHECK_FALSE(zone_exists(std::string_view("UTC\0", 4)));
}

TEST_CASE("the version of the database is a year and a letter") {
  std::string version = tzdb_version();
  CAPTURE(version);
  CHECK(version.size() >= 5);
  CHECK(version.substr(0, 2) == "20");
}

TEST_CASE("New York springs forward") {
  const char* zone = "America/New_York";
  CHECK(utc("2026-03-08T01:59:59", zone) == "2026-03-08T06:59:59Z");
  CHECK(utc("2026-03-08T02:00", zone) == "2026-03-08T07:00:00Z");
  CHECK(utc("2026-03-08T02:30", zone) == "2026-03-08T07:00:00Z");
  CHECK(utc("2026-03-08T02:59:59.999999", zone) == "2026-03-08T07:00:00Z");
  CHECK(utc("2026-03-08T03:00", zone) == "2026-03-08T07:00:00Z");
  CHECK(utc("2026-03-08T03:00:00.5", zone) == "2026-03-08T07:00:00.5Z");
}

TEST_CASE("New York falls back: the earlier instant is meant") {
  const char* zone = "America/New_York";
  CHECK(utc("2026-11-01T00:59", zone) == "2026-11-01T04:59:00Z");
  CHECK(utc("2026-11-01T01:00", zone) == "2026-11-01T05:00:00Z");
  CHECK(utc("2026-11-01T01:59:59", zone) == "2026-11-01T05:59:59Z");
  CHECK(utc("2026-11-01T02:00", zone) == "2026-11-01T07:00:00Z");
}

TEST_CASE("Berlin changes at 01:00 UTC") {
  const char* zone = "Europe/Berlin";
  CHECK(utc("2026-03-29T02:15", zone) == "2026-03-29T01:00:00Z");
  CHECK(utc("2026-10-25T02:15", zone) == "2026-10-25T00:15:00Z");
  CHECK(utc("2026-10-25T03:00", zone) == "2026-10-25T02:00:00Z");
}

TEST_CASE("Lord Howe changes by half an hour") {
  const char* zone = "Australia/Lord_Howe";
  CHECK(utc("2026-10-04T02:15", zone) == "2026-10-03T15:30:00Z");
  CHECK(utc("2026-10-04T02:30", zone) == "2026-10-03T15:30:00Z");
  CHECK(utc("2026-04-05T01:45", zone) == "2026-04-04T14:45:00Z");
  CHECK(utc("2026-04-05T02:00", zone) == "2026-04-04T15:30:00Z");
}

TEST_CASE("Tokyo has no daylight saving") {
  for (std::uint32_t month = 1; month <= 12; ++month) {
    std::int32_t days = *to_days(2026, month, 15);
    CHECK(to_instant(days, 9 * 60, "Asia/Tokyo") == days * kDay);
  }
}

TEST_CASE("Samoa left out a whole day") {
  CHECK(utc("2011-12-30T12:00", "Pacific/Apia") == "2011-12-30T10:00:00Z");
  CHECK(format_date(local_date(at("2011-12-30T09:59:59Z"), "Pacific/Apia")) == "2011-12-29");
  CHECK(format_date(local_date(at("2011-12-30T10:00:00Z"), "Pacific/Apia")) == "2011-12-31");
}

TEST_CASE("midnight itself may not exist") {
  CHECK(to_instant(*parse_date("2018-11-04"), 0, "America/Sao_Paulo") == at("2018-11-04T03:00:00Z"));
  CHECK(local_minutes(at("2018-11-04T03:00:00Z"), "America/Sao_Paulo") == 60);
}

TEST_CASE("24:00 is the start of the next day") {
  std::int32_t days = *parse_date("2026-03-02");
  CHECK(to_instant(days, 1440, "Europe/Berlin") == to_instant(days + 1, 0, "Europe/Berlin"));
}

TEST_CASE("rules go on after the listed changes") {
  CHECK(utc("2040-07-01T12:00", "America/New_York") == "2040-07-01T16:00:00Z");
  CHECK(utc("2040-12-01T12:00", "America/New_York") == "2040-12-01T17:00:00Z");
  CHECK(utc("2050-03-13T02:30", "America/New_York") == "2050-03-13T07:00:00Z");
  CHECK(utc("2099-07-01T12:00", "Europe/Dublin") == "2099-07-01T11:00:00Z");
  CHECK(utc("2099-12-01T12:00", "Europe/Dublin") == "2099-12-01T12:00:00Z");
  CHECK(utc("2099-01-01T12:00", "Australia/Lord_Howe") == "2099-01-01T01:00:00Z");
  CHECK(utc("2099-07-01T12:00", "Asia/Tokyo") == "2099-07-01T03:00:00Z");
}

TEST_CASE("local time of an instant") {
  Civil local = to_local(at("2026-03-01T23:59:59.999999Z"), "Asia/Kathmandu");
  CHECK(local == Civil{2026, 3, 2, 5, 44, 59, 999'999});
  CHECK(to_local(-1, "UTC") == Civil{1969, 12, 31, 23, 59, 59, 999'999});
  CHECK(local_date(-1, "UTC") == -1);
  CHECK(local_minutes(-1, "UTC") == 1439);
}

TEST_CASE("the ends of time have local times") {
  for (std::int64_t instant :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    for (const char* zone : kZones) CHECK_FALSE(format_instant(instant, zone).empty());
  }
  CHECK(to_instant(std::numeric_limits<std::int32_t>::max(), 0, "UTC") ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(to_instant(std::numeric_limits<std::int32_t>::min(), 0, "UTC") ==
        std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("zones may be asked for from several threads") {
  std::vector<std::thread> threads;
  std::vector<std::int64_t> sums(4);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    threads.emplace_back([&sum = sums[i]] {
      for (int n = 0; n < 200; ++n) {
        for (const char* zone : kZones) sum += to_instant(20'000 + n, 600, zone) / kMinute;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::int64_t sum : sums) CHECK(sum == sums[0]);
}

// A second way to the answer: the date library's own view of a local time.
std::int64_t by_library(std::int64_t local_seconds, const date::time_zone& zone) {
  date::local_seconds local{std::chrono::seconds{local_seconds}};
  date::local_info info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.second.begin.time_since_epoch().count();
  return local_seconds - info.first.offset.count();
}

TEST_CASE("around every change of every zone the library gives the same instants") {
  constexpr std::int64_t kEnd = 2'127'000'000;  // 2037, where the library's lists end
  int changes = 0;
  for (const char* name : kZones) {
    const date::time_zone& zone = *date::locate_zone(name);
    date::sys_seconds t{std::chrono::seconds{-2'000'000'000}};
    while (true) {
      t = zone.get_info(t).end;
      if (t.time_since_epoch().count() >= kEnd) break;
      ++changes;
      std::int64_t wall = zone.to_local(t).time_since_epoch().count();
      for (std::int64_t seconds = wall - 4 * 3600; seconds <= wall + 4 * 3600; seconds += 599) {
        std::int64_t days = seconds >= 0 ? seconds / 86'400 : -((-seconds + 86'399) / 86'400);
        Civil local = from_days(static_cast<std::int32_t>(days));
        auto rest = static_cast<std::uint32_t>(seconds - days * 86'400);
        local.hour = rest / 3600;
        local.minute = rest / 60 % 60;
        local.second = rest % 60;
        std::int64_t instant = to_instant(local, name);
        if (instant != by_library(seconds, zone) * kSecond) {
          FAIL_CHECK(name << ' ' << format_instant(instant) << " for local "
                          << format_date(local_date(seconds, "UTC")) << ' ' << local.hour << ':'
                          << local.minute);
        }
        date::sys_info info = zone.get_info(date::sys_seconds{std::chrono::seconds{instant / kSecond}});
        std::int64_t second_of_day = ((instant / kSecond + info.offset.count()) % 86'400 + 86'400) % 86'400;
        auto expected = static_cast<std::int32_t>(second_of_day / 60);
        if (local_minutes(instant, name) != expected) FAIL_CHECK(name << ' ' << format_instant(instant));
      }
    }
  }
  CHECK(changes > 800);
}

TEST_CASE("instant to local and back") {
  rc::prop("gives the instant, or the earlier one of an overlap", [] {
    const char* zone = *rc::gen::elementOf(std::vector<const char*>(std::begin(kZones), std::end(kZones)));
    std::int64_t instant =
        *rc::gen::inRange<std::int64_t>(at("1900-01-01T00:00:00Z"), at("2190-01-01T00:00:00Z"));
    Civil local = to_local(instant, zone);
    std::int64_t back = to_instant(local, zone);
    RC_ASSERT(back <= instant);
    RC_ASSERT(to_local(back, zone) == local);
    RC_ASSERT(local_date(instant, zone) == to_days(local.year, local.month, local.day));
    RC_ASSERT(local_minutes(instant, zone) == static_cast<std::int32_t>(local.hour * 60 + local.minute));
  });
}

}  // namespace
}  // namespace wf::value
