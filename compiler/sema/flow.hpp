// Flow: facts along the paths of a workflow. What a condition tells, and what survives a join, a write or a
// wait. Time passes at waits and anybody may write then: only what cannot change is still known behind them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "compiler/sema/facts.hpp"

namespace wf::sema {

struct Scope;

/// What is true whenever a group of steps begins: the engine tests it in the same transaction.
struct Invariant {
  Expr condition;
  Outcomes outcomes = kAnyOutcome;
};

/// What the flows of one workflow share.
struct Ground {
  Terms terms;
  std::vector<Invariant> invariants;
};

/// How time passed.
struct Pause {
  enum class Kind : std::uint8_t {
    delay,      ///< for `length`
    happened,   ///< until `event` came
    timed_out,  ///< for `length`, without the event
    other,
  };
  Kind kind = Kind::other;
  std::int64_t length = 0;  ///< microseconds
  std::shared_ptr<const EventMatch> event;
};

/// One step of a path's history: what held at the beginning of a group of steps, and the wait behind it.
struct Instant {
  std::shared_ptr<const Instant> earlier;
  std::vector<Fact> facts;  ///< about the values with which the group began
  Pause pause;
  bool vague = false;
};

/// What holds at one instant of a workflow's paths.
struct Flow {
  Flow() = default;
  /// With the facts that hold when the workflow begins.
  explicit Flow(Ground& shared);

  Ground* ground = nullptr;                   ///< null: no facts are kept
  Paths paths{Path{}};                        ///< none: no path comes here
  std::map<std::uint32_t, Span> just_sent;    ///< e-mails sent at this very instant, on every path
  std::map<std::uint32_t, Span> sent_before;  ///< e-mails sent on some path before the last wait
  std::vector<std::uint32_t> self_writes;     ///< of WorkflowState::self_writes, since the last wait
  bool ended = false;                         ///< `stop` stands before
  bool uncertain = false;  ///< a condition or value before had an error: nothing is claimed
  bool untold = false;     ///< a draw, an answer or the calendar led here: records and events do not tell it

  bool reachable() const { return !ended && !paths.empty(); }
};

/// Outcomes of a condition in three-valued logic.
enum class Outcome : std::uint8_t { is_true, is_false, not_true, not_false };

/// Narrows the facts by the outcome of a condition.
void assume(Flow& flow, const Expr& condition, Outcomes wanted);
void assume(const Context& context, Flow& flow, const Expr& condition, Outcome outcome);
/// What the condition can come to here; all three where nothing may be claimed.
Outcomes outcomes(const Flow& flow, const Expr& condition);
/// What holds when the path may come from either.
Flow joined(const Flow& a, const Flow& b);
/// The values with which the group of steps began, ascending by term.
std::vector<Fact> at_beginning(const Path& path);
/// Time passes: facts end, except those that stand for ever.
void forget(Flow& flow, Pause pause = {});
/// Time passes, or does not: what holds in both cases.
void may_forget(Flow& flow, Pause pause = {});
/// `target` got `value`.
void written(Flow& flow, const Expr& target, const Expr& value, Span cause);
/// `amount` was added to `target`; unknown counts as 0.
void added(Flow& flow, const Expr& target, const Expr& amount, Span cause);
/// A property of some record got an unknown new value.
void changed(Flow& flow, const Expr& target);
/// A local, a list or the tags changed.
void changed_local(Flow& flow, std::uint32_t local);
void changed_list(Flow& flow, std::uint32_t list);
void changed_tags(Flow& flow);

/// May the value be unknown here, given its type and the facts?
bool may_be_unknown(const Scope& scope, const Expr& expression);
/// The ordinals that an enum or bool may have here; unknown aside.
std::set<std::uint32_t> possible_values(const Context& context, const Scope& scope, const Expr& expression);

}  // namespace wf::sema
