// Time as the language means it, over the engine in virtual time: rules S9 to S14, S18, S34, S37, S38.
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kProject = R"(project test { zone "Asia/Tokyo"; calendar calendar.office }
calendar office { open mon..fri 09:00..18:00 }
calendar mornings { open mon..sat 09:00..12:00; zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email letter { class marketing; topic topic.news; from sender.shop; subject "News"; text "Hi {{ unsubscribe_url }}" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
user sato { email "sato@example.com" }
list seen { title "Seen" }
event asked on contact { n: int? }
extend object contact { birthday date?; renewal date?; visited_at datetime? }
)";

constexpr const char* kTaro = "taro@example.com";

std::int64_t at(const char* local, const char* zone = "Asia/Tokyo") {
  return value::to_instant(value::parse_local(local).value(), zone);
}

/// A world with one contact that moves from one due instant to the next.
class Timeline {
 public:
  Timeline(const std::string& workflow, const char* start, value::Map properties = {})
      : world(std::string(kProject) + workflow) {
    world.now = at(start);
    world.contact(kTaro, std::move(properties));
  }

  void to(std::int64_t instant) {
    for (;;) {
      world.settle();
      const auto due = world.engine().next_due();
      REQUIRE(due.ok());
      if (!*due || **due > instant) break;
      world.now = std::max(world.now, **due);
    }
    world.now = instant;
    world.settle();
  }
  void to(const char* local) { to(at(local)); }
  void ask() {
    world.event("asked", kTaro);
    world.settle();
  }
  void set(const char* property, const char* text) {
    world.set(kTaro, property, text == nullptr ? Value() : Value::text(text));
    world.settle();
  }
  /// When the only enrolment goes on, "" without one.
  std::string due(const char* zone = "Asia/Tokyo") {
    const auto info = world.info(kTaro);
    if (info.enrolments.empty()) return "";
    return value::format_instant(info.enrolments[0].due, zone).substr(0, 16);
  }
  std::size_t sent() const { return world.count(Happening::mail_sent); }
  std::size_t enrolled() const { return world.count(Happening::enrolled); }
  std::size_t ended(const char* reason) const { return world.count(Happening::ended, reason); }

  test::World world;
};

std::string waiting(const std::string& steps) {
  return "workflow w on contact {\n  enroll when event asked\n  reenroll every time\n" + steps + "\n}\n";
}

}  // namespace

// ---- rows 9 to 12: delays
// ----------------------------------------------------------------------------------------------

TEST_CASE("S9 a delay counts from the completion of the step before it") {
  Timeline t(
      waiting("  window mon..fri 09:00..18:00\n  send email.letter\n  wait 1 day\n  send email.receipt"),
      "2026-03-07T12:00");  // a Saturday
  t.ask();
  CHECK(t.sent() == 0);
  t.to("2026-03-09T09:15");
  REQUIRE(t.sent() == 1);
  const std::int64_t sent_at = t.world.happened.back().second.at;
  CHECK(t.due() == value::format_instant(sent_at + value::kDay, "Asia/Tokyo").substr(0, 16));
  t.to(sent_at + value::kDay - 1);
  CHECK(t.sent() == 1);
  t.to(sent_at + value::kDay);
  CHECK(t.sent() == 2);
}

TEST_CASE("S9 one day is 24 hours, a calendar day the next date") {
  Timeline t(waiting("  wait 1 calendar day at 10:00"), "2026-03-02T22:00");
  t.ask();
  CHECK(t.due() == "2026-03-03T10:00");
  Timeline plain(waiting("  wait 1 day"), "2026-03-02T22:00");
  plain.ask();
  CHECK(plain.due() == "2026-03-03T22:00");
}

TEST_CASE("S10 a calendar month from 31 January ends on the last day of February") {
  Timeline t(waiting("  wait 1 calendar month at 09:00\n  wait 1 calendar month at 09:00"),
             "2027-01-31T12:00");
  t.ask();
  CHECK(t.due() == "2027-02-28T09:00");
  t.to("2027-02-28T09:00");
  CHECK(t.due() == "2027-03-28T09:00");  // not associative
}

TEST_CASE("S11 a skipped local time is the first instant after the gap, a repeated one the earlier") {
  const std::string wait = waiting("  wait 1 calendar day at 02:30 in contact.timezone else \"UTC\"");
  Timeline gap(wait, "2026-03-28T12:00", {{"timezone", Value::text("Europe/Berlin")}});
  gap.ask();
  CHECK(gap.due("UTC") == "2026-03-29T01:00");  // 03:00 summer time
  Timeline twice(wait, "2026-10-24T12:00", {{"timezone", Value::text("Europe/Berlin")}});
  twice.ask();
  CHECK(twice.due("UTC") == "2026-10-25T00:30");
}

TEST_CASE("S11 the zone is read when the wait starts; changing it later does not move the timer") {
  Timeline t(waiting("  wait 1 calendar day at 10:00 in contact.timezone else \"UTC\""), "2026-03-02T12:00",
             {{"timezone", Value::text("Asia/Tokyo")}});
  t.ask();
  CHECK(t.due() == "2026-03-03T10:00");
  t.set("timezone", "America/New_York");
  CHECK(t.due() == "2026-03-03T10:00");
}

TEST_CASE("S12 business time counts in the project's calendar, or the one that is named") {
  Timeline t(
      waiting(
          "  wait 8 business hours\n  wait 2 business days\n  wait 2 business hours in calendar.mornings"),
      "2026-03-06T17:00");  // a Friday
  t.ask();
  CHECK(t.due() == "2026-03-09T16:00");
  t.to("2026-03-09T16:00");
  CHECK(t.due() == "2026-03-11T16:00");
  t.to("2026-03-11T16:00");
  CHECK(t.due("UTC") == "2026-03-11T11:00");  // Wednesday 07:00Z: the mornings open at 09:00Z
}

TEST_CASE("S12 what is due at closing is due at closing") {
  Timeline t(waiting("  wait 8 business hours"), "2026-03-02T10:00");
  t.ask();
  CHECK(t.due() == "2026-03-02T18:00");
}

TEST_CASE("S12 business days with a time of day count dates") {
  Timeline t(waiting("  wait 2 business days at 10:00"), "2026-03-06T07:00");
  t.ask();
  CHECK(t.due() == "2026-03-10T10:00");
}

TEST_CASE("S12 moments before a date skip closed days") {
  Timeline t(waiting("  wait until 2 business days before renewal, if past continue"), "2026-03-02T12:00",
             {{"renewal", Value::text("2026-03-10")}});  // a Tuesday
  t.ask();
  CHECK(t.due() == "2026-03-06T09:00");
}

TEST_CASE("S12 a wait for an event can be limited in business time") {
  Timeline t(waiting("  wait until email.receipt opened, at most 2 business hours {\n"
                     "    timed_out { add to list.seen }\n  }"),
             "2026-03-06T17:00");
  t.ask();
  CHECK(t.due() == "2026-03-09T10:00");
  t.to("2026-03-09T10:00");
  CHECK(t.world.count(Happening::list_added) == 1);
}

TEST_CASE("S12 tasks are due in business time") {
  Timeline t(waiting("  create task \"Call\" for user.sato due in 2 business days"), "2026-03-05T11:00");
  t.ask();
  const auto& [task, told] = *std::find_if(
      t.world.happened.begin(), t.world.happened.end(),
      [](const auto& item) { return item.second.what == Happening::created && item.second.workflow != 0; });
  CHECK(told.what == Happening::created);
  const auto described = t.world.engine().describe(task);
  REQUIRE(described.ok());
  const auto& properties = (*described)->properties;
  CHECK(std::any_of(properties.begin(), properties.end(),
                    [](const auto& p) { return p.first == "due" && p.second.starts_with("2026-03-09T"); }));
}

// ---- rows 13, 14, 37: moments that count from a property
// -------------------------------------------------------------

TEST_CASE("S13 a moment in the past does what is written") {
  const value::Map past{{"renewal", Value::text("2026-02-01")}};
  Timeline go_on(waiting("  wait until renewal, if past continue\n  send email.receipt"), "2026-03-02T12:00",
                 past);
  go_on.ask();
  CHECK(go_on.sent() == 1);
  Timeline stop(waiting("  wait until renewal, if past stop\n  send email.receipt"), "2026-03-02T12:00",
                past);
  stop.ask();
  CHECK(stop.sent() == 0);
  CHECK(stop.ended("stopped") == 1);
  Timeline skip(waiting("  at 1 day before renewal at 10:00, if past skip { send email.receipt }\n"
                        "  add to list.seen"),
                "2026-03-02T12:00", past);
  skip.ask();
  CHECK(skip.sent() == 0);
  CHECK(skip.world.count(Happening::list_added) == 1);
}

TEST_CASE("S13 exactly now goes on") {
  Timeline t(waiting("  at renewal at 12:00, if past skip { send email.receipt }"), "2026-03-02T12:00",
             {{"renewal", Value::text("2026-03-02")}});
  t.ask();
  CHECK(t.sent() == 1);
}

TEST_CASE("S13 S37 an unknown anchor stops the enrolment unless it says otherwise") {
  Timeline stop(waiting("  wait until renewal, if past continue\n  send email.receipt"), "2026-03-02T12:00");
  stop.ask();
  CHECK(stop.sent() == 0);
  CHECK(stop.ended("anchor_unknown") == 1);
  Timeline go_on(waiting("  wait until renewal, if past stop, if unknown continue\n  send email.receipt"),
                 "2026-03-02T12:00");
  go_on.ask();
  CHECK(go_on.sent() == 1);
  Timeline skip(
      waiting("  at 1 day before renewal, if past continue, if unknown skip { send email.receipt }\n"
              "  add to list.seen"),
      "2026-03-02T12:00");
  skip.ask();
  CHECK(skip.sent() == 0);
  CHECK(skip.world.count(Happening::list_added) == 1);
}

TEST_CASE("S14 an anchor that changes moves the wait, also into the past") {
  const std::string wait = "  wait until 30 days before renewal at 09:00, if past stop\n  send email.receipt";
  Timeline later(waiting(wait), "2026-03-02T12:00", {{"renewal", Value::text("2026-05-01")}});
  later.ask();
  CHECK(later.due() == "2026-04-01T09:00");
  later.set("renewal", "2026-06-01");
  CHECK(later.due() == "2026-05-02T09:00");
  later.to("2026-05-02T09:00");
  CHECK(later.sent() == 1);
  Timeline past(waiting(wait), "2026-03-02T12:00", {{"renewal", Value::text("2026-05-01")}});
  past.ask();
  past.set("renewal", "2026-03-15");
  CHECK(past.ended("stopped") == 1);
}

TEST_CASE("S14 an anchor that becomes unknown follows `if unknown`") {
  Timeline stop(waiting("  wait until renewal, if past continue\n  send email.receipt"), "2026-03-02T12:00",
                {{"renewal", Value::text("2026-05-01")}});
  stop.ask();
  stop.set("renewal", nullptr);
  CHECK(stop.ended("anchor_unknown") == 1);
  Timeline go_on(waiting("  wait until renewal, if past continue, if unknown continue\n  send email.receipt"),
                 "2026-03-02T12:00", {{"renewal", Value::text("2026-05-01")}});
  go_on.ask();
  go_on.set("renewal", nullptr);
  CHECK(go_on.sent() == 1);
}

TEST_CASE("S14 a frozen wait keeps its moment") {
  Timeline t(waiting("  wait until renewal, if past continue, frozen\n  send email.receipt"),
             "2026-03-02T12:00", {{"renewal", Value::text("2026-05-01")}});
  t.ask();
  t.set("renewal", "2026-04-01");
  CHECK(t.due() == "2026-05-01T00:00");
  t.set("renewal", nullptr);
  CHECK(t.due() == "2026-05-01T00:00");
}

TEST_CASE("the next weekday and the next time of day") {
  Timeline t(waiting("  wait until next mon at 09:00\n  wait until 08:00"), "2026-03-02T08:00");
  t.ask();
  CHECK(t.due() == "2026-03-09T09:00");  // today's Monday does not count
  t.to("2026-03-09T09:00");
  CHECK(t.due() == "2026-03-10T08:00");
}

// ---- row 38 and schedules: enrolment at a moment
// ---------------------------------------------------------------------

TEST_CASE("S38 what is past longer than allowed is too late") {
  const std::string workflow =
      "workflow w on contact {\n  enroll at 60 days before renewal at 09:00, if past within 30 days enroll "
      "now\n"
      "  reenroll each renewal\n  wait 1 day\n}\n";
  Timeline future(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-06-01")}});
  CHECK(future.enrolled() == 0);
  future.to("2026-04-02T09:00");
  CHECK(future.enrolled() == 1);
  Timeline recent(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-04-15")}});
  CHECK(recent.enrolled() == 1);
  Timeline old(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-03-20")}});
  CHECK(old.enrolled() == 0);
  CHECK(old.world.count(Happening::not_enrolled, "too_late") == 1);
}

TEST_CASE("S38 without a limit nothing is too late") {
  Timeline t(
      "workflow w on contact {\n  enroll at renewal, if past enroll now\n  reenroll each renewal\n  wait 1 "
      "day\n}\n",
      "2026-03-02T12:00", {{"renewal", Value::text("2001-04-15")}});
  CHECK(t.enrolled() == 1);
}

TEST_CASE("a moment that moves takes its enrolment along") {
  Timeline t(
      "workflow w on contact {\n  enroll at renewal at 09:00, if past skip\n  reenroll each renewal\n"
      "  wait 1 day\n}\n",
      "2026-03-02T12:00", {{"renewal", Value::text("2026-04-01")}});
  t.set("renewal", "2026-05-01");
  t.to("2026-04-30T12:00");
  CHECK(t.enrolled() == 0);
  t.to("2026-05-01T09:00");
  CHECK(t.enrolled() == 1);
}

TEST_CASE("a moment's guard is asked when the moment has come") {
  const std::string workflow =
      "workflow w on contact {\n  enroll at renewal at 09:00, if past skip, if lead_score > 10\n"
      "  reenroll each renewal\n  wait 1 day\n}\n";
  Timeline no(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-04-01")}});
  no.to("2026-04-02T12:00");
  CHECK(no.enrolled() == 0);
  Timeline yes(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-04-01")}});
  yes.world.set(kTaro, "lead_score", Value::integer(20));
  yes.to("2026-04-02T12:00");
  CHECK(yes.enrolled() == 1);
}

TEST_CASE("a schedule enrols each record at its local time, as often as it may") {
  Timeline t(
      "workflow w on contact {\n  enroll daily at 09:00 in contact.timezone else \"UTC\", if lead_score > "
      "10\n"
      "  reenroll every time\n  add to list.seen\n}\n",
      "2026-03-02T12:00", {{"timezone", Value::text("Asia/Tokyo")}});
  t.to("2026-03-03T09:00");
  CHECK(t.enrolled() == 0);
  t.world.set(kTaro, "lead_score", Value::integer(20));
  t.to("2026-03-04T08:59");
  CHECK(t.enrolled() == 0);
  t.to("2026-03-04T09:00");
  CHECK(t.enrolled() == 1);
  t.to("2026-03-07T12:00");
  CHECK(t.enrolled() == 4);
}

TEST_CASE("a schedule of a workflow that never enrols again stops") {
  Timeline t(
      "workflow w on contact {\n  enroll weekly on mon, thu at 09:00\n  reenroll never\n  add to "
      "list.seen\n}\n",
      "2026-03-02T12:00");
  t.to("2026-03-05T09:00");
  CHECK(t.enrolled() == 1);
  CHECK(t.world.store().figures().timers == 0);
}

TEST_CASE("schedules by day of the month and on a date property") {
  Timeline month(
      "workflow w on contact {\n  enroll monthly on last day at 09:00\n  reenroll every time\n  add to "
      "list.seen\n}\n",
      "2026-03-02T12:00");
  month.to("2026-04-30T08:59");
  CHECK(month.enrolled() == 1);
  month.to("2026-04-30T09:00");
  CHECK(month.enrolled() == 2);
  const std::string yearly =
      "workflow w on contact {\n  enroll yearly on birthday at 09:00\n  reenroll every time\n  add to "
      "list.seen\n}\n";
  Timeline birthday(yearly, "2026-03-02T12:00", {{"birthday", Value::text("1990-04-01")}});
  birthday.to("2026-04-01T09:00");
  CHECK(birthday.enrolled() == 1);
  birthday.to("2028-12-31T00:00");
  CHECK(birthday.enrolled() == 3);
  Timeline unknown(yearly, "2026-03-02T12:00");
  unknown.to("2027-12-31T00:00");
  CHECK(unknown.enrolled() == 0);
  unknown.set("birthday", "1990-02-01");
  unknown.to("2028-02-01T09:00");
  CHECK(unknown.enrolled() == 1);
}

TEST_CASE("a deployed schedule holds for the records that are there already") {
  Timeline t("workflow other on contact { enroll when event asked; reenroll never; stop }\n",
             "2026-03-02T12:00");
  t.world.redeploy(
      std::string(kProject) +
      "workflow w on contact {\n  enroll daily at 09:00\n  reenroll every time\n  add to list.seen\n}\n");
  t.to("2026-03-04T12:00");
  CHECK(t.enrolled() == 2);
}

// ---- row 18: time alone
// ------------------------------------------------------------------------------------------------

TEST_CASE("S18 a condition that time alone makes true enrols") {
  Timeline age(
      "workflow w on contact {\n  enroll when visited_at is more than 30 days ago\n  reenroll every time\n"
      "  add to list.seen\n}\n",
      "2026-03-02T12:00", {{"visited_at", Value::text("2026-03-01T00:00:00+09:00")}});
  age.to("2026-03-31T00:00");
  CHECK(age.enrolled() == 0);
  age.to(at("2026-03-31T00:00") + 1);
  CHECK(age.enrolled() == 1);
  age.to("2026-12-31T00:00");
  CHECK(age.enrolled() == 1);  // an edge, not a level
}

TEST_CASE("S18 occurrences that leave their window are noticed") {
  Timeline t(
      "workflow w on contact {\n  enroll when count(event asked within last 7 days) = 0\n"
      "  reenroll every time\n  add to list.seen\n}\n",
      "2026-03-02T12:00");
  CHECK(t.enrolled() == 1);  // before creation every condition is false
  t.to("2026-03-03T12:00");
  t.ask();
  t.to(at("2026-03-10T12:00") - 1);
  CHECK(t.enrolled() == 1);
  t.to("2026-03-10T12:00");
  CHECK(t.enrolled() == 2);
}

TEST_CASE("S18 nothing for a while is noticed when the while is over") {
  Timeline t(
      "workflow w on contact {\n  enroll when no (event asked) for 90 days\n  reenroll every time\n"
      "  add to list.seen\n}\n",
      "2026-03-02T12:00");
  t.to("2026-04-01T12:00");
  t.ask();
  t.to(at("2026-06-30T12:00") - 1);
  CHECK(t.enrolled() == 0);
  t.to("2026-06-30T12:00");
  CHECK(t.enrolled() == 1);
}

TEST_CASE("S18 time and a change that are seen together late turn a condition true once") {
  const std::string workflow =
      "workflow w on contact {\n  enroll when no (event asked) for 7 days or renewal is known\n"
      "  reenroll every time\n  add to list.seen\n}\n";
  // Time turned it true, and before the engine looks the other part takes over.
  Timeline taken(workflow, "2026-03-02T12:00");
  taken.world.now = at("2026-03-09T12:01");
  taken.world.set(kTaro, "renewal", Value::text("2026-05-01"));
  taken.ask();
  CHECK(taken.enrolled() == 1);
  taken.to("2026-03-16T12:01");
  CHECK(taken.enrolled() == 1);

  // It was true by the other part all the while.
  Timeline kept(workflow, "2026-03-02T12:00", {{"renewal", Value::text("2026-05-01")}});
  CHECK(kept.enrolled() == 1);
  kept.world.now = at("2026-03-09T12:01");
  kept.set("renewal", nullptr);
  CHECK(kept.enrolled() == 1);
  kept.to("2026-03-20T12:00");
  CHECK(kept.enrolled() == 1);

  // The change makes it false again: that it was true for a minute nobody saw.
  Timeline gone(workflow, "2026-03-02T12:00");
  gone.world.now = at("2026-03-09T12:01");
  gone.ask();
  CHECK(gone.enrolled() == 0);
  gone.to("2026-03-16T12:01");
  CHECK(gone.enrolled() == 1);
}

// ---- row 34: late timers, and pauses
// -----------------------------------------------------------------------------------

namespace {

std::string late(const std::string& header) {
  return "workflow w on contact {\n  enroll when event asked\n  reenroll every time\n" + header +
         "  wait 1 day\n  send email.receipt\n}\n";
}
/// The engine does nothing from the event until three days after.
Timeline outage(const std::string& header) {
  Timeline t(late(header), "2026-03-02T12:00");
  t.ask();
  t.world.now = at("2026-03-05T12:00");
  t.world.settle();
  return t;
}

}  // namespace

TEST_CASE("S34 a timer that is looked at late fires, ends the enrolment or is held, as written") {
  CHECK(outage("").sent() == 1);
  CHECK(outage("  on late fire\n").sent() == 1);
  CHECK(outage("  on late skip after 3 days\n").sent() == 1);
  Timeline skipped = outage("  on late skip after 1 day\n");
  CHECK(skipped.sent() == 0);
  CHECK(skipped.ended("too_late") == 1);
}

TEST_CASE("S34 a held enrolment goes on when a person enrols the record by hand") {
  Timeline t = outage("  on late hold\n");
  CHECK(t.sent() == 0);
  CHECK(t.world.count(Happening::held) == 1);
  CHECK(t.world.info(kTaro).enrolments.at(0).status == "held");
  engine::InputEvent by_hand;
  by_hand.kind = engine::InputKind::enroll;
  by_hand.type = "w";
  by_hand.object = "contact";
  by_hand.subject = kTaro;
  t.world.accept(by_hand);
  t.world.settle();
  CHECK(t.sent() == 1);
  CHECK(t.ended("completed") == 1);
}

TEST_CASE("S34 a schedule makes up for what was missed once") {
  Timeline t(
      "workflow w on contact {\n  enroll daily at 09:00\n  reenroll every time\n  add to list.seen\n}\n",
      "2026-03-02T12:00");
  t.world.now = at("2026-03-08T12:00");
  t.world.settle();
  CHECK(t.enrolled() == 1);
  t.to("2026-03-09T09:00");
  CHECK(t.enrolled() == 2);
}

TEST_CASE("nothing of a workflow runs while it pauses") {
  Timeline t(late("  pause dates 2026-03-03..2026-03-04, 2026-03-06\n"), "2026-03-02T12:00");
  t.ask();
  t.to("2026-03-04T23:59");
  CHECK(t.sent() == 0);
  CHECK(t.due() == "2026-03-05T00:00");
  t.to("2026-03-05T00:00");
  CHECK(t.sent() == 1);
  t.to("2026-03-06T10:00");
  t.ask();
  CHECK(t.enrolled() == 2);
  CHECK(t.due() == "2026-03-07T00:00");
  t.to("2026-03-08T00:00");
  CHECK(t.sent() == 2);
}

// ---- row 15: windows
// ---------------------------------------------------------------------------------------------------

TEST_CASE("S15 several windows intersect") {
  // From 08:00 to 12:00 in Berlin it is 16:00 to 20:00 in Tokyo.
  Timeline t(
      waiting("  window mon..fri 09:00..18:00\n  window 08:00..12:00 in contact.timezone else \"UTC\"\n"
              "  send email.letter"),
      "2026-03-02T18:30", {{"timezone", Value::text("Europe/Berlin")}});
  t.ask();
  CHECK(t.due() >= "2026-03-03T16:00");
  CHECK(t.due() < "2026-03-03T16:15");
  CHECK(t.world.count(Happening::deferred) == 1);
  t.to("2026-03-03T16:15");
  CHECK(t.sent() == 1);
}
