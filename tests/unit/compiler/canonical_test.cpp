// The identity of a workflow's code: the same wherever the workflow stands and whoever enters it, another one
// when anything changes that a running enrolment depends on.
#include "runtime/bytecode/canonical.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "compiler/compile.hpp"
#include "runtime/bytecode/outline.hpp"

using namespace wf;

namespace {

const std::string kDeclarations = R"(
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic news { title "News" }
topic other { title "Other" }
list vip { title "VIP" }
user sato { email "sato@example.com" }
email hello { class marketing; topic news; from sender.shop; subject "Hello"; text "Hi. {{ unsubscribe_url }}" }
extend object contact { stage enum(lead, buyer)? ordered; points int?; score int? }
event asked on contact { }
event bought on contact { }
)";
const std::string kWorkflow = R"(
workflow w on contact {
  enroll when event asked
  reenroll never
  goal stage is buyer
  cancel when points > 5
  let then = points
  send email.hello as first
  wait 1 day
  if then > 3 { set stage to lead }
  wait until event bought, at most 3 days {
    happened { add to list.vip }
    timed_out { add 1 to points }
  }
}
)";

bytecode::Program compiled(const std::string& source) {
  auto result = compiler::compile({{"test.wf", source}}, [](const std::string&) { return std::nullopt; });
  for (const auto& d : result.diagnostics.all()) UNSCOPED_INFO(text::code_text(d.code) << " " << d.message);
  REQUIRE(result.program.has_value());
  return std::move(*result.program);
}

bytecode::Hash hash(const std::string& source) {
  const bytecode::Program program = compiled(source);
  return bytecode::running_hash(program, program.find_workflow("w"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the identity of code does not depend on what stands around it, nor on who enters") {
  const std::string source = kDeclarations + kWorkflow;
  const bytecode::Hash same = hash(source);
  // All indices move: declarations and workflows before it, in another order.
  CHECK(hash("list first { title \"First\" }\nextend object contact { early int? }\n"
             "workflow a on contact { enroll when event bought; reenroll never; wait 2 days; add to "
             "list.first }\n" +
             kWorkflow + kDeclarations) == same);
  for (const auto& [from, to] :
       {std::pair{"enroll when event asked", "enroll when event bought"},
        {"reenroll never", "reenroll every time"},
        {"workflow w on contact {", "workflow w on contact { title \"W\"; on deploy cancel"},
        {"title \"VIP\"", "title \"Very important\""}}) {
    INFO(to);
    CHECK(hash(replaced(source, from, to)) == same);
  }
}

TEST_CASE("whatever a running enrolment depends on is part of the identity of its code") {
  const std::string source = kDeclarations + kWorkflow;
  const bytecode::Hash same = hash(source);
  for (const auto& [from, to] :
       {std::pair{"wait 1 day", "wait 2 days"},
        {"goal stage is buyer", "goal stage is lead"},
        {"cancel when points > 5", "cancel when points > 6"},
        {"let then = points", "let then = score"},
        {"if then > 3", "if then > 4"},
        {"set stage to lead", "set stage to buyer"},
        {"at most 3 days", "at most 4 days"},
        {"wait until event bought", "wait until event asked"},
        {"happened { add to list.vip }", "happened { remove from list.vip }"},
        {"add 1 to points", "add 2 to points"},
        {"send email.hello as first", "send email.hello as first with subject \"Hey\""},
        {"subject \"Hello\"", "subject \"Hallo\""},
        {"text \"Hi.", "text \"Ho."},
        {"from sender.shop; subject", "from sender.shop; reply_to \"a@example.com\"; subject"},
        {"class marketing; topic news", "class marketing; topic other"},
        {"shop@example.com", "sales@example.com"},
        {"1 Example Street", "2 Example Street"},
        {"enum(lead, buyer)", "enum(buyer, lead)"},
        {"points int?", "points decimal?"},
        {"workflow w on contact {", "workflow w on contact { when blocked stop"},
        {"workflow w on contact {", "workflow w on contact { suppress list.vip"},
        {"workflow w on contact {", "workflow w on contact { on late skip after 1 day"},
        {"workflow w on contact {", "workflow w on contact { window mon..fri 09:00..18:00 in \"UTC\""}}) {
    INFO(to);
    CHECK(hash(replaced(source, from, to)) != same);
  }
}

TEST_CASE("a step is known by its text and the branches that it is in") {
  const bytecode::Program program = compiled(kDeclarations + kWorkflow);
  const auto steps = bytecode::steps_of(program, program.workflows[program.find_workflow("w")].body);
  std::vector<std::string> labels;
  std::map<std::string, std::string> places;
  for (const auto& step : steps) {
    labels.push_back(step.label);
    places[step.label] = step.place;
  }
  CHECK(labels == std::vector<std::string>{"let then = points", "send email.hello as first", "wait 1 day",
                                           "if then > 3", "set stage to lead",
                                           "wait until event bought, at most 3 days", "add to list.vip",
                                           "add 1 to points"});
  CHECK(places["wait 1 day"].empty());
  CHECK(places["set stage to lead"] == "if then > 3#0 next/");
  CHECK(places["wait until event bought, at most 3 days"].empty());
  CHECK(places["add to list.vip"] != places["add 1 to points"]);
}
