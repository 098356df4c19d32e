// Experiments: who gets which variant, what counts, and which variant wins.
#include <map>

#include "runtime/crm/bucket.hpp"
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kHead = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email one { class marketing; topic topic.news; from sender.shop; subject "One"; text "Hi {{ unsubscribe_url }}" }
email two { class marketing; topic topic.news; from sender.shop; subject "Two"; text "Hi {{ unsubscribe_url }}" }
event asked on contact { n: int? }
)";

std::string experiment(const std::string& arms, const std::string& split = "contact",
                       const std::string& headers = "") {
  return std::string(kHead) + "workflow w on contact {\n" + headers +
         "\n  enroll when event asked\n  reenroll every time\n  experiment greeting split by " + split +
         " {\n" + arms + "  }\n}\n";
}

const std::string kTest = R"(
    variant a 25% { set country to "a"; send email.one }
    variant b 25% { set country to "b"; send email.two }
    holdout 10% { set country to "holdout" }
    rest winner by clicks after 4 hours
)";

std::string address(int i) {
  return "c" + std::to_string(i) + "@example.com";
}

/// The arm that the bucket of `kTest` says; "" for the rest.
std::string arm_of(const std::string& who) {
  const std::uint32_t bucket = crm::bucket("greeting", who);
  return bucket < 2500 ? "a" : bucket < 5000 ? "b" : bucket < 6000 ? "holdout" : "";
}

/// Contacts whose bucket falls into the arm.
std::vector<std::string> people(const std::string& arm, std::size_t count) {
  std::vector<std::string> found;
  for (int i = 0; found.size() < count; ++i) {
    if (arm_of(address(i)) == arm) found.push_back(address(i));
  }
  return found;
}

void arrive(test::World& world, const std::vector<std::string>& everybody) {
  for (const std::string& who : everybody) {
    world.contact(who);
    world.event("asked", who);
  }
  world.settle();
}

void click(test::World& world, const std::string& who, const char* email, std::int64_t occurred_at = 0) {
  world.event("email_clicked", who, {{"email", Value::text(email)}}, 0, occurred_at);
  world.run();
}

}  // namespace

TEST_CASE("S16 the ranges of buckets are taken in the order of the file") {
  test::World world(experiment(kTest));
  std::map<std::string, int> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string who = address(i), arm = arm_of(who);
    world.contact(who);
    world.event("asked", who);
    world.settle();
    CHECK(world.property(who, "country") == (arm.empty() ? "unknown" : arm));
    ++seen[arm];
  }
  CHECK(seen.size() == 4);
}

TEST_CASE("S16 an assignment never changes, whatever becomes of the key, the weights or the winner") {
  const test::Folder folder("experiment");
  test::World world(experiment(kTest), "sqlite:" + folder.path());
  const std::string who = people("b", 1)[0];
  arrive(world, {who});
  CHECK(world.info(who).variants == std::vector<std::pair<std::string, std::string>>{{"greeting", "b"}});
  // Another address and other weights would mean variant a.
  const std::string moved = people("a", 1)[0];
  world.set(who, "email", Value::text(moved));
  world.run();
  world.redeploy(experiment(R"(
    variant a 90% { set country to "a again" }
    variant b 10% { set country to "b again" }
)"));
  world.reopen();
  world.event("asked", moved);
  world.settle();
  CHECK(world.property(moved, "country") == "b again");
  CHECK(world.stat("experiment.greeting", "exposed") == 1);
}

TEST_CASE("S16 a company splits as one, a key by its text, an unknown one by the record") {
  SECTION("by company") {
    test::World world(experiment(R"(
    variant a 50% { set country to "a" }
    variant b 50% { set country to "b" }
)",
                                 "company"));
    engine::InputEvent company;
    company.kind = engine::InputKind::upsert;
    company.object = "company";
    company.subject = "ours";
    company.properties = {{"name", Value::text("Ours")}, {"domain", Value::text("ours.example.com")}};
    world.accept(company);
    world.run();
    const std::string arm = crm::bucket("greeting", "ours.example.com") < 5000 ? "a" : "b";
    for (int i = 0; i < 10; ++i) {
      world.contact(address(i), {{"company", Value::text("domain:ours.example.com")}});
      world.event("asked", address(i));
    }
    world.settle();
    for (int i = 0; i < 10; ++i) CHECK(world.property(address(i), "country") == arm);
  }
  SECTION("by a text") {
    test::World world(experiment(R"(
    variant a 50% { set country to "a" }
    variant b 50% { set country to "b" }
)",
                                 "source"));
    for (const char* source : {"fair", "web", "call", "card"}) {
      const std::string who = std::string(source) + "@example.com";
      world.contact(who, {{"source", Value::text(source)}});
      world.event("asked", who);
      world.settle();
      CHECK(world.property(who, "country") == (crm::bucket("greeting", source) < 5000 ? "a" : "b"));
    }
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    world.settle();
    CHECK(world.property("taro@example.com", "country") ==
          (crm::bucket("greeting", "taro@example.com") < 5000 ? "a" : "b"));
  }
}

TEST_CASE("S17 the rest waits for the winner, and later ones get it, the holdout excepted") {
  const test::Folder folder("experiment");
  test::World world(experiment(kTest), "sqlite:" + folder.path());
  const std::int64_t start = world.now;
  const auto a = people("a", 3), b = people("b", 3), rest = people("", 3), holdout = people("holdout", 2);
  arrive(world, {a[0], a[1], b[0], b[1], rest[0], holdout[0]});
  CHECK(world.property(rest[0], "country") == "unknown");
  world.now = start + value::kHour;
  click(world, b[0], "two");
  click(world, a[0], "two");  // not a mail of its variant
  arrive(world, {rest[1]});
  world.reopen();
  world.now = start + 4 * value::kHour - 1;
  world.settle();
  CHECK(world.stat("experiment.greeting", "winner") == 0);
  world.now = start + 4 * value::kHour;
  world.settle();
  CHECK(world.stat("experiment.greeting", "winner", "b") == 1);
  CHECK(world.property(rest[0], "country") == "b");
  CHECK(world.property(rest[1], "country") == "b");
  world.now = start + 5 * value::kHour;
  arrive(world, {a[2], b[2], rest[2], holdout[1]});
  CHECK(world.property(a[2], "country") == "b");
  CHECK(world.property(rest[2], "country") == "b");
  CHECK(world.property(holdout[1], "country") == "holdout");
  CHECK(world.stat("experiment.greeting", "exposed", "a") == 2);
  CHECK(world.stat("experiment.greeting", "exposed", "b") == 2);
  CHECK(world.stat("experiment.greeting", "given_winner", "b") == 5);
  CHECK(world.stat("experiment.greeting", "reacted", "b") == 1);
  CHECK(world.stat("experiment.greeting", "reacted", "a") == 0);
}

TEST_CASE("S17 the rate decides, not the number; a record counts once") {
  test::World world(experiment(kTest));
  const auto a = people("a", 4), b = people("b", 1), rest = people("", 1);
  arrive(world, {a[0], a[1], a[2], a[3], b[0], rest[0]});
  world.now += value::kHour;
  for (int i = 0; i < 3; ++i) click(world, a[0], "one");
  click(world, a[1], "one");
  click(world, b[0], "two");
  world.now += 3 * value::kHour;
  world.settle();
  CHECK(world.property(rest[0], "country") == "b");  // 1 of 1 against 2 of 4
}

TEST_CASE("S17 ties and no data go to the first variant") {
  test::World world(experiment(kTest));
  const std::int64_t start = world.now;
  const auto a = people("a", 1), b = people("b", 1), rest = people("", 1);
  SECTION("nobody was exposed") {
    arrive(world, {rest[0]});
  }
  SECTION("nobody reacted") {
    arrive(world, {b[0], rest[0]});
  }
  SECTION("both did") {
    arrive(world, {b[0], a[0], rest[0]});
    click(world, b[0], "two");
    click(world, a[0], "one");
  }
  world.now = start + 4 * value::kHour;
  world.settle();
  CHECK(world.property(rest[0], "country") == "a");
}

TEST_CASE("S17 late events do not change the winner, in whatever order they arrive") {
  test::World world(experiment(kTest));
  const std::int64_t start = world.now;
  const auto a = people("a", 1), b = people("b", 1), rest = people("", 2);
  arrive(world, {a[0], b[0], rest[0]});
  SECTION("it happened behind the end of the test and is looked at before the timer") {
    world.now = start + 5 * value::kHour;
    world.event("email_clicked", b[0], {{"email", Value::text("two")}});
  }
  SECTION("it arrives behind the choice") {
    world.now = start + 4 * value::kHour;
    world.settle();
    world.now += value::kHour;
    world.event("email_clicked", b[0], {{"email", Value::text("two")}}, 0, start + value::kHour);
  }
  world.settle();
  arrive(world, {rest[1]});
  CHECK(world.property(rest[0], "country") == "a");
  CHECK(world.property(rest[1], "country") == "a");
  CHECK(world.stat("experiment.greeting", "reacted") == 0);
}

TEST_CASE("S17 a winner by goal") {
  test::World world(experiment(R"(
    variant a 25% { set country to "a"; wait 1 day }
    variant b 25% { set country to "b"; wait 1 day }
    rest winner by goal after 4 hours
)",
                               "contact", "  goal lifecycle_stage is customer\n"));
  const auto a = people("a", 1), b = people("b", 1);
  std::string rest;
  for (int i = 0; rest.empty(); ++i) {
    if (crm::bucket("greeting", address(i)) >= 5000) rest = address(i);
  }
  arrive(world, {a[0], b[0], rest});
  world.now += value::kHour;
  world.set(b[0], "lifecycle_stage", Value::text("customer"));
  world.run();
  world.now += 3 * value::kHour;
  world.settle();
  CHECK(world.property(rest, "country") == "b");
}

TEST_CASE("a group that a window gives up exposes nobody") {
  test::World world(experiment(kTest, "contact", "  window mon..fri 09:00..18:00\n"));
  const std::string who = people("a", 1)[0];
  arrive(world, {who});  // Monday 00:00
  CHECK(world.info(who).variants.empty());
  CHECK(world.stat("experiment.greeting", "exposed") == 0);
  world.now += 9 * value::kHour + 15 * value::kMinute;
  CHECK(world.settle().size() == 1);
  CHECK(world.stat("experiment.greeting", "exposed", "a") == 1);
}
