// The reference interpreter: runs a checked module over a timeline by walking its tree.
//
// It is written to be obviously right, not fast. It knows neither intermediate code nor bytecode, indexes no
// trigger, keeps no counter and stores nothing: every record keeps its whole history, every condition is
// evaluated again whenever anything happens, and a group of steps that may have to be taken back runs on a
// copy of the world.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "tests/reference/interpreter/evaluate.hpp"

namespace wf::reference {

/// What comes from outside, in the terms of the module. A ref in a value counts the names of the timeline.
struct Input {
  enum class Kind : std::uint8_t { create, event, set, list, tag, topic, marketing, enroll, unenroll };
  Kind kind = Kind::create;
  std::string record;  ///< its name
  std::uint32_t object = kNone;
  std::uint32_t event = kNone;
  std::vector<std::pair<std::uint32_t, Value>> parameters, properties;
  std::optional<bool> marketing;
  bool flag = true;             ///< added, subscribed, yes
  std::uint32_t index = kNone;  ///< list, topic, workflow
  std::string tag;
  std::int64_t late = 0;  ///< it occurred so long before it was received
  std::uint64_t id = 0;   ///< two inputs with one id are one; 0: none
};

/// The outcome of a condition of `if`, or that a step ran: what the checker's claims are held against.
struct Seen {
  text::Span span;
  Truth outcome = Truth::unknown;
  sema::Outcomes claimed =
      sema::kAnyOutcome;  ///< what the checker takes to be possible; of a dead step: nothing
  bool step = false;
};

/// A run that has told more than any sensible one.
struct Endless : std::exception {};
inline constexpr std::size_t kMostLines = 4'000;

class Interpreter {
 public:
  /// `names`: of the records that inputs speak of.
  Interpreter(const sema::Module& module, std::int64_t start, std::vector<std::string> names)
      : module_(module), now_(start), record_names_(std::move(names)) {}

  /// HTTP statuses that a webhook answers with, one a call, the last for ever.
  void script(std::uint32_t webhook, std::vector<int> statuses) { scripts_[webhook] = {statuses, 0}; }
  void accept(Input input) { inputs_.push_back(std::move(input)); }
  /// Everything that is due up to and including `instant`; then the clock stands there.
  void advance(std::int64_t instant);
  /// Sets the clock forward: the caller has advanced to just before.
  void move_to(std::int64_t instant) { now_ = instant; }
  /// What is due now, inputs first.
  void settle();

  const std::vector<Line>& trace() const { return trace_; }
  const std::vector<Seen>& seen() const { return seen_; }
  const World& world() const { return world_; }
  const std::map<std::string, Key>& names() const { return names_; }

 private:
  /// Where a group of steps begins: a position, or a dated wait that is computed once more.
  struct Start {
    Position position;
    const sema::Step* redo = nullptr;
  };
  struct Later {  ///< an enrolment that a group asked for
    Key record = 0;
    std::uint32_t workflow = 0;
    bool enroll = true;
  };
  /// A group of steps while it runs.
  struct Group {
    Key record = 0;
    std::uint32_t workflow = 0, enrolment = 0, number = 0;
    std::uint32_t effects = 0;
    int depth = 0;
    bool handler = false;  ///< of a failed call: windows do not count
    std::vector<Value> locals;
    std::vector<Change> changes;                       ///< its own record's first
    std::vector<std::pair<Key, std::uint32_t>> mails;  ///< recipient and e-mail of each send
    std::vector<Later> later;
    std::vector<Line> steps;
  };
  enum class End : std::uint8_t { ended, waiting, deferred };
  struct Outcome {
    End end = End::ended;
    bytecode::EndReason reason = bytecode::EndReason::completed;
    const sema::Step* wait = nullptr;
    std::int64_t due = 0;
    Position position;
  };

  const bytecode::Catalogue& catalogue() const { return module_.catalogue; }
  const bytecode::Property& declared(const Record& record, std::uint32_t property) const;
  Look look(const Record& record, const Event* event = nullptr) const;
  Look look_before(const Record& record, const Change& change, const Event* event = nullptr) const;
  void tell(Key record, std::string_view what, std::string subject = {}, std::uint32_t workflow = kNone,
            std::string detail = {});
  std::string workflow_name(std::uint32_t workflow) const;

  // ---- changes.cpp: what is written, and inputs
  Change begin_change(const Record& record) const;
  void end_change(Change& change) const;
  void write(Record& record, std::uint32_t property, const Value& v, Change& change,
             std::uint32_t workflow = kNone);
  Value clamped(const bytecode::Property& property, Value v) const;
  void add_to(Record& record, std::uint32_t property, const Value& amount, Change& change,
              std::uint32_t workflow);
  void set_list(Record& record, std::uint32_t list, bool member, Change& change,
                std::uint32_t workflow = kNone);
  void set_tag(Record& record, const std::string& tag, bool tagged, Change& change,
               std::uint32_t workflow = kNone);
  void set_topic(Record& record, const std::string& topic, bool subscribed, std::uint32_t workflow = kNone);
  void set_marketing(Record& record, bool marketing, std::uint32_t workflow = kNone);
  Record& create(std::uint32_t object, Key shard);
  void apply(const Input& input);
  void apply_event(const Input& input, Record& record, Change change);
  Key create_from(const Input& input, Change& change);
  std::optional<Value> arrived(Key record, const bytecode::Property& property, const Value& given);
  void write_outside(Record& record, const Input& input, Change& change);

  // ---- reactions.cpp: what a change sets in motion
  void stop_chain(Key key);
  using Firing = std::vector<std::uint32_t>;  ///< workflows
  void react(Key key, Change change, const Event* event, int depth);
  void react(Key key, const Change& change, const Event* event, int depth, const Firing& firing);
  void check_exits(Key key, const Change& change);
  void resume_waiting(Key key, const Change& change, const Event* event, int depth);
  Firing firing_workflows(Key key, const Change& change, const Event* event, int depth);
  bool fires(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger, const Change& change,
             const Event* event);
  bool turned_true(const Record& record, const sema::Expr& condition, const Change& change);
  bool concerns(const sema::Expr& e, const Record& record, const Change& change) const;
  bool turns_true(const Record& record, const sema::Trigger& trigger, const Change& change);
  bool reached(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger,
               const Event* event) const;
  bool moment_fires(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger,
                    const Change& change);
  std::optional<std::int64_t> moment_of(const Record& record, const sema::Trigger& trigger,
                                        std::int64_t after) const;
  bool over_for_ever(const Record& record, std::uint32_t workflow) const;
  void plant(const Record& record, std::uint32_t workflow);
  std::string refusal(const Record& record, std::uint32_t workflow, const Value& key) const;
  void enroll(Key key, std::uint32_t workflow, std::string why, const Event* event, int depth,
              std::optional<Value> kept = {});
  void enroll_kept(Key key, std::uint32_t workflow);
  bool is_due(const Record& record, const sema::Trigger& trigger) const;
  bool still_in_time(const Record& record, std::uint32_t workflow) const;
  std::optional<Value> key_of_enrolment(const Record& record, std::uint32_t workflow, const Event* event);
  void end(Key key, std::uint32_t enrolment, bytecode::EndReason reason, const std::string& detail = {});
  void unenroll(Key key, std::uint32_t workflow);
  void fire(Key key, std::uint32_t enrolment);
  void tell_not_sent(Key record, std::uint32_t workflow);
  void not_sent(const Effect& effect, const std::string& reason);
  void keep_appointment(const Appointment& appointment);

  // ---- steps.cpp: groups of steps
  void run_group(Key key, std::uint32_t enrolment, Start start, int depth);
  void defer(Key key, std::uint32_t id, const Start& start, std::int64_t due);
  bool may_be_taken_back(const sema::Workflow& workflow) const;
  Outcome walk(Group& group, Start start);
  std::vector<Firing> fired_by(Group& group, int depth);
  void settle_group(Group& group, const std::vector<Firing>& fired, int depth);
  void run_failure(const Effect& effect);
  /// One step: nothing when the walk goes on.
  std::optional<Outcome> take(const sema::Step& step, Group& group, Position& position);
  std::optional<Outcome> date_wait(const sema::Step& step, Group& group, Position& position);
  std::optional<Outcome> wait_event(const sema::WaitEvent& wait, const sema::Step& step, Group& group,
                                    Position& position);
  const sema::Block& branch(const sema::If& node, Group& group);
  void note_parts(const sema::Expr& condition, const Group& group);
  std::optional<Outcome> send(const sema::Send& node, Group& group);
  std::vector<Value> zones_of(const std::vector<sema::WindowUse>& windows, const Group& group) const;
  std::optional<Outcome> closed(const std::vector<sema::WindowUse>& windows, const Group& group);
  std::optional<std::int64_t> held_back(const Group& group) const;
  void act(const sema::Step& step, Group& group);
  bool write_step(const sema::Step& step, Group& group);
  bool membership_step(const sema::Step& step, Group& group);
  void call(const sema::CallWebhook& node, Group& group);
  void create_task(const sema::CreateTask& node, Group& group);
  void notify(const sema::Notify& node, Group& group);

  Value value_of(const sema::Expr& e, const Group& group) const;
  /// Null where it is unknown or of another object; kNone: any.
  Record* record_of(const sema::Expr& e, const Group& group, std::uint32_t object);
  Change& change_of(Group& group, const Record& record);
  std::vector<Value> plain_values(const std::vector<sema::Expr>& arguments, const Group& group) const;

  // ---- outbox.cpp
  Effect& put_effect(Group& group, Key record);
  void create_standard(Group& group, std::string_view object,
                       std::vector<std::pair<std::string_view, Value>> properties);
  bool hand_over();
  std::string refusal_of_mail(const Effect& effect, std::string& address) const;
  std::optional<std::int64_t> capped_until(const Record& recipient, bytecode::MailClass mail_class,
                                           std::uint64_t effect) const;
  bool may_leave(Effect& effect);
  void refuse(const Effect& effect, const std::string& reason);
  std::optional<Line> deliver_mail(Effect& effect);
  Line deliver_call(Effect& effect);
  void answer(std::uint64_t effect, int status);
  std::string effect_key(const Effect& effect) const;

  bool batch();
  std::int64_t next_due() const;

  const sema::Module& module_;
  std::int64_t now_;
  std::vector<std::string> record_names_;
  World world_;
  std::vector<Line> trace_;
  std::vector<Seen> seen_;
  /// Triggers whose condition was judged at this instant, while its appointments wait to be looked at.
  std::set<std::pair<Key, const sema::Trigger*>> judged_;
  std::int64_t kept_until_ = INT64_MIN;  ///< all appointments were
  std::deque<Input> inputs_;
  std::map<std::string, Key> names_;
  std::set<std::uint64_t> ids_;
  struct Script {
    std::vector<int> statuses;
    std::size_t next = 0;
  };
  std::map<std::uint32_t, Script> scripts_;
  std::vector<std::pair<std::uint64_t, int>> answers_;
  std::uint64_t next_event_key_ = 1;
};

/// Changes that cause changes, also by what becomes of their effects, stop at this depth.
inline constexpr int kMaxDepth = 16;
/// An older event counts, but triggers nothing.
inline constexpr std::int64_t kMaxLateness = 24LL * 3600 * 1'000'000;

}  // namespace wf::reference
