// Inputs and timers that cannot be worked on stop nothing (P12), and what an outage makes late
// (RELIABILITY 2.4).
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "runtime/engine/catch_up.hpp"
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using store::EffectState;
using value::kDay;
using value::kHour;
using value::kMinute;
using value::kSecond;

namespace {

constexpr const char* kProject = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
list seen { title "Seen" }
event asked on contact { n: int? }
event wrote on contact { n: int? }
event bought on contact { n: int? }
workflow ask on contact { enroll when event asked; reenroll every time; wait 1 hour; add to list.seen }
workflow write on contact { enroll when event wrote; reenroll every time; wait 1 day; send email.letter }
workflow buy on contact { enroll when event bought; reenroll every time; wait 1 day; send email.receipt }
)";

constexpr const char* kPoison = "poison@example.com";

bool is_poison(const store::Input* input) {
  return input != nullptr && input->body.find(kPoison) != std::string::npos &&
         input->body.find("asked") != std::string::npos;
}

engine::Options faulty(int* faults, const bool* cured = nullptr) {
  engine::Options options;
  options.before_item = [faults, cured](const store::Input* input, const store::Timer*) {
    if (!is_poison(input) || (cured && *cured)) return;
    ++*faults;
    throw std::runtime_error("bad food");
  };
  return options;
}

std::string name(int n) {
  return "c" + std::to_string(n) + "@example.com";
}

}  // namespace

TEST_CASE("P12 an input that faults is tried three times alone, then kept with its reason; nothing stops") {
  int faults = 0;
  bool cured = false;
  const test::Folder folder("poison");
  test::World world(kProject, "sqlite:" + folder.path(), faulty(&faults, &cured));
  world.contact(kPoison);
  for (int n = 0; n < 20; ++n) world.contact(name(n));
  for (int n = 0; n < 10; ++n) world.event("asked", name(n));
  world.event("asked", kPoison, {}, 77);
  for (int n = 10; n < 20; ++n) world.event("asked", name(n));
  world.run();
  CHECK(world.count(Happening::enrolled) == 20);
  CHECK(faults == 4);  // once among others, three times alone
  const auto kept = world.engine().quarantined();
  REQUIRE(kept.ok());
  REQUIRE(kept->size() == 1);
  CHECK(kept->front().reason == "bad food");
  CHECK(kept->front().what == "asked of poison@example.com");
  CHECK(world.engine().status()->quarantined == 1);
  world.reopen();
  REQUIRE(world.engine().quarantined()->size() == 1);
  world.event("asked", kPoison, {}, 77);  // its id counts as seen
  world.run();
  CHECK(world.engine().quarantined()->size() == 1);
  const engine::Operation replay = engine::DecideQuarantine{{}, true};
  SECTION("still bad") {
    const auto answer = world.engine().operate(replay, world.now);
    REQUIRE(answer.ok());
    CHECK(answer->verdict == engine::Verdict::refused);
    CHECK(world.engine().quarantined()->size() == 1);
  }
  SECTION("cured") {
    cured = true;
    const auto answer = world.engine().operate(replay, world.now);
    REQUIRE(answer.ok());
    CHECK(answer->verdict == engine::Verdict::done);
    CHECK(world.engine().quarantined()->empty());
    CHECK(world.count(Happening::enrolled) == 21);
    world.reopen();
    CHECK(world.engine().quarantined()->empty());
  }
  SECTION("dropped") {
    CHECK(world.engine().operate(engine::DecideQuarantine{{}, false}, world.now)->verdict ==
          engine::Verdict::done);
    CHECK(world.engine().quarantined()->empty());
    CHECK(world.count(Happening::enrolled) == 20);
    CHECK(world.engine().operate(replay, world.now)->verdict == engine::Verdict::unchanged);
  }
}

TEST_CASE("P12 a fault that passes costs nothing") {
  int faults = 0;
  engine::Options options;
  options.before_item = [&faults](const store::Input* input, const store::Timer*) {
    if (is_poison(input) && ++faults <= 2) throw std::runtime_error("indigestion");
  };
  test::World world(kProject, "memory:", options);
  world.contact(kPoison);
  world.event("asked", kPoison);
  world.event("asked", kPoison);
  world.run();
  CHECK(faults == 4);  // the first input, twice more alone; the second
  CHECK(world.count(Happening::event) == 2);
  CHECK(world.engine().quarantined()->empty());
}

TEST_CASE("P12 a timer that faults is kept, the others fire") {
  store::Key poison = 0;
  bool cured = false;
  engine::Options options;
  options.before_item = [&](const store::Input*, const store::Timer* timer) {
    if (timer && timer->record == poison && !cured) throw std::runtime_error("bad food");
  };
  test::World world(kProject, "memory:", options);
  for (int n = 0; n < 5; ++n) world.contact(name(n));
  for (int n = 0; n < 5; ++n) world.event("asked", name(n));
  world.run();
  poison = world.key(name(2));
  world.now += kHour;
  world.run();
  CHECK(world.count(Happening::ended) == 4);
  REQUIRE(world.engine().quarantined()->size() == 1);
  CHECK(world.engine().quarantined()->front().what == "a timer of workflow ask");
  world.event("asked", name(3));
  world.run();
  CHECK(world.count(Happening::enrolled) == 6);
  cured = true;
  REQUIRE(world.engine().operate(engine::DecideQuarantine{{}, true}, world.now).ok());
  world.run();
  CHECK(world.count(Happening::ended) == 5);
}

TEST_CASE("P12 an input over which the process dies is kept after three deaths under its mark") {
  const test::Folder folder("deaths");
  const std::string address = "sqlite:" + folder.path();
  {
    test::World world(kProject, address);
    world.contact(kPoison);
    for (int n = 0; n < 6; ++n) world.contact(name(n));
    for (int n = 0; n < 3; ++n) world.event("asked", name(n));
    world.event("asked", kPoison);
    for (int n = 3; n < 6; ++n) world.event("asked", name(n));
  }
  int deaths = 0;
  for (; deaths < 10; ++deaths) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      engine::Options options;
      options.after_crash = deaths > 0;
      options.before_item = [](const store::Input* input, const store::Timer*) {
        if (is_poison(input)) ::_exit(9);  // no farewell: nothing is closed or written
      };
      test::World world(kProject, address, options);
      world.run();
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WEXITSTATUS(status) == 0) break;
    REQUIRE(WEXITSTATUS(status) == 9);
  }
  CHECK(deaths == 4);  // once among others, three times under its mark
  test::World world(kProject, address);
  CHECK(world.engine().quarantined()->size() == 1);
  for (int n = 0; n < 6; ++n) CHECK(world.info(name(n)).enrolments.size() == 1);
  CHECK(world.info(kPoison).enrolments.empty());
}

TEST_CASE("P12 an effect whose answer cannot be worked on is given up, others are settled") {
  // Unknown effects are ignored; what faults is one that the engine knows. The text of a mail is the fault
  // here.
  int faults = 0;
  engine::Options options;
  options.unsubscribe_link = [&faults](engine::Key key, std::string_view) -> std::string {
    if ((key & 0xff) == 1 && ++faults > 0) throw std::runtime_error("no link");
    return "https://example.com/u";
  };
  test::World world(kProject, "memory:", options);
  for (int n = 0; n < 3; ++n) world.contact(name(n));
  for (int n = 0; n < 3; ++n) world.event("wrote", name(n));
  world.run();
  world.now += kDay;
  world.run();
  const std::size_t left = world.hand_over().size();
  CHECK(left == (faults > 0 ? 2 : 3));
  CHECK(faults == 3);
  CHECK(world.engine().status()->dead == 1);
}

// ---- after an outage
// ------------------------------------------------------------------------------------------------------

namespace {

/// Contacts whose mails came due while nothing ran.
class Outage {
 public:
  Outage(const char* event, std::int64_t length, int contacts = 3, const std::string& address = "memory:")
      : world(kProject, address) {
    for (int n = 0; n < contacts; ++n) world.contact(name(n));
    for (int n = 0; n < contacts; ++n) world.event(event, name(n));
    world.run();
    const std::int64_t from = world.now + kDay - kMinute;  // just before they come due
    world.now = from + length;
    REQUIRE(world.engine().outage(from, world.now).ok());
  }
  std::size_t sent() {
    world.settle();
    return world.count(Happening::mail_sent);
  }
  std::uint64_t held() { return world.engine().status()->late; }
  engine::OperationAnswer decide(engine::DecideCatchUp::What what, std::int64_t spread = 0) {
    const auto answer = world.engine().operate(engine::DecideCatchUp{what, spread}, world.now);
    REQUIRE(answer.ok());
    return *answer;
  }
  test::World world;
};

using What = engine::DecideCatchUp::What;

}  // namespace

TEST_CASE("after a short outage late marketing mail leaves", "[catchup]") {
  Outage outage("wrote", 2 * kHour);
  CHECK(outage.sent() == 3);
  CHECK(outage.held() == 0);
}

TEST_CASE("after a long outage marketing mail is held until a person decides, and everything else goes on",
          "[catchup]") {
  const test::Folder folder("outage");
  Outage outage("wrote", 7 * kHour, 3, "sqlite:" + folder.path());
  CHECK(outage.sent() == 0);
  CHECK(outage.held() == 3);
  outage.world.reopen();
  CHECK(outage.held() == 3);
  const auto report = outage.world.engine().catch_up();
  REQUIRE(report.ok());
  CHECK(report->state == "holding");
  CHECK(report->mails.at({"write", "email.letter"}) == 3);
  SECTION("approve: slowly at first") {
    CHECK(outage.decide(What::approve).verdict == engine::Verdict::done);
    CHECK(outage.sent() >= 1);
    CHECK(outage.sent() < 3);
    outage.world.now += kSecond;
    CHECK(outage.sent() == 3);
    CHECK(outage.decide(What::approve).verdict == engine::Verdict::unchanged);
  }
  SECTION("skip") {
    outage.decide(What::skip);
    CHECK(outage.sent() == 0);
    CHECK(outage.held() == 0);
    CHECK(outage.world.count(Happening::mail_refused, "too_late") == 3);
  }
  SECTION("reschedule") {
    outage.decide(What::reschedule, kDay);
    outage.world.now += kDay;
    CHECK(outage.sent() == 3);
  }
  SECTION("new mail is not late") {
    outage.world.event("wrote", name(0));
    outage.world.settle();
    outage.world.now += kDay;
    CHECK(outage.sent() == 1);
  }
}

TEST_CASE("transactional mail leaves late, and is given up after three days", "[catchup]") {
  Outage soon("bought", 71 * kHour);
  CHECK(soon.sent() == 3);
  Outage late("bought", 73 * kHour);
  CHECK(late.sent() == 0);
  CHECK(late.world.engine().status()->dead == 3);
}

TEST_CASE("L9 after an outage the backlog is not sent at once: very many late marketing mails are held",
          "[catchup]") {
  Outage outage("wrote", kHour, 1010);
  CHECK(outage.sent() == engine::kManyMails);
  CHECK(outage.held() == 10);
}

TEST_CASE("a contact gets at most one late marketing mail a day", "[catchup]") {
  Outage outage("wrote", 7 * kHour, 1);
  outage.world.settle();
  // A second one that was due in the same time.
  test::World& world = outage.world;
  REQUIRE(outage.held() == 1);
  const std::string two =
      std::string(kProject) +
      "workflow more on contact { enroll when event wrote; reenroll every time; wait 1 day; "
      "send email.letter }\n";
  test::World both(two);
  both.contact(name(0));
  both.event("wrote", name(0));
  both.run();
  const std::int64_t from = both.now + kDay - kMinute;
  both.now = from + 7 * kHour;
  REQUIRE(both.engine().outage(from, both.now).ok());
  both.settle();
  REQUIRE(both.engine().status()->late == 2);
  REQUIRE(both.engine().operate(engine::DecideCatchUp{What::approve, 0}, both.now).ok());
  both.now += kHour;
  both.settle();
  CHECK(both.count(Happening::mail_sent) == 1);
  both.now += kDay;
  both.settle();
  CHECK(both.count(Happening::mail_sent) == 2);
  CHECK(world.count(Happening::mail_sent) == 0);
}

TEST_CASE("the ramp begins with a tenth and doubles every five minutes", "[catchup]") {
  CHECK(engine::ramp_offset(0) == 0);
  CHECK(engine::ramp_offset(10) == kSecond);
  CHECK(engine::ramp_offset(2999) < 5 * kMinute);
  CHECK(engine::ramp_offset(3000) == 5 * kMinute);
  CHECK(engine::ramp_offset(3020) == 5 * kMinute + kSecond);
  CHECK(engine::ramp_offset(3000 + 6000 + 12000 + 24000 + 100) == 20 * kMinute + kSecond);
}

TEST_CASE("what was accepted before a restart is worked on before what is due", "[catchup]") {
  const test::Folder folder("drain");
  engine::Options options;
  options.inputs_per_batch = 2;
  std::vector<std::string> order;
  options.before_item = [&order](const store::Input* input, const store::Timer*) {
    order.push_back(input ? "input" : "timer");
  };
  test::World world(kProject, "sqlite:" + folder.path(), options);
  world.contact(name(0));
  world.event("asked", name(0));
  world.run();
  for (int n = 0; n < 7; ++n) world.event("bought", name(0));
  world.now += 2 * kHour;
  order.clear();
  world.reopen();
  world.run();
  REQUIRE(order.size() == 8);
  CHECK(order.back() == "timer");
}
