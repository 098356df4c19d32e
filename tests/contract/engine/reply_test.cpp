// Calls that wait for an answer.
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::AnswerKind;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kProject = R"(project test { zone "UTC" }
webhook rate { url "https://example.com/rate"; returns { score int?; grade text } }
event asked on contact { n: int? }
workflow w on contact {
  enroll when event asked
  reenroll every time
  call webhook.rate with (country) as reply, at most 1 hour PLAN{
    answered {
      set job_title to reply.grade
      if reply.score is known { add 7 to lead_score }
    }
    failed    { set job_title to reply.failure }
    timed_out { set job_title to "timed out" }
  }
  wait 1 day
  if reply.score is known and reply.score > 4 { set country to "good" }
}
)";

std::string project(const std::string& plan = "") {
  std::string text = kProject;
  return text.replace(text.find("PLAN"), 4, plan);
}

engine::Delivery only(test::World& world) {
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  return deliveries[0];
}

void answer(test::World& world, const engine::Delivery& delivery, AnswerKind kind,
            std::optional<value::Map> reply = {}) {
  world.engine().answered({delivery.effect, kind, "scripted", std::move(reply)});
  world.run();
}

void ask(test::World& world) {
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
}

}  // namespace

TEST_CASE("the answer of a call is typed, kept, and comes also after a restart") {
  const test::Folder folder("reply");
  test::World world(project(), "sqlite:" + folder.path());
  ask(world);
  auto delivery = only(world);
  CHECK(std::get<engine::CallDelivery>(delivery.what).wants_reply);
  world.reopen();
  delivery = only(world);
  answer(world, delivery, AnswerKind::delivered,
         value::Map{{"score", Value::integer(5)}, {"grade", Value::text("A")}});
  CHECK(world.property("taro@example.com", "job_title") == "A");
  CHECK(world.property("taro@example.com", "lead_score") == "7");
  world.now += value::kDay;
  world.settle();
  CHECK(world.property("taro@example.com", "country") == "good");
}

TEST_CASE("an answer that does not fit is a failure with its reason") {
  test::World world(project());
  ask(world);
  const auto delivery = only(world);
  std::optional<value::Map> reply;
  std::string reason = "bad_answer: no JSON object";
  SECTION("no object") {}
  SECTION("a field is missing") {
    reply = value::Map{{"score", Value::integer(5)}};
    reason = "bad_answer: grade is missing";
  }
  SECTION("a field of another type") {
    reply = value::Map{{"score", Value::text("high")}, {"grade", Value::text("A")}};
    reason = "bad_answer: score: expected a number, got \"high\"";
  }
  answer(world, delivery, AnswerKind::delivered, reply);
  CHECK(world.property("taro@example.com", "job_title") == reason);
  CHECK(world.property("taro@example.com", "lead_score") == "0");
  CHECK(world.hand_over().empty());
}

TEST_CASE("what a webhook refuses has failed at once, unless a plan says to try again") {
  SECTION("without a plan") {
    test::World world(project());
    ask(world);
    answer(world, only(world), AnswerKind::refused);
    CHECK(world.property("taro@example.com", "job_title") == "given up: scripted");
  }
  SECTION("with a plan") {
    test::World world(project("on failure retry 1 times over 10 minutes "));
    ask(world);
    answer(world, only(world), AnswerKind::refused);
    CHECK(world.property("taro@example.com", "job_title") == "unknown");
    world.now += 10 * value::kMinute;
    answer(world, only(world), AnswerKind::refused);
    CHECK(world.property("taro@example.com", "job_title") == "given up: scripted");
  }
}

TEST_CASE("behind its limit a call is not tried again, and a late answer changes nothing") {
  test::World world(project());
  ask(world);
  const auto first = only(world);
  SECTION("it is in the air") {
    world.now += value::kHour;
    world.run();
    CHECK(world.property("taro@example.com", "job_title") == "timed out");
    answer(world, first, AnswerKind::delivered, value::Map{{"grade", Value::text("A")}});
  }
  SECTION("it waits to be tried again") {
    answer(world, first, AnswerKind::retry);
    world.now += value::kHour;
    world.run();
    CHECK(world.property("taro@example.com", "job_title") == "timed out");
    CHECK(world.hand_over().empty());
    CHECK(world.count(Happening::call_failed, "timed out") == 1);
  }
  CHECK(world.property("taro@example.com", "job_title") == "timed out");
  world.now += value::kDay;
  world.settle();
  CHECK(world.property("taro@example.com", "country") == "unknown");
}

TEST_CASE("a call is tried again once at least, where it says how often") {
  const std::string source = project("on failure retry 0 times over 1 hour");
  const auto compiled =
      compiler::compile({{"test.wf", source}}, [](const std::string&) { return std::nullopt; });
  CHECK_FALSE(compiled.program.has_value());
  REQUIRE_FALSE(compiled.diagnostics.all().empty());
  CHECK(compiled.diagnostics.all()[0].message.find("expected a whole number above 0") == 0);
}
