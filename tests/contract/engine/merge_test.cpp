// What the engine promises when two records become one (rule S30), over both stores and through restarts.
#include <algorithm>

#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::AnswerKind;
using engine::Happening;
using engine::InputKind;
using value::Value;

namespace {

constexpr const char* kHead = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
webhook check { url "https://crm.example.com/check"; accepts pii; returns { ok int? } }
list vip { title "VIP" }
event asked on contact { n: int? }
event paid on contact { n: int? }
extend object company { main_contact -> contact? }
)";
constexpr const char* kTaro = "taro@example.com";
constexpr const char* kJiro = "jiro@example.com";

class Merging {
 public:
  explicit Merging(const std::string& workflows, std::string address = "memory:")
      : world(kHead + workflows, std::move(address)) {
    world.contact(kTaro);
    world.contact(kJiro);
  }

  void tell(InputKind kind, const std::string& subject, const std::string& type,
            const std::string& object = "contact", value::Map properties = {}) {
    engine::InputEvent event;
    event.kind = kind;
    event.object = object;
    event.subject = subject;
    event.type = type;
    event.properties = std::move(properties);
    world.accept(event);
    world.run();
  }
  void merge(const char* kept = kTaro, const char* gone = kJiro) { tell(InputKind::merge, kept, gone); }
  void send(const std::string& event, const std::string& subject) {
    world.event(event, subject);
    world.run();
  }
  bool tagged(const std::string& tag) {
    const auto tags = world.info(kTaro).tags;
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  }

  test::World world;
};

}  // namespace

TEST_CASE("S30 what only the other record knows is taken over, what both know stays") {
  Merging m("");
  m.world.set(kTaro, "firstname", Value::text("Taro"));
  m.world.set(kJiro, "firstname", Value::text("Jiro"));
  m.world.set(kJiro, "lead_score", Value::integer(30));
  m.tell(InputKind::membership, kJiro, "list.vip");
  m.tell(InputKind::membership, kJiro, "tag.fair");
  m.merge();
  CHECK(m.world.property(kTaro, "firstname") == "Taro");
  CHECK(m.world.property(kTaro, "lead_score") == "30");
  CHECK(m.world.info(kTaro).lists == std::vector<std::string>{"vip"});
  CHECK(m.tagged("fair"));
  CHECK(m.world.count(Happening::merged) == 2);
  CHECK(m.world.stat("object.contact", "merged") == 1);
}

TEST_CASE("S30 the other record's address reaches the kept one from then on, also after a restart") {
  const test::Folder folder("merge");
  Merging m("workflow w on contact { enroll when event asked; reenroll every time; add tag asked }",
            "sqlite:" + folder.path());
  m.merge();
  CHECK(m.world.key(kJiro) == m.world.key(kTaro));
  m.world.reopen();
  CHECK(m.world.key(kJiro) == m.world.key(kTaro));
  m.send("asked", kJiro);
  CHECK(m.tagged("asked"));
  m.world.contact(kJiro, {{"firstname", Value::text("Jiro")}});
  CHECK(m.world.property(kTaro, "firstname") == "Jiro");
  CHECK(m.world.property(kTaro, "email") == kTaro);
}

TEST_CASE("S30 a refusal of either holds for both") {
  Merging m("workflow w on contact { enroll when event asked; reenroll every time; send email.letter }");
  engine::InputEvent refusal;
  refusal.kind = InputKind::topic;
  refusal.object = "contact";
  refusal.subject = kJiro;
  refusal.type = "news";
  refusal.flag = false;
  m.world.accept(refusal);
  m.world.run();
  m.merge();
  m.send("asked", kTaro);
  CHECK(m.world.settle().empty());
  CHECK(m.world.count(Happening::mail_refused, "unsubscribed") == 1);
}

TEST_CASE("S30 the kept record's enrolment stays; the other's ends as merged unless there is none") {
  const test::Folder folder("merge");
  Merging m(R"(
workflow both on contact { enroll when event asked; reenroll never; wait 2 days; add 1 to lead_score }
workflow single on contact { enroll when event paid; reenroll never; wait 3 days; add tag paid }
)",
            "sqlite:" + folder.path());
  m.send("asked", kTaro);
  m.world.now += value::kHour;
  m.send("asked", kJiro);
  m.send("paid", kJiro);
  m.merge();
  CHECK(m.world.count(Happening::ended, "merged") == 1);
  CHECK(m.world.info(kTaro).enrolments.size() == 2);
  m.world.reopen();
  m.world.now = test::kMonday + 2 * value::kDay;
  m.world.run();
  CHECK(m.world.property(kTaro, "lead_score") == "1");
  m.world.now += value::kDay;
  m.world.run();
  CHECK_FALSE(m.tagged("paid"));  // not before the hour at which it began
  m.world.now += value::kHour;
  m.world.run();
  CHECK(m.tagged("paid"));
  CHECK(m.world.info(kTaro).enrolments.empty());
  // Neither of them enrols again: who was enrolled is remembered.
  m.send("paid", kTaro);
  CHECK(m.world.count(Happening::enrolled) == 3);
}

TEST_CASE("S30 what is under way for the other record reaches the kept one, with its own key") {
  const test::Folder folder("merge");
  Merging m(R"(
workflow asks on contact {
  enroll when event asked
  reenroll never
  call webhook.check with (email) as answer, at most 2 days {
    answered { if answer.ok is known and answer.ok = 1 { add tag good } else { add tag bad } }
    failed { add tag failed }
  }
}
)",
            "sqlite:" + folder.path());
  m.send("asked", kJiro);
  const auto before = m.world.hand_over();
  REQUIRE(before.size() == 1);
  m.merge();
  m.world.reopen();
  const auto again = m.world.hand_over();
  REQUIRE(again.size() == 1);
  CHECK(again[0].key == before[0].key);
  m.world.engine().answered(
      {again[0].effect, AnswerKind::delivered, "200", value::Map{{"ok", Value::integer(1)}}});
  m.world.run();
  CHECK(m.tagged("good"));
}

TEST_CASE("S30 a mail that waits goes to the kept record, under its consent") {
  Merging m("workflow w on contact { enroll when event asked; reenroll never; send email.letter }");
  m.send("asked", kJiro);
  m.merge();
  const auto deliveries = m.world.hand_over();
  REQUIRE(deliveries.size() == 1);
  CHECK(std::get<engine::MailDelivery>(deliveries[0].what).to_address == kTaro);
  m.world.answer(deliveries[0], AnswerKind::delivered);
  CHECK(m.world.happened.back().first == m.world.key(kTaro));
}

TEST_CASE("S30 counts add up, and a condition that this makes true enrols once") {
  Merging m(R"(
workflow w on contact { enroll when count(event asked within last 30 days) >= 3; reenroll every time; add 1 to lead_score }
)");
  m.send("asked", kTaro);
  m.send("asked", kJiro);
  m.send("asked", kJiro);
  CHECK(m.world.property(kTaro, "lead_score") == "0");
  m.merge();
  CHECK(m.world.property(kTaro, "lead_score") == "1");
  m.world.now += 31 * value::kDay;
  m.world.run();
  CHECK(m.world.property(kTaro, "lead_score") == "1");
}

TEST_CASE("S30 who pointed at the other record points at the kept one") {
  Merging m(R"(
workflow w on company { enroll when main_contact.firstname is "Taro"; reenroll never; add 1 to employees }
)");
  m.world.set(kTaro, "firstname", Value::text("Taro"));
  m.tell(InputKind::upsert, "acme", "", "company", {{"main_contact", Value::text(kJiro)}});
  m.merge();
  const auto acme = m.world.engine().find("company", "acme");
  REQUIRE((acme.ok() && *acme));
  const auto info = m.world.engine().describe(**acme);
  REQUIRE((info.ok() && *info));
  CHECK((*info)->enrolments.empty());
  const auto employees = std::find_if((*info)->properties.begin(), (*info)->properties.end(),
                                      [](const auto& property) { return property.first == "employees"; });
  REQUIRE(employees != (*info)->properties.end());
  CHECK(employees->second == "1");
}

TEST_CASE("S30 merging with itself, with nobody, or along a chain") {
  const test::Folder folder("merge");
  Merging m("workflow w on contact { enroll when event asked; reenroll never; wait 1 day; add tag late }",
            "sqlite:" + folder.path());
  m.merge(kTaro, kTaro);
  m.merge(kTaro, "nobody@example.com");
  CHECK(m.world.count(Happening::merged) == 0);
  m.world.contact("saburo@example.com");
  m.send("asked", "saburo@example.com");
  m.merge(kJiro, "saburo@example.com");
  m.merge(kTaro, kJiro);
  m.merge(kTaro, "saburo@example.com");  // one record already
  m.world.reopen();
  CHECK(m.world.key("saburo@example.com") == m.world.key(kTaro));
  m.world.now += value::kDay;
  m.world.run();
  CHECK(m.tagged("late"));
  CHECK(m.world.count(Happening::merged) == 4);
}
