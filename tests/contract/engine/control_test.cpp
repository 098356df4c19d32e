// What an operator asks for: enrolment by hand, workflows off and paused, over the real engine.
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using engine::OperationAnswer;
using engine::Verdict;
using value::Value;

namespace {

constexpr const char* kHead = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email first { class marketing; topic topic.news; from sender.shop; subject "First"; text "Hi {{ unsubscribe_url }}" }
email second { class marketing; topic topic.news; from sender.shop; subject "Second"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
list vip { title "VIP" }
event asked on contact { n: int? }
event bought on contact { n: int? }
)";

std::string project(const std::string& rest) {
  return kHead + rest;
}

const std::string kNurture = R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  suppress list.vip
  send email.first
  wait 1 day
  send email.second
}
)";

OperationAnswer operate(test::World& world, const engine::Operation& operation) {
  const auto answer = world.engine().operate(operation, world.now);
  INFO((answer.ok() ? "" : answer.error().message));
  REQUIRE(answer.ok());
  return *answer;
}

/// A store in memory, and one on disk that is reopened at each call of `again`.
struct Place {
  explicit Place(bool durable) : folder("control"), durable_(durable) {}
  std::string address() const { return durable_ ? "sqlite:" + folder.path() : "memory:"; }
  void again(test::World& world) const {
    if (durable_) world.reopen();
  }
  test::Folder folder;

 private:
  bool durable_;
};

}  // namespace

TEST_CASE("a record is enrolled by hand if the entry rules allow, after what was accepted before") {
  test::World world(project(kNurture));
  engine::InputEvent upsert;
  upsert.kind = engine::InputKind::upsert;
  upsert.object = "contact";
  upsert.subject = "taro@example.com";
  upsert.marketing = true;
  world.accept(upsert);  // accepted, not applied yet
  CHECK(operate(world, engine::EnrollRecord{"nurture", "taro@example.com"}).verdict == Verdict::done);
  CHECK(world.settle().size() == 1);
  const auto again = operate(world, engine::EnrollRecord{"workflow.nurture", "taro@example.com"});
  CHECK(again.verdict == Verdict::refused);
  CHECK(again.reason == "enrolled_now");
  CHECK(again.text == "taro@example.com was not enrolled: it is enrolled already (enrolled_now)");
}

TEST_CASE("an unknown workflow or record is told with what may have been meant") {
  test::World world(project(kNurture));
  const auto workflow = operate(world, engine::EnrollRecord{"nurtur", "taro@example.com"});
  CHECK(workflow.verdict == Verdict::not_found);
  CHECK(workflow.text == "there is no workflow `nurtur`; did you mean `nurture`?");
  const auto record = operate(world, engine::UnenrollRecord{"nurture", "taro@example.com"});
  CHECK(record.verdict == Verdict::not_found);
  CHECK(record.text == "there is no contact `taro@example.com`");
}

TEST_CASE("a dry run says what would be, and nothing of it is") {
  const test::Folder folder("control");
  test::World world(project(kNurture), "sqlite:" + folder.path());
  world.contact("taro@example.com");
  for (int i = 0; i < 2; ++i) {
    CHECK(operate(world, engine::EnrollRecord{"nurture", "taro@example.com", true}).verdict == Verdict::done);
    CHECK(world.info("taro@example.com").enrolments.empty());
    CHECK(world.settle().empty());
    world.reopen();
  }
  CHECK(operate(world, engine::EnrollRecord{"nurture", "taro@example.com"}).verdict == Verdict::done);
  CHECK(operate(world, engine::UnenrollRecord{"nurture", "taro@example.com", true}).verdict == Verdict::done);
  CHECK(world.info("taro@example.com").enrolments.size() == 1);
}

TEST_CASE("who is unenrolled by hand gets nothing more, also after a restart") {
  const test::Folder folder("control");
  test::World world(project(kNurture), "sqlite:" + folder.path());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  CHECK(operate(world, engine::UnenrollRecord{"nurture", "taro@example.com"}).verdict == Verdict::done);
  const auto again = operate(world, engine::UnenrollRecord{"nurture", "taro@example.com"});
  CHECK(again.verdict == Verdict::unchanged);
  CHECK(again.reason == "not_enrolled");
  world.reopen();
  world.now += 2 * value::kDay;
  CHECK(world.settle().empty());
  CHECK(world.stat("workflow.nurture", "ended", "unenrolled") == 1);
}

// ---- pause and resume
// --------------------------------------------------------------------------------------------------------

namespace {

engine::SwitchWorkflow to(engine::SwitchTo what, const std::string& workflow = "nurture") {
  return {workflow, what};
}

engine::WorkflowInfo workflow(test::World& world, const std::string& name = "nurture") {
  const auto list = world.engine().workflows();
  REQUIRE(list.ok());
  for (const auto& info : *list) {
    if (info.name == name) return info;
  }
  FAIL("there is no workflow " << name);
  return {};
}

const std::string kFirst = "email.first", kSecond = "email.second";

}  // namespace

TEST_CASE("a pause suspends every enrolment, and each goes on where it stood") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  world.contact("taro@example.com");
  world.contact("jiro@example.com");
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  CHECK(operate(world, to(engine::SwitchTo::pause)).verdict == Verdict::done);
  CHECK(operate(world, to(engine::SwitchTo::pause)).verdict == Verdict::unchanged);
  place.again(world);
  CHECK(world.info("taro@example.com").enrolments.at(0).status == "paused");
  // A delay that runs out, and a trigger: both wait.
  world.now += value::kDay;
  CHECK(world.settle().empty());
  world.event("asked", "jiro@example.com");
  CHECK(world.settle().empty());
  CHECK(world.count(Happening::suspended) == 2);
  CHECK(workflow(world).parked == 2);
  CHECK(workflow(world).running == 2);
  place.again(world);
  CHECK(workflow(world).paused);
  world.now += value::kDay;
  CHECK(world.settle().empty());
  CHECK(operate(world, to(engine::SwitchTo::resume)).verdict == Verdict::done);
  place.again(world);
  CHECK(world.settle().size() == 2);
  CHECK(world.stat(kFirst, "sent") == 2);
  CHECK(world.stat(kSecond, "sent") == 1);
  CHECK(workflow(world).parked == 0);
  CHECK(workflow(world).running == 1);
  // The delay of who entered in the pause begins with the end of the pause.
  world.now += value::kDay - 1;
  CHECK(world.settle().empty());
  world.now += 1;
  CHECK(world.settle().size() == 1);
  CHECK(workflow(world).running == 0);
}

TEST_CASE("a delay that has not run out when the pause ends is not touched by it") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.settle();
  operate(world, to(engine::SwitchTo::pause));
  world.now += value::kHour;
  world.settle();
  operate(world, to(engine::SwitchTo::resume));
  place.again(world);
  world.now += 23 * value::kHour - 1;
  CHECK(world.settle().empty());
  world.now += 1;
  CHECK(world.settle().size() == 1);
  CHECK(world.count(Happening::suspended) == 0);
}

TEST_CASE("a delay that ran out in a pause follows `on late`") {
  const bool durable = GENERATE(false, true);
  const auto run = [&](const std::string& late, std::int64_t pause) {
    const Place place(durable);
    test::World world(project("workflow nurture on contact {\n  enroll when event asked\n  reenroll never\n" +
                              late + "  send email.first\n  wait 1 day\n  send email.second\n}\n"),
                      place.address());
    world.contact("taro@example.com");
    world.event("asked", "taro@example.com");
    CHECK(world.settle().size() == 1);
    operate(world, to(engine::SwitchTo::pause));
    world.now += value::kDay;
    world.settle();
    place.again(world);
    world.now += pause;
    operate(world, to(engine::SwitchTo::resume));
    place.again(world);
    const std::size_t sent = world.settle().size();
    const auto enrolments = world.info("taro@example.com").enrolments;
    return std::pair(sent, enrolments.empty() ? std::string("ended") : enrolments.at(0).status);
  };
  CHECK(run("", 9 * value::kDay) == std::pair<std::size_t, std::string>(1, "ended"));
  CHECK(run("  on late skip after 1 hour\n", value::kHour) ==
        std::pair<std::size_t, std::string>(1, "ended"));
  CHECK(run("  on late skip after 1 hour\n", value::kHour + 1) ==
        std::pair<std::size_t, std::string>(0, "ended"));
  CHECK(run("  on late hold after 1 hour\n", value::kHour) ==
        std::pair<std::size_t, std::string>(1, "ended"));
  CHECK(run("  on late hold after 1 hour\n", value::kHour + 1) ==
        std::pair<std::size_t, std::string>(0, "held"));
}

TEST_CASE("goal, suppression, unenrolment and deletion end what is paused, and nothing of it comes back") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  goal country is "JP"
  suppress list.vip
  send email.first
  wait 1 day
  send email.second
}
workflow lists on contact {
  enroll when event bought
  reenroll never
  add to list.vip
}
)"),
                    place.address());
  for (const char* who : {"goal", "list", "hand", "gone", "stays"}) {
    world.contact(std::string(who) + "@example.com");
    world.event("asked", std::string(who) + "@example.com");
  }
  CHECK(world.settle().size() == 5);
  operate(world, to(engine::SwitchTo::pause));
  world.now += value::kDay;
  world.settle();
  place.again(world);
  world.set("goal@example.com", "country", Value::text("JP"));
  world.event("bought", "list@example.com");
  world.settle();
  operate(world, engine::UnenrollRecord{"nurture", "hand@example.com"});
  engine::InputEvent gone;
  gone.kind = engine::InputKind::remove;
  gone.object = "contact";
  gone.subject = "gone@example.com";
  world.accept(gone);
  world.settle();
  CHECK(workflow(world).running == 1);
  for (const char* reason : {"goal_met", "suppressed", "unenrolled", "record_deleted"}) {
    CHECK(world.stat("workflow.nurture", "ended", reason) == 1);
  }
  operate(world, to(engine::SwitchTo::resume));
  place.again(world);
  CHECK(world.settle().size() == 1);
  CHECK(world.stat(kSecond, "sent") == 1);
}

TEST_CASE("an event that a paused enrolment waits for counts, one that comes too late does not") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  wait until event bought, at most 2 days {
    happened  { set country to "bought" }
    timed_out { set country to "not bought" }
  }
}
)"),
                    place.address());
  for (const char* who : {"in@example.com", "late@example.com"}) {
    world.contact(who);
    world.event("asked", who);
  }
  world.settle();
  operate(world, to(engine::SwitchTo::pause));
  world.now += value::kDay;
  world.event("bought", "in@example.com");
  world.settle();
  place.again(world);
  world.now += 2 * value::kDay;
  world.event("bought", "late@example.com");
  world.settle();
  CHECK(world.property("in@example.com", "country") == "unknown");
  operate(world, to(engine::SwitchTo::resume));
  place.again(world);
  world.settle();
  CHECK(world.property("in@example.com", "country") == "bought");
  CHECK(world.property("late@example.com", "country") == "not bought");
}

TEST_CASE("marketing mail of a paused workflow that has not left waits, other mail does not") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  send email.first
  send email.receipt
}
)"),
                    place.address());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  operate(world, to(engine::SwitchTo::pause));
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  CHECK(std::get<engine::MailDelivery>(deliveries[0].what).email == "receipt");
  world.answer(deliveries[0], engine::AnswerKind::delivered);
  place.again(world);
  world.now += value::kDay;
  CHECK(world.settle().empty());
  CHECK(world.stat(kFirst, "delayed", "paused") == 1);
  operate(world, to(engine::SwitchTo::resume));
  place.again(world);
  CHECK(world.settle().size() == 1);
  CHECK(world.stat(kFirst, "sent") == 1);
}

TEST_CASE("a deploy in a pause changes nothing of the pause, and what is parked goes on in its own version") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  world.contact("taro@example.com");
  world.contact("jiro@example.com");
  world.event("asked", "taro@example.com");
  world.settle();
  operate(world, to(engine::SwitchTo::pause));
  world.now += value::kDay;
  world.settle();
  world.redeploy(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  send email.second
}
)"));
  CHECK(workflow(world).paused);
  world.event("asked", "jiro@example.com");
  CHECK(world.settle().empty());
  place.again(world);
  CHECK(workflow(world).parked == 2);
  operate(world, to(engine::SwitchTo::resume));
  CHECK(world.settle().size() == 2);
  CHECK(world.stat(kSecond, "sent") == 2);
  CHECK(world.stat(kFirst, "sent") == 1);
}

TEST_CASE("a resumed workflow works off what is parked in slices and in due order, also over restarts") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  constexpr int kContacts = 1'203;
  for (int i = 0; i < kContacts; ++i) {
    const std::string who = "c" + std::to_string(i) + "@example.com";
    engine::InputEvent upsert;
    upsert.kind = engine::InputKind::upsert;
    upsert.object = "contact";
    upsert.subject = who;
    upsert.marketing = true;
    world.accept(upsert);
    world.event("asked", who);
    if (i % 100 == 0) {
      world.now += 1;
      world.run();
    }
  }
  CHECK(world.settle().size() == kContacts);
  operate(world, to(engine::SwitchTo::pause));
  world.now += 2 * value::kDay;
  CHECK(world.settle().empty());
  CHECK(workflow(world).parked == kContacts);
  place.again(world);
  operate(world, to(engine::SwitchTo::resume));
  std::uint64_t left = kContacts;
  std::size_t slices = 0;
  while (workflow(world).parked > 0) {
    REQUIRE(world.engine().run(world.now).ok());
    const std::uint64_t parked = workflow(world).parked;
    CHECK(left - parked <= 500);
    REQUIRE(parked < left);
    left = parked;
    ++slices;
    place.again(world);
    if (slices == 1) {  // paused again half-way: the rest stays
      operate(world, to(engine::SwitchTo::pause));
      world.run();
      CHECK(workflow(world).parked == parked);
      operate(world, to(engine::SwitchTo::resume));
    }
  }
  CHECK(slices == 3);
  CHECK(world.settle().size() == kContacts);
  CHECK(world.stat(kSecond, "sent") == kContacts);
  CHECK(workflow(world).running == 0);
}

// ---- on and off
// --------------------------------------------------------------------------------------------------------

TEST_CASE("off lets nobody in and the running ones finish; on neither restarts nor sends again") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  world.contact("taro@example.com");
  world.contact("jiro@example.com");
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  CHECK(operate(world, to(engine::SwitchTo::off)).verdict == Verdict::done);
  place.again(world);
  world.event("asked", "jiro@example.com");
  CHECK(world.settle().empty());
  CHECK(world.stat("workflow.nurture", "not_enrolled", "off") == 1);
  CHECK(operate(world, engine::EnrollRecord{"nurture", "jiro@example.com"}).reason == "off");
  world.redeploy(project(kNurture + "# a new version\n"));
  CHECK(workflow(world).off);
  for (int i = 0; i < 3; ++i) {
    operate(world, to(engine::SwitchTo::on));
    world.settle();
    operate(world, to(engine::SwitchTo::off));
    place.again(world);
  }
  CHECK(operate(world, to(engine::SwitchTo::on)).verdict == Verdict::done);
  CHECK(operate(world, to(engine::SwitchTo::on)).verdict == Verdict::unchanged);
  world.event("asked", "taro@example.com");
  CHECK(world.settle().empty());
  CHECK(world.info("taro@example.com").enrolments.at(0).id == 1);
  world.now += value::kDay;
  CHECK(world.settle().size() == 1);
  CHECK(world.stat(kFirst, "sent") == 1);
  CHECK(world.stat(kSecond, "sent") == 1);
  world.event("asked", "jiro@example.com");
  CHECK(world.settle().size() == 1);
}

TEST_CASE("on enrols who came to match while it was off, if the workflow says so, and nobody twice") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when country is "JP"
  enroll existing yes
  reenroll never
  send email.first
}
)"),
                    place.address());
  world.contact("taro@example.com", {{"country", Value::text("JP")}});
  world.contact("jiro@example.com");
  CHECK(world.settle().size() == 1);
  operate(world, to(engine::SwitchTo::off));
  world.set("jiro@example.com", "country", Value::text("JP"));
  CHECK(world.settle().empty());
  place.again(world);
  operate(world, to(engine::SwitchTo::on));
  place.again(world);
  CHECK(world.settle().size() == 1);
  CHECK(world.stat(kFirst, "sent") == 2);
}

TEST_CASE("off --drain now ends the running ones, in slices and over restarts, also what is paused") {
  const Place place(GENERATE(false, true));
  engine::Options options;
  options.swept_per_batch = 10;
  test::World world(project(kNurture), place.address(), options);
  for (int i = 0; i < 40; ++i) {
    const std::string who = "c" + std::to_string(i) + "@example.com";
    world.contact(who);
    if (i % 2 == 0) world.event("asked", who);
  }
  CHECK(world.settle().size() == 20);
  operate(world, to(engine::SwitchTo::pause));
  world.now += value::kDay;
  world.settle();
  CHECK(operate(world, to(engine::SwitchTo::drain)).verdict == Verdict::done);
  const auto early = operate(world, to(engine::SwitchTo::on));
  CHECK(early.verdict == Verdict::refused);
  CHECK(early.reason == "draining");
  REQUIRE(world.engine().run(world.now).ok());
  CHECK(workflow(world).draining);
  CHECK(workflow(world).running > 0);
  CHECK(workflow(world).running < 20);
  place.again(world);
  operate(world, to(engine::SwitchTo::resume));
  CHECK(world.settle().empty());
  CHECK(workflow(world).running == 0);
  CHECK_FALSE(workflow(world).draining);
  CHECK(world.stat("workflow.nurture", "ended", "turned_off") == 20);
  CHECK(operate(world, to(engine::SwitchTo::drain)).verdict == Verdict::unchanged);
  CHECK(operate(world, to(engine::SwitchTo::on)).verdict == Verdict::done);
  world.now += value::kDay;
  CHECK(world.settle().empty());
  world.event("asked", "c1@example.com");
  CHECK(world.settle().size() == 1);
}

TEST_CASE("the list of workflows tells how many stand at which step, after a restart too") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  wait 1 day
  set country to "between"
  wait 1 day
}
)"),
                    place.address());
  for (const char* who : {"a@example.com", "b@example.com", "c@example.com"}) world.contact(who);
  world.event("asked", "a@example.com");
  world.settle();
  world.now += value::kDay;
  world.event("asked", "b@example.com");
  world.event("asked", "c@example.com");
  world.settle();
  place.again(world);
  const auto info = workflow(world);
  CHECK(info.running == 3);
  REQUIRE(info.steps.size() == 2);
  CHECK(info.steps[0].count == 2);
  CHECK(info.steps[0].step == "wait 1 day");
  CHECK(info.steps[1].count == 1);
  CHECK(info.steps[0].line + 2 == info.steps[1].line);
}

// ---- many
// --------------------------------------------------------------------------------------------------------

namespace {

engine::JobInfo job(test::World& world) {
  const auto jobs = world.engine().jobs();
  REQUIRE_FALSE(jobs.empty());
  return jobs.front();
}

}  // namespace

TEST_CASE("a file of records is enrolled in slices, each once, over restarts") {
  const Place place(GENERATE(false, true));
  test::World world(project(kNurture), place.address());
  engine::EnrollMany many{"nurture", true, {}, ""};
  constexpr std::size_t kContacts = 2'500;
  for (std::size_t i = 0; i < kContacts; ++i) {
    engine::InputEvent upsert;
    upsert.kind = engine::InputKind::upsert;
    upsert.object = "contact";
    upsert.subject = "c" + std::to_string(i) + "@example.com";
    upsert.marketing = true;
    world.accept(upsert);
    many.subjects.push_back(upsert.subject);
  }
  many.subjects.push_back("c0@example.com");
  many.subjects.push_back("nobody@example.com");
  const auto answer = operate(world, many);
  CHECK(answer.verdict == Verdict::done);
  CHECK(answer.job == 1);
  place.again(world);
  REQUIRE(world.engine().run(world.now).ok());
  CHECK(job(world).looked_at == 1'000);
  CHECK(job(world).done == 1'000);
  CHECK_FALSE(job(world).finished);
  place.again(world);
  CHECK(world.settle().size() == kContacts);
  place.again(world);
  CHECK(job(world).finished);
  CHECK(job(world).done == kContacts);
  CHECK(job(world).refused == std::map<std::string, std::uint64_t>{{"enrolled_now", 1}, {"no_record", 1}});
  CHECK(workflow(world).running == static_cast<std::int64_t>(kContacts));
  many.enroll = false;
  CHECK(operate(world, many).job == 2);
  CHECK(world.settle().empty());
  CHECK(workflow(world).running == 0);
  CHECK(world.stat("workflow.nurture", "ended", "unenrolled") == static_cast<std::int64_t>(kContacts));
}

TEST_CASE("the members of a list or segment are enrolled, others are not") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
segment japanese on contact { title "JP"; country is "JP" }
workflow greet on contact {
  enroll manually
  reenroll never
  send email.first
}
)"),
                    place.address());
  world.contact("a@example.com", {{"country", Value::text("JP")}});
  world.contact("b@example.com", {{"country", Value::text("US")}});
  world.contact("c@example.com", {{"country", Value::text("JP")}});
  const auto unknown = operate(world, engine::EnrollMany{"greet", true, {}, "segment.japanes"});
  CHECK(unknown.text == "there is no list or segment `segment.japanes`; did you mean `segment.japanese`?");
  CHECK(operate(world, engine::EnrollMany{"greet", true, {}, "segment.japanese"}).verdict == Verdict::done);
  place.again(world);
  CHECK(world.settle().size() == 2);
  CHECK(world.info("b@example.com").enrolments.empty());
  CHECK(job(world).done == 2);
}

// ---- try, explain, retry
// --------------------------------------------------------------------------------------------------------

TEST_CASE("a workflow is tried out on a copy: mails to the tester, nothing real changes or is counted") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
webhook erp { url "https://erp.example.com/hook" }
workflow nurture on contact {
  enroll when event asked
  reenroll never
  send email.first
  set country to "JP"
  call webhook.erp with (country)
  wait 30 days
  send email.second
}
)"),
                    place.address());
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.settle();
  const auto before = world.info("taro@example.com");
  const auto report = world.engine().report().value().size();
  world.set("taro@example.com", "country", Value::text("US"));
  world.settle();
  const auto tried =
      world.engine().rehearse({"workflow.nurture", "taro@example.com", "me@example.com"}, world.now);
  REQUIRE(tried.ok());
  CHECK(tried->refused.empty());
  CHECK_FALSE(tried->unfinished);
  REQUIRE(tried->mails.size() == 2);
  for (const auto& mail : tried->mails) {
    CHECK(std::get<engine::MailDelivery>(mail.what).to_address == "me@example.com");
    CHECK(mail.effect > (std::uint64_t{1} << 62));
  }
  bool called = false;
  std::int64_t last = 0;
  for (const auto& item : tried->items) {
    called |= item.detail.find("{\"country\":\"JP\"}") != std::string::npos;
    last = item.at;
  }
  CHECK(called);
  CHECK(last == world.now + 30 * value::kDay);
  // Nothing of it is real.
  CHECK(world.property("taro@example.com", "country") == "US");
  CHECK(world.info("taro@example.com").enrolments.size() == before.enrolments.size());
  CHECK(world.engine().report().value().size() == report);
  CHECK(world.settle().empty());
  place.again(world);
  CHECK(world.stat(kFirst, "sent") == 1);
  const auto nobody = world.engine().rehearse({"nurture", "x@example.com", "me@example.com"}, world.now);
  REQUIRE(nobody.ok());
  CHECK(nobody->found.verdict == Verdict::not_found);
}

TEST_CASE("explain tells each rule of entry with the values that it sees, and what was seen at each step") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when country is "JP"
  reenroll never
  suppress list.vip
  unless lead_score > 10
  wait 1 day
  if country is "JP" { send email.first } else { send email.receipt }
}
)"),
                    place.address());
  world.contact("taro@example.com", {{"country", Value::text("JP")}});
  world.settle();
  world.set("taro@example.com", "country", Value::text("US"));
  world.set("taro@example.com", "lead_score", Value::integer(20));
  world.now += value::kDay;
  world.settle();
  place.again(world);
  OperationAnswer answer;
  const auto why = world.engine().explain("nurture", "taro@example.com", answer);
  REQUIRE(why.ok());
  CHECK(why->standing.front() == "not enrolled now");
  const auto says = [&](bool allows, const std::string& text) {
    return std::any_of(why->rules.begin(), why->rules.end(), [&](const engine::ExplainedRule& rule) {
      return rule.allows == allows && rule.text.find(text) != std::string::npos;
    });
  };
  CHECK(says(true, "on"));
  CHECK(says(true, "suppress list.vip: not a member"));
  CHECK(says(false, "unless … is true (lead_score = 20)"));
  CHECK(says(false, "reenroll never: it has been enrolled"));
  REQUIRE(why->triggers.size() == 1);
  CHECK(why->triggers[0] == "a condition that is not true now (country = US)");
  const auto sent = std::find_if(why->items.begin(), why->items.end(), [](const engine::ExplainedItem& item) {
    return item.what == Happening::step && item.detail == "send email.receipt";
  });
  REQUIRE(sent != why->items.end());
  CHECK(sent->seen == "country = US");
  CHECK(why->items.front().what == Happening::enrolled);
  CHECK(why->items.front().seen == "country = JP");
}

TEST_CASE("what was given up is tried again by hand, with its key") {
  const Place place(GENERATE(false, true));
  test::World world(project(R"(
workflow nurture on contact {
  enroll when event asked
  reenroll never
  send email.first
}
)"),
                    place.address());
  world.contact("taro@example.com");
  CHECK(operate(world, engine::RetryRecord{"nurture", "taro@example.com"}).reason == "nothing_failed");
  world.event("asked", "taro@example.com");
  world.run();
  std::string key;
  for (int i = 0; i < 20 && world.stat(kFirst, "dead") == 0; ++i) {
    const auto deliveries = world.hand_over();
    REQUIRE(deliveries.size() == 1);
    key = deliveries[0].key;
    world.answer(deliveries[0], engine::AnswerKind::retry);
    world.now += 30 * value::kHour;
  }
  REQUIRE(world.stat(kFirst, "dead") == 1);
  place.again(world);
  CHECK(operate(world, engine::RetryRecord{"nurture", "taro@example.com", true}).verdict == Verdict::done);
  CHECK(world.settle().empty());
  CHECK(operate(world, engine::RetryRecord{"nurture", "taro@example.com"}).verdict == Verdict::done);
  place.again(world);
  CHECK(world.settle() == std::vector<std::string>{key});
  CHECK(operate(world, engine::RetryRecord{"nurture", "taro@example.com"}).verdict == Verdict::unchanged);
}
