// Internal to the engine: what a change of a record sets in motion. Order for one change (rule S21):
// goals, then cancel and suppression, then waiting enrolments and their groups of steps, then triggers; a
// group's own writes are processed right after it, completely, before anything else goes on.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "runtime/bytecode/migration.hpp"
#include "runtime/engine/affected.hpp"
#include "runtime/engine/context.hpp"

namespace wf::engine {

/// Changes caused by changes, and by what became of their effects, with no wait between them stop at this
/// depth.
inline constexpr int kMaxDepth = 16;
/// Events older than this when they arrive are history: they count, but fire no trigger (rule S20).
inline constexpr std::int64_t kMaxLateness = value::kDay;

/// An event in terms of the active program.
struct Occurrence {
  vm::Event event;
  std::int64_t at = 0;
  std::uint64_t key = 0;  ///< hash of its id: `reenroll each event`
  bool late = false;
};

/// An effect of the outbox before it is encoded.
struct EffectBody {
  enum class Kind : std::uint8_t { mail = 1, call = 2, notice = 3 };
  Kind kind = Kind::mail;
  SymbolId code = 0, workflow = 0;
  std::uint32_t index = 0;  ///< of Program::sends, Program::calls or Program::notifies
  Key source = 0;           ///< whose enrolment
  std::uint32_t enrolment = 0, group = 0, number = 0;
  std::int64_t created_at = 0;
  std::uint8_t depth = 0;        ///< of the chain of changes that made it: what comes of it goes on with it
  std::vector<Value> arguments;  ///< of a notice, the last is the addressee: "user.sato"
  vm::OpenWindow window;         ///< that must be open when a mail leaves
  std::string why;               ///< it was given up; "" while it was not
};
std::string encode(const EffectBody& body);
Result<EffectBody> decode_effect(std::string_view bytes);
/// `wf:<cell>:<shard>:<enrolment>:<step>:<n>`, the same for ever.
std::string effect_key(const EffectBody& body);

/// The depth of what becomes of an effect: there is always room for the group itself.
inline std::uint8_t next_depth(const EffectBody& body) {
  return static_cast<std::uint8_t>(std::min<int>(body.depth + 1, kMaxDepth));
}

class ActionRunner;

/// How a record comes to a workflow.
struct Entry {
  std::string why;
  const Occurrence* occurrence = nullptr;
  int depth = 0;
  const bytecode::Trigger* trigger = nullptr;  ///< that fired; null: none did
  std::optional<std::uint64_t> kept_key;
};

class Executor {
 public:
  explicit Executor(Context& context) : context_(context) {}

  /// Everything that a change sets in motion. `occurrence` is the outside event behind it, if any.
  void react(Key key, const Change& change, const Occurrence* occurrence, int depth = 0);
  /// A due timer; stale ones are ignored.
  void fire(const store::Timer& timer);
  /// What was judged in a batch counts when the batch is durable.
  void keep_judged();
  void drop_judged() { judging_.clear(); }
  /// Another program is active: its triggers are others.
  void program_changed() {
    judged_.clear();
    judging_.clear();
    matches_.clear();
    conditions_.clear();
  }
  /// No timer is due any more.
  void all_fired() { judged_.clear(); }
  /// The timers of all triggers that wait for a moment: when the record is new or its values changed, and
  /// when a program is.
  void plant(const Record& record);
  /// A person decided that a held enrolment goes on; false when none of this workflow is held.
  bool release(Record& record, SymbolId workflow);
  /// The last enrolment of the workflow that failed goes on with the step that failed; false without one.
  bool retry(Record& record, SymbolId workflow);
  /// Tests the entry rules and enrols; tells why not. Returns whether it did.
  bool enroll(Record& record, std::uint32_t workflow, const Entry& entry);
  /// The same without telling: why not, or nothing.
  std::optional<std::string_view> try_enroll(Record& record, std::uint32_t workflow, const Entry& entry);
  /// Has the moment of a trigger come, or just gone by so that it still counts?
  bool moment_is_due(const Record& record, const bytecode::Trigger& trigger);
  /// Ends a running enrolment; nothing when there is none with this id.
  void end(Record& record, std::uint32_t enrolment, bytecode::EndReason reason, std::string detail = {});
  /// `on failure … then { … }` of a call that was given up.
  void run_failure(const EffectBody& body);
  /// A mail of an enrolment was not sent: `when blocked stop` ends it (if `blocked`), and a wait for a
  /// reaction to the mail is over.
  void not_sent(const EffectBody& body, std::string_view reason, bool blocked);
  /// Does an enrolment wait for the answer of this call?
  bool awaited(const EffectBody& body);
  /// The answer of a call that an enrolment waits for; `failure` is why there is none.
  void take_reply(const EffectBody& body, const std::optional<value::Map>& reply, std::string failure);
  /// Ends the record's enrolments, lets go what points at it, and leaves nothing of it but that it was there.
  void delete_record(Key key, SymbolId workflow, int depth);
  /// `gone` becomes `kept`: what only it knows is taken over, its enrolments go on there or end, whoever
  /// points at it points at `kept`, and what is addressed to it reaches `kept`. Nothing when they are of two
  /// objects.
  void merge_records(Key kept, Key gone);

 private:
  /// Where the enrolment of an effect is now: its record may have been merged since.
  struct Origin {
    Record* record = nullptr;  ///< null: gone
    std::uint32_t enrolment = 0;
  };
  Origin origin(const EffectBody& body);
  /// By how much their numbers grow.
  std::uint32_t move_enrolments(Record& kept, Record& gone);

  struct Bound {
    const Binding* binding = nullptr;
    const bytecode::Workflow* workflow = nullptr;
  };
  Bound bound(const Enrolment& enrolment);

  /// What one change sets in motion. Which triggers fire is told by the values before and after this change
  /// alone, not by what it sets in motion.
  struct Reaction {
    Key key;
    const Change* change;  ///< of whoever asked; lives until it is carried out
    const Occurrence* occurrence;
    int depth;
    std::map<Key, Affected> affected;  ///< also the record itself, when a relation leads back to it
    std::map<Key, std::vector<triggers::TriggerRef>> firing;
  };
  Reaction consider(Key key, const Change& change, const Occurrence* occurrence, int depth);
  void carry_out(const Reaction& reaction);
  void stop_chain(Key key);

  void check_exits(Record& record, const Change& change, const Before& before, const Occurrence* occurrence);
  /// The reason of the exit that the event takes, if it takes one.
  std::optional<bytecode::EndReason> left_by(const Record& record, const Bound& b,
                                             const Occurrence& occurrence);
  void meet_goals(Record& record, const std::vector<SymbolId>& goals);
  void resume_waiting(Record& record, const Change& change, const Occurrence* occurrence, int depth);
  void resume_anchored(Record& record, int depth);
  bool happened(const Record& record, const Enrolment& e, const Binding& binding,
                const Occurrence& occurrence);
  static bool anchor_changed(const Record& record, const Enrolment& e, const Binding& binding,
                             const Change& change);
  /// Those that the change may fire, of the record itself.
  std::vector<triggers::TriggerRef> candidates(const Record& record, const Change& change,
                                               const Occurrence* occurrence);
  /// Those that do fire, in the order in which they enrol. `related`: what changed for the record elsewhere.
  std::vector<triggers::TriggerRef> firing_triggers(const Record& record, const Change& change,
                                                    const Before& before, const Affected* related,
                                                    const Occurrence* occurrence);
  void enroll_all(Record& record, const std::vector<triggers::TriggerRef>& firing,
                  const Occurrence* occurrence, int depth);
  bool fires(const Record& record, const triggers::TriggerRef& ref, const Change& change,
             const Before& before, const Occurrence* occurrence);
  bool turns_true(const Record& record, SymbolId workflow, const bytecode::Trigger& trigger,
                  const Change& change, const Before& before);
  std::optional<std::int64_t> judged_at(const Record& record, SymbolId workflow,
                                        const bytecode::Trigger& trigger);
  void judge(Key record, SymbolId workflow, const bytecode::Trigger& trigger);
  std::uint64_t condition_of(SymbolId workflow, const bytecode::Trigger& trigger);
  std::int64_t timers_seen_until(Key record, SymbolId workflow);
  bool reached(const Record& record, const bytecode::Workflow& workflow, const bytecode::Trigger& trigger,
               const Change& change);
  bool moment_fires(const Record& record, std::uint32_t workflow, const bytecode::Trigger& trigger);
  void plant(const Record& record, const triggers::TriggerRef& ref);
  void fire_timed_triggers(Record& record, const store::Timer& timer);
  bool timed_trigger_fires(const Record& record, const triggers::TriggerRef& ref, std::int64_t due);
  void fire_wait(Record& record, const store::Timer& timer);

  void enroll_first(Record& record, std::span<const triggers::TriggerRef> alternatives, const char* why,
                    const Occurrence* occurrence, int depth);
  std::optional<std::string_view> entry_refusal(Record& record, std::uint32_t workflow,
                                                const bytecode::Reenroll& rules, std::uint64_t key);
  std::optional<std::string_view> keep_key(Record& record, SymbolId workflow, std::uint64_t key);
  void enroll_kept(Record& record, SymbolId workflow);
  bool still_in_time(const Record& record, std::uint32_t workflow);
  void tell_refusal(const Record& record, std::uint32_t workflow, std::string_view reason);
  std::optional<std::uint64_t> enrolment_key(const Record& record, const bytecode::Reenroll& rules,
                                             const Occurrence* occurrence);
  /// What a campaign counts: entries, and what a group of one of its parts did.
  void note_entry(const bytecode::Workflow& workflow);
  void note_group(const Bound& b, const vm::Run& run, const Change& change);
  void run_group(Record& record, std::uint32_t enrolment, std::uint32_t pc, vm::Resume resume,
                 const Occurrence* occurrence, int depth);
  void fail(Record& record, std::uint32_t enrolment, std::uint32_t pc, vm::Resume resume,
            const std::string& detail);
  void defer(const Record& record, Enrolment& e, std::uint32_t pc, vm::Resume resume, std::int64_t due);
  void park(const Record& record, Enrolment& e, std::uint32_t pc, vm::Resume resume);
  std::optional<std::int64_t> delayed_until(const bytecode::Workflow& workflow, const Binding& binding,
                                            const vm::Run& run);
  /// Makes the enrolment and runs its first group.
  void begin(Record& record, std::uint32_t workflow, std::string why, const Occurrence* occurrence,
             int depth);
  void follow_deploy(Record& record, int depth);
  void restart(Record& record, const Enrolment& e, std::uint32_t workflow, int depth);
  void migrate(Record& record, Enrolment& e, std::uint32_t workflow);
  bool is_unchanged(const Binding& from, SymbolId workflow, std::uint32_t index) const;
  void move_unchanged(Record& record, Enrolment& e, std::uint32_t workflow);
  bool carry_over(Enrolment& e, const Binding& from, std::uint32_t locals);
  Enrolment* waiting_for_reply(const EffectBody& body, Bound& bound);
  void commit_group(Record& record, std::uint32_t enrolment, const Bound& bound, vm::Run& run, int depth);
  std::vector<Reaction> consider_group(Key key, const Change& change, const ActionRunner& runner, int depth);
  void settle_group(const std::vector<Reaction>& reactions, const ActionRunner& runner, SymbolId workflow,
                    int depth);
  void tell_steps(const Record& record, const Binding& binding, SymbolId workflow, const vm::Run& run);
  void clear_timer(const Record& record, const Enrolment& e);
  void set_timer(const Record& record, Enrolment& e, std::int64_t due, std::uint8_t kind);

  Context& context_;
  /// Until when a condition that time can turn was judged, while older timers wait to be looked at: what time
  /// made of it until then was seen with the change, and is not found again. Record::judged has what a
  /// restart or a deploy must not forget.
  using JudgedAt = std::map<std::pair<Key, const bytecode::Trigger*>, std::int64_t>;
  JudgedAt judged_, judging_;                                     ///< of durable batches, of this batch
  std::map<const bytecode::Trigger*, std::uint64_t> conditions_;  ///< what they are known by in the store
  std::map<Point, bytecode::PointMatch>
      matches_;  ///< where enrolments of other bundles stand in the active one
};

/// Applies the actions of one group: the record's own changes to `change`, the rest noted for after the
/// group.
class ActionRunner {
 public:
  ActionRunner(Context& context, const Binding& binding, Record& record, Change& change,
               const EffectBody& origin)
      : context_(context), binding_(binding), record_(record), change_(change), origin_(origin) {}

  struct Elsewhere {
    Key key;
    Change change;
  };
  struct EnrollLater {
    Key key;
    SymbolId workflow;
    bool enroll;
  };

  /// The numbers of the records that these actions create are theirs from here on.
  void reserve(const std::vector<vm::Action>& actions);
  void apply(const vm::Action& action);
  const std::vector<Elsewhere>& elsewhere() const { return elsewhere_; }
  const std::vector<EnrollLater>& enrolments() const { return enrolments_; }
  const std::vector<Key>& deletions() const { return deletions_; }

 private:
  void act(const vm::SetProperty& a);
  void act(const vm::ChangeField& a);
  void act(const vm::ChangeList& a);
  void act(const vm::ChangeAudience& a);
  void act(const vm::ChangeTag& a);
  void act(const vm::ChangeTopic& a);
  void act(const vm::SetMarketing& a);
  void act(const vm::Send& a);
  void act(const vm::CreateTask& a);
  void act(const vm::Notify& a);
  void act(const vm::Call& a);
  void act(const vm::Enroll& a);
  void act(const vm::Expose& a);
  void act(const vm::NotSent& a);
  void act(const vm::CreateRecord& a);
  void act(const vm::DeleteRecord& a) { deletions_.push_back(a.record); }
  void act(const vm::TakeTurn& a);

  /// False when nothing changes.
  bool change_list(Record& other, SymbolId list, bool add);
  Change& change_of(const Record& record);
  std::vector<Value> plain_arguments(const std::vector<Value>& arguments) const;
  /// What a call posts; with a second one it cannot be shown, and why.
  std::vector<Value> payload_of(const vm::Call& a, const bytecode::Webhook& webhook);
  std::string fields_of(const vm::Call& a, const bytecode::Call& call) const;
  void put_effect(EffectBody::Kind kind, std::uint32_t index, Key recipient, std::vector<Value> arguments,
                  vm::OpenWindow window = {});
  /// Makes a record of a standard object (task, notification) about another one; properties by name.
  void create(std::string_view object, Key key, Key about,
              const std::vector<std::pair<std::string_view, Value>>& properties);
  /// Makes a record with these values by property, the defaults for the rest.
  void create(std::uint32_t object, Key key, const std::vector<std::pair<std::uint32_t, Value>>& values);

  Context& context_;
  const Binding& binding_;
  Record& record_;
  Change& change_;
  EffectBody origin_;
  std::vector<Elsewhere> elsewhere_;
  std::vector<EnrollLater> enrolments_;
  std::vector<Key> deletions_;
};

}  // namespace wf::engine
