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
