#include "runtime/api/time_guard.hpp"

#include <catch2/catch.hpp>

using wf::api::TimeGuard;
using wf::value::kDay;
using wf::value::kHour;
using wf::value::kMinute;
using wf::value::kSecond;

namespace {

/// A clock on the wall that can be set, and one that only counts.
struct Clocks {
  std::int64_t wall = 1'772'409'600'000'000, boot = 5 * kHour;
  TimeGuard guard{{wall, boot}};
  TimeGuard::Reading read() const { return {wall, boot}; }
  std::int64_t now() { return guard.now(read()); }
  void pass(std::int64_t duration) {
    wall += duration;
    boot += duration;
  }
};

}  // namespace

TEST_CASE("P7 time passes as the wall says, also through a night's sleep") {
  Clocks c;
  const std::int64_t start = c.wall;
  c.pass(kSecond);
  CHECK(c.now() == start + kSecond);
  c.pass(8 * kHour);  // the counting clock counts sleep too
  CHECK(c.now() == start + kSecond + 8 * kHour);
  c.wall += 59 * kSecond;  // small corrections are no jumps
  CHECK(c.now() == c.wall);
  CHECK_FALSE(c.guard.suspect());
}

TEST_CASE("P7 a clock set back stands still, and goes on when the wall has caught up") {
  Clocks c;
  const std::int64_t shown = c.now();
  c.wall -= kHour;
  CHECK(c.now() == shown);
  CHECK(c.guard.waits(c.read()));
  c.pass(59 * kMinute);
  CHECK(c.now() == shown);
  c.pass(2 * kMinute);
  CHECK(c.now() == shown + kMinute);
  CHECK_FALSE(c.guard.waits(c.read()));
  CHECK_FALSE(c.guard.suspect());
}

TEST_CASE("P7 a jump forwards is not believed: nothing comes due early") {
  Clocks c;
  const std::int64_t shown = c.now();
  c.wall += 10 * kDay;
  c.pass(kSecond);
  CHECK(c.now() == shown + kSecond);
  CHECK(c.guard.suspect());
  c.pass(kHour);
  CHECK(c.now() == shown + kSecond + kHour);
  SECTION("somebody accepts it") {
    c.guard.accept(c.read());
    CHECK_FALSE(c.guard.suspect());
    CHECK(c.now() == c.wall);
  }
  SECTION("it is set back") {
    c.wall -= 10 * kDay;
    CHECK(c.now() == shown + kSecond + kHour);
    CHECK_FALSE(c.guard.suspect());
    c.pass(kSecond);
    CHECK(c.now() == c.wall);
  }
  SECTION("the time service stands by it") {
    CHECK_FALSE(c.guard.consider(c.read(), false));
    CHECK(c.guard.suspect());
    CHECK(c.guard.consider(c.read(), true));  // an hour has passed
    CHECK(c.now() == c.wall);
  }
}

TEST_CASE("P7 the time service is not believed at once") {
  Clocks c;
  c.now();
  c.wall += kDay;
  c.now();
  c.pass(14 * kMinute);
  CHECK_FALSE(c.guard.consider(c.read(), true));
  CHECK(c.guard.suspect());
  c.pass(2 * kMinute);
  CHECK(c.guard.consider(c.read(), true));
}

TEST_CASE("P7 what was seen already is never undercut") {
  Clocks c;
  const std::int64_t ahead = c.now() + kDay;
  c.guard.raise(ahead);
  CHECK(c.now() == ahead);
  c.pass(kHour);
  CHECK(c.now() == ahead);
  c.pass(kDay);
  CHECK(c.now() == c.wall);
}
