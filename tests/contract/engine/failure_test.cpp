// What happens when the world fails: destinations that are dead or slow, retries, dead letters (P5, P6, P15).
#include <map>
#include <set>

#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::AnswerKind;
using engine::Happening;
using store::EffectState;
using value::kHour;
using value::kMinute;
using value::kSecond;

namespace {

constexpr const char* kProject = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
webhook dead { url "https://dead.example.com/a" }
webhook alive { url "https://alive.example.com/b" }
event asked on contact { n: int? }
event told on contact { n: int? }
event wrote on contact { n: int? }
event bought on contact { n: int? }
workflow ask on contact { enroll when event asked; reenroll every time; call webhook.dead with (country) }
workflow tell on contact { enroll when event told; reenroll every time; call webhook.alive with (country) }
workflow write on contact { enroll when event wrote; reenroll every time; send email.letter }
workflow buy on contact { enroll when event bought; reenroll every time; send email.receipt }
)";

constexpr const char* kTaro = "taro@example.com";

engine::Options limited() {
  engine::Options options;
  options.destinations = engine::DestinationLimits{};
  options.destinations->mails = 32;
  return options;
}

class Outside : public test::World {
 public:
  explicit Outside(const std::string& address = "memory:", engine::Options options = limited())
      : World(kProject, address, std::move(options)) {
    contact(kTaro);
  }
  void cause(const char* event_type, int times = 1) {
    for (int i = 0; i < times; ++i) event(event_type, kTaro);
    run();
  }
  /// What leaves now, by webhook ("" a mail).
  std::map<std::string, std::vector<engine::Delivery>> leave(std::size_t limit = 100) {
    auto deliveries = engine().hand_over(now, limit);
    REQUIRE(deliveries.ok());
    std::map<std::string, std::vector<engine::Delivery>> sorted;
    for (engine::Delivery& delivery : *deliveries) {
      const auto* call = std::get_if<engine::CallDelivery>(&delivery.what);
      sorted[call ? call->webhook : ""].push_back(std::move(delivery));
    }
    return sorted;
  }
  void give(const engine::Delivery& delivery, AnswerKind kind, std::int64_t retry_after = 0) {
    engine().answered({delivery.effect, kind, "scripted", {}, retry_after});
    run();
  }
  std::vector<engine::OutboxItem> outbox(std::vector<EffectState> states) {
    auto items = engine().outbox({{}, std::move(states), ""}, 1000);
    REQUIRE(items.ok());
    return *items;
  }
  std::int64_t due() {
    const auto next = engine().next_due();
    REQUIRE(next.ok());
    return next->value_or(INT64_MAX);
  }
};

}  // namespace

TEST_CASE("P15 a destination that does not answer holds up nothing but itself") {
  Outside world;
  world.cause("asked", 500);  // all before what follows
  world.cause("told", 20);
  world.cause("bought", 20);
  std::size_t told = 0, mails = 0, stuck = 0;
  // Nothing that leaves for the dead one is ever answered.
  for (int round = 0; round < 50 && told + mails < 40; ++round) {
    auto left = world.leave();
    stuck += left["dead"].size();
    for (const auto& delivery : left["alive"]) world.give(delivery, AnswerKind::delivered);
    for (const auto& delivery : left[""]) world.give(delivery, AnswerKind::delivered);
    told += left["alive"].size();
    mails += left[""].size();
    world.now += 100'000;
  }
  CHECK(told == 20);
  CHECK(mails == 20);
  CHECK(stuck == 32);  // its own room, and no more
  CHECK(world.now - test::kMonday < kMinute);
}

TEST_CASE("P15 nothing of a destination's queue is lost by waiting") {
  Outside world;
  world.cause("asked", 200);
  std::size_t delivered = 0;
  for (int round = 0; round < 5000 && delivered < 200; ++round) {
    auto left = world.leave();
    world.now += kSecond / 10;
    for (const auto& delivery : left["dead"]) world.give(delivery, AnswerKind::delivered);
    delivered += left["dead"].size();
  }
  CHECK(delivered == 200);
  CHECK(world.outbox({EffectState::ready}).empty());
}

TEST_CASE("P15 five failures close a destination, one probe opens it") {
  Outside world;
  world.cause("asked", 40);
  auto first = world.leave()["dead"];
  REQUIRE(first.size() == 32);
  for (int i = 0; i < 5; ++i) world.give(first[i], AnswerKind::retry);
  REQUIRE(world.engine().status()->closed.size() == 1);
  CHECK(world.engine().status()->closed[0].name == "https://dead.example.com");
  for (std::size_t i = 5; i < first.size(); ++i) world.give(first[i], AnswerKind::delivered);
  CHECK(world.engine().status()->closed.size() == 1);
  CHECK(world.leave().empty());
  world.now += 29 * kSecond;
  CHECK(world.leave().empty());
  // Half open: however many wait, one leaves.
  world.now += 10 * kSecond;
  SECTION("it works") {
    auto probe = world.leave()["dead"];
    REQUIRE(!probe.empty());
    for (const auto& delivery : probe) world.give(delivery, AnswerKind::delivered);
    CHECK(world.engine().status()->closed.empty());
  }
}

TEST_CASE("P15 a probe that fails keeps the destination closed") {
  Outside world;
  world.cause("asked", 40);
  const auto first = world.leave()["dead"];
  for (const auto& delivery : first) world.give(delivery, AnswerKind::retry);
  std::size_t tried = 0;
  for (int second = 0; second < 120; ++second) {
    world.now += kSecond;
    auto left = world.leave()["dead"];
    CHECK(left.size() <= 1);
    tried += left.size();
    for (const auto& delivery : left) world.give(delivery, AnswerKind::retry);
  }
  CHECK(tried <= 4);  // every 30 seconds
  CHECK(tried >= 3);
}

TEST_CASE("P15 a refusal is no failure of its destination and sends nothing else again") {
  Outside world;
  world.cause("bought", 10);
  auto mails = world.leave()[""];
  REQUIRE(mails.size() == 10);
  std::set<std::string> keys;
  for (std::size_t i = 0; i < mails.size(); ++i) {
    keys.insert(mails[i].key);
    world.give(mails[i], i < 6 ? AnswerKind::refused : AnswerKind::delivered);
  }
  CHECK(keys.size() == 10);
  CHECK(world.engine().status()->closed.empty());
  for (int hour = 0; hour < 50; ++hour) {
    world.now += kHour;
    CHECK(world.leave().empty());
  }
  CHECK(world.count(Happening::mail_sent) == 4);
}

TEST_CASE("P15 the schedule of retries, twenty per cent around, the same each time; then a dead letter") {
  const std::int64_t schedule[] = {5 * kSecond, 5 * kMinute, 30 * kMinute, 2 * kHour, 5 * kHour,
                                   10 * kHour,  14 * kHour,  20 * kHour,   24 * kHour};
  std::vector<std::int64_t> waits[2];
  for (auto& seen : waits) {
    Outside world;
    world.cause("bought");
    for (const std::int64_t expected : schedule) {
      auto left = world.leave()[""];
      REQUIRE(left.size() == 1);
      world.give(left[0], AnswerKind::retry);
      const std::int64_t wait = world.due() - world.now;
      CHECK(wait >= expected * 8 / 10);
      CHECK(wait <= expected * 12 / 10);
      seen.push_back(wait);
      world.now += wait;
    }
    auto last = world.leave()[""];
    REQUIRE(last.size() == 1);
    world.give(last[0], AnswerKind::retry);
    CHECK(world.leave().empty());
    REQUIRE(world.outbox({EffectState::dead}).size() == 1);
    CHECK(world.outbox({EffectState::dead})[0].reason == "scripted");
    CHECK(world.due() == INT64_MAX);
  }
  CHECK(waits[0] == waits[1]);
  Outside world;  // another effect has another jitter
  world.cause("bought", 2);
  auto left = world.leave()[""];
  for (const auto& delivery : left) world.give(delivery, AnswerKind::retry);
  const auto items = world.outbox({EffectState::ready});
  REQUIRE(items.size() == 2);
  CHECK(items[0].next_at != items[1].next_at);
}

TEST_CASE("P15 Retry-After holds, and its host is left alone as long") {
  Outside world;
  world.cause("asked", 1);
  auto left = world.leave()["dead"];
  REQUIRE(left.size() == 1);
  world.give(left[0], AnswerKind::retry, 10 * kMinute);
  world.cause("asked", 1);
  world.now += 9 * kMinute;
  CHECK(world.leave().empty());
  world.now += kMinute + kSecond;
  CHECK(world.leave()["dead"].size() == 2);
}

TEST_CASE("P15 an endpoint that is gone is called no more, also after a restart, until a person says so") {
  const test::Folder folder("gone");
  Outside world("sqlite:" + folder.path());
  world.cause("asked", 2);
  auto left = world.leave()["dead"];
  REQUIRE(left.size() == 2);
  world.give(left[0], AnswerKind::gone);
  world.give(left[1], AnswerKind::delivered);
  world.reopen();
  world.cause("asked");
  CHECK(world.leave().empty());
  CHECK(world.engine().status()->gone == std::vector<std::string>{"dead"});
  REQUIRE(world.outbox({EffectState::dead}).size() == 2);
  CHECK(world.outbox({EffectState::dead})[1].reason == "the endpoint has answered 410 Gone");
  const auto changed = world.engine().retry_effects({{}, {EffectState::dead}, "ask"}, world.now);
  REQUIRE(changed.ok());
  CHECK(*changed == 2);
  CHECK(world.leave()["dead"].size() == 2);
  CHECK(world.engine().status()->gone.empty());
}

TEST_CASE("P6 at most so many mails are under way, and those a crash leaves open are held or repeated") {
  const test::Folder folder("uncertain");
  Outside world("sqlite:" + folder.path());
  world.cause("wrote", 50);
  world.cause("bought", 50);
  CHECK(world.leave(1000)[""].size() == 32);
  CHECK(world.leave(1000)[""].empty());
  world.reopen();
  CHECK(world.engine().status()->held == 32);
}

TEST_CASE("held and given-up effects are listed, tried again under the same key, or dropped") {
  const test::Folder folder("review");
  Outside world("sqlite:" + folder.path());
  world.cause("wrote");
  auto mails = world.leave()[""];
  REQUIRE(mails.size() == 1);
  world.reopen();
  auto held = world.outbox({EffectState::uncertain});
  REQUIRE(held.size() == 1);
  CHECK(held[0].subject == "email.letter");
  CHECK(held[0].workflow == "write");
  CHECK(held[0].label == kTaro);
  CHECK(held[0].key == mails[0].key);
  const engine::OutboxChoice it{{held[0].id}, {}, ""};
  SECTION("again") {
    CHECK(*world.engine().retry_effects({{}, {EffectState::uncertain}, "other"}, world.now) == 0);
    CHECK(*world.engine().retry_effects(it, world.now) == 1);
    CHECK(*world.engine().retry_effects(it, world.now) == 0);
    auto again = world.leave()[""];
    REQUIRE(again.size() == 1);
    CHECK(again[0].key == mails[0].key);
  }
  SECTION("never") {
    CHECK(*world.engine().discard_effects(it, world.now) == 1);
    CHECK(world.outbox({EffectState::uncertain}).empty());
    CHECK(world.leave().empty());
    CHECK(world.count(Happening::mail_refused, "discarded by hand") == 1);
  }
  SECTION("what waits or is under way is not touched") {
    world.cause("wrote");
    const auto waiting = world.outbox({EffectState::ready});
    REQUIRE(waiting.size() == 1);
    CHECK(*world.engine().discard_effects({{waiting[0].id}, {}, ""}, world.now) == 0);
    CHECK(world.leave()[""].size() == 1);
  }
}

TEST_CASE("another program with the same triggers judges anew") {
  // Triggers are known by their place in memory: what was judged of one program must not count for another.
  const auto source = [](const char* list) {
    return std::string(
               "project test { zone \"UTC\" }\nlist old { title \"Old\" }\nlist fresh { title \"New\" }\n"
               "extend object contact { seen_at datetime? }\n"
               "workflow quiet on contact {\n  enroll when seen_at is more than 30 days ago\n"
               "  reenroll every time\n  add to list.") +
           list + "\n}\n";
  };
  test::World world(source("old"));
  world.contact(kTaro, {{"seen_at", value::Value::instant(world.now - 40 * value::kDay)}});
  CHECK(world.count(Happening::enrolled) == 1);
  for (int i = 0; i < 20; ++i) {
    world.redeploy(source(i % 2 == 0 ? "fresh" : "old"));
    world.run();
    world.now += value::kDay;
    world.set(kTaro, "seen_at", value::Value::instant(world.now));
    world.run();
    world.set(kTaro, "seen_at", value::Value::instant(world.now - 40 * value::kDay));
    world.run();
    CHECK(world.count(Happening::enrolled) == static_cast<std::size_t>(i + 2));
  }
}
