// Internal to the engine: what switching workflows on means for the records that are there already
// (rule S2). Some records a batch, through a cursor that is stored with each frame.
#pragma once

#include <vector>

#include "runtime/engine/executor.hpp"

namespace wf::engine {

class Sweep {
 public:
  Sweep(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Takes over what is stored: after open, and after a batch that failed. Throws StoreFailure.
  void load();
  /// Inside a batch: the active program takes over from `before` (null: from none).
  void begin(const Binding* before);
  /// Inside a batch: a workflow is switched on again.
  void enroll_existing(SymbolId workflow);
  bool is_active() const { return plants_ || !work_.empty(); }
  /// Inside a batch: looks at up to `limit` records; how many it was.
  std::size_t step(std::size_t limit);

 private:
  void stop();
  void save();
  void look_at(Record& record);
  bool matches(const Record& record, const bytecode::Trigger& trigger);

  Context& context_;
  Executor& executor_;
  Key cursor_ = 0;
  std::uint64_t until_ = 0;     ///< records with higher numbers came later: their own triggers fired
  bool plants_ = false;         ///< timers of triggers that wait for a moment are to be set
  std::vector<SymbolId> work_;  ///< workflows that enrol who matches
};

}  // namespace wf::engine
