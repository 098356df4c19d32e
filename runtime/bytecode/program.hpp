// Program: a compiled project. Catalogue, functions, tables and the code they share.
//
// A function is an expression (ends with return_) or the body of a workflow (ends with end or stop). All
// indices are checked by verify(); the VM runs only verified programs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/schedule.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::bytecode {

enum class Opcode : std::uint8_t {
#define WF_OPCODE(name, operand, pops, pushes, doc) name,
#include "runtime/bytecode/opcodes.def"
#undef WF_OPCODE
};

enum class OperandKind : std::uint8_t {
  none,
  constant,
  property,
  field,
  parameter,
  local,
  counter,
  list,
  topic,
  jump,
  count,
  moment,
  window,
  wait,
  send,
  task,
  notify,
  call,
  workflow,
  step,
  reason,
  marketing,
  outcome,
  experiment,
  audience,
  relation,
  collect,
  create,
  rotation,
};

struct OpcodeInfo {
  Opcode opcode;
  const char* name;
  OperandKind operand;
  const char* pops;
  const char* pushes;
  const char* doc;
};
/// One row an opcode, in order.
const std::vector<OpcodeInfo>& opcodes();

using Word = std::uint32_t;
inline constexpr Word encode(Opcode op, std::uint32_t operand = 0) {
  return static_cast<Word>(op) | (operand << 8);
}
inline constexpr Opcode opcode_of(Word w) {
  return static_cast<Opcode>(w & 0xff);
}
inline constexpr std::uint32_t operand_of(Word w) {
  return w >> 8;
}

/// Why an enrolment ended. Stored by name; the numbers are the operands of `stop`.
enum class EndReason : std::uint8_t {
  completed,
  stopped,
  goal_met,
  cancelled,
  suppressed,
  anchor_unknown,
  no_recipient,
  too_late,
  failed,
  unenrolled,
  record_deleted,
  merged,
  turned_off,
  restarted,
  blocked,
  campaign_ended,
  replied,
  meeting,
};
inline constexpr EndReason kLastEndReason = EndReason::meeting;
const char* to_string(EndReason reason);

enum class FunctionKind : std::uint8_t { expression, body };

/// Words [begin, end) of Program::code; jumps stay inside.
struct Function {
  FunctionKind kind = FunctionKind::expression;
  std::uint32_t begin = 0, end = 0;
  std::uint32_t object = kNone;  ///< type of the record
  std::uint32_t event = kNone;   ///< type of the current event, if the function may read it
  std::uint32_t locals = 0;
  std::uint32_t max_stack = 0;  ///< as computed by the verifier
};

struct FieldRef {
  std::uint32_t object = kNone, property = kNone;
};

/// Matches events: type, equality of some fields, and a condition over record and event.
struct EventMatch {
  struct Filter {
    std::uint32_t parameter = 0;
    value::Value value;
  };
  std::uint32_t event = kNone;
  std::vector<Filter> filters;
  std::uint32_t where = kNone;  ///< function
};

/// One step along an association: `property` of `object` gives the next record; back: the records of `object`
/// whose `property` points here.
struct Hop {
  std::uint32_t object = kNone, property = kNone;
  bool back = false;
  friend bool operator==(const Hop&, const Hop&) = default;
};

/// What a condition over one record reads of the records at the end of a path from it. When one of these
/// changes there, the condition is evaluated again here.
struct RelatedRead {
  std::vector<Hop> path;         ///< not empty
  std::uint32_t object = kNone;  ///< of the records at the end
  std::vector<std::uint32_t> properties, counters, lists;
  bool tags = false;
  /// Only whether a record fits this relation is read, not the values themselves.
  std::uint32_t relation = kNone;
};

/// The records of `object` whose `property` points at a record; property kNone: that record itself.
struct Relation {
  std::uint32_t object = kNone, property = kNone;
  std::uint32_t where = kNone;    ///< function over the associated record; kNone: all
  std::uint32_t limit = 0;        ///< count no further; 0: all
  std::uint32_t primary = kNone;  ///< property of the record that names the first among them
};

/// Collects associated records in the order of their ids into locals; unknown where there are no more.
struct Collect {
  std::uint32_t relation = kNone;
  std::uint32_t first = 0, count = 0;  ///< locals
};

struct Create {
  std::uint32_t object = kNone;
  std::vector<std::uint32_t> properties;  ///< of the values popped
  std::uint32_t label = kNone;            ///< local that takes the new record
};

/// Whose turn it is. The turns taken are counted under `key` for ever.
struct Rotation {
  std::string key;                   ///< "contact.owner team.sales": the same in every bundle
  std::vector<std::uint32_t> users;  ///< in the order of turns; who has more weight occurs more often
};

enum class CounterKind : std::uint8_t { event, became };
/// What the engine keeps per record because some condition asks for it.
struct Counter {
  std::string key;  ///< canonical text, the same for the same question in every bundle
  CounterKind kind = CounterKind::event;
  std::uint32_t object = kNone;
  EventMatch match;                ///< of kind event
  std::uint32_t property = kNone;  ///< of kind became: the property …
  value::Value became;             ///< … and the value it took
  std::int64_t window = 0;         ///< microseconds; 0: since ever
  std::uint32_t limit = 1000;      ///< windowed: occurrences kept, newest first
};

/// `60 days before ANCHOR at 09:00 in Z`, `2 business days after ANCHOR`, `next mon at 09:00`, `09:00`,
/// `monthly on 15 at 09:00`. Without anchor: the first such instant after now.
struct Moment {
  bool has_anchor = true;     ///< popped: an instant or a date
  bool dynamic_zone = false;  ///< popped: a text; the static zone if unknown
  std::string zone;
  std::int64_t offset = 0;         ///< microseconds, negative for `before`; whole days move the local date
  std::int32_t offset_months = 0;  ///< calendar months
  std::int32_t offset_days = 0;    ///< calendar days
  std::int32_t at = -1;            ///< minutes; -1: the anchor's own time of day (a date: 00:00)
  std::int8_t next_weekday = -1;   ///< without anchor: the next such day after today (0 = Monday)
  /// Business time, negative for `before`, in hours of `calendar` (of the catalogue); then nothing else moves
  /// the anchor. Business days that start from a date, or end at a time of day, count dates.
  std::uint32_t calendar = kNone;
  std::int32_t business_days = 0;
  std::int64_t business = 0;  ///< microseconds
  /// Without anchor, or yearly from a date that is the anchor, from that date on.
  value::Schedule recurs;
};

struct Opening {
  value::WeeklyWindow hours;
  bool dynamic_zone = false;  ///< popped: a text; the static zone if unknown
  std::string zone;
  friend bool operator==(const Opening&, const Opening&) = default;
};
/// Open when all of it is.
struct Window {
  std::vector<Opening> all;
};

enum class WaitKind : std::uint8_t { duration, until, event, reply };
struct Wait {
  WaitKind kind = WaitKind::duration;
  std::uint32_t step = kNone;
  std::uint32_t recompute = kNone;     ///< until: where to start again when an anchor changes (word index)
  std::vector<std::uint32_t> anchors;  ///< properties of the record that the moment reads
  EventMatch match;                    ///< of kind event
  std::uint32_t sent = kNone;  ///< event: local with the instant of the send reacted to; unknown: not sent
  std::uint32_t call = kNone;  ///< reply: of which call
  std::vector<RelatedRead> anchors_elsewhere;  ///< what the moment reads of other records
};

struct Send {
  std::uint32_t email = kNone;
  MailClass mail_class = MailClass::none;  ///< equal to the e-mail's: the verifier insists
  std::uint32_t topic = kNone;
  std::uint32_t arguments = 0;  ///< the e-mail's placeholders, then those of the subject here
  bool own_subject = false;
  Template subject;             ///< `with subject "…"`; its argument indices start at 0 of all arguments
  std::uint32_t label = kNone;  ///< local that takes the instant of the send
};
struct Task {
  bool has_due = false;
  bool has_about = false;       ///< popped: the record it is about; without, the enrolled one
  std::uint32_t label = kNone;  ///< local that takes the task
  friend bool operator==(const Task&, const Task&) = default;
};
struct Notify {
  std::uint32_t message = kNone;
  std::uint32_t arguments = 0;
  bool by_mail = false, in_app = true;
};
struct Call {
  std::uint32_t webhook = kNone;
  std::vector<std::string> fields;
  std::uint32_t retries = kNone;  ///< kNone: the standard schedule
  std::int64_t over = 0;
  std::uint32_t on_failure = kNone;  ///< function (body without waits), run when the call is given up
  /// First of the locals that take the answer: one a field of `returns`, then the reason of a failure.
  std::uint32_t reply = kNone;
};

/// Where a word of code comes from, and what reports call it.
struct Step {
  std::string label;       ///< "send email.welcome"
  std::uint32_t file = 0;  ///< index into Program::files
  std::uint32_t line = 0, column = 0;
};

enum class TriggerKind : std::uint8_t {
  event,      ///< an event that matches; with `times` > 0 the occurrence that reaches it
  changes,    ///< a property got another value
  becomes,    ///< `condition` reads the property only: false before, true now
  condition,  ///< any condition: not true before, true now
  created,
  list_added,
  list_removed,
  moment,    ///< `enroll at`: `condition` is a function that gives the instant
  schedule,  ///< `enroll daily at`: `condition` gives the first instant after now
  related,   ///< `edge`: an associated record became something
};

/// `some deals where (stage becomes closed_won and amount > 100)`: seen from the record, an associated one
/// came to fit `became` (a newly associated one fitted nothing before) and fits `where` then.
struct RelatedEdge {
  std::vector<Hop> path;  ///< from the record to the associated one; empty: no edge
  std::uint32_t object = kNone;
  std::uint32_t became = kNone, where = kNone;             ///< functions over the associated record
  std::vector<std::uint32_t> properties, counters, lists;  ///< what `became` reads
  bool tags = false;
};

enum class ReenrollMode : std::uint8_t { never, every_time, each_key };
struct Reenroll {
  ReenrollMode mode = ReenrollMode::never;
  bool key_is_event = false;  ///< reenroll each event
  std::uint32_t key = kNone;  ///< function that gives the key
  std::int64_t at_most_once_per = 0;
  bool restart = false;
};

struct Trigger {
  TriggerKind kind = TriggerKind::event;
  EventMatch match;
  std::uint32_t times = 0;
  std::uint32_t counter = kNone;   ///< of an event with times
  std::uint32_t property = kNone;  ///< changes
  std::uint32_t list = kNone;
  std::uint32_t condition = kNone;  ///< function
  std::uint32_t guard = kNone;      ///< function: `, if C`
  bool late_ok = false;             ///< moment: `if past within D enroll now`
  std::int64_t late_within = 0;
  // What a condition reads: it is evaluated again only when one of these changes.
  std::vector<std::uint32_t> reads_properties, reads_counters, reads_lists;
  bool reads_tags = false;
  std::vector<RelatedRead> reads_elsewhere;
  /// Function: the next instant at which time alone can change the condition.
  std::uint32_t retest = kNone;
  RelatedEdge edge;           ///< of kind related
  bool own_reenroll = false;  ///< `reenroll` counts here, not the workflow's
  Reenroll reenroll;
};

/// `pause dates`: nothing of the workflow runs on these local dates, both included.
struct Pause {
  std::int32_t from = 0, to = 0;
};
/// What becomes of an enrolment whose timer is looked at late, after the daemon was down.
enum class LatePolicy : std::uint8_t {
  fire,  ///< goes on
  skip,  ///< ends as too_late when later than `after`
  hold,  ///< stays where it is until a person decides, when later than `after`
};
struct Late {
  LatePolicy policy = LatePolicy::fire;
  std::int64_t after = 0;
};
/// What happens to the enrolment when a mail of its is refused.
enum class WhenBlocked : std::uint8_t { continue_, stop, delay };
/// What happens to running enrolments when another program becomes active.
enum class OnDeploy : std::uint8_t { pin, migrate_compatible, cancel, restart };
struct Kpi {
  std::string title;
  std::int64_t target = 0;  ///< micros; of a percentage: of 1
  bool percent = false;
  std::int32_t by = 0;  ///< days since 1970-01-01
};

/// An event that ends a running enrolment.
struct Exit {
  EventMatch match;
  EndReason reason = EndReason::cancelled;
};

/// What a workflow is to its campaign.
enum class CampaignPart : std::uint8_t { none, joined, audience, story, hot, responded };

struct Workflow {
  std::string name, title, owner;
  std::uint32_t object = kNone;
  std::uint32_t body = kNone;  ///< function
  std::vector<Trigger> triggers;
  std::vector<std::uint32_t> suppress;  ///< lists
  std::uint32_t unless = kNone;         ///< function
  std::uint32_t goal = kNone;           ///< function
  bool goal_is_edge = false;            ///< `goal X becomes v`: counts only after enrolment
  std::uint32_t cancel = kNone;         ///< function
  std::vector<RelatedRead> exits_read;  ///< what goal and cancel read of other records
  RelatedEdge goal_edge;                ///< met when this happens; beside `goal`
  Reenroll reenroll;
  bool existing = false;  ///< `enroll existing yes`: who matches when it is switched on is enrolled
  bool manual = false;    ///< `enroll manually`
  std::int32_t priority = 0;
  std::vector<std::uint32_t> steps;  ///< of Program::steps, in source order
  std::vector<Pause> pauses;         ///< ascending, apart
  std::string pause_zone;
  Late late;
  std::string exclusive_group;  ///< "" without one
  WhenBlocked when_blocked = WhenBlocked::continue_;
  OnDeploy on_deploy = OnDeploy::pin;
  std::string allow_loop;  ///< the reason given
  std::vector<Kpi> kpis;
  std::vector<Exit> exits;
  std::int64_t enter_until = 0;  ///< from then on nobody enters; 0: no limit
  std::int64_t ends_at = 0;      ///< then running enrolments end as campaign_ended; 0: never
  std::uint32_t campaign = kNone;
  CampaignPart part = CampaignPart::none;
};

/// "workflow.NAME"; the name of what a campaign or sequence became is whole already.
std::string workflow_label(std::string_view name);

struct Program {
  Catalogue catalogue;
  std::vector<Word> code;
  std::vector<value::Value> constants;
  std::vector<Function> functions;
  std::vector<FieldRef> fields;
  std::vector<Counter> counters;
  std::vector<Moment> moments;
  std::vector<Window> windows;
  std::vector<Wait> waits;
  std::vector<Send> sends;
  std::vector<Task> tasks;
  std::vector<Notify> notifies;
  std::vector<Call> calls;
  std::vector<Relation> relations;
  std::vector<Collect> collects;
  std::vector<Create> creates;
  std::vector<Rotation> rotations;
  std::vector<Step> steps;
  std::vector<Workflow> workflows;
  std::vector<std::string> files;

  std::uint32_t find_workflow(std::string_view name) const;
};

/// Limits of a bundle; the verifier and the loader refuse more.
inline constexpr std::size_t kMaxBundleBytes = 16u << 20;
inline constexpr std::uint32_t kMaxStack = 256;
inline constexpr std::uint32_t kMaxLocals = 256;

using Hash = std::array<std::uint8_t, 32>;
std::string to_hex(const Hash& hash);

/// The .wfb file: magic, version, section table, sections, SHA-256 of all before it. Reproducible.
std::string write_bundle(const Program& program);
/// Reads and verifies. Errors: corrupt (magic, bounds, checksum), unsupported (version), limit, invalid
/// (verifier).
Result<Program> read_bundle(std::string_view bytes);
/// The SHA-256 at the end of a bundle: its identity.
Hash bundle_hash(std::string_view bytes);
/// Fingerprint of the catalogue's objects, properties and events.
Hash schema_fingerprint(const Catalogue& catalogue);

/// Checks everything the VM relies on and fills in Function::max_stack: operands in range, jumps on
/// instructions of the same function, one stack depth per instruction within kMaxStack, types where they are
/// known, sends with class and topic, no code without an end. Error `invalid` names function, word and
/// reason.
Result<void> verify(Program& program);

/// The listing of `wfc dis`: one instruction a line with its operand resolved, steps as comments.
std::string listing(const Program& program);

}  // namespace wf::bytecode
