// What other products get wrong at run time (lessons L1 to L12): here it must go right.
#include <algorithm>
#include <tuple>

#include "tests/support/counting_store.hpp"
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::AnswerKind;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kHead = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email offer { class marketing; topic topic.news; from sender.shop; subject "Offer"; text "Hi {{ unsubscribe_url }}" }
list yes_side { title "Yes" }
list no_side { title "No" }
event asked on contact { n: int? }
event other on contact { n: int? }
)";

std::string project(const std::string& rest) {
  return kHead + rest;
}

std::vector<std::string> subjects(const std::vector<engine::Delivery>& deliveries) {
  std::vector<std::string> all;
  for (const auto& delivery : deliveries) {
    all.push_back(std::get<engine::MailDelivery>(delivery.what).subject);
  }
  return all;
}

std::string person(int n) {
  return "person" + std::to_string(n) + "@example.com";
}

bool is_member(test::World& world, const std::string& subject, const std::string& list) {
  const auto lists = world.info(subject).lists;
  return std::find(lists.begin(), lists.end(), list) != lists.end();
}

}  // namespace

TEST_CASE("L1 a branch is decided when its mail goes out, not when the window was still closed") {
  test::World world(project(R"(
workflow w on contact {
  enroll when event asked
  reenroll never
  window mon..fri 09:00..18:00
  if lifecycle_stage is known and lifecycle_stage is customer { send email.offer } else { send email.letter }
})"));
  world.now = test::kMonday + 5 * value::kDay;
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  CHECK(world.hand_over().empty());
  world.now += value::kDay;
  world.set("taro@example.com", "lifecycle_stage", Value::text("customer"));
  world.run();
  world.now += value::kDay + 9 * value::kHour + 15 * value::kMinute;
  world.run();
  CHECK(subjects(world.hand_over()) == std::vector<std::string>{"Offer"});
}

TEST_CASE("L2 every refinement of a trigger holds again for each entry") {
  test::World world(project(R"(
workflow w on contact {
  enroll when event asked where (n >= 5) at least 2 times
  reenroll every time
  add to list.yes_side
})"));
  world.contact("taro@example.com");
  const auto ask = [&](int n) {
    world.event("asked", "taro@example.com", {{"n", Value::integer(n)}});
    world.run();
    return world.count(Happening::enrolled);
  };
  CHECK(ask(5) == 0);
  CHECK(ask(1) == 0);
  CHECK(ask(6) == 1);
  CHECK(ask(7) == 1);
  CHECK(ask(2) == 1);
  CHECK(ask(8) == 2);
}

TEST_CASE("L3 a mail beyond the limit leaves a trace with its reason, in the timeline and in the report") {
  test::World world(project(R"(
policy p { limit marketing 1 per 7 days per contact }
workflow w on contact { enroll when event asked; reenroll every time; send email.letter }
)"));
  world.contact("taro@example.com");
  for (int i = 0; i < 3; ++i) {
    world.event("asked", "taro@example.com");
    world.settle();
  }
  CHECK(world.count(Happening::mail_sent) == 1);
  CHECK(world.count(Happening::mail_refused, "capped") == 2);
  CHECK(world.stat("email.letter", "refused", "capped") == 2);
}

TEST_CASE("L4 taking a workflow off and on again sends nothing again and restarts nobody") {
  const std::string flow = R"(
workflow w on contact {
  enroll when lead_score >= 50
  reenroll never
  send email.letter
  wait 2 days
  send email.offer
}
)";
  test::World world(project(flow));
  world.contact("taro@example.com");
  world.set("taro@example.com", "lead_score", Value::integer(60));
  CHECK(world.settle().size() == 1);
  for (int round = 0; round < 3; ++round) {
    world.now += value::kHour;
    world.redeploy(project(""));
    CHECK(world.settle().empty());
    world.redeploy(project(flow));
    CHECK(world.settle().empty());
  }
  CHECK(world.info("taro@example.com").enrolments.size() == 1);
  world.now = test::kMonday + 2 * value::kDay;
  world.run();
  CHECK(subjects(world.hand_over()) == std::vector<std::string>{"Offer"});
  CHECK(world.count(Happening::enrolled) == 1);
}

TEST_CASE("L5 a refused recipient does not make the others get their mail again") {
  const test::Folder folder("lessons");
  test::World world(project(R"(
workflow w on contact { enroll when event asked; reenroll never; send email.letter }
)"),
                    "sqlite:" + folder.path());
  for (int i = 0; i < 20; ++i) {
    world.contact(person(i));
    world.event("asked", person(i));
  }
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 20);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    world.answer(deliveries[i], i == 7 ? AnswerKind::refused : AnswerKind::delivered);
  }
  CHECK(world.hand_over().empty());
  world.reopen();
  world.now += 3 * value::kDay;
  CHECK(world.settle().empty());
  CHECK(world.count(Happening::mail_sent) == 19);
  CHECK(world.count(Happening::mail_refused) == 1);
}

TEST_CASE("L6 of yes and no exactly one runs, whatever is known and whatever changes at the same time") {
  test::World world(project(R"(
workflow w on contact {
  enroll when event asked
  reenroll never
  wait 1 hour
  if lead_score is known and lead_score >= 50 { add to list.yes_side } else { add to list.no_side }
})"));
  for (int i = 0; i < 90; ++i) {
    world.contact(person(i));
    if (i % 3 != 0) world.set(person(i), "lead_score", Value::integer(i % 3 == 1 ? 10 : 60));
    world.event("asked", person(i));
  }
  world.run();
  world.now += value::kHour;
  // At the very instant of the decision, half of them change sides.
  for (int i = 0; i < 90; i += 2) world.set(person(i), "lead_score", Value::integer(i % 3 == 2 ? 10 : 60));
  world.run();
  for (int i = 0; i < 90; ++i) {
    INFO(person(i));
    CHECK(is_member(world, person(i), "yes_side") != is_member(world, person(i), "no_side"));
  }
}

TEST_CASE("L7 a restart or a deploy kills no wait") {
  const test::Folder folder("lessons");
  const std::string flow = R"(
workflow timed on contact { enroll when event asked; reenroll never; wait 3 days; add to list.yes_side }
workflow reacting on contact {
  enroll when event asked
  reenroll never
  wait until event other, at most 5 days {
    happened { add to list.no_side }
    timed_out { stop }
  }
}
)";
  test::World world(project(flow), "sqlite:" + folder.path());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  for (int day = 0; day < 3; ++day) {
    CHECK_FALSE(is_member(world, "taro@example.com", "yes_side"));
    world.reopen();
    world.redeploy(project(flow + "list more { title \"More\" }\n"));
    world.redeploy(project(flow));
    world.now += value::kDay;
    world.run();
  }
  CHECK(is_member(world, "taro@example.com", "yes_side"));
  world.event("other", "taro@example.com");
  world.run();
  CHECK(is_member(world, "taro@example.com", "no_side"));
}

TEST_CASE("L8 one rule for all waits: whatever an enrolment waits for, it stays on its version") {
  const auto flow = [](const std::string& side) {
    std::string source = project(R"(
workflow timed on contact { enroll when event asked; reenroll never; wait 1 day; add tag timed_SIDE }
workflow dated on contact {
  enroll when event asked
  reenroll never
  wait until next mon at 09:00
  add tag dated_SIDE
}
workflow reacting on contact {
  enroll when event asked
  reenroll never
  wait until event other, at most 5 days {
    happened { add tag reacted_SIDE }
    timed_out { stop }
  }
}
)");
    for (std::size_t at; (at = source.find("SIDE")) != std::string::npos;) source.replace(at, 4, side);
    return source;
  };
  test::World world(flow("old"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  world.redeploy(flow("new"));
  world.event("other", "taro@example.com");
  world.run();
  world.now += 8 * value::kDay;
  world.run();
  auto tags = world.info("taro@example.com").tags;
  std::sort(tags.begin(), tags.end());
  CHECK(tags == std::vector<std::string>{"dated_old", "reacted_old", "timed_old"});
}

TEST_CASE("L11 the old and the new version of a workflow never both fire for one record") {
  const auto flow = [](const std::string& tag) {
    return project("workflow w on contact { enroll when event asked; reenroll every time; add tag " + tag +
                   " }\n" +
                   "workflow dated on contact { enroll when created_at is more than 3 days ago; reenroll "
                   "never; add tag late_" +
                   tag + " }\n");
  };
  test::World world(flow("one"));
  world.contact("taro@example.com");
  world.redeploy(flow("two"));
  world.redeploy(flow("three"));
  world.event("asked", "taro@example.com");
  world.run();
  world.now += 4 * value::kDay;
  world.run();
  auto tags = world.info("taro@example.com").tags;
  std::sort(tags.begin(), tags.end());
  CHECK(tags == std::vector<std::string>{"late_three", "three"});
  CHECK(world.count(Happening::enrolled) == 2);
}

TEST_CASE("L12 cost follows the work that is due, not the number of members") {
  const auto cost = [](int members) {
    auto inner = store::open_store("memory:");
    REQUIRE(inner.ok());
    test::CountingStore store(**inner);
    engine::Options options;
    options.cache_bytes = 4096;
    auto engine = engine::Engine::open(store, options);
    REQUIRE(engine.ok());
    REQUIRE((*engine)
                ->activate(test::bundle_of(project(R"(
segment eager on contact { event asked at least 1 times within last 30 days }
workflow w on contact {
  enroll when in segment.eager
  reenroll never
  wait 60 days
  send email.letter
})")),
                           test::kMonday)
                .ok());
    std::int64_t now = test::kMonday;
    const auto ask = [&](int from, int to) {
      std::vector<store::Input> inputs;
      for (int i = from; i < to; ++i) {
        engine::InputEvent event;
        event.type = "asked";
        event.subject = person(i);
        inputs.push_back({0, now, {}, engine::encode(event)});
      }
      REQUIRE(store.accept(inputs).ok());
      for (bool more = true; more;) {
        const auto batch = (*engine)->run(now);
        REQUIRE(batch.ok());
        more = !batch->idle();
      }
    };
    ask(0, members);
    now += value::kDay;
    store.loads = store.scanned = store.timers = 0;
    ask(0, 10);
    return std::tuple{store.loads, store.scanned, store.timers};
  };
  const auto few = cost(40);
  CHECK(std::get<1>(few) == 0);
  CHECK(cost(4'000) == few);
}
