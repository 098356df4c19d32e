// Versions over the real engine: what runs on while another version is active, what is kept and what dropped,
// and the way back. P17 and LANGUAGE 5: a deploy changes no running enrolment, old and new never both fire.
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
webhook crm { url "https://crm.example.com/hook"; returns { id int } }
list vip { title "VIP" }
event asked on contact { n: int? }
event other on contact { n: int? }
event bought on contact { n: int? }
extend object contact { note text?; seen text? }
)";

std::string workflow(const std::string& name, const std::string& steps, const std::string& settings = "") {
  return "workflow " + name + " on contact { enroll when event asked; reenroll every time; " + settings +
         "\n" + steps + "\n}\n";
}

/// One workflow that waits a day and leaves its mark.
std::string marking(const std::string& mark, const std::string& settings = "") {
  return kHead + workflow("w", "wait 1 day\n set note to \"" + mark + "\"", settings);
}

/// Declarations before it, so that every index of the program moves.
std::string shifted(const std::string& source) {
  const std::string early = "list early { title \"Early\" }\n";
  return early + source +
         "workflow a_first on contact { enroll when event other; reenroll every time; wait 3 days; add to "
         "list.early }\n";
}

std::string hash_of(const std::string& source) {
  return bytecode::to_hex(bytecode::bundle_hash(test::bundle_of(source)));
}

bool is_kept(test::World& world, const std::string& source) {
  const auto bundle = world.engine().bundle(hash_of(source));
  REQUIRE(bundle.ok());
  return bundle->has_value();
}

std::int64_t running_on(test::World& world, const std::string& source) {
  std::int64_t count = 0;
  const auto points = world.engine().running();
  REQUIRE(points.ok());
  for (const auto& point : *points) {
    CHECK(point.count > 0);
    if (point.code == hash_of(source)) count += point.count;
  }
  return count;
}

/// Every test runs over both stores; only one of them can be opened again.
struct Place {
  test::Folder folder{"deploy"};
  bool durable = false;
  std::string address() const { return durable ? "sqlite:" + folder.path() : "memory:"; }
};

engine::Options small(std::size_t kept) {
  engine::Options options;
  options.kept_versions = kept;
  return options;
}

const std::string kTaro = "taro@example.com", kJiro = "jiro@example.com";

}  // namespace

TEST_CASE("P17 an enrolment stays on the version that it began with, a new one takes the new version") {
  Place place;
  place.durable = GENERATE(false, true);
  test::World world(marking("old"), place.address());
  world.contact(kTaro);
  world.contact(kJiro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(marking("new"));
  world.event("asked", kJiro);
  world.run();
  CHECK(running_on(world, marking("old")) == 1);
  CHECK(running_on(world, marking("new")) == 1);
  if (place.durable) {
    world.reopen();
    CHECK(running_on(world, marking("old")) == 1);
    CHECK(running_on(world, marking("new")) == 1);
  }
  world.now += value::kDay;
  world.run();
  CHECK(world.property(kTaro, "note") == "old");
  CHECK(world.property(kJiro, "note") == "new");
  CHECK(world.engine().running()->empty());
}

TEST_CASE("old and new version of a workflow never both fire") {
  test::World world(marking("old"));
  world.contact(kTaro);
  for (int version = 0; version < 5; ++version) {
    world.event("asked", kTaro);
    world.run();
    world.redeploy(marking("version " + std::to_string(version)));
    world.now += 2 * value::kDay;
    world.run();
  }
  CHECK(world.count(Happening::enrolled) == 5);
  CHECK(world.count(Happening::ended) == 5);
}

TEST_CASE("triggers that wait for a moment fire once, by the version that is active then") {
  const auto dated = [](const std::string& mark) {
    return std::string(kHead) +
           "extend object contact { day date? }\nworkflow w on contact {\n enroll at 1 day before day at "
           "09:00, if past enroll now\n"
           " reenroll each day\n set note to \"" +
           mark + "\"\n}\n";
  };
  test::World world(dated("old"));
  world.contact(kTaro, {{"day", Value::text("2026-03-04")}});
  world.redeploy(dated("new"));
  world.run();
  world.redeploy(dated("newest"));
  world.run();
  world.now += 4 * value::kDay;
  world.run();
  CHECK(world.count(Happening::enrolled) == 1);
  CHECK(world.property(kTaro, "note") == "newest");
}

TEST_CASE("codes are kept while an enrolment runs on them, also over restarts, and dropped then") {
  Place place;
  place.durable = GENERATE(false, true);
  const std::string first = marking("1"), second = marking("2"), third = marking("3");
  test::World world(first, place.address(), small(1));
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(second);
  world.run();
  world.redeploy(third);
  world.run();
  CHECK(is_kept(world, first));
  CHECK(!is_kept(world, second));  // nobody runs on it, and only the newest version is kept for its own sake
  CHECK(is_kept(world, third));
  if (place.durable) world.reopen();
  world.run();
  CHECK(is_kept(world, first));
  world.now += value::kDay;
  world.run();
  CHECK(world.property(kTaro, "note") == "1");
  world.now += value::kHour;
  world.run();
  CHECK(!is_kept(world, first));
  if (place.durable) {
    world.reopen();
    CHECK(!is_kept(world, first));
    CHECK(is_kept(world, third));
  }
}

TEST_CASE("a code is kept while a mail of it waits to leave") {
  const auto sending = [](const std::string& mark) {
    return kHead + workflow("w", "send email.letter\n set note to \"" + mark + "\"");
  };
  test::World world(sending("1"), "memory:", small(1));
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();  // ended; its mail is in the outbox
  CHECK(world.engine().running()->empty());
  world.redeploy(sending("2"));
  world.run();
  CHECK(is_kept(world, sending("1")));
  CHECK(world.settle().size() == 1);
  world.now += value::kHour;
  world.run();
  CHECK(!is_kept(world, sending("1")));
}

TEST_CASE("a deleted record counts no more") {
  test::World world(
      kHead + workflow("w", "wait 1 day") +
      "workflow d on contact { enroll when event other; reenroll every time; delete contact }\n");
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  CHECK(world.engine().running()->size() == 1);
  world.event("other", kTaro);
  world.run();
  CHECK(world.engine().running()->empty());
}

TEST_CASE("the enrolments of a merged record are counted with the record that is kept") {
  test::World world(kHead + workflow("w", "wait 1 day"));
  world.contact(kTaro);
  world.contact(kJiro);
  for (const std::string& who : {kTaro, kJiro}) world.event("asked", who);
  world.run();
  REQUIRE(world.engine().running()->size() == 1);
  CHECK(world.engine().running()->front().count == 2);
  engine::InputEvent merge;
  merge.kind = engine::InputKind::merge;
  merge.object = "contact";
  merge.subject = kTaro;
  merge.type = kJiro;
  world.accept(merge);
  world.run();
  REQUIRE(world.engine().running()->size() == 1);
  CHECK(world.engine().running()->front().count ==
        static_cast<std::int64_t>(world.info(kTaro).enrolments.size()));
  world.now += value::kDay;
  world.run();
  CHECK(world.engine().running()->empty());
}

TEST_CASE("a workflow whose code is the same goes on in the new bundle, whatever stands around it") {
  Place place;
  place.durable = GENERATE(false, true);
  const std::string steps =
      GENERATE(std::string("wait 1 day"), std::string("wait until event bought, at most 1 days"),
               std::string("let then = seen\n wait 1 day\n wait until event bought, at most 1 days"));
  const std::string before = kHead + workflow("w", "set seen to \"x\"\n" + steps + "\n set note to \"done\"");
  test::World world(before, place.address(), small(1));
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(shifted(before));
  if (place.durable) world.reopen();
  world.event("other", kTaro);  // touches the record: a new enrolment of another workflow
  world.run();
  CHECK(running_on(world, before) == 0);
  world.now += value::kHour;
  world.run();
  CHECK(!is_kept(world, before));
  for (int day = 0; day < 3; ++day) {
    world.now += value::kDay;
    world.run();
  }
  CHECK(world.property(kTaro, "note") == "done");
  CHECK(world.count(Happening::ended, "completed") == 2);  // and the other workflow
}

TEST_CASE("on deploy does nothing to a workflow that the deploy did not change") {
  const std::string policy = GENERATE(as<std::string>(), "cancel", "restart");
  const std::string source = marking("done", "on deploy " + policy);
  test::World world(source);
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(shifted(source));
  world.now += value::kDay;
  world.run();
  CHECK(world.property(kTaro, "note") == "done");
  CHECK(world.count(Happening::enrolled) == 1);
  CHECK(world.count(Happening::ended, "completed") == 1);
}

TEST_CASE("who waits for the answer to a call gets it after a deploy of the same code") {
  const std::string source =
      kHead +
      workflow("w",
               "call webhook.crm with (seen) as reply, at most 1 day {\n answered { set note "
               "to \"yes\" }\n failed { set note to \"no\" }\n timed_out { set note to \"late\" }\n}");
  test::World world(source);
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  world.redeploy(shifted(source));
  world.event("other", kTaro);
  world.run();
  world.engine().answered(
      {deliveries[0].effect, AnswerKind::delivered, "ok", value::Map{{"id", Value::integer(1)}}});
  world.run();
  CHECK(world.property(kTaro, "note") == "yes");
}

TEST_CASE("a mail refused after a deploy of the same code ends the wait for its reaction") {
  const std::string source =
      kHead + workflow("w",
                       "send email.letter as first\n wait until first opened, at most 2 days {\n"
                       " happened { set note to \"opened\" }\n timed_out { set note to \"not\" }\n}");
  test::World world(source);
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  world.redeploy(
      shifted("email early { class marketing; topic topic.news; from sender.shop; subject \"E\"; text \"E "
              "{{ unsubscribe_url }}\" }\nworkflow a_mail on contact { enroll when event other; reenroll "
              "every time; send email.early; send email.letter }\n" +
              source));
  world.set(kTaro, "seen", Value::text("touched"));
  world.run();
  world.answer(deliveries[0], AnswerKind::refused);
  CHECK(world.property(kTaro, "note") == "not");
}

TEST_CASE("a removed workflow stops firing at once; its enrolments finish, or end if it says so") {
  const bool cancels = GENERATE(false, true);
  test::World world(marking("done", cancels ? "on deploy cancel" : ""));
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(kHead);
  world.event("asked", kTaro);
  world.run();
  CHECK(world.count(Happening::enrolled) == 1);
  world.now += value::kDay;
  world.run();
  CHECK(world.property(kTaro, "note") == (cancels ? "unknown" : "done"));
  CHECK(world.count(Happening::ended, cancels ? "cancelled: deploy" : "completed") == 1);
}

TEST_CASE("a workflow that was removed and comes back does not start again for those it had") {
  const std::string source =
      std::string(kHead) +
      "workflow w on contact { enroll when seen is \"yes\"; reenroll never; enroll existing yes; "
      "wait 1 day; set note to \"done\" }\n";
  test::World world(source);
  world.contact(kTaro, {{"seen", Value::text("yes")}});
  CHECK(world.count(Happening::enrolled) == 1);
  SECTION("while they run") {
    world.redeploy(kHead);
    world.run();
    world.redeploy(source);
    world.run();
    CHECK(world.count(Happening::enrolled) == 1);
    world.now += value::kDay;
    world.run();
    CHECK(world.count(Happening::ended, "completed") == 1);
  }
  SECTION("after they ended") {
    world.now += value::kDay;
    world.run();
    world.redeploy(kHead);
    world.contact(kJiro, {{"seen", Value::text("yes")}});
    world.redeploy(source);
    world.run();
    CHECK(world.count(Happening::enrolled) == 2);  // the one who came meanwhile, as `enroll existing` says
    CHECK(world.info(kTaro).enrolments.empty());
  }
}

TEST_CASE("versions are listed; one returns to any, and back") {
  Place place;
  place.durable = GENERATE(false, true);
  test::World world(marking("1"), place.address());
  world.contact(kTaro);
  world.redeploy(marking("2"));
  world.redeploy(marking("2"));  // the same: no version
  const auto enrolled_mark = [&] {
    world.event("asked", kTaro);
    world.run();
    world.now += value::kDay;
    world.run();
    return world.property(kTaro, "note");
  };
  CHECK(enrolled_mark() == "2");
  const auto back = world.engine().roll_back(0, world.now);
  REQUIRE(back.ok());
  CHECK(back->version.number == 3);
  CHECK(back->version.hash == hash_of(marking("1")));
  CHECK(back->version.note == "rolled back to version 1");
  CHECK(enrolled_mark() == "1");
  const auto forth = world.engine().roll_back(0, world.now);
  REQUIRE(forth.ok());
  CHECK(forth->version.hash == hash_of(marking("2")));
  CHECK(enrolled_mark() == "2");
  REQUIRE(world.engine().roll_back(1, world.now).ok());
  const auto same = world.engine().roll_back(3, world.now);
  REQUIRE(same.ok());
  CHECK(!same->changed);
  CHECK(world.engine().roll_back(99, world.now).error().code == ErrorCode::not_found);
  const auto versions = world.engine().versions();
  REQUIRE(versions.size() == 5);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    CHECK(versions[i].number == i + 1);
    CHECK(versions[i].kept);
    CHECK(versions[i].active == (i == 4));
  }
  if (!place.durable) return;
  world.reopen();  // with the newest project again: a version more
  CHECK(world.engine().versions().size() == 6);
  CHECK(world.engine().versions()[4].hash == versions[4].hash);
}

TEST_CASE("a version whose bundle was dropped cannot be returned to") {
  test::World world(marking("1"), "memory:", small(2));
  for (const char* mark : {"2", "3", "4"}) {
    world.redeploy(marking(mark));
    world.run();
  }
  CHECK(!world.engine().versions()[0].kept);
  CHECK(world.engine().versions()[2].kept);
  CHECK(world.engine().roll_back(1, world.now).error().code == ErrorCode::not_found);
  CHECK(world.engine().roll_back(3, world.now).ok());
}

TEST_CASE("a rollback leaves those of the version after it where they are") {
  test::World world(marking("1"));
  world.contact(kTaro);
  world.redeploy(marking("2"));
  world.event("asked", kTaro);
  world.run();
  REQUIRE(world.engine().roll_back(1, world.now).ok());
  world.now += value::kDay;
  world.run();
  CHECK(world.property(kTaro, "note") == "2");
}

TEST_CASE("only what was planned is deployed: another active bundle than expected is a conflict") {
  test::World world(marking("1"));
  world.redeploy(marking("2"));
  const std::string next = test::bundle_of(marking("3"));
  const auto refused = world.engine().deploy(next, world.now, {"", hash_of(marking("1")), false});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(world.engine().versions().size() == 2);
  CHECK(world.engine().program()->find_workflow("w") != bytecode::kNone);
  const auto done = world.engine().deploy(next, world.now, {"on purpose", hash_of(marking("2")), false});
  REQUIRE(done.ok());
  CHECK(done->version.number == 3);
  CHECK(done->version.note == "on purpose");
}

TEST_CASE("hostile bytes are no bundle, and change nothing") {
  test::World world(marking("1"));
  std::string bundle = test::bundle_of(marking("2"));
  CHECK(!world.engine().deploy("", world.now, {}).ok());
  CHECK(!world.engine().deploy(bundle.substr(0, bundle.size() / 2), world.now, {}).ok());
  bundle[bundle.size() / 2] = static_cast<char>(bundle[bundle.size() / 2] + 1);
  CHECK(!world.engine().deploy(bundle, world.now, {}).ok());
  CHECK(world.engine().versions().size() == 1);
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  CHECK(world.count(Happening::enrolled) == 1);
}

TEST_CASE(
    "a daemon comes up with what was deployed last, unless its project is another one than at its last "
    "start") {
  const test::Folder folder("deploy");
  const std::string one = test::bundle_of(marking("1")), two = test::bundle_of(marking("2")),
                    three = test::bundle_of(marking("3"));
  const auto with_engine = [&](auto work) {
    auto store = store::open_store("sqlite:" + folder.path());
    REQUIRE(store.ok());
    auto engine = engine::Engine::open(**store);
    REQUIRE(engine.ok());
    work(**engine);
  };
  const std::int64_t now = test::kMonday;
  with_engine([&](engine::Engine& engine) {
    CHECK(engine.resume("", now).error().code == ErrorCode::not_found);
    CHECK(engine.resume(one, now)->version.number == 1);
    CHECK(engine.deploy(two, now, {})->version.number == 2);
  });
  with_engine([&](engine::Engine& engine) {
    const auto resumed = engine.resume(one, now);  // the project on disk is still that of the last start
    REQUIRE(resumed.ok());
    CHECK(!resumed->changed);
    CHECK(resumed->version.number == 2);
  });
  with_engine([&](engine::Engine& engine) { CHECK(engine.resume("", now)->version.number == 2); });
  with_engine([&](engine::Engine& engine) {
    const auto resumed = engine.resume(three, now);
    REQUIRE(resumed.ok());
    CHECK(resumed->changed);
    CHECK(resumed->version.number == 3);
  });
}

TEST_CASE("a deploy while somebody waits for each kind of thing changes nothing for them") {
  struct Case {
    const char* wait;
    const char* ends;  ///< an event, or "" for time
  };
  const Case what = GENERATE(Case{"wait 1 day", ""}, Case{"wait 1 calendar day at 10:00 in \"UTC\"", ""},
                             Case{"wait until event bought, at most 9 days", "bought"});
  const auto source = [&](const std::string& mark) {
    return kHead + workflow("w", std::string(what.wait) + "\n set note to \"" + mark + "\"");
  };
  const test::Folder folder("deploy");
  test::World world(source("old"), "sqlite:" + folder.path());
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  world.redeploy(source("new"));
  world.reopen();
  world.now += 2 * value::kDay;
  if (*what.ends != 0) world.event(what.ends, kTaro);
  world.run();
  CHECK(world.property(kTaro, "note") == "old");
}

TEST_CASE("a group that waits for a window goes on with the version it began with") {
  const auto source = [&](const std::string& mark) {
    return kHead + workflow("w", "send email.letter\n set note to \"" + mark + "\"",
                            "window tue..tue 09:00..18:00 in \"UTC\"");
  };
  test::World world(source("old"));
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  const auto points = world.engine().running();
  REQUIRE(points->size() == 1);
  CHECK(points->front().wait == bytecode::kNone);
  world.redeploy(source("new"));
  world.now += value::kDay + 10 * value::kHour;
  world.run();
  CHECK(world.property(kTaro, "note") == "old");
}

TEST_CASE("values that a new schema does not know stay in the store, and come back with a rollback") {
  const std::string with =
      std::string(kHead) + "extend object contact { rank enum(staff, chief)?; size int? }\n";
  const std::string without =
      std::string(kHead) + "extend object contact { rank enum(staff, boss)?; size text? }\n";
  Place place;
  place.durable = GENERATE(false, true);
  test::World world(with, place.address());
  world.contact(kTaro, {{"rank", Value::text("chief")}, {"size", Value::integer(7)}});
  const auto survey = world.engine().survey(test::bundle_of(without), world.now);
  REQUIRE(survey.ok());
  while ((*survey)->step(10).value()) {
  }
  std::vector<std::string> held;
  for (const auto& value : (*survey)->found().held)
    held.push_back(value.property + " " + value.value + " " + value.why + " " +
                   std::to_string(value.records));
  CHECK(held ==
        std::vector<std::string>{"contact.rank chief value removed 1", "contact.size  type changed 1"});
  world.redeploy(without);
  if (place.durable) world.reopen();
  CHECK(world.property(kTaro, "rank") == "unknown");
  CHECK(world.property(kTaro, "size") == "unknown");
  world.set(kTaro, "seen", Value::text("written meanwhile"));
  world.run();
  REQUIRE(world.engine().roll_back(0, world.now).ok());
  CHECK(world.property(kTaro, "rank") == "chief");
  CHECK(world.property(kTaro, "size") == "7");
}

TEST_CASE("a survey counts the existing records that a new workflow matches") {
  test::World world(kHead);
  world.contact(kTaro, {{"seen", Value::text("yes")}});
  world.contact(kJiro, {{"seen", Value::text("no")}});
  const auto survey = world.engine().survey(
      test::bundle_of(std::string(kHead) +
                      "workflow w on contact { enroll when seen is \"yes\"; reenroll never; "
                      "enroll existing yes; set note to \"x\" }\n"),
      world.now);
  REQUIRE(survey.ok());
  CHECK((*survey)->step(1).value());
  while ((*survey)->step(1).value()) {
  }
  const engine::Surveyed found = (*survey)->found();
  CHECK(found.records == 2);
  CHECK(found.matches == std::vector<std::pair<std::string, std::int64_t>>{{"w", 1}});
  CHECK(world.count(Happening::enrolled) == 0);
}

TEST_CASE("a store from before enrolments were counted is counted once") {
  const test::Folder folder("deploy");
  test::World world(marking("1"), "sqlite:" + folder.path());
  world.contact(kTaro);
  world.event("asked", kTaro);
  world.run();
  // As it was: no mark that they are counted, and no counts.
  store::Frame frame;
  frame.meta.push_back({"running", ""});
  const auto stats = world.store().stats();
  for (const auto& stat : *stats) {
    if (stat.name.starts_with("running ")) frame.stats.push_back({stat.name, -stat.delta});
  }
  REQUIRE(frame.stats.size() == 1);
  REQUIRE(world.store().append(frame).ok());
  world.reopen();
  CHECK(running_on(world, marking("1")) == 1);
  world.reopen();
  CHECK(running_on(world, marking("1")) == 1);
}
