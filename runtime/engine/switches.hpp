// Internal to the engine: which workflows a person has switched off or paused, and what waits for the pause
// to end.
//
// A workflow is known by its name, so a deploy changes nothing here. What falls due in a pause is parked in a
// queue of its own and is worked off, some at a time, when the pause is over: no member is looked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/symbols.hpp"
#include "runtime/store/store.hpp"

namespace wf::engine {

struct SwitchState {
  bool off = false;     ///< nobody enters
  bool paused = false;  ///< nothing runs
  std::int64_t off_since = 0, paused_since = 0;
  bool draining = false;  ///< the running enrolments are being ended, of records behind `drain_cursor`
  store::Key drain_cursor = 0;
  bool is_default() const { return !off && !paused; }
};

/// A timer that came due in a pause, or a mail that was to leave.
struct ParkedItem {
  std::int64_t due = 0;
  store::Timer timer;
  std::uint64_t effect = 0;  ///< 0: it is a timer
};

class Switches {
 public:
  /// Takes over what is stored: after open, and after a batch that failed. Throws StoreFailure.
  void load(store::Store& store);
  /// Inside a batch, before its frame is appended: what has changed.
  void write(store::Store& store, store::Frame& frame);

  SwitchState state(SymbolId workflow) const;
  bool is_off(SymbolId workflow) const { return !states_.empty() && state(workflow).off; }
  bool is_paused(SymbolId workflow) const { return !states_.empty() && state(workflow).paused; }
  bool is_draining(SymbolId workflow) const { return !states_.empty() && state(workflow).draining; }
  const std::map<SymbolId, SwitchState>& states() const { return states_; }
  /// Inside a batch.
  void set(SymbolId workflow, const SwitchState& state);

  /// Inside a batch: parks at the end of the workflow's queue.
  void park(SymbolId workflow, ParkedItem item);
  /// How many were parked and not taken yet; some may have been overtaken meanwhile.
  std::uint64_t parked(SymbolId workflow) const;
  /// A workflow whose pause is over and that has something parked; 0: none.
  SymbolId resuming() const;
  /// Inside a batch: takes the next few of the queue, in the order of their due times. Throws StoreFailure.
  std::vector<ParkedItem> take(store::Store& store, SymbolId workflow);

 private:
  /// The queue lies in pieces numbered from `first` to before `end`.
  struct Queue {
    std::uint64_t first = 0, end = 0, size = 0;
    std::vector<ParkedItem> fresh;  ///< of this batch
  };
  static std::string piece_name(SymbolId workflow, std::uint64_t piece);
  std::string read_piece(store::Store& store, const std::string& name) const;
  void append_fresh(store::Store& store, SymbolId workflow, Queue& queue);

  std::map<SymbolId, SwitchState> states_;
  std::map<SymbolId, Queue> queues_;
  std::map<std::string, std::string> pieces_;  ///< changed in this batch
  bool changed_ = false;
};

}  // namespace wf::engine
