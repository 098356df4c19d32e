// What the checked module says: triggers, counters, sends, waits, facts and tests of small projects.
#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/sema/op_names.hpp"
#include "project.hpp"

using namespace wf;
using bytecode::kNone;
using bytecode::TriggerKind;
using sema::ExprOp;

namespace {

const char* const kMail = R"(
project acme { zone "Asia/Tokyo" }
sender main { name "Example"; email "news@example.com"; address "Tokyo" }
topic news { title "News" }
email welcome {
  class marketing
  topic news
  from main
  subject "Hello {{ contact.firstname | default: 'you' }}"
  text "{{ contact.lead_score }} {{ contact.firstname | default: 'you' }} {{ unsubscribe_url }}"
}
email receipt { class transactional; from main; subject "Receipt"; text "Thanks" }
form ebook { title "E-book" }
page pricing { url "/pricing*" }
list vip { title "VIP" }
team sales { title "Sales" }
webhook crm { url secret.CRM; accepts pii }
)";

test::Checked fine(const std::string& input) {
  test::Checked checked = test::check(std::string(kMail) + input);
  INFO(checked.report());
  // Notes are no fault of the text.
  const auto& all = checked.sink.all();
  REQUIRE(
      std::all_of(all.begin(), all.end(), [](const auto& d) { return d.severity == text::Severity::info; }));
  REQUIRE(checked.module.has_value());
  return checked;
}

/// The operators of an expression: "and(eq(property,constant),in_list)".
std::string shape(const sema::Expr& e) {
  std::string text = sema::op_name(e.op);
  if (e.args.empty()) return text;
  text += "(";
  for (std::size_t i = 0; i < e.args.size(); ++i) text += (i > 0 ? "," : "") + shape(e.args[i]);
  return text + ")";
}

template <class Node>
const Node& step(const sema::Block& block, std::size_t index) {
  REQUIRE(index < block.size());
  const Node* node = std::get_if<Node>(&block[index].node);
  REQUIRE(node != nullptr);
  return *node;
}

std::uint32_t property(const sema::Module& module, const char* name) {
  return module.catalogue.find_property(module.catalogue.find_object("contact"), name);
}

}  // namespace

TEST_CASE("triggers know their kind and what they read") {
  const auto checked = fine(R"(
workflow w on contact {
  enroll when any {
    form.ebook submitted, if lead_score > 3
    page.pricing viewed at least 2 times
    lifecycle_stage becomes lead
    owner changes
    created
    added to list.vip
    company.employees >= 100 and in list.vip
    at 3 days before acquired_at at 09:00, if past within 30 days enroll now
  }
  reenroll every time, at most once per 7 days, if enrolled restart
}
)");
  const sema::Module& m = *checked.module;
  const auto& triggers = m.workflows.at(0).triggers;
  REQUIRE(triggers.size() == 8);
  CHECK(triggers[0].head.kind == TriggerKind::event);
  CHECK(triggers[0].match.event == m.catalogue.find_event("form_submitted"));
  REQUIRE(triggers[0].match.filters.size() == 1);
  CHECK(triggers[0].match.filters[0].value ==
        value::Value::resource(static_cast<std::uint32_t>(bytecode::ResourceKind::form), 0));
  CHECK(shape(triggers[0].guard.value()) == "gt(property,constant)");
  CHECK(triggers[1].head.times == 2);
  REQUIRE(triggers[1].head.counter < m.counters.size());
  CHECK(m.counters[triggers[1].head.counter].head.key == "event page_viewed page=pricing");
  CHECK(triggers[2].head.kind == TriggerKind::becomes);
  CHECK(triggers[2].head.reads_properties == std::vector<std::uint32_t>{property(m, "lifecycle_stage")});
  CHECK(triggers[3].head.kind == TriggerKind::changes);
  CHECK(triggers[3].head.property == property(m, "owner"));
  CHECK(triggers[4].head.kind == TriggerKind::created);
  CHECK(triggers[5].head.kind == TriggerKind::list_added);
  CHECK(triggers[5].head.list == 0);
  CHECK(triggers[6].head.kind == TriggerKind::condition);
  REQUIRE(triggers[6].head.reads_elsewhere.size() == 1);
  CHECK(triggers[6].head.reads_lists == std::vector<std::uint32_t>{0});
  CHECK(triggers[7].head.kind == TriggerKind::moment);
  CHECK(triggers[7].head.late_ok);
  CHECK(triggers[7].head.late_within == 30 * value::kDay);
  const auto& reenroll = m.workflows[0].head.reenroll;
  CHECK(reenroll.mode == bytecode::ReenrollMode::every_time);
  CHECK(reenroll.at_most_once_per == 7 * value::kDay);
  CHECK(reenroll.restart);
}

TEST_CASE("the same question gets the same counter") {
  const auto checked = fine(R"(
workflow w on contact {
  enroll when count(page.pricing viewed) >= 2 and page.pricing viewed at most 9 times
  unless page.pricing viewed within last 30 days
  cancel when lifecycle_stage has ever been customer
  goal page.any viewed where (url contains "thanks")
}
segment seen on contact { page.pricing viewed within last 30 days; lifecycle_stage has ever been customer }
)");
  std::vector<std::string> keys;
  for (const auto& counter : checked.module->counters) keys.push_back(counter.head.key);
  std::sort(keys.begin(), keys.end());
  CHECK(keys == std::vector<std::string>{
                    "became contact.lifecycle_stage constant:customer",
                    "event page_viewed page=pricing",
                    "event page_viewed page=pricing within 2592000000000",
                    "event page_viewed where contains(parameter:url,constant:\"thanks\")",
                });
}

TEST_CASE("a label's event counts from its send, and a send without use has no local") {
  const auto checked = fine(R"(
workflow w on contact {
  enroll when created
  window mon..fri 09:00..18:00
  send email.welcome as first
  send email.receipt
  wait until first opened, at most 2 days {
    happened { add 5 to lead_score }
    timed_out { stop }
  }
  if email.receipt clicked { add 1 to lead_score }
  if email.receipt clicked ever { add 1 to lead_score }
}
)");
  const auto& workflow = checked.module->workflows.at(0);
  const auto& first = step<sema::Send>(workflow.body, 0);
  const auto& second = step<sema::Send>(workflow.body, 1);
  const auto& wait = step<sema::WaitEvent>(workflow.body, 2);
  CHECK(first.windowed);
  CHECK_FALSE(second.windowed);
  CHECK(first.label != kNone);
  CHECK(wait.since_local == first.label);
  CHECK(checked.module->counters.at(wait.since_counter).head.key == "event email_opened email=welcome");
  CHECK(wait.happened.size() == 1);
  CHECK(step<sema::Stop>(wait.timed_out, 0).reason == bytecode::EndReason::stopped);
  const auto& clicked = step<sema::If>(workflow.body, 3).arms.at(0).condition;
  CHECK(shape(clicked) == "since(local)");
  CHECK(clicked.args[0].a == second.label);
  CHECK(shape(step<sema::If>(workflow.body, 4).arms.at(0).condition) == "ge(count,constant)");
  CHECK(workflow.locals == 2);
  CHECK(workflow.body[0].label == "send email.welcome as first");
}

TEST_CASE("several sends of one mail: its events count from the first that was sent") {
  const auto checked = fine(R"(
workflow w on contact {
  enroll when created
  send email.welcome
  wait 1 day
  send email.welcome with subject "Again, {{ contact.lastname | default: 'you' }}"
  wait 1 day
  wait until email.welcome opened, at most 1 day
}
)");
  const auto& body = checked.module->workflows.at(0).body;
  const auto& again = step<sema::Send>(body, 2);
  CHECK(shape(step<sema::Let>(body, 4).value) == "coalesce(local,local)");
  CHECK(step<sema::WaitEvent>(body, 5).since_local == step<sema::Let>(body, 4).local);
  // The e-mail's placeholders come first, each once; those of the subject here follow.
  REQUIRE(again.arguments.size() == 3);
  REQUIRE(again.subject.has_value());
  CHECK(again.subject->reads.at(0).argument == 2);
  const auto& email = checked.module->catalogue.emails[again.email];
  CHECK(email.placeholders == std::vector<std::string>{"contact.firstname", "contact.lead_score"});
}

TEST_CASE("a goal that becomes is an edge") {
  const auto checked = fine(R"(
workflow a on contact { enroll when created; goal lifecycle_stage is customer }
workflow b on contact { enroll when created; goal lifecycle_stage becomes customer }
)");
  CHECK_FALSE(checked.module->workflows[0].head.goal_is_edge);
  CHECK(checked.module->workflows[1].head.goal_is_edge);
  CHECK(shape(*checked.module->workflows[1].goal) == "eq(property,constant)");
}

TEST_CASE("records of other objects are read and written through associations") {
  const auto checked = fine(R"(
workflow w on deal {
  enroll when stage changes
  send email.welcome to contact
  set contact.lifecycle_stage to customer
  enroll contact in workflow.v
  create task "Call" for owner else team.sales due in 2 days
}
workflow v on contact { enroll when created; set contact.lead_score to 3; call webhook.crm with (email, company.name) }
)");
  const auto& body = checked.module->workflows.at(0).body;
  CHECK(shape(step<sema::Send>(body, 0).recipient) == "property");
  CHECK(shape(step<sema::Send>(body, 0).arguments.at(0)) == "field(property)");
  CHECK(shape(step<sema::SetField>(body, 1).record) == "property");
  CHECK(step<sema::Enroll>(body, 2).workflow == 1);
  CHECK(shape(step<sema::CreateTask>(body, 3).assignee) == "coalesce(property,constant)");
  CHECK(shape(*step<sema::CreateTask>(body, 3).due) == "add(now,constant)");
  CHECK(step<sema::CreateTask>(body, 3).due->args[1].constant == value::Value::duration(2 * value::kDay));
  const auto& other = checked.module->workflows.at(1).body;
  CHECK(step<sema::SetProperty>(other, 0).value.constant == value::Value::integer(3));
  CHECK(step<sema::CallWebhook>(other, 1).fields.at(1).first == "company.name");
}

TEST_CASE("match is lowered to if") {
  const auto checked = fine(R"(
workflow w on ticket {
  enroll when created
  match category {
    technical, other { stop }
    billing { wait 1 day }
    unknown { stop }
  }
  match status { new { stop }
    else { wait 1 day } }
}
)");
  const auto& body = checked.module->workflows.at(0).body;
  const auto& first = step<sema::If>(body, 0);
  REQUIRE(first.arms.size() == 3);
  CHECK(shape(first.arms[0].condition) == "any_of(property,constant,constant)");
  CHECK(shape(first.arms[1].condition) == "eq(property,constant)");
  CHECK(shape(first.arms[2].condition) == "not(is_known(property))");
  CHECK(first.otherwise.empty());
  CHECK(step<sema::If>(body, 1).otherwise.size() == 1);
}

TEST_CASE("moments take their zone from the clause, else from the project") {
  const auto checked = fine(R"(
workflow w on contact {
  enroll when created
  at 1 day before acquired_at at 10:00, if past skip { send email.receipt }
  wait until 2026-11-05T14:00 in "Europe/Berlin", if past continue
  wait until next mon at 09:00 in contact.timezone else "America/New_York"
  wait 1 calendar month at 09:00
  wait until 2 hours after acquired_at, if past stop
}
)");
  const auto& moments = checked.module->moments;
  REQUIRE(moments.size() == 5);
  CHECK(moments[0].offset_days == -1);
  CHECK(moments[0].at == 600);
  CHECK(moments[0].zone == "Asia/Tokyo");
  CHECK(moments[1].zone == "Europe/Berlin");
  CHECK(moments[2].next_weekday == 0);
  CHECK_FALSE(moments[2].has_anchor);
  CHECK(moments[2].dynamic_zone);
  CHECK(moments[2].zone == "America/New_York");
  CHECK(moments[3].offset_months == 1);
  CHECK(moments[3].has_anchor);
  CHECK(moments[4].offset == 2 * value::kHour);
  const auto& body = checked.module->workflows.at(0).body;
  CHECK(step<sema::AtBlock>(body, 0).anchors ==
        std::vector<std::uint32_t>{property(*checked.module, "acquired_at")});
  CHECK(step<sema::WaitUntil>(body, 4).if_past.then == ast::IfPast::Then::stop);
  CHECK(step<sema::WaitUntil>(body, 3).anchors.empty());
  // 14:00 in Berlin in November is 13:00 UTC.
  CHECK(step<sema::WaitUntil>(body, 1).moment.args.at(0).constant ==
        value::Value::instant(*value::parse_instant("2026-11-05T13:00:00Z")));
}

TEST_CASE("`no … for` counts from the last event or the creation") {
  const auto checked = fine(R"(
segment quiet on contact { no (email.any opened, page.any viewed) for 90 days }
segment quiet_vips on contact { in segment.quiet; in list.vip }
)");
  const auto& segments = checked.module->segments;
  const std::string part = "ge(age(coalesce(last,created)),constant)";
  CHECK(shape(segments.at(0).condition) == "and(" + part + "," + part + ")");
  CHECK(shape(segments.at(1).condition) == "and(and(" + part + "," + part + "),in_list)");
}

TEST_CASE("tests of the language resolve their records, events and expectations") {
  const auto checked = fine(R"(
workflow w on contact { enroll when created; send email.welcome }
test "all" {
  start 2026-03-02T09:00 in "Asia/Tokyo"
  given company acme { name "Acme"; employees 120 }
  given contact taro { email "taro@example.com"; lifecycle_stage lead; company acme; marketing yes }
  given webhook.crm answers 500, 200
  at +0m form.ebook submitted by taro { firstname "Taro" }
  at +1h add taro to list.vip
  at +1h unsubscribe taro from topic.news
  at +1d expect sent email.welcome to taro
  at +1d expect no task "Call" for taro
  at +1d expect notified team.sales
  at +1d expect taro ended workflow.w as completed
  at +1d expect taro.lifecycle_stage = lead and taro.lead_score >= 0
  finally expect at most 4 emails to taro in any 7 days
  finally allow others
}
)");
  const auto& test = checked.module->tests.at(0);
  CHECK(test.start == *value::parse_instant("2026-03-02T00:00:00Z"));
  REQUIRE(test.records.size() == 2);
  CHECK(test.records[1].data.marketing == true);
  REQUIRE(test.records[1].data.properties.size() == 3);
  CHECK(test.records[1].data.properties[2].second == value::Value::ref(test.records[0].object, 0));
  REQUIRE(test.lines.size() == 11);
  CHECK(std::get<sema::TestAnswers>(test.lines[0].node).statuses == std::vector<int>{500, 200});
  const auto& occurs = std::get<sema::TestOccurs>(test.lines[1].node);
  CHECK(occurs.record == 1);
  CHECK(occurs.parameters.size() == 1);
  CHECK(occurs.properties.size() == 1);
  CHECK(test.lines[2].offset == value::kHour);
  const auto& task = std::get<sema::TestExpect>(test.lines[5].node);
  CHECK(task.what == sema::Expectation::task);
  CHECK(task.negated);
  CHECK(task.word == "Call");
  CHECK(std::get<sema::TestExpect>(test.lines[6].node).person == "team.sales");
  CHECK(std::get<sema::TestExpect>(test.lines[7].node).word == "completed");
  CHECK(shape(std::get<sema::TestThat>(test.lines[8].node).condition) ==
        "and(eq(property,constant),ge(property,constant))");
  CHECK(std::get<sema::TestLimit>(test.lines[9].node).window == 7 * value::kDay);
  CHECK(test.lines[10].when == ast::TestLine::When::finally);
}

TEST_CASE("facts end at waits and at writes") {
  const auto codes = [](const std::string& steps) {
    return test::
        check("extend object contact { nick text = \"?\" }\nworkflow w on contact {\n enroll when created\n" +
              steps + "\n}\n")
            .codes();
  };
  CHECK(codes("if firstname is known { set nick to firstname }").empty());
  CHECK(codes("if firstname is unknown { stop }\nset nick to firstname").empty());
  CHECK(codes("if not (firstname is known) { stop }\nset nick to firstname").empty());
  CHECK(codes("if firstname is known and lead_score > 3 { set nick to firstname }").empty());
  CHECK(codes("if firstname is known or lead_score > 3 { set nick to firstname }") == "WF305");
  CHECK(codes("if firstname is known { wait 1 day\n set nick to firstname }") == "WF305");
  CHECK(codes("if firstname is known { clear firstname\n set nick to firstname }") == "WF305");
  CHECK(codes("if company.name is known { set nick to company.name }").empty());
  CHECK(codes("if lead_score > 3 { set firstname to \"x\" } else { stop }\nset nick to firstname").empty());
  CHECK(codes("if firstname is \"a\" { stop } else { set nick to firstname }") == "WF305");
  CHECK(codes("if firstname is not \"a\" { set nick to firstname }").empty());
}

TEST_CASE("literal words tell phrases apart, and groups come in any order") {
  const auto checked = fine(R"(
action ping { phrase "ping {webhook: webhook}"; effect http.call }
action ping_all { phrase "ping all {webhook: webhook}"; effect http.call }
workflow w on contact {
  enroll when created
  add 5 to lead_score
  add to list.vip
  add contact to list.vip
  add tag hot
  send email.receipt as sent with subject "Once more"
  wait until sent opened, at most 1 day
  ping webhook.crm
  ping all webhook.crm
  mark as non_marketing
}
)");
  const auto& body = checked.module->workflows.at(0).body;
  CHECK(step<sema::AddProperty>(body, 0).amount.constant == value::Value::integer(5));
  CHECK(step<sema::ChangeList>(body, 1).record.op == ExprOp::self);
  CHECK(step<sema::ChangeList>(body, 2).record.op == ExprOp::self);
  CHECK(step<sema::ChangeTag>(body, 3).tag == "hot");
  CHECK(step<sema::Send>(body, 4).subject.has_value());
  CHECK(step<sema::CallWebhook>(body, 7).webhook == 0);
  CHECK_FALSE(step<sema::SetMarketing>(body, 8).marketing);
}
