// An edge that a change and a timer both find enrols once, also when the process ends or a version is
// deployed between the two.
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

std::string project(const std::string& condition) {
  return "project test { zone \"UTC\" }\nlist seen { title \"Seen\" }\nevent asked on contact { n: int? }\n"
         "extend object contact { renewal date? }\n"
         "workflow w on contact {\n  enroll when " +
         condition + "\n  reenroll every time\n  add to list.seen\n}\n";
}
constexpr const char* kEither = "no (event asked) for 7 days or renewal is known";
constexpr const char* kBoth = "no (event asked) for 7 days and renewal is known";
constexpr const char* kTaro = "taro@example.com";

engine::Options slow() {
  engine::Options options;
  options.timers_per_batch = 1;
  return options;
}

struct Place {
  test::Folder folder{"edge"};
};

class Lagging : Place, public test::World {
 public:
  explicit Lagging(const char* condition)
      : World(project(condition), "sqlite:" + folder.path(), slow()), condition_(condition) {}
  /// One batch: all inputs, one timer.
  void batch() { REQUIRE(engine().run(now).ok()); }
  void renew() { set(kTaro, "renewal", Value::text("2027-05-01")); }
  void change_something() { redeploy("list more { title \"More\" }\n" + project(condition_)); }
  std::size_t enrolled() const { return count(Happening::enrolled); }

 private:
  std::string condition_;
};

/// What may come between the change and the timer.
enum class Between { nothing, restart, deploy, deploy_and_restart };

void pass(Lagging& world, Between between) {
  if (between == Between::restart) world.reopen();
  if (between == Between::deploy || between == Between::deploy_and_restart) world.change_something();
  if (between == Between::deploy_and_restart) world.reopen();
}

}  // namespace

TEST_CASE("S18 an edge found by a change is not found again by its timer, whatever comes between") {
  const Between between =
      GENERATE(Between::nothing, Between::restart, Between::deploy, Between::deploy_and_restart);
  const bool both = GENERATE(true, false);
  Lagging world(both ? kBoth : kEither);
  world.contact("first@example.com");
  world.now += value::kHour;
  world.contact(kTaro);
  world.now += 7 * value::kDay + value::kMinute;
  world.renew();
  world.batch();                          // the change, and the timer of the other one
  const std::size_t once = both ? 1 : 2;  // the other one has no renewal
  REQUIRE(world.enrolled() == once);
  pass(world, between);
  world.run();
  CHECK(world.enrolled() == once);
  // The next edge counts again.
  if (!both) world.set(kTaro, "renewal", Value());
  world.event("asked", kTaro);
  world.run();
  world.now += 7 * value::kDay;
  world.run();
  CHECK(world.enrolled() == once + 1);
}

TEST_CASE("S18 an edge that a change found to be none is none for its timer either") {
  const Between between = GENERATE(Between::nothing, Between::restart, Between::deploy);
  Lagging world(kEither);
  world.contact("first@example.com");
  world.now += value::kHour;
  world.contact(kTaro, {{"renewal", Value::text("2027-05-01")}});
  REQUIRE(world.enrolled() == 1);
  world.now += 7 * value::kDay + value::kMinute;
  world.set(kTaro, "renewal", Value());  // the other part holds by now
  world.batch();
  REQUIRE(world.enrolled() == 2);  // the first contact's
  pass(world, between);
  world.run();
  CHECK(world.enrolled() == 2);
}

TEST_CASE("S18 an edge found by a timer is not found again by a change, whatever comes between") {
  const Between between = GENERATE(Between::nothing, Between::restart, Between::deploy);
  Lagging world(kEither);
  world.contact(kTaro);
  SECTION("another timer of the same instant waits") {
    world.contact("second@example.com");
    world.now += 7 * value::kDay + value::kMinute;
    world.batch();  // the timer of the first
    REQUIRE(world.enrolled() == 1);
    pass(world, between);
    world.renew();
    world.run();
    CHECK(world.enrolled() == 2);
  }
  SECTION("at the same instant, with no timer left") {
    world.now += 7 * value::kDay;
    world.run();
    REQUIRE(world.enrolled() == 1);
    pass(world, between);
    world.renew();
    world.run();
    CHECK(world.enrolled() == 1);
  }
}
