// PUBLIC: the engine, the only writer of run state.
//
// It pulls accepted inputs, due timers and answers of channels, applies them in memory, and appends one redo
// frame: then, and only then, effects may leave. The same engine runs in the daemon, in `wfc test`, in `wfc
// sim` and in the simulation: time, storage and channels are given from outside, so a run can be repeated.
//
// One thread. After an error of the store the batch counts as not done; calling again repeats it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/text/result.hpp"
#include "runtime/bytecode/program.hpp"
#include "runtime/engine/deployment.hpp"
#include "runtime/engine/event.hpp"
#include "runtime/engine/history.hpp"
#include "runtime/engine/operations.hpp"
#include "runtime/store/store.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::engine {

using store::Key;
using value::Value;

/// What a group of steps went through. References are valid during the call.
struct GroupRan {
  Key record = 0;
  const bytecode::Program& program;
  const vm::Run& run;
  const vm::View& view;  ///< the record as the group saw it, without the group's own writes
  std::int64_t at = 0;
};

/// What keeps a dead or slow destination from delaying others. A destination is the mail relay, or the host
/// of a webhook.
struct DestinationLimits {
  std::size_t mails = 1000;  ///< under way at once
  std::size_t calls = 32;    ///< under way at once to one host; the channel makes 8 connections of them
  std::size_t failures = 5;  ///< so many …
  std::int64_t within = 30 * value::kSecond;      ///< … in this time close it …
  std::int64_t closed_for = 30 * value::kSecond;  ///< … for so long; then one effect tries whether it works
};

struct Options {
  std::uint16_t shards = 16;
  std::size_t inputs_per_batch = 5'000;
  std::size_t timers_per_batch = 500;
  std::size_t swept_per_batch = 1'000;  ///< existing records looked at when workflows are switched on
  std::size_t cache_bytes = std::size_t{64}
                            << 20;  ///< of records in memory; a batch may need more for its time
  std::size_t kept_versions = 20;   ///< newest bundles that one can return to
  /// The mail channel drops repeated keys by itself: nothing is ever held as uncertain.
  bool mail_idempotent = false;
  /// Absent: nothing limits a destination, as in virtual time.
  std::optional<DestinationLimits> destinations;
  /// The link of `{{ unsubscribe_url }}` and List-Unsubscribe; empty: none.
  std::function<std::string(Key contact, std::string_view topic)> unsubscribe_link;
  /// The process before did not end in order: what it may have died over is taken one by one at first.
  bool after_crash = false;
  /// Called before each input and timer is worked on; what it throws counts as a fault of the item. For
  /// tests.
  std::function<void(const store::Input*, const store::Timer*)> before_item;
  /// Told of every history item once its frame is durable, in order: tests, simulation, tracing.
  std::function<void(Key, const HistoryItem&)> observer;
  /// Told of each group of steps that ran to its end, before its effects are applied: coverage, explanations.
  std::function<void(const GroupRan&)> ran;
};

struct BatchResult {
  std::size_t inputs = 0;
  std::size_t timers = 0;
  std::size_t answers = 0;
  std::size_t swept = 0;
  bool more = false;  ///< work that is due was left for the next batch
  bool idle() const { return inputs + timers + answers + swept == 0 && !more; }
};

struct MailDelivery {
  std::string from_name, from_address, to_address;
  std::string subject, text, html;
  std::string reply_to;         ///< "" without one
  std::string unsubscribe_url;  ///< "" without one
  bytecode::MailClass mail_class = bytecode::MailClass::none;
  std::string email;  ///< name of the resource
};
struct CallDelivery {
  std::string webhook;  ///< name of the resource
  std::string url, url_secret, sign_secret;
  std::string body;          ///< JSON
  bool wants_reply = false;  ///< the answer's body is asked for
};
/// An effect that may leave now. Answer it with Engine::answered, once.
struct Delivery {
  std::uint64_t effect = 0;
  Key record = 0;  ///< a mail's recipient; the record whose workflow calls
  std::string key;
  int attempt = 1;
  std::variant<MailDelivery, CallDelivery> what;
};

enum class AnswerKind : std::uint8_t {
  delivered,
  retry,
  refused,
  uncertain,
  gone,  ///< of a call: the endpoint is not there any more and wants no further call
};
struct EffectAnswer {
  std::uint64_t effect = 0;
  AnswerKind kind = AnswerKind::delivered;
  std::string detail;
  /// Of a call that wants a reply: the JSON object of the answer's body; nothing when it is none.
  std::optional<value::Map> reply;
  /// Microseconds for which the receiver asked not to be tried again; 0: it did not.
  std::int64_t retry_after = 0;
};

// ---- what one can ask
// -------------------------------------------------------------------------------------------

struct EnrolmentInfo {
  std::string workflow, status, step;
  std::uint32_t id = 0;
  std::int64_t started_at = 0;
  std::int64_t due = 0;  ///< 0: none
};
/// How many enrolments stand at one place.
struct StepFigure {
  std::string step;  ///< label of the wait they are at; "" between waits: held back, held or parked
  std::string file;  ///< where it is written, in the version that they run on
  std::uint32_t line = 0;
  std::int64_t count = 0;
};
struct WorkflowInfo {
  std::string name, title, object;  ///< object "" when it has left the project
  bool off = false, paused = false, draining = false;
  std::int64_t off_since = 0, paused_since = 0;
  std::int64_t running = 0;  ///< enrolments, of all versions
  std::uint64_t parked = 0;  ///< came due in the pause and wait for its end
  std::vector<StepFigure> steps;
};
/// Why a record is in a workflow or not.
struct ExplainedRule {
  bool allows = true;
  std::string text;
};
struct ExplainedItem {
  std::int64_t at = 0;
  Happening what = Happening::event;
  SymbolId subject = 0;
  std::string detail;
  std::string seen;  ///< of a step: the properties that the workflow reads, as they were then
};
struct Explanation {
  std::string workflow;
  std::vector<std::string> standing;  ///< where its enrolment stands
  std::vector<ExplainedRule> rules;   ///< the rules of entry, as of now
  std::vector<std::string> triggers;  ///< with the values that they see now
  std::vector<ExplainedItem> items;   ///< what the workflow did with it, the oldest first
  bool truncated = false;             ///< the timeline is longer
};

/// A workflow tried out on a copy of a record.
struct RehearsalRequest {
  std::string workflow, subject;
  std::string to;  ///< who gets the mails
};
struct RehearsalItem {
  std::int64_t at = 0;
  bool own = true;  ///< of the record itself
  Happening what = Happening::event;
  std::string subject, workflow, detail;
};
struct Rehearsal {
  OperationAnswer found;  ///< not_found when there is no such workflow or record
  std::string refused;    ///< why it did not enter; "" when it did
  std::vector<RehearsalItem> items;
  std::vector<Delivery> mails;  ///< all to the tester; of no outbox
  bool unfinished = false;      ///< it goes on for longer than is tried
};

/// Why a score is what it is.
struct ScoreInfo {
  std::string scoring;
  std::int64_t total = 0;
  std::vector<std::pair<std::string, std::int64_t>> bands;  ///< those that count: condition, points
};
struct CampaignInfo {
  std::string campaign, status;    ///< none, responded, hot
  std::int64_t points = 0;         ///< of its stories
  std::optional<ScoreInfo> score;  ///< nothing without a scoring
};
struct RecordInfo {
  Key key = 0;
  std::string object;
  std::int64_t created_at = 0;
  bool marketing = false;
  std::string suppressed;
  std::vector<std::pair<std::string, std::string>> properties;  ///< name, text; known ones only
  std::vector<std::string> lists, tags, unsubscribed;
  std::vector<EnrolmentInfo> enrolments;
  std::vector<std::pair<std::string, std::string>> variants;  ///< experiment, arm
  std::vector<ScoreInfo> scores;                              ///< of every scoring of its object
  std::vector<CampaignInfo> campaigns;                        ///< whose target it is
  store::HistoryRef history;
};

/// One counter of the report: workflow · metric · detail → count.
struct ReportRow {
  std::string subject;  ///< "workflow.lead_nurturing", "email.welcome", "engine"
  std::string metric;   ///< "enrolled", "ended", "step", "sent", "refused", …
  std::string detail;   ///< reason or step
  std::int64_t count = 0;
};

/// A destination that nothing leaves for at the moment.
struct ClosedDestination {
  std::string name;
  std::int64_t until = 0;  ///< then one effect tries whether it works again
};

/// An effect that has not been delivered.
struct OutboxItem {
  std::uint64_t id = 0;
  store::EffectState state = store::EffectState::ready;
  std::string key;
  std::string subject;   ///< "email.welcome", "webhook.ledger", "message.broken"
  std::string workflow;  ///< its name
  Key record = 0;
  std::string label;  ///< of the record, for people: an address or a name; "" without one
  int attempts = 0;
  std::int64_t next_at = 0;  ///< since when it has been due, or when it will be tried
  std::string reason;        ///< why it was given up; "" when it was not
};
/// An input or timer that could not be worked on and is kept.
struct QuarantinedItem {
  std::uint64_t id = 0;
  std::int64_t at = 0;
  std::string what;  ///< "form_submitted of taro@example.com"
  std::string reason;
};

/// What an outage left behind.
struct CatchUpReport {
  std::int64_t from = 0, to = 0;  ///< of the newest outage; 0: none
  std::string state;              ///< none, holding, approved, skipped, rescheduled
  std::map<std::pair<std::string, std::string>, std::uint64_t> mails;  ///< held, by workflow and mail
};

/// Which effects an operation is about: those with the ids, or when there are none all of the states and, if
/// given, the workflow.
struct OutboxChoice {
  std::vector<std::uint64_t> ids;
  std::vector<store::EffectState> states;
  std::string workflow;
};

struct Status {
  store::StoreFigures store;
  std::uint64_t backlog = 0;    ///< accepted inputs not yet consumed
  std::uint64_t in_flight = 0;  ///< effects handed over and not answered
  std::uint64_t held = 0;       ///< uncertain effects
  std::uint64_t dead = 0;
  std::uint64_t late = 0;         ///< marketing mails that an outage made late, held for a decision
  std::uint64_t quarantined = 0;  ///< inputs and timers that could not be worked on
  std::vector<ClosedDestination> closed;
  std::vector<std::string> gone;  ///< webhooks that answered 410: nothing is sent there any more
  std::int64_t clock = 0;         ///< newest instant the engine has seen
};

class Engine {
 public:
  /// Takes over the state of `store` (must outlive the engine). Errors: corrupt, io.
  static Result<std::unique_ptr<Engine>> open(store::Store& store, Options options = {});
  virtual ~Engine() = default;

  /// Makes a verified bundle the active one. Running enrolments stay on theirs. Errors: those of read_bundle
  /// and of the store.
  /// A workflow that the bundle before did not have is switched on: who matches is enrolled if it says so,
  /// and moments that records are waiting for are set, by run(), some records at a time.
  virtual Result<void> activate(std::string_view bundle, std::int64_t now) = 0;
  /// The same, told in full: a bundle that is not the active one becomes a new version. Another error:
  /// conflict when the active bundle is not the expected one. After an error all is as before.
  virtual Result<Deployed> deploy(std::string_view bundle, std::int64_t now,
                                  const DeployRequest& request) = 0;
  /// Makes the bundle of an earlier version active again, as a new version; 0: of the version before the
  /// newest that had another bundle. Another error: not_found.
  virtual Result<Deployed> roll_back(std::uint64_t version, std::int64_t now) = 0;
  /// What a daemon runs when it starts with a project: the project when it is another one than at the last
  /// start, else the newest version. Without a project ("") the newest version; not_found without any.
  virtual Result<Deployed> resume(std::string_view project, std::int64_t now) = 0;
  /// Oldest first.
  virtual std::vector<Version> versions() const = 0;
  /// The bundle of that hash; nothing when it is not kept.
  virtual Result<std::optional<std::string>> bundle(const std::string& hash) = 0;
  /// Where running enrolments stand, by workflow, code and wait.
  virtual Result<std::vector<RunningPoint>> running() = 0;
  /// What would meet a bundle if it were deployed now. Errors: those of read_bundle.
  virtual Result<std::shared_ptr<Survey>> survey(std::string_view bundle, std::int64_t now) = 0;
  /// Takes data with the schema of a bundle whose workflows are all off until activate().
  virtual Result<void> prepare(std::string_view bundle, std::int64_t now) = 0;
  /// Of the active bundle; never null after activate().
  virtual std::shared_ptr<const bytecode::Program> program() const = 0;

  /// Applies what is due at `now` (never earlier than any `now` before) as one frame.
  virtual Result<BatchResult> run(std::int64_t now) = 0;
  /// Takes up to `limit` effects out for delivery; re-reads marketing status, consent and suppression and
  /// records the reason of each refusal.
  virtual Result<std::vector<Delivery>> hand_over(std::int64_t now, std::size_t limit) = 0;
  /// Carries out what an operator asks for, after all that was accepted before it, as one durable batch.
  /// Errors: those of the store; then it is not done.
  virtual Result<OperationAnswer> operate(const Operation& operation, std::int64_t now) = 0;
  /// Remembers an answer for the next run().
  virtual void answered(EffectAnswer answer) = 0;
  /// When run() or hand_over() next has something to do on its own; nothing when only new inputs can cause
  /// work.
  virtual Result<std::optional<std::int64_t>> next_due() = 0;

  virtual Result<std::optional<Key>> find(std::string_view object, std::string_view subject) = 0;
  virtual Result<std::optional<RecordInfo>> describe(Key key) = 0;
  /// Those of the active project by name, then those that have left it and still run.
  virtual Result<std::vector<WorkflowInfo>> workflows() = 0;
  /// Jobs, the newest first.
  virtual std::vector<JobInfo> jobs() const = 0;
  /// `answer` tells whether there are such a workflow and record.
  virtual Result<Explanation> explain(const std::string& workflow, const std::string& subject,
                                      OperationAnswer& answer) = 0;
  /// Runs a workflow on a copy of a record, waits skipped; nothing real changes and nothing leaves but what
  /// the caller makes of the mails.
  virtual Result<Rehearsal> rehearse(const RehearsalRequest& request, std::int64_t now) = 0;
  /// One page of a timeline, newest first; `from` moves on (frame 0: end).
  virtual Result<std::vector<HistoryItem>> history(store::HistoryRef& from, std::size_t limit) = 0;
  /// The name of a history item's subject: "email.welcome".
  virtual std::string subject_name(SymbolId symbol) const = 0;
  virtual Result<std::vector<ReportRow>> report() = 0;
  virtual Result<Status> status() = 0;

  virtual Result<std::vector<QuarantinedItem>> quarantined() = 0;
  /// Nothing ran, or the time was not known, from `from` to `to` (now): what was due then is late.
  virtual Result<void> outage(std::int64_t from, std::int64_t to) = 0;
  virtual Result<CatchUpReport> catch_up() = 0;
  /// Undelivered effects in the order in which they are due, at most `limit`.
  virtual Result<std::vector<OutboxItem>> outbox(const OutboxChoice& choice, std::size_t limit) = 0;
  /// A person decided that given-up and held effects are tried again from now on, with the same keys; a
  /// webhook among them that was gone is used again. How many there were; effects in other states stay.
  virtual Result<std::size_t> retry_effects(const OutboxChoice& choice, std::int64_t now) = 0;
  /// A person decided that given-up and held effects are never sent.
  virtual Result<std::size_t> discard_effects(const OutboxChoice& choice, std::int64_t now) = 0;
  /// A condition of the active program's tests over one record: function is an expression.
  virtual Result<Value> evaluate(const bytecode::Program& program, std::uint32_t function, Key key,
                                 std::int64_t now) = 0;
};

}  // namespace wf::engine
