// Internal to the engine: how many enrolments stand at which place of which code. Kept in the store's
// counters, so that it survives restarts; codes that nobody runs on any more can be dropped by it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/record.hpp"
#include "runtime/store/store.hpp"

namespace wf::engine {

std::vector<Point> points_of(const Record& record);

class Running {
 public:
  using Counts = std::map<Point, std::int64_t>;

  /// Takes over what is stored.
  void load(const std::vector<store::StatDelta>& stats);
  /// Inside a batch: the record's enrolments as they are now, compared with when they were last counted.
  void recount(Record& record);
  /// The record goes away with all its enrolments.
  void forget(const Record& record);
  /// Puts what changed into the frame; then the frame is durable, or the batch is given up.
  void write(store::Frame& frame) const;
  /// True when a code has lost its last enrolment.
  bool settle();
  void drop() { changes_.clear(); }

  /// As of the last durable batch.
  const Counts& counts() const { return counts_; }
  /// Enrolments on a code, this batch included.
  std::int64_t on(SymbolId code) const;
  /// Enrolments of a workflow on any code, as of the last durable batch.
  std::int64_t of(SymbolId workflow) const;

 private:
  static std::int64_t sum(const Counts& counts, SymbolId code);
  /// Nobody stands anywhere on the code, as of the last durable batch.
  bool is_left(SymbolId code) const;

  Counts counts_, changes_;  ///< places with nobody are not in counts_
};

}  // namespace wf::engine
