// Each row breaks the sample program in one way and names what the verifier must say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/sample_program.hpp"

using namespace wf;
using namespace wf::bytecode;
using value::Value;
using O = Opcode;

namespace {

struct Break {
  const char* reason;
  std::function<void(Program&)> change;
};

void check_all(const std::vector<Break>& breaks) {
  for (const Break& b : breaks) {
    Program p = test::sample_program();
    b.change(p);
    const auto verified = verify(p);
    INFO("expected: " << b.reason);
    REQUIRE_FALSE(verified.ok());
    INFO(verified.error().message);
    CHECK(verified.error().code == ErrorCode::invalid);
    CHECK(verified.error().message.find(b.reason) != std::string::npos);
  }
}

/// The n-th word with the opcode.
Word& word(Program& p, O op, int n = 0) {
  for (Word& w : p.code) {
    if (opcode_of(w) == op && n-- == 0) return w;
  }
  FAIL("no such word");
  return p.code[0];
}

void operand(Program& p, O op, std::size_t n) {
  word(p, op) = encode(op, static_cast<std::uint32_t>(n));
}

/// The function that the first word with the opcode is in.
Function& function_with(Program& p, O op) {
  const auto at = static_cast<std::uint32_t>(&word(p, op) - p.code.data());
  for (Function& f : p.functions) {
    if (f.begin <= at && at < f.end) return f;
  }
  FAIL("code outside of all functions");
  return p.functions[0];
}

Property& property(Program& p, const char* name) {
  return p.catalogue.objects[0].properties.at(p.catalogue.find_property(0, name));
}

Trigger& trigger(Program& p, TriggerKind kind) {
  for (Workflow& w : p.workflows) {
    for (Trigger& t : w.triggers) {
      if (t.kind == kind) return t;
    }
  }
  FAIL("no such trigger");
  return p.workflows[0].triggers[0];
}

/// One expression over the contact instead of the sample's functions and what refers to them.
Program only(std::vector<Word> code, FunctionKind kind = FunctionKind::expression, std::uint32_t locals = 0) {
  Program p = test::sample_program();
  p.code = std::move(code);
  Function f;
  f.kind = kind;
  f.end = static_cast<std::uint32_t>(p.code.size());
  f.object = 0;
  f.locals = locals;
  p.functions = {f};
  p.workflows.clear();
  p.calls.clear();
  p.waits.clear();
  p.relations.clear();
  p.collects.clear();
  Catalogue& c = p.catalogue;
  c.segments.clear();
  c.audiences.clear();
  c.scorings.clear();
  c.campaigns.clear();
  c.experiments.clear();
  return p;
}

std::string verdict(Program p) {
  const auto verified = verify(p);
  return verified ? "stack " + std::to_string(p.functions[0].max_stack) : verified.error().message;
}

bool says(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the sample is valid and verifying twice changes nothing") {
  Program p = test::sample_program();
  const std::string before = write_bundle(p);
  REQUIRE(verify(p).ok());
  CHECK(write_bundle(p) == before);
}

TEST_CASE("operands outside of their table are refused") {
  check_all({
      {"no such constant", [](Program& p) { operand(p, O::push, p.constants.size()); }},
      {"no such property",
       [](Program& p) { operand(p, O::property, p.catalogue.objects[0].properties.size()); }},
      {"no such property",
       [](Program& p) { operand(p, O::set_property, p.catalogue.objects[0].properties.size()); }},
      {"no such field", [](Program& p) { operand(p, O::field, p.fields.size()); }},
      {"no such field of the event", [](Program& p) { operand(p, O::parameter, 9); }},
      {"no such local", [](Program& p) { operand(p, O::local, function_with(p, O::local).locals); }},
      {"no such local", [](Program& p) { operand(p, O::set_local, 255); }},
      {"no such counter", [](Program& p) { operand(p, O::count, p.counters.size()); }},
      {"no such list", [](Program& p) { operand(p, O::in_list, p.catalogue.lists.size()); }},
      {"no such topic", [](Program& p) { operand(p, O::subscribe, p.catalogue.topics.size()); }},
      {"no such moment", [](Program& p) { operand(p, O::moment, p.moments.size()); }},
      {"no such window", [](Program& p) { operand(p, O::window, p.windows.size()); }},
      {"no such wait", [](Program& p) { operand(p, O::wait_for, p.waits.size()); }},
      {"no such send", [](Program& p) { operand(p, O::send, p.sends.size()); }},
      {"no such task", [](Program& p) { operand(p, O::task, p.tasks.size()); }},
      {"no such notify", [](Program& p) { operand(p, O::notify, p.notifies.size()); }},
      {"no such call", [](Program& p) { operand(p, O::call, p.calls.size()); }},
      {"no such workflow", [](Program& p) { operand(p, O::enroll, p.workflows.size()); }},
      {"no such step", [](Program& p) { operand(p, O::step, p.steps.size()); }},
      {"no such experiment", [](Program& p) { operand(p, O::experiment, p.catalogue.experiments.size()); }},
      {"no such experiment", [](Program& p) { operand(p, O::winner_due, p.catalogue.experiments.size()); }},
      {"no such audience", [](Program& p) { operand(p, O::audience_add, p.catalogue.audiences.size()); }},
      {"no such reason",
       [](Program& p) { operand(p, O::stop, static_cast<std::size_t>(kLastEndReason) + 1); }},
      {"no such marketing status", [](Program& p) { operand(p, O::set_marketing, 2); }},
      {"a number of values out of range", [](Program& p) { operand(p, O::any_of, 0); }},
      {"an operand that nothing reads", [](Program& p) { operand(p, O::self, 1); }},
      {"no such opcode", [](Program& p) { p.code[0] = 0xff; }},
      {"a tag that is not text", [](Program& p) { p.constants[operand_of(word(p, O::tag_add))] = Value(); }},
  });
}

TEST_CASE("jumps stay inside and go forward") {
  check_all({
      {"a jump that does not go forward", [](Program& p) { operand(p, O::jump_unless, 0); }},
      {"a jump out of the function", [](Program& p) { operand(p, O::jump, function_with(p, O::jump).end); }},
      {"never reached", [](Program& p) { operand(p, O::jump_if, operand_of(word(p, O::jump_if)) + 1); }},
  });
  const auto to = [](O op, std::uint32_t n) { return encode(op, n); };
  CHECK(says(verdict(only({to(O::now, 0), to(O::jump, 1), to(O::return_, 0)})), "does not go forward"));
  CHECK(says(verdict(only({to(O::now, 0), to(O::jump, 3), to(O::drop, 0), to(O::return_, 0)})),
             "never reached"));
  CHECK(says(verdict(only({to(O::push_unknown, 0), to(O::jump_if, 3), to(O::now, 0), to(O::now, 0),
                           to(O::return_, 0)})),
             "two depths of the stack"));
  CHECK(says(verdict(only({to(O::now, 0)})), "runs past the end"));
  CHECK(verdict(only({to(O::now, 0), to(O::return_, 0)})) == "stack 1");
}

TEST_CASE("the stack has one depth and fitting types") {
  const auto v = [](std::vector<O> ops) {
    std::vector<Word> code;
    for (const O op : ops) code.push_back(encode(op));
    return verdict(only(code));
  };
  CHECK(says(v({O::drop, O::now, O::return_}), "pops more than there is"));
  CHECK(says(v({O::now, O::now, O::return_}), "leaves values on the stack"));
  CHECK(says(v({O::now, O::not_, O::return_}), "pops a value of another type"));
  CHECK(says(v({O::now, O::negate, O::return_}), "pops a value of another type"));
  CHECK(says(v({O::now, O::now, O::contains, O::return_}), "pops a value of another type"));
  CHECK(v({O::push_unknown, O::not_, O::return_}) == "stack 1");
  CHECK(v({O::now, O::now, O::sub, O::age, O::return_}) == "stack 2");
  std::vector<Word> deep(kMaxStack, encode(O::now));
  deep.insert(deep.end(), kMaxStack - 1, encode(O::coalesce));
  deep.push_back(encode(O::return_));
  CHECK(verdict(only(deep)) == "stack 256");
  deep.insert(deep.begin(), encode(O::now));
  deep.insert(deep.end() - 1, encode(O::coalesce));
  CHECK(says(verdict(only(deep)), "too much stack"));
}

TEST_CASE("types that meet in a join are forgotten, equal ones kept") {
  const auto join = [](O second) {
    return verdict(only({encode(O::push_unknown), encode(O::jump_if, 4), encode(O::now), encode(O::jump, 5),
                         encode(second), encode(O::not_), encode(O::return_)}));
  };
  CHECK(says(join(O::now), "pops a value of another type"));
  CHECK(join(O::push_unknown) == "stack 1");
}

TEST_CASE("expressions only compute, bodies end") {
  CHECK(says(verdict(only({encode(O::end)})), "the other kind of function"));
  CHECK(says(verdict(only({encode(O::step), encode(O::now), encode(O::return_)})),
             "the other kind of function"));
  CHECK(says(verdict(only({encode(O::now), encode(O::return_)}, FunctionKind::body)), "the other kind"));
  CHECK(verdict(only({encode(O::end)}, FunctionKind::body)) == "stack 0");
  // An expression may read a list, and only a body may change it.
  CHECK(verdict(only({encode(O::in_list), encode(O::return_)})) == "stack 1");
  CHECK(says(verdict(only({encode(O::self), encode(O::list_add), encode(O::now), encode(O::return_)})),
             "kind"));
}

TEST_CASE("writes respect declarations") {
  check_all({
      {"writes a value of another type", [](Program& p) { operand(p, O::set_property, 3); }},
      {"adds to something that is not a number", [](Program& p) { operand(p, O::add_property, 1); }},
      {"writes a property that never changes",
       [](Program& p) { p.catalogue.objects[0].properties[1].immutable = true; }},
      {"adds to something that is not a number", [](Program& p) { operand(p, O::add_field, 1); }},
  });
}

TEST_CASE("sends carry the class and topic of their e-mail") {
  check_all({
      {"a send without a class", [](Program& p) { p.sends[0].mail_class = MailClass::none; }},
      {"its class is not the e-mail's", [](Program& p) { p.sends[0].mail_class = MailClass::transactional; }},
      {"its topic is not the e-mail's", [](Program& p) { p.sends[0].topic = kNone; }},
      {"marketing without a topic",
       [](Program& p) { p.sends[0].topic = p.sends[1].topic = p.catalogue.emails[0].topic = kNone; }},
      {"an e-mail without a class", [](Program& p) { p.catalogue.emails[0].mail_class = MailClass::none; }},
      {"no such email", [](Program& p) { p.sends[0].email = 1; }},
      {"its arguments are not the e-mail's", [](Program& p) { p.sends[0].arguments = 2; }},
      {"a template reads an argument", [](Program& p) { p.sends[1].subject.reads[0].argument = 2; }},
      {"a template that cannot be read", [](Program& p) { p.sends[1].subject.text = "{{ a | nonsense }}"; }},
      {"a template that cannot be read",
       [](Program& p) {
         p.sends[1].subject.partials = {{"footer", "{% if"}};
       }},
      {"a template that reads a value without a name",
       [](Program& p) { p.sends[1].subject.reads[0].path = {}; }},
      {"a subject that is not used",
       [](Program& p) { p.sends[1].own_subject = false, p.sends[1].arguments = 1; }},
      {"no such local", [](Program& p) { p.sends[0].label = 2; }},
      {"an e-mail without content", [](Program& p) { p.catalogue.emails[0].text = {}; }},
  });
}

TEST_CASE("waits belong to one instruction and start again before it") {
  check_all({
      {"a wait of another kind", [](Program& p) { operand(p, O::wait_for, 1); }},
      {"a wait that another instruction has",
       [](Program& p) { word(p, O::wait_event) = encode(O::wait_for, 0); }},
      {"no instruction has it", [](Program& p) { p.waits.emplace_back(); }},
      {"is computed again after itself",
       [](Program& p) { p.waits[1].recompute = function_with(p, O::wait_until).end - 1; }},
      {"is computed again after itself", [](Program& p) { p.waits[1].recompute = 0; }},
      {"with values on the stack", [](Program& p) { p.waits[1].recompute += 1; }},
      {"only a wait for a moment has anchors", [](Program& p) { p.waits[0].anchors = {6}; }},
      {"no such property", [](Program& p) { p.waits[1].anchors = {77}; }},
      {"only a wait for an event matches one", [](Program& p) { p.waits[0].match.event = 0; }},
      {"no such event", [](Program& p) { p.waits[2].match.event = 9; }},
      {"no such step", [](Program& p) { p.waits[0].step = static_cast<std::uint32_t>(p.steps.size()); }},
      {"a function that reads another event", [](Program& p) { p.waits[2].match.event = 1; }},
      {"only a wait for an event reacts to a send", [](Program& p) { p.waits[0].sent = 0; }},
      {"no such local", [](Program& p) { p.waits[2].sent = function_with(p, O::wait_event).locals; }},
      {"only a wait for an answer has a call", [](Program& p) { p.waits[0].call = 0; }},
      {"waits for a call that brings no answer", [](Program& p) { p.waits[3].call = 0; }},
      {"no such call", [](Program& p) { p.waits[3].call = kNone; }},
      {"an answer without room among the locals", [](Program& p) { p.calls[2].reply = 3; }},
  });
}

TEST_CASE("experiments divide everybody") {
  check_all({
      {"an experiment of no workflow", [](Program& p) { p.catalogue.experiments[0].workflow = "none"; }},
      {"an experiment without variants", [](Program& p) { p.catalogue.experiments[0].arms.clear(); }},
      {"a share of more than everything",
       [](Program& p) { p.catalogue.experiments[0].arms[0].share = kBuckets + 1; }},
      {"shares that do not make a whole",
       [](Program& p) { p.catalogue.experiments[0].arms[0].share = 9'000; }},
      {"a winner by an event that it does not name",
       [](Program& p) { p.catalogue.experiments[0].event = kNone; }},
      {"no such field of the event", [](Program& p) { p.catalogue.experiments[0].parameter = 9; }},
      {"no such email", [](Program& p) { p.catalogue.experiments[0].arms[1].emails = {7}; }},
  });
}

TEST_CASE("a failure handler stands behind its call and does not wait") {
  check_all({
      {"a failure handler that does not stand behind",
       [](Program& p) { p.calls[0].on_failure = p.workflows[0].body; }},
      {"a function of the wrong kind",
       [](Program& p) { p.calls[0].on_failure = trigger(p, TriggerKind::condition).condition; }},
      {"a failure handler that waits",
       [](Program& p) {
         const Function& handler = p.functions[p.calls[0].on_failure];
         std::fill(p.code.begin() + handler.begin, p.code.begin() + handler.end - 1, encode(O::subscribe));
         p.code[handler.begin] = encode(O::push_unknown);
         p.code[handler.begin + 1] = encode(O::wait_for, static_cast<std::uint32_t>(p.waits.size()));
         p.waits.emplace_back();
       }},
  });
}

TEST_CASE("times, windows and zones exist") {
  check_all({
      {"no such time zone `Mars/Base`", [](Program& p) { p.moments[0].zone = "Mars/Base"; }},
      {"no such time zone", [](Program& p) { p.windows[0].all[0].zone = ""; }},
      {"no such time zone", [](Program& p) { p.catalogue.zone = "x"; }},
      {"no such time zone", [](Program& p) { p.catalogue.occasions[0].zone = "x"; }},
      {"a time of day that does not exist", [](Program& p) { p.moments[0].at = 1441; }},
      {"a weekday that does not exist", [](Program& p) { p.moments[0].next_weekday = 7; }},
      {"leaves the calendar", [](Program& p) { p.moments[0].offset_days = 400'000; }},
      {"leaves the calendar", [](Program& p) { p.moments[0].offset = INT64_MIN; }},
      {"leaves the calendar", [](Program& p) { p.moments[0].offset_months = INT32_MAX; }},
      {"needs weekdays", [](Program& p) { p.windows[0].all[0].hours.days = 0; }},
      {"needs weekdays", [](Program& p) { p.windows[0].all[1].hours.days = 0x80; }},
      {"hours that do not exist", [](Program& p) { p.windows[0].all[0].hours.from = 1440; }},
      {"hours that do not exist", [](Program& p) { p.windows[0].all[0].hours.to = -1; }},
      {"a window without hours", [](Program& p) { p.windows[0].all.clear(); }},
      {"outside the years", [](Program& p) { p.catalogue.occasions[0].ends_at = INT64_MAX; }},
  });
}

TEST_CASE("calendars, business time and schedules can be followed") {
  using Every = value::Schedule::Every;
  check_all({
      {"no such time zone", [](Program& p) { p.catalogue.calendars[0].hours.zone = ""; }},
      {"opening hours out of number", [](Program& p) { p.catalogue.calendars[0].hours.open.clear(); }},
      {"needs weekdays", [](Program& p) { p.catalogue.calendars[0].hours.open[0].days = 0; }},
      {"closed days out of order",
       [](Program& p) {
         p.catalogue.calendars[0].hours.closed = {2, 1};
       }},
      {"outside the years", [](Program& p) { p.catalogue.calendars[0].hours.closed = {INT32_MAX}; }},
      {"no such calendar", [](Program& p) { p.catalogue.calendar = 1; }},
      {"no such calendar", [](Program& p) { p.moments[2].calendar = 1; }},
      {"of no calendar", [](Program& p) { p.moments[2].calendar = kNone; }},
      {"from nowhere", [](Program& p) { p.moments[3].calendar = 0; }},
      {"leaves the calendar", [](Program& p) { p.moments[2].business_days = 10'001; }},
      {"leaves the calendar", [](Program& p) { p.moments[2].business = INT64_MIN; }},
      {"without weekdays", [](Program& p) { p.moments[3].recurs.weekdays = 0; }},
      {"on a day that does not exist", [](Program& p) { p.moments[3].recurs.nth = 5; }},
      {"on a day that does not exist", [](Program& p) { p.moments[3].recurs.month = 13; }},
      {"an anchor that nothing reads", [](Program& p) { p.moments[2].recurs.every = Every::day; }},
      {"ends before it begins", [](Program& p) { p.workflows[0].pauses[0].to = 0; }},
      {"out of order", [](Program& p) { p.workflows[0].pauses[1].from = p.workflows[0].pauses[0].to; }},
      {"no such time zone", [](Program& p) { p.workflows[0].pause_zone = ""; }},
      {"a lateness", [](Program& p) { p.workflows[0].late.after = -1; }},
  });
}

TEST_CASE("constants exist in their types") {
  check_all({
      {"no such enum", [](Program& p) { p.constants[0] = Value::enumeration(1, 0); }},
      {"no such value of the enum", [](Program& p) { p.constants[0] = Value::enumeration(0, 2); }},
      {"no such kind of resource", [](Program& p) { p.constants[0] = Value::resource(99, 0); }},
      {"no such resource", [](Program& p) { p.constants[0] = Value::resource(0, 1); }},
      {"no such resource", [](Program& p) { p.constants[0] = Value::resource(13, 99); }},
      {"programs do not hold", [](Program& p) { p.constants[0] = Value::ref(0, 1); }},
      {"programs do not hold", [](Program& p) { p.constants[0] = Value::list({}); }},
      {"outside the years", [](Program& p) { p.constants[0] = Value::date(INT32_MAX); }},
      {"a time of day that does not exist", [](Program& p) { p.constants[0] = Value::time_of_day(-1); }},
  });
}

TEST_CASE("functions cover the code one after the other") {
  check_all({
      {"without gaps", [](Program& p) { p.functions[1].begin += 1; }},
      {"without gaps", [](Program& p) { p.functions[0].end = 0; }},
      {"no such word", [](Program& p) { p.functions.back().end += 1; }},
      {"code outside of all functions", [](Program& p) { p.code.push_back(encode(O::end)); }},
      {"no such object", [](Program& p) { p.functions[2].object = kNone; }},
      {"no such event", [](Program& p) { p.functions[2].event = 2; }},
      {"too many locals", [](Program& p) { p.functions[0].locals = kMaxLocals + 1; }},
  });
  CHECK(says(verdict(only(std::vector<Word>((1u << 18) + 1, encode(O::now)))), "too many words"));
}

TEST_CASE("counters count what exists") {
  check_all({
      {"a counter without a key", [](Program& p) { p.counters[0].key.clear(); }},
      {"the key occurs twice", [](Program& p) { p.counters[0].key = p.counters[1].key; }},
      {"no such object", [](Program& p) { p.counters[0].object = 2; }},
      {"a counter of another object", [](Program& p) { p.counters[0].object = 1; }},
      {"no such event", [](Program& p) { p.counters[0].match.event = 2; }},
      {"no such field of the event", [](Program& p) { p.counters[0].match.filters[0].parameter = 1; }},
      {"does not fit its type", [](Program& p) { p.counters[0].match.filters[0].value = Value::integer(1); }},
      {"a value of another enum",
       [](Program& p) { p.counters[0].match.filters[0].value = Value::resource(3, 0); }},
      {"no such function", [](Program& p) { p.counters[0].match.where = 99; }},
      {"a function that reads another event",
       [](Program& p) { p.counters[0].match.where = p.waits[2].match.where; }},
      {"no such property", [](Program& p) { p.counters[1].property = kNone; }},
      {"a counter of values with an event", [](Program& p) { p.counters[1].match.event = 0; }},
      {"cannot be kept", [](Program& p) { p.counters[0].window = -1; }},
      {"cannot be kept", [](Program& p) { p.counters[0].limit = 0; }},
  });
}

TEST_CASE("workflows and triggers refer to what exists") {
  check_all({
      {"no such object", [](Program& p) { p.workflows[0].object = 7; }},
      {"a function over another object", [](Program& p) { p.workflows[1].object = 1; }},
      {"a function of the wrong kind", [](Program& p) { p.workflows[0].body = p.workflows[0].goal; }},
      {"a function of the wrong kind", [](Program& p) { p.workflows[0].goal = p.workflows[0].body; }},
      {"a function that reads another event",
       [](Program& p) { p.workflows[0].unless = p.waits[2].match.where; }},
      {"no such list", [](Program& p) { p.workflows[0].suppress = {2}; }},
      {"no such step", [](Program& p) { p.workflows[0].steps = {99}; }},
      {"the wrong number of keys", [](Program& p) { p.workflows[0].reenroll.key_is_event = false; }},
      {"the wrong number of keys", [](Program& p) { p.workflows[1].reenroll.key = 0; }},
      {"cannot be kept", [](Program& p) { p.workflows[0].reenroll.at_most_once_per = -1; }},
      {"no such event", [](Program& p) { p.workflows[0].triggers[0].match.event = kNone; }},
      {"a number of times without a counter", [](Program& p) { p.workflows[0].triggers[0].times = 1; }},
      {"no such counter", [](Program& p) { p.workflows[0].triggers[1].counter = 5; }},
      {"no such property", [](Program& p) { trigger(p, TriggerKind::changes).property = kNone; }},
      {"no such list", [](Program& p) { trigger(p, TriggerKind::list_added).list = kNone; }},
      {"without its condition", [](Program& p) { trigger(p, TriggerKind::condition).condition = kNone; }},
      {"an event of a trigger that is none",
       [](Program& p) { trigger(p, TriggerKind::created).match.event = 0; }},
      {"no such function", [](Program& p) { p.workflows[0].triggers[0].guard = 50; }},
      {"no such property", [](Program& p) { trigger(p, TriggerKind::condition).reads_properties = {99}; }},
      {"no such counter", [](Program& p) { trigger(p, TriggerKind::condition).reads_counters = {2}; }},
      {"no such list", [](Program& p) { trigger(p, TriggerKind::condition).reads_lists = {2}; }},
      {"cannot be kept", [](Program& p) { p.workflows[0].triggers[0].late_within = -5; }},
      {"the name `lead` occurs twice", [](Program& p) { p.workflows[1].name = "lead"; }},
  });
}

TEST_CASE("the catalogue refers to what it has") {
  check_all({
      {"an entry without a name", [](Program& p) { p.catalogue.lists[0].name.clear(); }},
      {"the name `vip` occurs twice", [](Program& p) { p.catalogue.lists[1].name = "vip"; }},
      {"occurs twice", [](Program& p) { property(p, "firstname").name = "email"; }},
      {"titles and values differ", [](Program& p) { p.catalogue.enums[0].titles.pop_back(); }},
      {"no such enum", [](Program& p) { property(p, "stage").type.aux = 1; }},
      {"no such object", [](Program& p) { property(p, "company").type.aux = 2; }},
      {"no such kind of resource",
       [](Program& p) { p.catalogue.events[0].parameters[0].type.aux = kResourceKinds; }},
      {"a type that nothing has", [](Program& p) { property(p, "firstname").type.kind = value::Kind::list; }},
      {"a format of something", [](Program& p) { property(p, "score").type.format = Format::url; }},
      {"does not fit its type", [](Program& p) { property(p, "score").initial = Value::text("x"); }},
      {"a range of something", [](Program& p) { property(p, "firstname").minimum = 1; }},
      {"a range that holds nothing", [](Program& p) { property(p, "score").maximum = -2'000'000'000; }},
      {"the other side does not refer here",
       [](Program& p) { p.catalogue.objects[1].inverses[0].property = 0; }},
      {"no such property", [](Program& p) { p.catalogue.objects[1].inverses[0].property = 99; }},
      {"no such object", [](Program& p) { p.catalogue.events[0].object = kNone; }},
      {"no such topic", [](Program& p) { p.catalogue.emails[0].topic = 3; }},
      {"no such sender", [](Program& p) { p.catalogue.emails[0].sender = 3; }},
      {"a template reads an argument",
       [](Program& p) { p.catalogue.emails[0].subject.reads[0].argument = 1; }},
      {"a template reads an argument", [](Program& p) { p.catalogue.messages[0].placeholders.clear(); }},
      {"no such object", [](Program& p) { p.catalogue.forms[0].creates = 4; }},
      {"no such user", [](Program& p) { p.catalogue.teams[0].members = {1}; }},
      {"needs one address", [](Program& p) { p.catalogue.webhooks[0].url = "https://example.com"; }},
      {"no such function", [](Program& p) { p.catalogue.segments[0].condition = kNone; }},
      {"no such file", [](Program& p) { p.steps[0].file = 1; }},
      {"no such message", [](Program& p) { p.notifies[0].message = kNone; }},
      {"its arguments are not the message's", [](Program& p) { p.notifies[0].arguments = 0; }},
      {"no such webhook",
       [](Program& p) { p.calls[0].webhook = static_cast<std::uint32_t>(p.catalogue.webhooks.size()); }},
  });
}
