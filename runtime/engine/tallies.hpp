// Internal to the engine: what happened in each campaign since it last told of it. Kept in the store's meta,
// one entry a campaign, written with the frame of the batch that changed it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runtime/store/store.hpp"

namespace wf::engine {

struct Tally {
  std::int64_t hot = 0, added = 0, candidates = 0;                                ///< since the last digest
  std::int64_t week_hot = 0, week_responded = 0, week_added = 0, week_mails = 0;  ///< since the last summary
  std::int64_t last_week_mails = 0;
  std::int64_t targets = 0, all_hot = 0, all_responded = 0;  ///< since it began
  std::int64_t digest_due = 0, summary_due = 0;              ///< of their timers; 0: none
  friend bool operator==(const Tally&, const Tally&) = default;
};

class Tallies {
 public:
  explicit Tallies(store::Store& store) : store_(store) {}

  /// To read and to change. Throws StoreFailure.
  Tally& of(std::string_view campaign);
  /// Puts what changed since the last frame into this one.
  void write(store::Frame& frame) const;
  /// The frame is durable, or the batch is given up.
  void settle();
  void drop() { entries_.clear(); }

 private:
  struct Entry {
    Tally durable, now;
  };
  store::Store& store_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace wf::engine
