// The VM: (program, view of one record, event, now) → value, or → actions and where the enrolment stands.
//
// A pure function: it reads the record through View, collects what it would do, and changes nothing. It knows
// neither store nor clock nor network, always ends (code only runs forward) and never throws. Only verified
// programs may be run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/bytecode/program.hpp"

namespace wf::vm {

using bytecode::kNone;
using bytecode::Program;
using value::Value;

/// What a program may read. Values are in the terms of the program (enum ordinals, resource indices of its
/// catalogue).
class View {
 public:
  virtual ~View() = default;
  virtual std::uint64_t key() const = 0;
  virtual std::int64_t created_at() const = 0;
  virtual Value property(std::uint32_t property) const = 0;
  /// Property of another record; unknown when it does not exist.
  virtual Value field(std::uint64_t key, std::uint32_t object, std::uint32_t property) const = 0;
  virtual std::int64_t count(std::uint32_t counter, std::int64_t now) const = 0;
  virtual std::optional<std::int64_t> last_event(std::uint32_t counter) const = 0;
  /// The first instant after `now` at which an occurrence leaves the counter's window.
  virtual std::optional<std::int64_t> expiry(std::uint32_t counter, std::int64_t now) const = 0;
  virtual bool in_list(std::uint32_t list) const = 0;
  virtual bool has_tag(std::string_view tag) const = 0;
  /// The arm of an experiment that the record has or would get now; nothing while it waits for the winner.
  virtual std::optional<std::uint32_t> arm(std::uint32_t /*experiment*/, const Value& /*split_key*/,
                                           std::int64_t /*now*/) const {
    return 0;
  }
  /// When the winner of an experiment will be known.
  virtual std::int64_t winner_due(std::uint32_t /*experiment*/, std::int64_t now) const { return now; }
  // A record that stands alone has none of the following.
  /// Records of `object` whose `property` points at `to`, the oldest first.
  virtual std::vector<std::uint64_t> linked(std::uint64_t /*to*/, std::uint32_t /*object*/,
                                            std::uint32_t /*property*/) const {
    return {};
  }
  /// Another record as a program on it sees it; null when there is none of that object.
  virtual std::unique_ptr<View> other(std::uint64_t /*key*/, std::uint32_t /*object*/) const {
    return nullptr;
  }
  /// The key that the n-th record which this group creates is going to have.
  virtual std::uint64_t new_key(std::uint32_t /*n*/) const { return 0; }
  /// Turns of a rotation that were taken before this group.
  virtual std::uint64_t turns(std::uint32_t /*rotation*/) const { return 0; }
};

/// The lower bits of a key number records in the order in which they were created.
inline constexpr std::uint64_t kRecordNumber = (std::uint64_t{1} << 48) - 1;
inline constexpr bool is_older(std::uint64_t a, std::uint64_t b) {
  return (a & kRecordNumber) < (b & kRecordNumber);
}

struct Event {
  std::uint32_t type = kNone;
  std::vector<Value> parameters;  ///< as many as the type has
};

// ---- what a run would do, in order
// ------------------------------------------------------------------------------

struct SetProperty {
  std::uint32_t property;
  Value value;
};
struct ChangeField {
  std::uint64_t record;
  std::uint32_t object, property;
  Value value;
  bool add;
};
struct ChangeList {
  std::uint64_t record;
  std::uint32_t list;
  bool add;
};
struct ChangeAudience {
  std::uint64_t record;
  std::uint32_t audience;
  bool add;
};
struct ChangeTag {
  std::string tag;
  bool add;
};
struct ChangeTopic {
  std::uint32_t topic;
  bool subscribe;
};
struct SetMarketing {
  bool marketing;
};
/// The window that was open for a send, with the zones of its dynamic openings.
struct OpenWindow {
  std::uint32_t window = kNone;  ///< kNone: it has none
  std::vector<Value> zones;
};
struct Send {
  std::uint32_t send;
  std::uint64_t recipient;
  std::vector<Value> arguments;
  OpenWindow window;
};
struct CreateTask {
  Value title, assignee;
  std::optional<Value> due;
  std::uint64_t about = 0;  ///< 0: the enrolled record
  std::uint64_t key = 0;    ///< of the task
};
struct Notify {
  std::uint32_t notify;
  Value assignee;
  std::vector<Value> arguments;
  std::uint64_t key = 0;  ///< of the notification, if there is one
};
struct Call {
  std::uint32_t call;
  std::vector<Value> fields;
};
struct Enroll {
  std::uint32_t workflow;
  std::uint64_t record;
  bool enroll;
};

/// The record got an arm of an experiment.
struct Expose {
  std::uint32_t experiment, arm;
};
/// A wait was over before it began: what it waits for reacts to a mail that was not sent.
struct NotSent {
  std::uint32_t wait;
};

struct CreateRecord {
  std::uint64_t key;
  std::uint32_t object;
  std::vector<std::pair<std::uint32_t, Value>> values;  ///< by property
};
struct DeleteRecord {
  std::uint64_t record;
};
/// A turn was taken.
struct TakeTurn {
  std::uint32_t rotation;
};

using Action =
    std::variant<SetProperty, ChangeField, ChangeList, ChangeTag, ChangeTopic, SetMarketing, Send, CreateTask,
                 Notify, Call, Enroll, Expose, NotSent, ChangeAudience, CreateRecord, DeleteRecord, TakeTurn>;

enum class Outcome : std::uint8_t {
  ended,     ///< `reason` says how
  waiting,   ///< at `wait` until `due` (or its event); goes on at `pc`
  deferred,  ///< a window is closed: nothing of this group counts, all of it runs again at `due`
  failed,    ///< a budget is used up; `detail` says which
};

struct Run {
  Outcome outcome = Outcome::failed;
  bytecode::EndReason reason = bytecode::EndReason::failed;
  std::uint32_t wait = kNone;
  std::int64_t due = 0;
  std::uint32_t pc = 0;
  std::string detail;
  std::vector<Action> actions;
  std::vector<std::uint32_t> steps;     ///< of Program::steps, as executed
  std::vector<std::uint32_t> outcomes;  ///< operands of `outcome`, as reached
};

/// What `wait_event` pushes when a run goes on behind it.
enum class Resume : std::uint8_t { none, happened, timed_out };

inline constexpr std::uint32_t kInstructionBudget = 100'000;
/// For all conditions over associated records of one run together.
inline constexpr std::uint32_t kRelatedBudget = 20'000'000;
/// Bytes of all texts that one run joins together.
inline constexpr std::size_t kTextBudget = std::size_t{16} << 20;
/// Bytes of what a run leaves in its locals while the enrolment waits.
inline constexpr std::size_t kLocalsBudget = std::size_t{1} << 20;
/// Mails that a closed window holds back leave spread over this long after its opening.
inline constexpr std::int64_t kWindowJitter = 15 * value::kMinute;

/// Runs the group of steps that begins at `pc` of a body. `locals` is changed only when the outcome is ended
/// or waiting.
Run run(const Program& program, std::uint32_t function, std::uint32_t pc, std::vector<Value>& locals,
        Resume resume, const View& view, const Event* event, std::int64_t now);

/// Evaluates an expression function. Unknown when it fails.
Value evaluate(const Program& program, std::uint32_t function, const View& view, const Event* event,
               std::int64_t now);

/// True exactly when the expression gives true.
bool holds(const Program& program, std::uint32_t function, const View& view, const Event* event,
           std::int64_t now);

/// Does the event fit the match (type, filters, condition)?
bool matches(const Program& program, const bytecode::EventMatch& match, const View& view, const Event& event,
             std::int64_t now);

}  // namespace wf::vm
