// P13: what one enrolment may use up. Beyond it the enrolment fails, always at the same place and visibly,
// and nothing else is touched.
#include <algorithm>

#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

constexpr const char* kProject = R"(project test { zone "UTC" }
list seen { title "Seen" }
event asked on contact { n: int? }
event other on contact { n: int? }
extend object contact { remarks text?; renewal date? }
workflow other on contact { enroll when event other; reenroll every time; wait 1 hour; add to list.seen }
)";
constexpr const char* kTaro = "taro@example.com";
constexpr const char* kHanako = "hanako@example.com";

std::string project(const std::string& workflow) {
  return kProject + workflow;
}

std::string text_of(std::size_t bytes) {
  return std::string(bytes, 'x');
}

/// The body of a workflow begins with `words` instructions that do nothing.
std::string padded(const std::string& source, const std::string& workflow, std::uint32_t words) {
  using bytecode::Opcode;
  auto read = bytecode::read_bundle(test::bundle_of(source));
  REQUIRE(read.ok());
  bytecode::Program& program = *read;
  const std::uint32_t body = program.workflows[program.find_workflow(workflow)].body;
  const std::uint32_t at = program.functions[body].begin;
  for (std::size_t i = at; i < program.code.size(); ++i) {
    const Opcode op = bytecode::opcode_of(program.code[i]);
    const bool jumps = op == Opcode::jump || op == Opcode::jump_if || op == Opcode::jump_unless;
    if (jumps) program.code[i] = bytecode::encode(op, bytecode::operand_of(program.code[i]) + words);
  }
  std::vector<bytecode::Word> padding;
  while (padding.size() < words) {
    padding.push_back(bytecode::encode(Opcode::now));
    padding.push_back(bytecode::encode(Opcode::drop));
  }
  program.code.insert(program.code.begin() + at, padding.begin(), padding.end());
  for (bytecode::Function& function : program.functions) {
    if (function.begin > at) function.begin += words;
    if (function.end > at) function.end += words;
  }
  const auto verified = bytecode::verify(program);
  INFO((verified.ok() ? "" : verified.error().message));
  REQUIRE(verified.ok());
  return bytecode::write_bundle(program);
}

/// It failed for this reason, once: so say timeline, report and explanation.
void check_failed(test::World& world, const std::string& reason) {
  CHECK(world.count(Happening::ended, "failed: " + reason) == 1);
  CHECK(world.stat("workflow.w", "ended", "failed") == 1);
  CHECK(world.stat("workflow.w", "failed", reason) == 1);
  engine::OperationAnswer answer;
  const auto why = world.engine().explain("w", kTaro, answer);
  REQUIRE(why.ok());
  CHECK(std::any_of(why->items.begin(), why->items.end(), [&](const engine::ExplainedItem& item) {
    return item.what == Happening::ended && item.detail == "failed: " + reason;
  }));
  CHECK(world.info(kTaro).enrolments.empty());
}

/// Another workflow of the same record, and another record, go on.
void check_others_go_on(test::World& world) {
  world.event("other", kTaro);
  world.event("other", kHanako);
  world.run();
  world.now += value::kHour;
  world.run();
  CHECK(world.count(Happening::list_added) == 2);
}

}  // namespace

TEST_CASE("P13 a group of steps that takes too many instructions fails its enrolment") {
  const std::string source =
      project("workflow w on contact { enroll when event asked; reenroll every time; add tag done }\n");
  const auto run = [&](std::uint32_t words) {
    auto world = std::make_unique<test::World>(source);
    REQUIRE(world->engine().activate(padded(source, "w", words), world->now).ok());
    world->contact(kTaro);
    world->contact(kHanako);
    world->event("asked", kTaro);
    world->run();
    return world;
  };
  const auto fits = run(vm::kInstructionBudget - 100);
  CHECK(fits->info(kTaro).tags == std::vector<std::string>{"done"});
  const auto spent = run(vm::kInstructionBudget);
  CHECK(spent->info(kTaro).tags.empty());
  check_failed(*spent, "the instruction budget is used up");
  check_others_go_on(*spent);
}

TEST_CASE("P13 an enrolment that waits keeps at most 1 MiB of values; what failed is tried again by hand") {
  const test::Folder folder("budget");
  test::World world(project(R"(
workflow w on contact {
  enroll when event asked
  reenroll every time
  let then = remarks
  wait 1 day
  if then is "x" { add tag short }
}
)"),
                    "sqlite:" + folder.path());
  world.contact(kTaro);
  world.contact(kHanako);
  world.set(kTaro, "remarks", Value::text(text_of(vm::kLocalsBudget)));
  world.event("asked", kTaro);
  world.run();
  REQUIRE(world.info(kTaro).enrolments.size() == 1);
  CHECK(world.engine().operate(engine::UnenrollRecord{"w", kTaro}, world.now)->verdict ==
        engine::Verdict::done);

  world.set(kTaro, "remarks", Value::text(text_of(vm::kLocalsBudget + 1)));
  world.event("asked", kTaro);
  world.run();
  check_failed(world, "its values take more than 1 MiB");
  check_others_go_on(world);

  const engine::Operation retry = engine::RetryRecord{"w", kTaro};
  CHECK(world.engine().operate(retry, world.now)->verdict == engine::Verdict::done);
  CHECK(world.stat("workflow.w", "ended", "failed") == 2);
  world.set(kTaro, "remarks", Value::text("x"));
  world.run();
  world.reopen();
  CHECK(world.engine().operate(retry, world.now)->verdict == engine::Verdict::done);
  CHECK(world.engine().operate(retry, world.now)->verdict == engine::Verdict::unchanged);
  world.now += value::kDay;
  world.run();
  CHECK(world.info(kTaro).tags == std::vector<std::string>{"short"});
}

TEST_CASE("P13 a group of steps joins at most 16 MiB of text") {
  const auto run = [](std::size_t times) {
    std::string steps;
    for (std::size_t i = 0; i < times; ++i) steps += "  append \"x\" to remarks\n";
    auto world = std::make_unique<test::World>(project(
        "workflow w on contact {\n  enroll when event asked\n  reenroll every time\n" + steps + "}\n"));
    world->contact(kTaro);
    world->contact(kHanako);
    world->set(kTaro, "remarks", Value::text(text_of(64 * 1024)));
    world->event("asked", kTaro);
    world->run();
    return world;
  };
  const auto fits = run(200);
  CHECK(fits->count(Happening::ended, "completed") == 1);
  const auto spent = run(600);
  check_failed(*spent, "it joins more text together than 16 MiB");
  CHECK(spent->property(kTaro, "remarks").ends_with("xxx"));
  check_others_go_on(*spent);
}

TEST_CASE("P13 an enrolment does at most 10,000 steps within a day of its own, also over restarts") {
  const test::Folder folder("budget");
  test::World world(project(R"(
workflow w on contact {
  enroll when event asked
  reenroll every time
  wait until renewal, if past continue
  add tag renewed
}
)"),
                    "sqlite:" + folder.path());
  world.contact(kTaro, {{"renewal", Value::text("2027-05-01")}});
  world.contact(kHanako);
  world.event("asked", kTaro);
  world.run();
  // Each time the moment is computed again.
  const auto change = [&](int times) {
    for (int i = 0; i < times; ++i) {
      world.set(kTaro, "renewal", Value::text(i % 2 == 0 ? "2027-06-01" : "2027-05-01"));
    }
    world.run();
  };
  change(9'990);
  CHECK(world.info(kTaro).enrolments.size() == 1);
  world.now += value::kDay;
  change(5'000);
  world.reopen();
  change(4'980);
  CHECK(world.info(kTaro).enrolments.size() == 1);
  change(40);
  check_failed(world, "it has done 10000 steps within a day");
  check_others_go_on(world);
}
