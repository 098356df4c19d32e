#include <catch2/catch.hpp>

#include "tests/unit/compiler_ir/modules.hpp"

using namespace wf;
using namespace wf::test;

namespace {

/// The body of the only workflow after all passes; the emitter verifies the program on the way.
std::string body(sema::Block block, std::uint32_t locals = 0) {
  ir::Unit unit = ir::build(module_of(std::move(block), locals), sources());
  ir::optimise(unit);
  const std::string text = dump_of(unit, "workflow.lead");
  emitted(std::move(unit));
  return text;
}

sema::Send send_welcome() {
  sema::Send s;
  s.email = 0;
  s.recipient = self();
  s.arguments = {property(firstname)};
  return s;
}

sema::WaitUntil until_renewal(ast::IfPast::Then then) {
  sema::WaitUntil w;
  w.moment = expr(ExprOp::moment, {property(renewal)}, 0);
  w.if_past.then = then;
  w.anchors = {renewal};
  return w;
}

sema::Module with_moment(sema::Module m) {
  m.moments = {{true, false, "Asia/Tokyo", 0, 0, -30, 9 * 60, -1}};
  return m;
}

std::string waiting_body(sema::Block block) {
  ir::Unit unit = ir::build(with_moment(module_of(std::move(block))), sources());
  ir::optimise(unit);
  const std::string text = dump_of(unit, "workflow.lead");
  const bytecode::Program p = emitted(std::move(unit));
  CHECK(p.waits.size() == 1);
  CHECK(p.waits[0].anchors == std::vector<std::uint32_t>{renewal});
  CHECK(p.waits[0].recompute != bytecode::kNone);
  return text;
}

}  // namespace

TEST_CASE("each step begins with its number, and a body ends") {
  CHECK(body({step("set firstname to \"Taro\"", sema::SetProperty{firstname, literal(Value::text("Taro"))}),
              step("add 5 to score", sema::AddProperty{score, literal(Value::integer(5))})}) ==
        "  b0:\n"
        "    step            set firstname to \"Taro\"\n"
        "    push            \"Taro\"\n"
        "    set_property    contact.firstname\n"
        "    step            add 5 to score\n"
        "    push            5\n"
        "    add_property    contact.score\n"
        "    end\n");
}

TEST_CASE("a windowed send asks every window first") {
  sema::Module m = module_of({step("send email.welcome", send_welcome())});
  sema::WindowUse fixed{{0x1f, 540, 1080}, "Asia/Tokyo", std::nullopt};
  sema::WindowUse own{{0x7f, 480, 1260}, "UTC", property(firstname)};
  m.workflows[0].windows = {fixed, own};
  ir::Unit unit = ir::build(m, sources());
  CHECK(dump_of(unit, "workflow.lead") ==
        "  b0:\n"
        "    step            send email.welcome\n"
        "    property        contact.firstname\n"
        "    window          mon,tue,wed,thu,fri 09:00..18:00 in Asia/Tokyo and "
        "mon,tue,wed,thu,fri,sat,sun 08:00..21:00 in zone else UTC\n"
        "    self\n"
        "    property        contact.firstname\n"
        "    send            email.welcome, marketing topic.newsletter, 1 argument\n"
        "    end\n");
  const bytecode::Program p = emitted(std::move(unit));
  CHECK(p.sends[0].mail_class == bytecode::MailClass::marketing);
  CHECK(p.steps[0].line == 1);
  CHECK(p.files == std::vector<std::string>{"lead.wf"});
}

TEST_CASE("if tries its arms in order and meets behind them") {
  sema::If choice;
  choice.arms.push_back(
      {expr(ExprOp::is_known, {property(stage)}), {step("one", sema::ChangeTopic{true, 0})}});
  choice.arms.push_back({expr(ExprOp::in_list, {}, 0), {step("two", sema::SetMarketing{true})}});
  choice.otherwise.push_back(step("three", sema::SetMarketing{false}));
  CHECK(body({step("if", std::move(choice)), step("tag", sema::ChangeTag{true, "seen"})}) ==
        "  b0:\n"
        "    step            if\n"
        "    property        contact.stage\n"
        "    is_known\n"
        "    branch          b2 else b3\n"
        "  b1:\n"
        "    step            tag\n"
        "    tag_add         \"seen\"\n"
        "    end\n"
        "  b2:\n"
        "    step            one\n"
        "    subscribe       topic.newsletter\n"
        "    jump            b1\n"
        "  b3:\n"
        "    in_list         list.vip\n"
        "    branch          b4 else b5\n"
        "  b4:\n"
        "    step            two\n"
        "    set_marketing   yes\n"
        "    jump            b1\n"
        "  b5:\n"
        "    step            three\n"
        "    set_marketing   no\n"
        "    jump            b1\n");
}

TEST_CASE("a dated wait stops without its anchor, asks whether it is past, and can be computed again") {
  const std::string text = waiting_body({step("wait", until_renewal(ast::IfPast::Then::stop))});
  CHECK(text ==
        "  b0:\n"
        "    step            wait\n"
        "    jump            b1\n"
        "  b1:\n"
        "    property        contact.renewal\n"
        "    moment          -30 days from anchor at 09:00 in Asia/Tokyo\n"
        "    set_local       #0\n"
        "    local           #0\n"
        "    is_known\n"
        "    branch          b2 else b5\n"
        "  b2:\n"
        "    local           #0\n"
        "    now\n"
        "    lt\n"
        "    branch          b3 else b4\n"
        "  b3:\n"
        "    stop            stopped\n"
        "  b4:\n"
        "    local           #0\n"
        "    wait_until      again from b1\n"
        "    end\n"
        "  b5:\n"
        "    stop            anchor_unknown\n");
}

TEST_CASE("a block in the past is skipped or run") {
  const auto at = [](ast::IfPast::Then then) {
    sema::AtBlock block;
    block.moment = expr(ExprOp::moment, {property(renewal)}, 0);
    block.anchors = {renewal};
    block.if_past.then = then;
    block.body.push_back(step("inside", sema::SetMarketing{true}));
    return waiting_body({step("at", std::move(block)), step("behind", sema::SetMarketing{false})});
  };
  const std::string skipped = at(ast::IfPast::Then::skip);
  CHECK(skipped.find("    lt\n    branch          b1 else b4\n") != std::string::npos);
  CHECK(skipped.find("  b1:\n    step            behind\n") != std::string::npos);
  const std::string run = at(ast::IfPast::Then::continue_);
  CHECK(run.find("    lt\n    branch          b4 else b3\n") != std::string::npos);
  CHECK(run.find("  b4:\n    step            inside\n") != std::string::npos);
}

TEST_CASE("older than `within` ends as too late") {
  sema::WaitUntil wait = until_renewal(ast::IfPast::Then::continue_);
  wait.if_past.within = value::kDay;
  const std::string text = waiting_body({step("wait", std::move(wait))});
  CHECK(text.find("    age\n    push            1 day\n    le\n") != std::string::npos);
  CHECK(text.find("    stop            too_late\n") != std::string::npos);
}

TEST_CASE("a wait for an event has two outcomes, and an event that came before counts") {
  sema::WaitEvent wait;
  wait.match.event = 1;
  wait.match.where = expr(ExprOp::eq, {expr(ExprOp::parameter, {}, 0), literal(Value::resource(0, 0))});
  wait.at_most = literal(Value::duration(2 * value::kDay));
  wait.since_counter = 0;
  wait.since_local = 0;
  wait.happened.push_back(step("yes", sema::SetMarketing{true}));
  wait.timed_out.push_back(step("no", sema::SetMarketing{false}));
  sema::Block block;
  sema::Send send = send_welcome();
  send.label = 0;
  block.push_back(step("send", std::move(send)));
  block.push_back(step("wait", std::move(wait)));
  sema::Module m = module_of(std::move(block), 1);
  sema::Counter opened;
  opened.head.key = "opened";
  opened.head.object = 0;
  opened.head.match.event = 1;
  m.counters.push_back(std::move(opened));
  ir::Unit unit = ir::build(m, sources());
  ir::optimise(unit);
  CHECK(dump_of(unit, "workflow.lead") ==
        "  b0:\n"
        "    step            send\n"
        "    self\n"
        "    property        contact.firstname\n"
        "    send            email.welcome, marketing topic.newsletter, 1 argument, label #0\n"
        "    step            wait\n"
        "    local           #0\n"
        "    occurred_since  opened\n"
        "    branch          b1 else b3\n"
        "  b1:\n"
        "    step            yes\n"
        "    set_marketing   yes\n"
        "    end\n"
        "  b2:\n"
        "    step            no\n"
        "    set_marketing   no\n"
        "    end\n"
        "  b3:\n"
        "    push            2 days\n"
        "    wait_event      email_opened where function 2\n"
        "    branch          b1 else b2\n");
  const bytecode::Program p = emitted(std::move(unit));
  CHECK(p.functions[p.waits[0].match.where].event == 1);
}

TEST_CASE("a failure handler is a function behind its caller, its steps belong to the workflow") {
  sema::CallWebhook call;
  call.webhook = 0;
  call.fields.emplace_back("email", property(email));
  call.retries = 3;
  call.over = value::kHour;
  call.on_failure.push_back(step("tag", sema::ChangeTag{true, "failed"}));
  ir::Unit unit = ir::build(module_of({step("call", std::move(call))}), sources());
  CHECK(dump_of(unit, "call 0 on failure") ==
        "  b0:\n"
        "    step            tag\n"
        "    tag_add         \"failed\"\n"
        "    end\n");
  const bytecode::Program p = emitted(std::move(unit));
  CHECK(p.calls[0].on_failure > p.workflows[0].body);
  CHECK(p.calls[0].retries == 3);
  CHECK(p.workflows[0].steps == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("steps behind a stop are dropped, and their waits with them") {
  sema::Block block;
  block.push_back(step("stop", sema::Stop{}));
  block.push_back(step("wait", sema::WaitFor{literal(Value::duration(value::kDay))}));
  for (const bool optimised : {false, true}) {
    sema::Module m = module_of(block);
    ir::Unit unit = ir::build(m, sources());
    if (optimised) ir::optimise(unit);
    const bytecode::Program p = emitted(std::move(unit));
    CHECK(p.waits.empty());
    CHECK(p.workflows[0].steps.size() == 2);
  }
}

TEST_CASE("the other effects lower to their opcodes") {
  CHECK(
      body({step("task", sema::CreateTask{literal(Value::text("Call")), property(owner), expr(ExprOp::now)}),
            step("task", sema::CreateTask{literal(Value::text("Note")), property(owner), std::nullopt}),
            step("notify", sema::Notify{property(owner), 0, {property(firstname)}, false}),
            step("set field", sema::SetField{property(company), 1, 0, literal(Value::text("Example"))}),
            step("add field", sema::AddField{property(company), 1, 1, literal(Value::integer(1))}),
            step("list", sema::ChangeList{false, 1, self()}), step("tag", sema::ChangeTag{false, "x"}),
            step("topic", sema::ChangeTopic{false, 0}), step("enroll", sema::Enroll{true, 0, self()}),
            step("unenroll", sema::Enroll{false, 0, self()}), step("let", sema::Let{0, expr(ExprOp::now)})},
           1) ==
      "  b0:\n"
      "    step            task\n    push            \"Call\"\n    property        contact.owner\n"
      "    now\n    task            due\n"
      "    step            task\n    push            \"Note\"\n    property        contact.owner\n    task\n"
      "    step            notify\n    property        contact.owner\n    property        contact.firstname\n"
      "    notify          message.hint\n"
      "    step            set field\n    property        contact.company\n    push            \"Example\"\n"
      "    set_field       company.name\n"
      "    step            add field\n    property        contact.company\n    push            1\n"
      "    add_field       company.size\n"
      "    step            list\n    self\n    list_remove     list.banned\n"
      "    step            tag\n    tag_remove      \"x\"\n"
      "    step            topic\n    unsubscribe     topic.newsletter\n"
      "    step            enroll\n    self\n    enroll          workflow.lead\n"
      "    step            unenroll\n    self\n    unenroll        workflow.lead\n"
      "    step            let\n    now\n    set_local       #0\n"
      "    end\n");
}

TEST_CASE("a long list is compared in groups") {
  std::vector<Expr> args = {property(score)};
  for (int i = 0; i < 150; ++i) args.push_back(literal(Value::integer(i)));
  sema::Module m = module_of({});
  m.workflows[0].goal = expr(ExprOp::any_of, std::move(args));
  const bytecode::Program p = emitted(ir::build(m, sources()));
  CHECK(p.functions[p.workflows[0].goal].max_stack == 66);
}

TEST_CASE("equal constants are kept once") {
  sema::Module m = module_of({step("a", sema::SetProperty{firstname, literal(Value::text("Taro"))}),
                              step("b", sema::SetProperty{firstname, literal(Value::text("Taro"))})});
  CHECK(ir::build(m, sources()).tables.constants.size() == 1);
}
