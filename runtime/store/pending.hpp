// Pending: what frames changed since a fold, net, in memory. Reads look here before the tables.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <map>
#include <memory>
#include <unordered_map>

#include "runtime/store/hash.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

struct PendingRecord {
  bool present = true;
  bool reset = false;  ///< nothing of the row below counts any more
  std::optional<std::string> hot;
  std::optional<std::string> cold;
  std::optional<HistoryRef> history;
};

/// `base`: taken to be in the tables already when first touched here.
struct PendingTimer {
  bool present = true;
  bool base = false;
};

struct PendingEffect {
  std::optional<Effect> now;  ///< absent: removed
  bool base = false;
};

using StatTotals = std::unordered_map<std::string, std::int64_t>;

/// The changes of one generation of frames. Not synchronised: it is changed by one thread, and not any more
/// once the fold has it.
struct Pending {
  Seq last = 0;  ///< newest frame in here; 0: none
  InputSeq consumed = 0;
  boost::unordered_flat_map<Key, PendingRecord> records;
  boost::unordered_flat_map<Timer, PendingTimer, HashTimer> timers;
  boost::unordered_flat_map<std::uint64_t, PendingEffect> effects;
  std::unordered_map<IdentityKey, Key, HashIdentity> identities;  ///< 0: forgotten
  std::map<LinkKey, bool> links;                                  ///< false: removed
  std::map<std::uint32_t, std::string> symbols;
  std::map<std::string, std::int64_t> stats;  ///< totals, not deltas: applying them twice does no harm
  std::map<std::string, std::string> meta;
  boost::unordered_flat_set<DedupeId, HashId> dedupe;
  std::int64_t timers_more = 0;  ///< than in the tables
  std::int64_t effects_more = 0;

  /// Adds a frame, whose history entries stand at `offsets`; moves `totals` along. `newest_effect` is the
  /// highest effect id so far: a higher one is new.
  void apply(const Frame& frame, Seq seq, std::span<const std::uint32_t> offsets, StatTotals& totals,
             std::uint64_t& newest_effect);

 private:
  void apply_record(const RecordChange& change, Seq seq, std::uint32_t offset);
  void apply_timer(const Timer& timer, bool present);
  void apply_effect(std::uint64_t id, const Effect* effect, std::uint64_t& newest_effect);
  void apply_names(const Frame& frame, StatTotals& totals);
};

/// The generations that are not in the tables for sure, newest first. A table read after a copy was taken may
/// see the older one folded already; every merge gives the same then.
struct Layers {
  std::shared_ptr<const Pending> newest;
  std::shared_ptr<const Pending> older;  ///< being folded; may be none
  std::uint64_t folds = 0;               ///< that are in the tables

  /// Visits newest, then older, until `visit` returns true.
  template <class Visit>
  void each(Visit visit) const {
    if (!visit(*newest) && older) visit(*older);
  }

  /// The change of `key` in `map` (a member of Pending), the newest one; null when there is none.
  template <class Map, class AnyKey>
  auto find(Map Pending::*map, const AnyKey& key) const -> const typename Map::mapped_type* {
    const typename Map::mapped_type* found = nullptr;
    each([&](const Pending& layer) {
      const auto at = (layer.*map).find(key);
      if (at != (layer.*map).end()) found = &at->second;
      return found != nullptr;
    });
    return found;
  }
};

/// A record as the layers tell it.
struct LayeredRecord {
  bool known = false;  ///< the layers say whether it exists: `present`
  bool present = false;
  bool reset = false;                ///< what is in the tables is of a record that was erased
  const std::string* hot = nullptr;  ///< of a layer; null: as in the tables
  const std::string* cold = nullptr;
  std::optional<HistoryRef> history;

  /// Nothing has to come from the tables.
  bool complete() const { return reset || (hot != nullptr && cold != nullptr && history); }
  /// The row, with the missing parts from `base`.
  RecordRow over(RecordRow base) const;
};

LayeredRecord find_record(const Layers& layers, Key key);

}  // namespace wf::store
