// What the engine promises, over every store.
#include <set>

#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::AnswerKind;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kCommon = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
topic offers { title "Offers" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
webhook ledger { url secret.LEDGER }
list vip { title "VIP" }
event asked on contact { n: int? }
event replied on contact { n: int? }
)";

std::string project(const std::string& workflows) {
  return kCommon + workflows;
}

const std::string kLetter = project(R"(
workflow welcome on contact {
  enroll when event asked
  reenroll every time
  send email.letter
}
)");

/// Each test runs over the store in memory and over SQLite.
template <class Test>
void over_every_store(Test test) {
  SECTION("memory") {
    test(std::string("memory:"));
  }
  SECTION("sqlite") {
    const test::Folder folder("engine");
    test("sqlite:" + folder.path());
  }
}

}  // namespace

TEST_CASE("an unsubscription between the step and the hand-over stops the mail") {
  over_every_store([](const std::string& address) {
    test::World world(kLetter, address);
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    world.run();
    CHECK(world.count(Happening::mail_queued) == 1);
    world.event("unsubscribed", "taro@example.com", {{"topic", Value::text("news")}});
    world.run();
    CHECK(world.hand_over().empty());
    CHECK(world.count(Happening::mail_refused, "unsubscribed") == 1);
    CHECK(world.stat("email.letter", "refused", "unsubscribed") == 1);
    CHECK(world.hand_over().empty());
  });
}

TEST_CASE("another topic, marketing status, bounces and missing addresses decide at the hand-over") {
  test::World world(kLetter);
  world.contact("a@example.com");
  world.contact("b@example.com", {}, false);
  world.contact("c@example.com");
  world.contact("d@example.com");
  world.event("unsubscribed", "a@example.com", {{"topic", Value::text("offers")}});
  world.event("email_bounced", "c@example.com", {{"email", Value::text("letter")}});
  world.event("unsubscribed", "d@example.com");
  for (const char* who : {"a", "b", "c", "d"}) world.event("asked", std::string(who) + "@example.com");
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  CHECK(std::get<engine::MailDelivery>(deliveries[0].what).to_address == "a@example.com");
  CHECK(world.count(Happening::mail_refused, "not_marketing") == 1);
  CHECK(world.count(Happening::mail_refused, "bounced") == 1);
  CHECK(world.count(Happening::mail_refused, "unsubscribed") == 1);
}

TEST_CASE("an event with an id takes effect once, also after a restart") {
  const test::Folder folder("engine");
  test::World world(kLetter, "sqlite:" + folder.path());
  world.contact("taro@example.com");
  for (int i = 0; i < 3; ++i) world.event("asked", "taro@example.com", {}, 77);
  CHECK(world.settle().size() == 1);
  world.reopen();
  world.event("asked", "taro@example.com", {}, 77);
  CHECK(world.settle().empty());
  REQUIRE(world.store().fold().ok());
  world.reopen();
  world.event("asked", "taro@example.com", {}, 77);
  CHECK(world.settle().empty());
  world.event("asked", "taro@example.com", {}, 78);
  CHECK(world.settle().size() == 1);
  CHECK(world.stat("engine", "duplicates") == 4);
}

TEST_CASE("a wait survives a crash and ends once") {
  const test::Folder folder("engine");
  test::World world(project(R"(
workflow slow on contact {
  enroll when event asked
  reenroll never
  wait 2 days
  send email.receipt
}
)"),
                    "sqlite:" + folder.path());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  CHECK(world.settle().empty());
  world.reopen();
  world.now += 2 * value::kDay - 1;
  CHECK(world.settle().empty());
  world.reopen();
  world.now += 1;
  CHECK(world.settle().size() == 1);
  world.reopen();
  world.now += value::kDay;
  CHECK(world.settle().empty());
  CHECK(world.info("taro@example.com").enrolments.empty());
}

TEST_CASE("in the uncertain window marketing mail is held, other mail keeps its key") {
  const test::Folder folder("engine");
  test::World world(project(R"(
workflow both on contact {
  enroll when event asked
  reenroll never
  send email.letter
  send email.receipt
}
)"),
                    "sqlite:" + folder.path());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  const auto first = world.hand_over();
  REQUIRE(first.size() == 2);
  world.reopen();  // both were handed over, no answer was recorded
  const auto second = world.hand_over();
  REQUIRE(second.size() == 1);
  CHECK(std::get<engine::MailDelivery>(second[0].what).email == "receipt");
  CHECK(second[0].key == first[1].key);
  CHECK(world.engine().status()->held == 1);
  CHECK(world.count(Happening::mail_uncertain) == 1);
}

TEST_CASE("a channel that drops repeated keys never holds a mail") {
  const test::Folder folder("engine");
  engine::Options options;
  options.mail_idempotent = true;
  test::World world(kLetter, "sqlite:" + folder.path(), options);
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  const auto first = world.hand_over();
  REQUIRE(first.size() == 1);
  world.reopen();
  const auto second = world.hand_over();
  REQUIRE(second.size() == 1);
  CHECK(second[0].key == first[0].key);
}

TEST_CASE("a failed delivery is tried again later, then given up with its failure path") {
  test::World world(project(R"(
team ops { members (); email "ops@example.com" }
message broken { subject "Broken"; body "The sync failed." }
workflow sync on contact {
  enroll when event asked
  reenroll never
  call webhook.ledger with (country)
    on failure retry 2 times over 2 hours then { notify team.ops using message.broken }
}
)"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  std::string key;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto deliveries = world.hand_over();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].attempt == attempt);
    if (attempt > 1) CHECK(deliveries[0].key == key);
    key = deliveries[0].key;
    world.answer(deliveries[0], AnswerKind::retry);
    CHECK(world.hand_over().empty());
    world.now += value::kHour;
  }
  CHECK(world.hand_over().empty());
  CHECK(world.engine().status()->dead == 1);
  CHECK(world.count(Happening::notified, "team.ops") == 1);
  CHECK(world.stat("webhook.ledger", "retried") == 2);
}

TEST_CASE("an unreachable mail server delays mails and loses none") {
  test::World world(project(R"(
workflow order on contact {
  enroll when event asked
  reenroll every time
  send email.receipt
}
)"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  for (int attempt = 1; attempt <= 4; ++attempt) {
    const auto deliveries = world.hand_over();
    REQUIRE(deliveries.size() == 1);
    world.answer(deliveries[0], AnswerKind::retry);
    const auto due = world.engine().next_due();
    REQUIRE(due.ok());
    REQUIRE(due->has_value());
    CHECK(**due > world.now);
    world.now = **due;
  }
  CHECK(world.settle().size() == 1);
  CHECK(world.count(Happening::mail_retry) == 4);
  CHECK(world.count(Happening::mail_sent) == 1);
}

TEST_CASE("exactly one outcome of a wait for an event runs, decided by when it happened") {
  const std::string source = project(R"(
workflow ask on contact {
  enroll when event asked
  reenroll never
  wait until event replied, at most 2 days {
    happened  { set country to "yes" }
    timed_out { set country to "no" }
  }
}
)");
  SECTION("in time") {
    test::World world(source);
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    world.run();
    world.now += 2 * value::kDay;
    world.event("replied", "taro@example.com");
    world.run();
    CHECK(world.property("taro@example.com", "country") == "yes");
  }
  SECTION("received in the same batch as the timeout, but happened later") {
    test::World world(source);
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    world.run();
    world.now += 3 * value::kDay;
    world.event("replied", "taro@example.com");
    world.run();
    CHECK(world.property("taro@example.com", "country") == "no");
  }
  SECTION("received after the limit, but happened before: the inbox comes first") {
    test::World world(source);
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    world.run();
    world.now += 3 * value::kDay;
    world.event("replied", "taro@example.com", {}, 0, world.now - 2 * value::kDay);
    world.run();
    CHECK(world.property("taro@example.com", "country") == "yes");
  }
}

TEST_CASE("an event that is late counts but fires no trigger") {
  test::World world(project(R"(
workflow now on contact {
  enroll when event asked
  reenroll every time
  set country to "fired"
}
)"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com", {}, 0, world.now - 2 * value::kDay);
  world.run();
  CHECK(world.property("taro@example.com", "country") == "unknown");
  world.event("asked", "taro@example.com", {}, 0, world.now - value::kHour);
  world.run();
  CHECK(world.property("taro@example.com", "country") == "fired");
}

TEST_CASE("a key that comes while enrolled is kept and enrolled when the run ends") {
  test::World world(project(R"(
workflow order on contact {
  enroll when event asked
  reenroll each event
  wait 1 hour
  send email.receipt
}
)"));
  world.contact("taro@example.com");
  for (std::uint64_t id = 1; id <= 3; ++id) world.event("asked", "taro@example.com", {}, id);
  CHECK(world.settle().empty());
  std::set<std::string> keys;
  for (int run = 1; run <= 3; ++run) {
    world.now += value::kHour;
    for (const std::string& key : world.settle()) keys.insert(key);
    CHECK(keys.size() == static_cast<std::size_t>(run));
  }
  CHECK(world.stat("workflow.order", "enrolled") == 3);
}

TEST_CASE("setting the same value is no change; changes of a group are processed right after it") {
  test::World world(project(R"(
workflow first on contact {
  enroll when event asked
  reenroll every time
  set lifecycle_stage to lead
  wait 1 day
}
workflow second on contact {
  enroll when lifecycle_stage becomes lead
  reenroll every time
  add 1 to lead_score
}
)"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  CHECK(world.property("taro@example.com", "lead_score") == "1");
  world.set("taro@example.com", "lifecycle_stage", Value::text("lead"));
  world.run();
  CHECK(world.property("taro@example.com", "lead_score") == "1");
  world.set("taro@example.com", "lifecycle_stage", Value::text("mql"));
  world.set("taro@example.com", "lifecycle_stage", Value::text("lead"));
  world.run();
  CHECK(world.property("taro@example.com", "lead_score") == "2");
}

TEST_CASE("a condition fires when it turns true, also at creation") {
  test::World world(project(R"(
workflow rich on contact {
  enroll when lead_score >= 10 and country is "JP"
  reenroll every time
  add to list.vip
}
)"));
  world.contact("a@example.com", {{"lead_score", Value::integer(50)}, {"country", Value::text("JP")}});
  CHECK(world.info("a@example.com").lists == std::vector<std::string>{"vip"});
  world.contact("b@example.com", {{"lead_score", Value::integer(9)}, {"country", Value::text("JP")}});
  CHECK(world.info("b@example.com").lists.empty());
  world.set("b@example.com", "lead_score", Value::integer(10));
  world.set("b@example.com", "lead_score", Value::integer(11));
  world.run();
  CHECK(world.stat("workflow.rich", "enrolled") == 2);
}

TEST_CASE("a chain of workflows at one instant is stopped") {
  test::World world(project(R"(
workflow up on contact {
  enroll when country becomes "A"
  reenroll every time
  set country to "B"
}
workflow down on contact {
  enroll when country becomes "B"
  reenroll every time
  set country to "A"
}
)"));
  world.contact("taro@example.com", {{"country", Value::text("A")}});
  CHECK(world.stat("engine", "chains_stopped") >= 1);
  CHECK(world.count(Happening::error) >= 1);
}

TEST_CASE("a running enrolment stays on the bundle it started with") {
  const test::Folder folder("engine");
  const auto version = [](const std::string& country) {
    return project(
        "workflow slow on contact {\n  enroll when event asked\n  reenroll every time\n  wait 1 day\n  set "
        "country to \"" +
        country + "\"\n}\n");
  };
  test::World world(version("old"), "sqlite:" + folder.path());
  world.contact("a@example.com");
  world.event("asked", "a@example.com");
  world.run();
  world.redeploy(version("new"));
  world.contact("b@example.com");
  world.event("asked", "b@example.com");
  world.run();
  world.reopen();
  world.now += value::kDay;
  world.run();
  CHECK(world.property("a@example.com", "country") == "old");
  CHECK(world.property("b@example.com", "country") == "new");
}

TEST_CASE("a unique value belongs to one record") {
  test::World world(kLetter);
  world.contact("a@example.com");
  world.contact("b@example.com");
  world.set("b@example.com", "email", Value::text("A@example.com"));
  world.run();
  CHECK(world.property("b@example.com", "email") == "b@example.com");
  CHECK(world.count(Happening::error) == 1);
  world.set("b@example.com", "email", Value::text("new@example.com"));
  world.run();
  CHECK(world.key("b@example.com") == 0);
  CHECK(world.property("new@example.com", "email") == "new@example.com");
}

TEST_CASE("the timeline tells everything, newest first, in pages") {
  over_every_store([](const std::string& address) {
    test::World world(kLetter, address);
    world.contact("taro@example.com");
    for (int i = 0; i < 5; ++i) {
      world.event("asked", "taro@example.com");
      world.settle();
      world.now += value::kHour;
    }
    auto from = world.info("taro@example.com").history;
    std::size_t sent = 0, items = 0;
    std::int64_t last = world.now;
    while (from.frame != 0) {
      const auto page = world.engine().history(from, 3);
      REQUIRE(page.ok());
      for (const auto& item : *page) {
        CHECK(item.at <= last);
        last = item.at;
        sent += item.what == Happening::mail_sent;
        ++items;
      }
    }
    CHECK(sent == 5);
    CHECK(items == world.happened.size());
  });
}
