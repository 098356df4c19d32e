// Limits, quiet hours, blocked mails, exclusive groups and deploys, over the real engine.
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
email letter { class marketing; topic topic.news; from sender.shop; reply_to "desk@example.com"; subject "News"; text "Hi {{ unsubscribe_url }}" }
email offer { class marketing; topic topic.news; from sender.shop; subject "Offer"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
team ops { email "ops@example.com" }
list vip { title "VIP" }
event asked on contact { n: int? }
event other on contact { n: int? }
)";

std::string project(const std::string& rest) {
  return kHead + rest;
}

const std::string kMailing = R"(
workflow mailing on contact {
  enroll when event asked
  reenroll every time
  send email.letter
}
)";

/// Every value of the field `detail` among what was told of this kind.
std::vector<std::string> details(const test::World& world, Happening what) {
  std::vector<std::string> all;
  for (const auto& [key, item] : world.happened) {
    if (item.what == what) all.push_back(item.detail);
  }
  return all;
}

}  // namespace

TEST_CASE("S32 a limit refuses the mail beyond it, over a window open at its start, also after a restart") {
  const test::Folder folder("policy");
  test::World world(project("policy p { limit marketing 2 per 7 days per contact }" + kMailing),
                    "sqlite:" + folder.path());
  world.contact("taro@example.com");
  const std::int64_t start = world.now;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  world.now = start + value::kDay;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  world.reopen();
  world.now = start + 7 * value::kDay - 1;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().empty());
  CHECK(details(world, Happening::mail_refused) == std::vector<std::string>{"capped"});
  CHECK(world.stat("email.letter", "refused", "capped") == 1);
  // The first mail is out of (now - 7 days, now]; one that was refused counts for nothing.
  world.now = start + 7 * value::kDay;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
}

TEST_CASE("a limit counts its class only, several limits hold together, and each contact has its own") {
  test::World world(project(R"(
policy a { limit marketing 1 per 1 day per contact; limit marketing 2 per 30 days per contact }
policy b { limit transactional 1 per 1 hour per contact }
workflow mailing on contact {
  enroll when event asked
  reenroll every time
  send email.letter
  send email.receipt
}
)"));
  world.contact("taro@example.com");
  world.contact("jiro@example.com");
  world.event("asked", "taro@example.com");
  world.event("asked", "jiro@example.com");
  CHECK(world.settle().size() == 4);
  world.now += value::kHour;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);  // the receipt; the letter is capped for the day
  world.now += value::kDay;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 2);
  world.now += value::kDay;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);  // two letters within thirty days
  CHECK(details(world, Happening::mail_refused) == std::vector<std::string>{"capped", "capped"});
}

TEST_CASE("a mail that is tried again does not count twice, and one that the server refuses not at all") {
  test::World world(project("policy p { limit marketing 1 per 7 days per contact }" + kMailing));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  CHECK(std::get<engine::MailDelivery>(deliveries[0].what).reply_to == "desk@example.com");
  world.answer(deliveries[0], AnswerKind::retry);
  world.now += value::kMinute;
  deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  world.answer(deliveries[0], AnswerKind::refused);
  world.event("asked", "taro@example.com");
  world.run();
  deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  world.answer(deliveries[0], AnswerKind::delivered);
  world.event("asked", "taro@example.com");
  CHECK(world.settle().empty());
}

TEST_CASE("S32 the first that refuses is the reason: consent, suppression, limit, window") {
  test::World world(project(R"(
policy p { limit marketing 1 per 7 days per contact; quiet 20:00..08:00 }
workflow mailing on contact {
  enroll when event asked
  reenroll every time
  send email.letter
}
)"));
  world.now += 12 * value::kHour;
  for (const char* who : {"a", "b", "c", "d"}) {
    world.contact(std::string(who) + "@example.com");
    world.event("asked", std::string(who) + "@example.com");
  }
  CHECK(world.settle().size() == 4);  // all are at their limit now
  for (const char* who : {"a", "b", "c"}) world.event("asked", std::string(who) + "@example.com");
  world.run();
  world.event("email_bounced", "a@example.com", {{"email", Value::text("letter")}});
  world.event("unsubscribed", "a@example.com");
  world.event("email_bounced", "b@example.com", {{"email", Value::text("letter")}});
  world.run();
  world.now += 9 * value::kHour;  // quiet
  CHECK(world.hand_over().empty());
  CHECK(details(world, Happening::mail_refused) ==
        std::vector<std::string>{"unsubscribed", "bounced", "capped"});
}

TEST_CASE("S15 a mail that is handed over late waits for the quiet hours to end") {
  test::World world(project(R"(policy p { quiet 20:00..08:00 in contact.timezone else "UTC" })" + kMailing));
  world.now += 19 * value::kHour + 59 * value::kMinute;
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  world.answer(deliveries[0], AnswerKind::retry);
  world.now += value::kHour;
  CHECK(world.hand_over().empty());
  CHECK(world.count(Happening::mail_delayed) == 1);
  const auto due = world.engine().next_due();
  REQUIRE(due.ok());
  REQUIRE(due->has_value());
  const std::int64_t opening = test::kMonday + value::kDay + 8 * value::kHour;
  CHECK(**due >= opening);
  CHECK(**due < opening + 15 * value::kMinute);
  world.now = **due;
  CHECK(world.settle().size() == 1);
}

TEST_CASE("S31 a blocked mail: the workflow goes on, a wait for a reaction to it is over") {
  test::World world(project(R"(
workflow ask on contact {
  enroll when event asked
  reenroll never
  send email.letter as letter
  wait until letter opened, at most 3 days {
    happened  { set country to "opened" }
    timed_out { set country to "not opened" }
  }
  wait until letter clicked, at most 3 days {
    happened  { set job_title to "clicked" }
    timed_out { set job_title to "not clicked" }
  }
}
)"));
  world.contact("taro@example.com", {}, false);
  world.event("asked", "taro@example.com");
  CHECK(world.settle().empty());
  CHECK(details(world, Happening::mail_refused) == std::vector<std::string>{"not_marketing"});
  CHECK(details(world, Happening::timed_out) == std::vector<std::string>{"not_sent", "not_sent"});
  CHECK(world.property("taro@example.com", "country") == "not opened");
  CHECK(world.property("taro@example.com", "job_title") == "not clicked");
  CHECK(world.info("taro@example.com").enrolments.empty());
  const auto due = world.engine().next_due();
  REQUIRE(due.ok());
  CHECK_FALSE(due->has_value());
}

TEST_CASE("S31 consent that comes back between the step and the hand-over lets the mail go") {
  test::World world(project(kMailing));
  world.contact("taro@example.com", {}, false);
  world.event("asked", "taro@example.com");
  world.run();
  engine::InputEvent yes;
  yes.kind = engine::InputKind::marketing;
  yes.object = "contact";
  yes.subject = "taro@example.com";
  world.accept(yes);
  CHECK(world.settle().size() == 1);
}

TEST_CASE("S31 when blocked stop ends the enrolment") {
  test::World world(project(R"(
workflow ask on contact {
  when blocked stop
  enroll when event asked
  reenroll never
  send email.letter
  wait 1 day
  add to list.vip
}
)"));
  world.contact("taro@example.com", {}, false);
  world.event("asked", "taro@example.com");
  world.settle();
  CHECK(details(world, Happening::ended) == std::vector<std::string>{"blocked: not_marketing"});
  world.now += 2 * value::kDay;
  world.settle();
  CHECK(world.info("taro@example.com").lists.empty());
}

TEST_CASE("S31 when blocked delay keeps a mail whose limit was reached after its step, and the steps go on") {
  const test::Folder folder("policy");
  test::World world(project(R"(
policy p { limit marketing 1 per 7 days per contact }
workflow waits on contact {
  when blocked delay
  enroll when event asked
  reenroll never
  set country to "before"
  send email.offer
  wait 1 day
  set country to "after"
}
)" + kMailing),
                    "sqlite:" + folder.path());
  world.contact("taro@example.com");
  const std::int64_t start = world.now;
  world.event("asked", "taro@example.com");
  // Both workflows want to send; the other's mail leaves first.
  CHECK(world.settle().size() == 1);
  CHECK(world.count(Happening::mail_delayed) == 1);
  world.reopen();
  world.now = start + 7 * value::kDay;
  CHECK(world.settle().size() == 1);
  CHECK(world.property("taro@example.com", "country") == "after");
}

TEST_CASE("S31 when blocked delay holds back the whole group of steps where the limit is known before") {
  test::World world(project(R"(
policy p { limit marketing 1 per 7 days per contact }
workflow ask on contact {
  when blocked delay
  enroll when event other
  reenroll never
  set country to "with the mail"
  send email.offer
  wait 1 day
  set country to "a day later"
}
)" + kMailing));
  world.contact("taro@example.com");
  const std::int64_t start = world.now;
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  world.now = start + value::kDay;
  world.event("other", "taro@example.com");
  CHECK(world.settle().empty());
  CHECK(world.property("taro@example.com", "country") == "unknown");
  CHECK(world.count(Happening::deferred) == 1);
  world.now = start + 7 * value::kDay;
  CHECK(world.settle().size() == 1);
  CHECK(world.property("taro@example.com", "country") == "with the mail");
  world.now = start + 8 * value::kDay;
  world.settle();
  CHECK(world.property("taro@example.com", "country") == "a day later");
}

TEST_CASE("marketing contacts are limited, and one who leaves makes room") {
  const test::Folder folder("policy");
  test::World world(project("policy p { marketing contacts at most 1 }" + kMailing),
                    "sqlite:" + folder.path());
  world.contact("taro@example.com");
  world.reopen();
  world.contact("jiro@example.com");
  CHECK_FALSE(world.info("jiro@example.com").marketing);
  CHECK(details(world, Happening::marketing_refused) == std::vector<std::string>{"limit_reached"});
  world.contact("taro@example.com", {}, false);
  world.contact("jiro@example.com");
  CHECK(world.info("jiro@example.com").marketing);
}

TEST_CASE("S22 an exclusive group has one active enrolment of a record") {
  test::World world(project(R"(
workflow a on contact {
  priority 1
  exclusive group sales
  enroll when event asked
  reenroll every time
  wait 1 day
}
workflow b on contact {
  exclusive group sales
  enroll when event asked
  reenroll every time
  wait 1 day
}
workflow c on contact {
  enroll when event asked
  reenroll every time
  wait 1 day
}
)"));
  world.contact("taro@example.com");
  world.contact("jiro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  CHECK(world.info("taro@example.com").enrolments.size() == 2);
  CHECK(world.stat("workflow.b", "not_enrolled", "exclusive_group") == 1);
  world.event("asked", "jiro@example.com");
  world.run();
  CHECK(world.stat("workflow.a", "enrolled") == 2);
  world.now += 2 * value::kDay;
  world.run();
  CHECK(world.info("taro@example.com").enrolments.empty());
}

TEST_CASE("S5 a record that no longer matches stays enrolled") {
  test::World world(project(R"(
workflow w on contact {
  enroll when lead_score >= 10
  reenroll never
  wait 1 day
  add to list.vip
}
)"));
  world.contact("taro@example.com", {{"lead_score", Value::integer(10)}});
  world.set("taro@example.com", "lead_score", Value::integer(0));
  world.run();
  CHECK(world.info("taro@example.com").enrolments.size() == 1);
  world.now += value::kDay;
  world.run();
  CHECK(world.info("taro@example.com").lists == std::vector<std::string>{"vip"});
}

TEST_CASE("a person is notified by mail, in the application, or both") {
  test::World world(project(R"(
message ready { from sender.shop; subject "Ready: {{ contact.email | default: '?' }}"; body "Please call." }
workflow w on contact {
  enroll when event asked
  reenroll never
  notify team.ops using message.ready
  notify team.ops using message.ready by mail
  notify team.ops using message.ready by both
}
)"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 2);
  const auto& mail = std::get<engine::MailDelivery>(deliveries[0].what);
  CHECK(mail.to_address == "ops@example.com");
  CHECK(mail.subject == "Ready: taro@example.com");
  CHECK(mail.mail_class == bytecode::MailClass::internal);
  CHECK(deliveries[0].key != deliveries[1].key);
  for (const auto& delivery : deliveries) world.answer(delivery, AnswerKind::delivered);
  CHECK(details(world, Happening::notice_sent) == std::vector<std::string>{"team.ops", "team.ops"});
  CHECK(world.count(Happening::created) == 3);  // the contact and two notifications
}

// ---- deploys
// ----------------------------------------------------------------------------------------------------------

namespace {

std::string deployed(const std::string& headers, const std::string& steps) {
  return project("workflow w on contact {\n" + headers + "\n  enroll when event asked\n  reenroll never\n" +
                 steps + "}\n");
}

}  // namespace

TEST_CASE("on deploy: an enrolment stays on its program, unless the new one says otherwise") {
  const std::string first = deployed("", "wait 1 day\n set country to \"old\"\n");
  const std::string steps = "wait 1 day\n set country to \"new\"\n";
  test::World world(first);
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  world.now += value::kHour;
  SECTION("pin") {
    world.redeploy(deployed("on deploy pin", steps));
    world.now += value::kDay;
    world.run();
    CHECK(world.property("taro@example.com", "country") == "old");
  }
  SECTION("cancel") {
    world.redeploy(deployed("on deploy cancel", steps));
    world.now += value::kDay;
    world.run();
    CHECK(world.property("taro@example.com", "country") == "unknown");
    CHECK(details(world, Happening::ended) == std::vector<std::string>{"cancelled: deploy"});
  }
  SECTION("migrate compatible: the steps before the wait are the same") {
    world.redeploy(deployed("on deploy migrate compatible", steps));
    world.now += 23 * value::kHour;  // the timer is kept
    world.run();
    CHECK(world.property("taro@example.com", "country") == "new");
  }
  SECTION("migrate compatible: a step more before the wait would be skipped") {
    world.redeploy(deployed("on deploy migrate compatible", "add to list.vip\n" + steps));
    world.now += value::kDay;
    world.run();
    CHECK(world.property("taro@example.com", "country") == "old");
  }
  SECTION("restart") {
    world.redeploy(deployed("on deploy restart", steps));
    world.event("other", "taro@example.com");
    world.run();
    CHECK(details(world, Happening::ended) == std::vector<std::string>{"restarted: deploy"});
    world.now += 23 * value::kHour;
    world.run();
    CHECK(world.property("taro@example.com", "country") == "unknown");
    world.now += value::kHour;
    world.run();
    CHECK(world.property("taro@example.com", "country") == "new");
  }
}

TEST_CASE("on deploy restart leaves alone who would get the same marketing mail again") {
  const std::string rest = "send email.letter\n wait 1 day\n set country to ";
  test::World world(deployed("", rest + "\"old\"\n"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  CHECK(world.settle().size() == 1);
  world.redeploy(deployed("on deploy restart", rest + "\"new\"\n"));
  world.now += value::kDay;
  CHECK(world.settle().empty());
  CHECK(world.property("taro@example.com", "country") == "old");
}

TEST_CASE("on deploy migrate compatible takes values along by name") {
  const std::string before = R"(extend object contact { rank enum(staff, chief)? }
)" + deployed("", "let rank_then = rank\n wait 1 day\n if rank_then is chief { set country to \"old\" }\n");
  const std::string after =
      R"(extend object contact { grade enum(one, two)?; rank enum(director, chief, staff)? }
)" + deployed("on deploy migrate compatible",
              "let rank_then = rank\n wait 1 day\n if rank_then is chief { set country to \"new\" }\n");
  test::World world(before);
  world.contact("taro@example.com", {{"rank", Value::text("chief")}});
  world.event("asked", "taro@example.com");
  world.run();
  world.redeploy(after);
  world.now += value::kDay;
  world.run();
  CHECK(world.property("taro@example.com", "country") == "new");
}

TEST_CASE("a KPI is told as a share of those enrolled") {
  test::World world(project(R"(
workflow w on contact {
  kpi "Converted" target 15% by 2026-12-31
  enroll when event asked
  reenroll never
  goal lifecycle_stage is customer
  wait 7 days
}
)"));
  for (int i = 0; i < 4; ++i) {
    const std::string who = "c" + std::to_string(i) + "@example.com";
    world.contact(who);
    world.event("asked", who);
  }
  world.run();
  world.set("c0@example.com", "lifecycle_stage", Value::text("customer"));
  world.run();
  CHECK(world.stat("workflow.w", "kpi", "Converted: 25 %, target 15 % by 2026-12-31") == 1);
}
