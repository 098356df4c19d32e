// Recurring local times.
#include "grammar/value/schedule.hpp"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

using Every = Schedule::Every;

std::int64_t at(const char* local, const std::string& zone) {
  return to_instant(parse_local(local).value(), zone);
}
/// The next three occurrences.
std::string next(const Schedule& schedule, const char* after, const std::string& zone = "UTC") {
  std::string text;
  std::int64_t now = at(after, zone);
  for (int i = 0; i < 3; ++i) {
    const auto found = next_occurrence(schedule, now, zone);
    if (!found) return text + "never";
    now = *found;
    text += (i == 0 ? "" : " ") + format_instant(now, zone).substr(0, 16);
  }
  return text;
}

Schedule monthly(std::uint8_t day, std::int32_t minutes = 540) {
  return {Every::month, 0, 0, day, 1, minutes};
}

TEST_CASE("daily and weekly schedules") {
  CHECK(next({Every::day, 0, 0, 1, 1, 540}, "2026-03-02T09:00") ==
        "2026-03-03T09:00 2026-03-04T09:00 2026-03-05T09:00");
  CHECK(next({Every::day, 0, 0, 1, 1, 540}, "2026-03-02T08:59").starts_with("2026-03-02T09:00"));
  CHECK(next({Every::week, 0b0001001, 0, 1, 1, 540}, "2026-03-02T10:00") ==
        "2026-03-05T09:00 2026-03-09T09:00 2026-03-12T09:00");
}

TEST_CASE("S10 a day that a month does not have is its last day") {
  CHECK(next(monthly(15), "2026-03-20T00:00") == "2026-04-15T09:00 2026-05-15T09:00 2026-06-15T09:00");
  CHECK(next(monthly(31), "2026-01-31T12:00") == "2026-02-28T09:00 2026-03-31T09:00 2026-04-30T09:00");
  CHECK(next(monthly(30), "2028-01-31T12:00").starts_with("2028-02-29T09:00"));
}

TEST_CASE("weekdays of a month") {
  const std::uint8_t tuesday = 0b0000010, friday = 0b0010000;
  CHECK(next({Every::month, tuesday, 2, 1, 1, 540}, "2026-03-01T00:00") ==
        "2026-03-10T09:00 2026-04-14T09:00 2026-05-12T09:00");
  CHECK(next({Every::month, friday, -1, 1, 1, 540}, "2026-03-01T00:00") ==
        "2026-03-27T09:00 2026-04-24T09:00 2026-05-29T09:00");
}

TEST_CASE("yearly schedules; 29 February is the 28th in other years") {
  CHECK(next({Every::year, 0, 0, 1, 4, 540}, "2026-04-01T09:00") ==
        "2027-04-01T09:00 2028-04-01T09:00 2029-04-01T09:00");
  CHECK(next({Every::year, 0, 0, 29, 2, 540}, "2026-03-01T00:00") ==
        "2027-02-28T09:00 2028-02-29T09:00 2029-02-28T09:00");
}

TEST_CASE("S11 L10 a schedule fires once a day through changes of the offset") {
  const Schedule early{Every::day, 0, 0, 1, 1, 150};  // 02:30
  CHECK(next(early, "2026-03-28T12:00", "Europe/Berlin") ==
        "2026-03-29T03:00 2026-03-30T02:30 2026-03-31T02:30");
  const std::int64_t first = at("2026-10-25T00:00", "Europe/Berlin");
  const auto once = next_occurrence(early, first, "Europe/Berlin");
  CHECK(format_instant(*once, "Europe/Berlin") == "2026-10-25T02:30:00+02:00");  // the earlier one
  CHECK(format_instant(*next_occurrence(early, *once, "Europe/Berlin"), "Europe/Berlin") ==
        "2026-10-26T02:30:00+01:00");
}

TEST_CASE("schedules that never come") {
  CHECK(next({}, "2026-03-02T09:00") == "never");
  CHECK(next({Every::week, 0, 0, 1, 1, 540}, "2026-03-02T09:00") == "never");
  CHECK(next({Every::month, 0, 2, 1, 1, 540}, "2026-03-02T09:00") == "never");
}

TEST_CASE("an occurrence is after the instant asked for, and none lies between") {
  rc::prop("two questions, one answer", [] {
    Schedule schedule;
    schedule.every = *rc::gen::element(Every::day, Every::week, Every::month, Every::year);
    schedule.weekdays = *rc::gen::inRange<std::uint8_t>(1, 128);
    schedule.nth = *rc::gen::element<std::int8_t>(0, 0, 1, 4, -1);
    schedule.day = *rc::gen::inRange<std::uint8_t>(1, 32);
    schedule.month = *rc::gen::inRange<std::uint8_t>(1, 13);
    schedule.at = *rc::gen::inRange(0, 1441);
    const std::string zone = *rc::gen::element<std::string>("Europe/Berlin", "Pacific/Apia", "Asia/Tokyo");
    const std::int64_t after = *parse_instant("2011-12-20T00:00:00Z") +
                               *rc::gen::inRange<std::int64_t>(0, 400) * kDay +
                               *rc::gen::inRange<std::int64_t>(0, 1440) * kMinute;
    const auto first = next_occurrence(schedule, after, zone);
    RC_ASSERT(first.has_value());
    RC_ASSERT(*first > after);
    RC_ASSERT(next_occurrence(schedule, *first - 1, zone) == first);
    const std::int64_t between = after + (*first - after) / 2;
    if (between < *first) RC_ASSERT(next_occurrence(schedule, between, zone) == first);
  });
}

}  // namespace
}  // namespace wf::value
