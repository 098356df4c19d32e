// Scorings, campaigns and sequences, over every store.
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kTaro = "taro@example.com";

/// From Tuesday, 3 March to the end of Friday, 13 March 2026; HOT from 50 points on.
std::string campaign(const std::string& rest) {
  return R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "{{ unsubscribe_url }}" }
team sales { email "sales@example.com" }
list hot { title "HOT" }
list out { title "Out" }
page shop { url "/shop*" }
webhook ads { url "https://ads.example.com/sync" }
segment named on contact { firstname is known }
scoring interest on contact {
  hot at 50
  +30 when country is "JP"
  +30 when count(page.any viewed) >= 2
}
)" + rest;
}

const std::string kSpring = campaign(R"(
campaign spring on contact {
  title "Spring"
  runs from 2026-03-03 to 2026-03-13
  audience segment.named, add new members automatically
  scoring scoring.interest
  digest daily at 09:00 to team.sales
  story letters starts 2026-03-05T10:00 {
    send email.letter
    wait until email.letter clicked, at most 7 days {
      happened { add 10 points }
      timed_out { add -5 points }
    }
  }
  when becomes hot { add to list.hot }
}
)");

void advance(test::World& world, std::int64_t until) {
  for (;;) {
    const auto due = world.engine().next_due();
    REQUIRE(due.ok());
    if (!*due || **due > until) break;
    world.now = std::max(world.now, **due);
    world.settle();
  }
  world.now = until;
  world.settle();
}

std::string status(test::World& world, const std::string& who = kTaro) {
  const auto info = world.info(who);
  return info.campaigns.empty() ? "no target" : info.campaigns[0].status;
}

std::vector<std::string> subjects_told(const test::World& world) {
  std::vector<std::string> told;
  for (const auto& [record, item] : world.happened) {
    if (item.what == Happening::property && item.detail.find("campaign targets") != std::string::npos)
      told.push_back(item.detail);
    if (item.what == Happening::property && item.detail.find("HOT leads") != std::string::npos)
      told.push_back(item.detail);
    if (item.what == Happening::property && item.detail.find("Candidates") != std::string::npos)
      told.push_back(item.detail);
  }
  return told;
}

template <class Test>
void over_every_store(Test test) {
  SECTION("memory") {
    test(std::string("memory:"));
  }
  SECTION("sqlite") {
    const test::Folder folder("campaign");
    test("sqlite:" + folder.path());
  }
}

}  // namespace

TEST_CASE("S33 a score follows the facts, and HOT is the edge of its sum, once for a target and campaign") {
  over_every_store([](const std::string& address) {
    test::World world(kSpring, address);
    world.contact(kTaro, {{"firstname", Value::text("Taro")}});
    CHECK(status(world) == "no target");
    advance(world, test::kMonday + value::kDay);
    CHECK(status(world) == "none");
    world.set(kTaro, "country", Value::text("JP"));
    world.run();
    CHECK(world.info(kTaro).scores[0].total == 30);
    world.event("page_viewed", kTaro, {{"page", Value::text("shop")}});
    world.run();
    CHECK(status(world) == "none");
    world.event("page_viewed", kTaro, {{"page", Value::text("shop")}});
    world.run();
    CHECK(status(world) == "hot");
    CHECK(world.stat("campaign.spring.hot", "enrolled") == 1);
    // Below, and above again: the state follows, the notice does not come twice.
    world.set(kTaro, "country", Value::text("DE"));
    world.run();
    CHECK(status(world) == "none");
    world.set(kTaro, "country", Value::text("JP"));
    world.run();
    CHECK(status(world) == "hot");
    CHECK(world.stat("campaign.spring.hot", "enrolled") == 1);
    CHECK(world.stat("campaign.spring.hot", "not_enrolled", "enrolled_before") == 1);
    const std::string why = "60 points: 30 country is \"JP\", 30 count(page.any viewed) >= 2";
    CHECK(world.count(Happening::enrolled, why) == 1);
  });
}

TEST_CASE("who is HOT before the campaign begins is noticed when it begins") {
  test::World world(kSpring);
  world.contact(kTaro, {{"firstname", Value::text("Taro")}, {"country", Value::text("JP")}});
  for (int i = 0; i < 2; ++i) world.event("page_viewed", kTaro, {{"page", Value::text("shop")}});
  world.run();
  CHECK(world.stat("campaign.spring.hot", "enrolled") == 0);
  advance(world, test::kMonday + value::kDay - 1);
  CHECK(status(world) == "no target");
  advance(world, test::kMonday + value::kDay);
  CHECK(status(world) == "hot");
  CHECK(world.stat("campaign.spring.hot", "enrolled") == 1);
}

TEST_CASE("points of a story make responded, attributes alone never do") {
  test::World world(kSpring);
  world.contact(kTaro, {{"firstname", Value::text("Taro")}, {"country", Value::text("JP")}});
  advance(world, test::kMonday + 3 * value::kDay + 10 * value::kHour);
  CHECK(status(world) == "none");
  CHECK(world.count(Happening::mail_sent) == 1);
  world.event("email_clicked", kTaro, {{"email", Value::text("letter")}});
  world.settle();
  CHECK(status(world) == "responded");
  CHECK(world.info(kTaro).campaigns[0].points == 10);
  CHECK(world.stat("campaign.spring.responded", "enrolled") == 1);
  // HOT again from the points and the score together.
  for (int i = 0; i < 2; ++i) world.event("page_viewed", kTaro, {{"page", Value::text("shop")}});
  world.settle();
  CHECK(status(world) == "hot");
}

TEST_CASE("negative points alone are no response") {
  test::World world(kSpring);
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  advance(world, test::kMonday + 11 * value::kDay);
  CHECK(world.info(kTaro).campaigns[0].points == -5);
  CHECK(status(world) == "none");
}

TEST_CASE("the end of a campaign ends its stories, also when it passed unseen") {
  over_every_store([](const std::string& address) {
    test::World world(kSpring, address);
    world.contact(kTaro, {{"firstname", Value::text("Taro")}});
    advance(world, test::kMonday + 9 * value::kDay);
    world.contact("late@example.com", {{"firstname", Value::text("Late")}});
    CHECK(world.count(Happening::mail_sent) == 1);
    world.settle();
    CHECK(world.count(Happening::mail_sent) == 2);
    // An outage over the end: nothing of the stories runs behind it, not even what fell due before it.
    world.now = test::kMonday + 20 * value::kDay;
    world.settle();
    CHECK(world.count(Happening::ended, "campaign_ended") == 2);
    CHECK(world.info("late@example.com").campaigns[0].points == 0);
    world.contact("after@example.com", {{"firstname", Value::text("After")}});
    world.settle();
    CHECK(world.info("after@example.com").campaigns.empty());
    CHECK(world.stat("campaign.spring.audience", "not_enrolled", "campaign_ended") == 1);
  });
}

TEST_CASE("an excluded contact takes no part, and leaves when it is excluded later") {
  test::World world(campaign(R"(
campaign spring on contact {
  runs from 2026-03-01 to 2026-03-13
  audience segment.named, add new members automatically
  suppress list.out
  story letters { wait 1 day; send email.letter }
}
)"));
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  CHECK(world.info(kTaro).enrolments.size() == 1);
  engine::InputEvent out;
  out.kind = engine::InputKind::membership;
  out.object = "contact";
  out.subject = kTaro;
  out.type = "list.out";
  world.accept(out);
  world.run();
  CHECK(world.info(kTaro).enrolments.empty());
  CHECK(world.count(Happening::ended, "suppressed") == 1);
}

TEST_CASE("nothing of a campaign that is off starts") {
  test::World world(campaign(R"(
campaign spring on contact {
  status off
  runs from 2026-03-01 to 2026-03-13
  audience segment.named, add new members automatically
  digest daily at 09:00 to team.sales
  story letters { send email.letter }
}
)"));
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  advance(world, test::kMonday + 3 * value::kDay);
  CHECK(world.info(kTaro).campaigns.empty());
  CHECK(world.count(Happening::mail_sent) == 0);
  CHECK(world.count(Happening::notified) == 0);
}

TEST_CASE("a digest tells how many became HOT and joined, once a day and only if any, also after a restart") {
  over_every_store([](const std::string& address) {
    test::World world(kSpring, address);
    world.contact(kTaro, {{"firstname", Value::text("Taro")}, {"country", Value::text("JP")}});
    world.contact("jiro@example.com", {{"firstname", Value::text("Jiro")}});
    for (int i = 0; i < 2; ++i) world.event("page_viewed", kTaro, {{"page", Value::text("shop")}});
    advance(world, test::kMonday + value::kDay + 8 * value::kHour);
    CHECK(world.count(Happening::notified) == 0);
    // A store in memory is gone with its process.
    if (address != "memory:") world.reopen();
    advance(world, test::kMonday + value::kDay + 9 * value::kHour);
    const std::vector<std::string> expected{"New HOT leads: 1.", "New campaign targets: 2."};
    CHECK(subjects_told(world) == expected);
    CHECK(world.count(Happening::notified, "team.sales") == 2);
    advance(world, test::kMonday + 5 * value::kDay);
    CHECK(world.count(Happening::notified) == 2);
  });
}

TEST_CASE("proposed members are told of, and added by a person only") {
  test::World world(campaign(R"(
campaign spring on contact {
  runs from 2026-03-01 to 2026-03-13
  audience segment.named, propose new members
  digest daily at 09:00 to team.sales
}
)"));
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  advance(world, test::kMonday + 9 * value::kHour);
  CHECK(subjects_told(world) == std::vector<std::string>{"Candidates found: 1."});
  CHECK(world.info(kTaro).campaigns.empty());
  CHECK(world.info(kTaro).lists == std::vector<std::string>{"campaign.spring.candidates"});
  engine::InputEvent add;
  add.kind = engine::InputKind::membership;
  add.object = "contact";
  add.subject = kTaro;
  add.type = "list.campaign.spring";
  world.accept(add);
  world.run();
  CHECK(world.info(kTaro).lists == std::vector<std::string>{"campaign.spring"});
  CHECK(status(world) == "none");
}

TEST_CASE("a summary comes on its day with the figures of the week") {
  test::World world(campaign(R"(
campaign spring on contact {
  runs from 2026-03-01 to 2026-03-13
  audience segment.named, add new members automatically
  summary weekly on sun at 09:00 to team.sales
  story letters { send email.letter }
}
)"));
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  advance(world, test::kMonday + 6 * value::kDay + 9 * value::kHour - 1);
  CHECK(world.count(Happening::notified) == 0);
  advance(world, test::kMonday + 6 * value::kDay + 9 * value::kHour);
  CHECK(world.count(Happening::notified, "team.sales") == 1);
  const std::string body =
      "spring (2026-03-01 – 2026-03-13)\nTargets: 1\nAdded this week: 1\nHOT: 0\nHOT this week: 0\n"
      "Responded this week: 0\nMails this week: 1\nMails last week: 0";
  CHECK(world.count(Happening::property, body) == 1);
  advance(world, test::kMonday + 30 * value::kDay);
  CHECK(world.count(Happening::notified) == 1);
}

TEST_CASE("a sequence is started by hand and ends with a reply or a meeting, not with the mail of another") {
  test::World world(campaign(R"(
sequence outreach on contact { wait 3 days; add to list.hot }
)"));
  for (const char* who : {"a@example.com", "b@example.com", "c@example.com"}) {
    world.contact(who);
    engine::InputEvent start;
    start.kind = engine::InputKind::enroll;
    start.object = "contact";
    start.subject = who;
    start.type = "sequence.outreach";
    world.accept(start);
  }
  world.run();
  world.now += value::kDay;
  world.event("email_replied", "a@example.com", {{"email", Value::text("letter")}});
  world.event("meeting_booked", "b@example.com");
  world.event("email_opened", "c@example.com", {{"email", Value::text("letter")}});
  world.run();
  CHECK(world.count(Happening::ended, "replied") == 1);
  CHECK(world.count(Happening::ended, "meeting") == 1);
  CHECK(world.info("c@example.com").enrolments.at(0).workflow == "sequence.outreach");
}

TEST_CASE("an audience takes marketing contacts, and its platform is told of each change once") {
  test::World world(campaign(R"(
audience shoppers { title "Shoppers"; platform google; sync webhook.ads }
workflow show on contact { enroll when firstname is known; reenroll every time; add to audience.shoppers }
workflow hide on contact { enroll when firstname is unknown; reenroll every time; remove from audience.shoppers }
)"));
  world.contact(kTaro, {{"firstname", Value::text("Taro")}});
  world.contact("no@example.com", {{"firstname", Value::text("No")}}, false);
  auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  const auto& call = std::get<engine::CallDelivery>(deliveries[0].what);
  CHECK(call.webhook == "ads");
  CHECK(call.body == R"({"audience":"shoppers","action":"add","email":"taro@example.com"})");
  CHECK(world.count(Happening::audience_refused, "not_marketing") == 1);
  CHECK(world.info(kTaro).lists == std::vector<std::string>{"audience.shoppers"});
  world.set(kTaro, "firstname", Value());
  world.run();
  CHECK(world.info(kTaro).lists.empty());
  CHECK(world.stat("audience.shoppers", "removed") == 1);
}

TEST_CASE("what the language keeps for itself is not written from outside") {
  test::World world(kSpring);
  world.contact(kTaro, {{"campaign.spring.points", Value::integer(100)},
                        {"campaign.spring.active", Value::boolean(true)}});
  CHECK(status(world) == "no target");
  CHECK(world.property(kTaro, "campaign.spring.points") == "unknown");
  CHECK(world.count(Happening::property, "100") == 0);
}
