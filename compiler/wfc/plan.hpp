// Plan: what a deployment would change on a daemon, from two programs and what the daemon tells of its
// records and running enrolments. Making it is a pure function.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/wfc/difference.hpp"
#include "runtime/bytecode/migration.hpp"
#include "runtime/engine/deployment.hpp"

namespace wf::wfc {

/// What the daemon answered.
struct DaemonState {
  std::uint64_t version = 0;
  std::string hash;  ///< of the active bundle
  std::int64_t records = 0;
  std::vector<engine::RunningPoint> running;
  std::vector<std::pair<std::string, std::int64_t>> matches;
  std::vector<engine::HeldValue> held;
  std::map<std::string, bytecode::Program>
      codes;  ///< the active one, and those that enrolments run on, by hash
};

/// Enrolments at one wait of one earlier code.
struct PointPlan {
  bytecode::PointClass what = bytecode::PointClass::identical;
  std::string step;  ///< "" between waits
  std::int64_t count = 0;
  std::string outcome;  ///< what becomes of them
  std::string reason;
};

struct WorkflowPlan {
  std::string name;  ///< "workflow.nurture"
  ChangeKind kind = ChangeKind::changed;
  std::string on_deploy;
  std::int64_t running = 0;
  std::vector<PointPlan> points;
  /// Marketing mails within `window` at most; nothing when neither version sends any.
  struct Bound {
    std::uint32_t before = 0, after = 0;
    std::int64_t window = 0;
    std::uint32_t allowed = bytecode::kNone;  ///< by the policies of the new version; kNone: no limit
  };
  std::optional<Bound> bound;
  std::optional<std::int64_t> matches;  ///< of a new one: existing records that match it
  bool enrolls_existing = false;
};

struct Plan {
  std::uint64_t version = 0;
  std::string against;  ///< hash of the active bundle
  std::string bundle;   ///< hash of the new one
  std::vector<ItemChange> changes;
  std::vector<WorkflowPlan>
      workflows;  ///< that were changed, removed or added, or have enrolments on earlier code
  std::vector<engine::HeldValue> held;
  bool has_changes() const { return against != bundle; }
};

/// `state.codes` has the active program, unless nothing is active.
Plan make_plan(const DaemonState& state, const bytecode::Program& after, const std::string& bundle);
std::string plan_text(const Plan& plan);
value::Value plan_value(const Plan& plan);

}  // namespace wf::wfc
