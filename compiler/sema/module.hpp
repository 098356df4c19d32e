// Module: the checked project. Every name is resolved to an index of the catalogue, every expression has a
// type, match is lowered to if, template placeholders are expressions. No error is left in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::sema {

using bytecode::kNone;
using bytecode::Type;
using text::Span;

enum class ExprOp : std::uint8_t {
  constant,  ///< `constant`
  unknown,
  property,  ///< a = property of the record
  field,     ///< args[0] = a record; a = object, b = property
  self,
  parameter,  ///< a = parameter of the current event
  local,      ///< a = local
  now,
  created_at,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  is_known,
  not_,
  and_,
  or_,     ///< two or more args
  any_of,  ///< args[0] is sought in args[1…]
  contains,
  starts_with,
  ends_with,
  matches,
  add,
  sub,
  mul,
  div,
  negate,
  coalesce,  ///< two args
  age,
  count,
  last_event,      ///< a = counter
  occurred_since,  ///< a = counter; args[0] = instant
  in_list,         ///< a = list
  has_tag,         ///< `constant`
  moment,          ///< a = Module::moments; args: anchor if it has one, then the zone if dynamic
  earliest,        ///< of the args, the first instant after now
  expiry,          ///< a = counter: when its count changes next by time alone
  choose,          ///< args[0] = a condition; args[1] if it is true, else args[2]
};

struct Expr {
  ExprOp op = ExprOp::unknown;
  Type type;
  std::vector<Expr> args;
  value::Value constant;
  std::uint32_t a = 0, b = 0;
  Span span;
};

/// EventMatch of the bytecode, its condition still an expression (over record and event).
struct EventMatch {
  std::uint32_t event = kNone;
  std::vector<bytecode::EventMatch::Filter> filters;
  std::optional<Expr> where;
};

struct Counter {
  bytecode::Counter head;  ///< match.where unset
  std::optional<Expr> where;
};

struct Step;
using Block = std::vector<Step>;

struct IfPast {
  ast::IfPast::Then then = ast::IfPast::Then::continue_;
  std::optional<std::int64_t> within;  ///< microseconds
  std::optional<Span> span;            ///< where it is written
};

struct WindowUse {
  value::WeeklyWindow hours;
  std::string zone;
  std::optional<Expr> dynamic_zone;  ///< text; the static zone if unknown
};

struct Send {
  std::uint32_t email = kNone;
  Expr recipient;               ///< a contact
  std::vector<Expr> arguments;  ///< the e-mail's placeholders, then the subject's
  std::optional<bytecode::Template> subject;
  std::uint32_t label = kNone;   ///< local
  bool windowed = true;          ///< the workflow's windows apply
  std::vector<WindowUse> quiet;  ///< further windows: the policies' quiet hours, in the recipient's zone
};
struct CreateTask {
  Expr title, assignee;
  std::optional<Expr> due;
};  ///< due: an instant
struct Notify {
  Expr assignee;
  std::uint32_t message = kNone;
  std::vector<Expr> arguments;
  bool windowed = false;
  bool by_mail = false, in_app = true;
};
struct CallWebhook {
  std::uint32_t webhook = kNone;
  std::vector<std::pair<std::string, Expr>> fields;
  std::optional<std::uint32_t> retries;
  std::int64_t over = 0;
  Block on_failure;
  /// `as reply, at most D`: the step waits. Locals from `first_local`: a field of `returns` each, then the
  /// reason of a failure.
  struct Reply {
    std::uint32_t first_local = kNone;
    Expr at_most;  ///< duration
    Block answered, failed, timed_out;
  };
  std::optional<Reply> reply;
};
struct SetProperty {
  std::uint32_t property = kNone;
  Expr value;
};
struct AddProperty {
  std::uint32_t property = kNone;
  Expr amount;
};
struct SetField {
  Expr record;
  std::uint32_t object = kNone, property = kNone;
  Expr value;
};
struct AddField {
  Expr record;
  std::uint32_t object = kNone, property = kNone;
  Expr amount;
};
struct ChangeList {
  bool add = true;
  std::uint32_t list = kNone;
  Expr record;
};
struct ChangeAudience {
  bool add = true;
  std::uint32_t audience = kNone;
  Expr record;
};
struct ChangeTag {
  bool add = true;
  std::string tag;
};
struct ChangeTopic {
  bool subscribe = true;
  std::uint32_t topic = kNone;
};
struct SetMarketing {
  bool marketing = true;
};
struct Enroll {
  bool enroll = true;
  std::uint32_t workflow = kNone;
  Expr record;
};
struct WaitFor {
  Expr duration;
};
struct WaitUntil {
  Expr moment;
  IfPast if_past;
  std::vector<std::uint32_t> anchors;  ///< whose change starts the wait again
  ast::IfPast::Then if_unknown = ast::IfPast::Then::stop;
};
struct WaitEvent {
  EventMatch match;
  Expr at_most;  ///< duration
  /// A label's event may have come before the wait began: the counter of the event and the label's local.
  std::uint32_t since_counter = kNone, since_local = kNone;
  Block happened, timed_out;
};
struct AtBlock {
  Expr moment;
  IfPast if_past;
  std::vector<std::uint32_t> anchors;
  Block body;
  ast::IfPast::Then if_unknown = ast::IfPast::Then::stop;
};
/// What a condition can come to, as a set.
using Outcomes = std::uint8_t;
inline constexpr Outcomes kTrue = 1, kFalse = 2, kUnknown = 4, kAnyOutcome = 7;

struct If {
  struct Arm {
    Expr condition;
    Block body;
    Outcomes outcomes = kAnyOutcome;  ///< those that types and facts leave possible
  };
  /// What tests have to reach: the outcomes of each condition; each arm; or nothing, where the branch is
  /// nothing that the author wrote.
  enum class Coverage : std::uint8_t { conditions, arms, none };
  std::vector<Arm> arms;
  Block otherwise;
  Coverage coverage = Coverage::conditions;
  std::optional<Span> else_span;  ///< the head of a written `else`
};
struct Let {
  std::uint32_t local = kNone;
  Expr value;
};
struct Stop {
  bytecode::EndReason reason = bytecode::EndReason::stopped;
};
/// A body for each arm of the catalogue's experiment, in its order.
struct Experiment {
  std::uint32_t experiment = kNone;
  Expr key;
  std::vector<Block> bodies;
};

struct Step {
  std::variant<Send, CreateTask, Notify, CallWebhook, SetProperty, AddProperty, SetField, AddField,
               ChangeList, ChangeTag, ChangeTopic, SetMarketing, Enroll, WaitFor, WaitUntil, WaitEvent,
               AtBlock, If, Let, Stop, Experiment, ChangeAudience>
      node;
  std::string label;  ///< source text of the head, one line: "send email.welcome"
  Span span;
  bool dead = false;  ///< by what is known here no path comes to it
};

/// Calls `visit` with every block inside a step, in file order.
template <class AStep, class Visit>
void each_block(AStep& step, Visit visit) {
  std::visit(
      [&](auto& n) {
        using Node = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<Node, If>) {
          for (auto& arm : n.arms) visit(arm.body);
          visit(n.otherwise);
        } else if constexpr (std::is_same_v<Node, WaitEvent>) {
          visit(n.happened);
          visit(n.timed_out);
        } else if constexpr (std::is_same_v<Node, AtBlock>) {
          visit(n.body);
        } else if constexpr (std::is_same_v<Node, CallWebhook>) {
          visit(n.on_failure);
          if (!n.reply) return;
          visit(n.reply->answered);
          visit(n.reply->failed);
          visit(n.reply->timed_out);
        } else if constexpr (std::is_same_v<Node, Experiment>) {
          for (auto& body : n.bodies) visit(body);
        }
      },
      step.node);
}

struct Trigger {
  bytecode::Trigger head;  ///< functions unset; reads_* filled
  EventMatch match;
  std::optional<Expr> condition, guard;
  std::optional<Expr> retest;  ///< an instant: when time alone can change the condition next
  Span span;
};

/// What the checker claims about a place, in every run of the workflow.
struct Verdict {
  enum class Kind : std::uint8_t {
    never_true,      ///< the condition at `span` never comes to true
    always_true,     ///< it always does
    always_unknown,  ///< it is always unknown
    unreachable,     ///< the step at `span` never runs
  };
  Kind kind = Kind::never_true;
  Span span;
};

/// An event that ends a running enrolment.
struct Exit {
  EventMatch match;
  bytecode::EndReason reason = bytecode::EndReason::cancelled;
};

struct Workflow {
  bytecode::Workflow head;  ///< name, title, owner, object, suppress, priority, reenroll (key unset)
  std::vector<Trigger> triggers;
  std::vector<Exit> exits;
  std::optional<Expr> unless, goal, cancel, reenroll_key;
  std::vector<WindowUse> windows;
  std::uint32_t locals = 0;
  Block body;
  Span span;
  std::vector<Verdict> verdicts;
  std::vector<Span> suppress_spans;  ///< as head.suppress
};

struct Segment {
  std::uint32_t index = kNone;
  Expr condition;
};

/// A scoring's bands; their sum is what `scoring.NAME` means.
struct Scoring {
  struct Band {
    std::int64_t points = 0;
    Expr condition;
    std::string label;  ///< source text of the condition, one line
    Span span;
  };
  std::uint32_t index = kNone;
  std::vector<Band> bands;
};

// ---- tests of the language, checked
// -----------------------------------------------------------------------------

struct TestData {
  std::vector<std::pair<std::uint32_t, value::Value>> properties;
  std::optional<bool> marketing;
};
struct TestRecord {
  std::string name;
  std::uint32_t object = kNone;
  TestData data;
};
struct TestAnswers {
  std::uint32_t webhook = kNone;
  std::vector<int> statuses;
  std::vector<value::Map> bodies;  ///< as many as statuses
};
struct TestVariant {
  std::uint32_t record = kNone, experiment = kNone, arm = kNone;
};
struct TestOccurs {
  std::uint32_t event = kNone;
  std::uint32_t record = kNone;  ///< index into Test::records
  std::vector<std::pair<std::uint32_t, value::Value>> parameters;
  std::vector<std::pair<std::uint32_t, value::Value>> properties;  ///< form fields that the event brings
};
struct TestSet {
  std::uint32_t record = kNone, property = kNone;
  value::Value value;
};
struct TestMember {
  bool add = true;
  std::uint32_t record = kNone, list = kNone;
};
struct TestTopic {
  bool subscribe = true;
  std::uint32_t record = kNone, topic = kNone;
};
enum class Expectation : std::uint8_t {
  sent,               ///< resource = email, record = recipient
  refused,            ///< the same; `word` = reason, "" for any
  task,               ///< `word` = title, "" for any
  notified,           ///< resource = message (kNone: any)
  called,             ///< resource = webhook
  enrolled,           ///< resource = workflow, record: has a running enrolment
  ended,              ///< resource = workflow, record; `word` = reason ("completed", "goal_met", …)
  member,             ///< resource = list, record
  tagged,             ///< `word` = tag, record
  subscribed,         ///< resource = topic, record
  nothing,            ///< no effect that no expectation before names; record: only of this one
  variant,            ///< resource = experiment, record; `word` = name of the variant, "holdout"
  winner,             ///< resource = experiment; `word` = name of the variant
  marketing,          ///< record: is a marketing contact
  marketing_refused,  ///< record; `word` = reason, "" for any
};
struct TestExpect {
  Expectation what = Expectation::sent;
  bool negated = false;
  std::uint32_t record = kNone;  ///< whom it is about; kNone: anybody
  std::uint32_t resource = kNone;
  std::string word;
  std::string person;                                        ///< "user.x" or "team.x"; "": anybody
  std::optional<std::string> subject;                        ///< of a mail or a notification
  std::vector<std::pair<std::string, value::Value>> fields;  ///< of a call's body; names are texts
  std::optional<std::int64_t> due;                           ///< of a task: instant
  std::optional<std::int64_t> due_in;                        ///< of a task: after its creation
  std::optional<std::int64_t> times;                         ///< exactly so often up to here
};
struct TestThat {
  std::uint32_t record = kNone;
  Expr condition;
};  ///< over that record
struct TestLimit {
  std::int64_t at_most = 0;
  std::uint32_t record = kNone;
  std::int64_t window = 0;
};
struct TestEnroll {
  bool enroll = true;
  std::uint32_t record = kNone, workflow = kNone;
};
struct TestAllowOthers {};

struct TestLine {
  ast::TestLine::When when = ast::TestLine::When::setup;
  std::int64_t offset = 0;
  std::variant<TestAnswers, TestOccurs, TestSet, TestMember, TestTopic, TestExpect, TestThat, TestLimit,
               TestAllowOthers, TestVariant, TestEnroll>
      node;
  std::string label;  ///< source text of `what`, one line
  Span span;
  Span what;  ///< behind `at +4d6h` or `finally`
};
struct Test {
  std::string title;
  Span title_span;
  std::int64_t start = 0;  ///< instant
  std::string zone;
  std::vector<TestRecord> records;
  std::vector<TestLine> lines;
  Span span;
};

struct Module {
  bytecode::Catalogue catalogue;
  std::vector<Counter> counters;
  std::vector<bytecode::Moment> moments;
  std::vector<Workflow> workflows;
  std::vector<Segment> segments;
  std::vector<Scoring> scorings;
  std::vector<Test> tests;
};

}  // namespace wf::sema
