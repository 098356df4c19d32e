#include "runtime/api/clock.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "grammar/value/calendar.hpp"
#include "runtime/crm/small_file.hpp"
#include "tests/support/process.hpp"

using namespace wf;
using value::kDay;
using value::kHour;
using value::kMinute;

namespace {

constexpr std::int64_t kStart = 1'772'409'600'000'000;

std::unique_ptr<api::Clock> open(const std::string& file, const api::ClockOptions& options) {
  auto clock = api::open_clock(file, options);
  REQUIRE(clock.ok());
  return std::move(*clock);
}

}  // namespace

TEST_CASE("speeds") {
  CHECK(api::parse_speed("1d/s") == kDay);
  CHECK(api::parse_speed("12h/s") == 12 * kHour);
  CHECK_FALSE(api::parse_speed("1d").has_value());
  CHECK_FALSE(api::parse_speed("0d/s").has_value());
  CHECK_FALSE(api::parse_speed("fast/s").has_value());
}

TEST_CASE("without options it is the real clock and leaves no file") {
  const test::Folder folder("clock");
  const auto clock = open(folder.path() + "/clock", {});
  const auto real = std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
  CHECK(std::abs(clock->now() - real) < value::kMinute);
  CHECK(clock->until(clock->now() + kHour) > std::chrono::minutes(59));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/clock"));
}

TEST_CASE("a scaled clock runs at its speed") {
  const test::Folder folder("clock");
  const auto clock = open(folder.path() + "/clock", {kDay, kStart});
  const std::int64_t before = clock->now();
  CHECK(before >= kStart);
  CHECK(before < kStart + kDay);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(clock->now() - before >= kDay / 20);
  CHECK(clock->until(clock->now() + 10 * kDay) <= std::chrono::seconds(10));
  CHECK(clock->until(kStart).count() == 0);
}

TEST_CASE("after a restart it goes on, whatever the options say, and never back") {
  const test::Folder folder("clock");
  const std::string file = folder.path() + "/clock";
  const std::int64_t before = open(file, {kDay, kStart})->now();
  const auto again = open(file, {kDay, kStart - 100 * kDay});
  CHECK(again->now() >= before);
  CHECK(again->now() < before + kDay);
  const std::int64_t shown = again->now();
  const auto slower = open(file, {});
  const std::int64_t now = slower->now();
  CHECK(now >= shown);
  CHECK(slower->now() - now < kMinute);
}

TEST_CASE("a clock shows at least what was seen already") {
  const test::Folder folder("clock");
  for (const auto& options : {api::ClockOptions{}, api::ClockOptions{kDay, kStart}}) {
    const auto clock = open(folder.path() + "/clock", options);
    const std::int64_t ahead = clock->now() + 1000 * kDay;
    clock->raise(ahead);
    CHECK(clock->now() >= ahead);
    clock->raise(ahead - kDay);
    CHECK(clock->now() >= ahead);
  }
}

TEST_CASE("a damaged base is an error") {
  const test::Folder folder("clock");
  test::write_file(folder.path() + "/clock", "wf-clock-1 nonsense\n");
  CHECK(api::open_clock(folder.path() + "/clock", {}).error().code == ErrorCode::corrupt);
}
