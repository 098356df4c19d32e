// Where an enrolment of one version stands in another: the classes of a plan, over two programs.
#include "runtime/bytecode/migration.hpp"

#include <catch2/catch.hpp>

#include "compiler/compile.hpp"
#include "runtime/bytecode/bounds.hpp"

using namespace wf;
using bytecode::PointClass;

namespace {

const std::string kHead = R"(
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
email one { class marketing; topic news; from sender.shop; subject "One"; text "1 {{ unsubscribe_url }}" }
email two { class marketing; topic news; from sender.shop; subject "Two"; text "2 {{ unsubscribe_url }}" }
webhook crm { url "https://crm.example.com/hook"; returns { id int } }
extend object contact { points int?; stage text? }
event asked on contact { }
event bought on contact { }
)";

bytecode::Program compiled(const std::string& steps, const std::string& head = kHead) {
  const std::string source =
      head + "workflow w on contact {\n enroll when event asked\n reenroll never\n" + steps + "\n}\n";
  auto result = compiler::compile({{"test.wf", source}}, [](const std::string&) { return std::nullopt; });
  for (const auto& d : result.diagnostics.all()) UNSCOPED_INFO(text::code_text(d.code) << " " << d.message);
  REQUIRE(result.program.has_value());
  return std::move(*result.program);
}

/// The class of the n-th wait of `before`, and why.
bytecode::PointMatch match(const std::string& before, std::uint32_t n, const std::string& after,
                           const std::string& head = kHead) {
  const bytecode::Program a = compiled(before), b = compiled(after, head);
  return bytecode::match_point(a, a.find_workflow("w"), n, b, b.find_workflow("w"));
}

}  // namespace

TEST_CASE("the same code is identical at each wait, wherever its places and waits are") {
  const std::string steps = "wait 1 day\n send email.one\n wait 2 days\n set stage to \"x\"";
  const std::string head =
      "workflow a on contact { enroll when event bought; reenroll never; wait 5 days; set stage to \"y\" "
      "}\n" +
      kHead;
  for (const std::uint32_t wait : {0u, 1u, bytecode::kNone}) {
    const auto found = match(steps, wait, steps, head);
    CHECK(found.what == PointClass::identical);
    if (wait == bytecode::kNone) continue;
    const bytecode::Program after = compiled(steps, head);
    REQUIRE(found.word < after.code.size());
    const bytecode::Wait& there = after.waits[bytecode::operand_of(after.code[found.word])];
    CHECK(after.steps[there.step].label == (wait == 0 ? "wait 1 day" : "wait 2 days"));
  }
}

TEST_CASE("with the same steps behind a wait it is compatible, whatever comes after") {
  const auto found = match("wait 1 day\n send email.one", 0, "wait 1 day\n send email.two\n wait 3 days");
  CHECK(found.what == PointClass::compatible);
  CHECK(found.reason == "timer kept, due unchanged");
}

TEST_CASE("a step that was inserted before a wait would be skipped, so the enrolment must drain") {
  const auto found = match("send email.one\n wait 1 day", 0, "send email.one\n send email.two\n wait 1 day");
  CHECK(found.what == PointClass::must_drain);
  CHECK(found.reason == "`send email.two` was inserted before this point (would be skipped)");
}

TEST_CASE("a step that was removed or put elsewhere before a wait makes it drain") {
  CHECK(match("send email.one\n set stage to \"x\"\n wait 1 day", 0, "send email.one\n wait 1 day").reason ==
        "`set stage to \"x\"` was removed before this point");
  const auto found = match("send email.one\n send email.two\n wait 1 day", 0,
                           "send email.two\n send email.one\n wait 1 day");
  CHECK(found.what == PointClass::must_drain);
  CHECK(found.reason == "`send email.two` has another place before this point");
}

TEST_CASE("a wait that is gone or lasts longer needs a mapping") {
  for (const char* after : {"wait 2 days\n send email.one", "send email.one"}) {
    const auto found = match("wait 1 day\n send email.one", 0, after);
    CHECK(found.what == PointClass::needs_mapping);
    CHECK(found.reason == "`wait 1 day` is no longer there, or no longer so");
  }
}

TEST_CASE("one who waits for an answer, or stands between waits, must drain when anything changed") {
  const std::string call =
      "call webhook.crm with (stage) as reply, at most 1 day {\n answered { set stage to \"a\" }\n}\n";
  CHECK(match(call, 0, call + "send email.one").what == PointClass::must_drain);
  CHECK(match("wait 1 day", bytecode::kNone, "wait 1 day\n send email.one").what == PointClass::must_drain);
}

TEST_CASE("a changed mail or goal is a change, but not of what lies behind a wait") {
  std::string head = kHead;
  head.replace(head.find("subject \"One\""), 13, "subject \"Uno\"");
  CHECK(match("send email.one\n wait 1 day", 0, "send email.one\n wait 1 day", head).what ==
        PointClass::compatible);
  CHECK(match("wait 1 day", 0, "goal stage is \"x\"\n wait 1 day").what == PointClass::compatible);
}

TEST_CASE("the most mails within a window follow the longest way, and only fixed waits part them") {
  const auto most = [](const std::string& steps) {
    const bytecode::Program program = compiled(steps);
    return bytecode::most_mails(program, program.find_workflow("w"), bytecode::MailClass::marketing,
                                7 * value::kDay);
  };
  CHECK(most("set stage to \"x\"") == 0);
  CHECK(most("send email.one") == 1);
  CHECK(most("send email.one\n wait 6 days\n send email.two") == 2);
  CHECK(most("send email.one\n wait 7 days\n send email.two") == 1);
  CHECK(most("send email.one\n wait 4 days\n send email.two\n wait 4 days\n send email.one") == 2);
  CHECK(
      most("if points is known and points > 1 { send email.one; send email.two } else { send email.one }") ==
      2);
  CHECK(most("send email.one\n wait until event bought, at most 30 days\n send email.two") == 2);
}
