// TableReader: reads of state.db, over a connection of its own. One thread: the engine's, or that of
// ReadAhead.
//
// Reads see what the last committed fold wrote. Errors everywhere: io, corrupt.
//
// Beginning and ending a transaction costs more than a look-up, so many reads can share one. While it is open
// a checkpoint cannot pass it.
#pragma once

#include <functional>

#include "runtime/store/dedupe.hpp"
#include "runtime/store/hash.hpp"
#include "runtime/store/pending.hpp"

namespace wf::store {

using Due = std::pair<std::int64_t, std::uint64_t>;  ///< next_at and id of an effect

class TableReader {
 public:
  static constexpr int kCacheKib = 32 * 1024;
  Result<void> open(const std::filesystem::path& path, const std::string& vfs = {},
                    int cache_kib = kCacheKib);

  /// What is read from here on shares a transaction, or is one each again.
  void share(bool on);
  /// What is read next sees at least the first `folds` folds: a shared transaction that began before is
  /// renewed.
  void see(std::uint64_t folds);

  Result<std::optional<RecordRow>> load(Key key);
  Result<std::optional<RecordRow>> load_hot(Key key);
  Result<std::optional<std::string>> load_cold(Key key);
  /// Records after `after` in key order until `visit` returns false.
  Result<void> scan(Key after, const std::function<bool(Key, RecordRow&&)>& visit);
  Result<std::optional<Key>> find(const IdentityKey& identity);
  /// Sources after `after` in key order until `visit` returns false.
  Result<void> linked_from(std::uint32_t assoc, Key to, Key after, const std::function<bool(Key)>& visit);
  /// Timers after `after` (all when absent) in order until `visit` returns false.
  Result<void> timers(const std::optional<Timer>& after, const std::function<bool(const Timer&)>& visit);
  /// Effects in `state` after `after` (all when absent) in order until `visit` returns false.
  Result<void> due(EffectState state, const std::optional<Due>& after, const std::function<bool(Due)>& visit);
  Result<std::optional<Effect>> effect(std::uint64_t id);
  Result<std::uint64_t> newest_effect();
  Result<std::map<std::uint32_t, std::string>> symbols();
  Result<StatTotals> stats();
  Result<std::optional<std::string>> meta(const std::string& key);
  /// The first damage that reading met.
  const std::optional<Error>& damage() const { return connection_.damage(); }
  /// For each id: is it in the tables?
  Result<std::vector<bool>> contains(const DedupeRuns& runs, std::span<const DedupeId> ids);

 private:
  void close();

  Connection connection_;
  bool sharing_ = false;
  std::optional<std::uint64_t> seen_;  ///< folds; absent: no transaction is open
  Statement begin_, end_, load_, load_hot_, load_cold_, scan_, find_, linked_, timers_, due_, effect_,
      symbols_, stats_, meta_;
  DedupeReader dedupe_;
};

}  // namespace wf::store
