// MemoryStore: the store of tests and simulations. Keeps everything, the history too, and nothing after it
// ends.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "runtime/store/hash.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

/// Threads as Store says: one mutex guards everything.
class MemoryStore final : public Store {
 public:
  Result<void> accept(std::vector<Input>& inputs) override;
  Result<Seq> append(const Frame& frame) override;
  Result<void> fold() override { return {}; }
  Result<std::vector<Input>> pull(InputSeq after, std::size_t limit) override;
  Result<std::vector<bool>> seen(std::span<const DedupeId> ids) override;
  Result<std::optional<RecordRow>> load(Key key) override;
  Result<std::optional<RecordRow>> load_hot(Key key) override;
  Result<std::string> load_cold(Key key) override;
  Result<std::optional<Key>> find(std::uint32_t object, const std::string& id) override;
  Result<std::vector<Key>> linked_from(std::uint32_t assoc, Key to, Key after, std::size_t limit) override;
  Result<std::vector<std::pair<Key, RecordRow>>> scan(Key after, std::size_t limit) override;
  Result<std::vector<Timer>> timers_due(std::int64_t until, std::size_t limit) override;
  Result<std::optional<std::int64_t>> next_timer() override;
  Result<std::vector<Effect>> effects(EffectState state, std::int64_t until, std::size_t limit) override;
  Result<std::optional<Effect>> effect(std::uint64_t id) override;
  Result<std::vector<HistoryEntry>> history(HistoryRef& from, std::size_t limit) override;
  Result<std::vector<Symbol>> symbols() override;
  Result<std::vector<StatDelta>> stats() override;
  Result<std::optional<std::string>> meta(const std::string& key) override;
  StoreFigures figures() const override;

 private:
  struct HistoryNode {
    HistoryRef previous;
    HistoryEntry entry;
  };
  using Due = std::pair<std::int64_t, std::uint64_t>;  // next_at, effect id

  void apply_record(const RecordChange& change, Seq seq);
  void apply_work(const Frame& frame);
  void apply_names(const Frame& frame);
  void remove_effect(std::uint64_t id);

  mutable std::mutex mutex_;
  Seq last_frame_ = 0;
  InputSeq accepted_ = 0;
  InputSeq consumed_ = 0;
  std::deque<Input> inputs_;  // consumed_ + 1 … accepted_
  std::unordered_set<DedupeId, HashId> seen_;
  std::unordered_map<Key, RecordRow> records_;
  std::set<Key> order_;              // the keys of records_
  std::deque<HistoryNode> history_;  // HistoryRef::offset is the index + 1
  std::set<Timer> timers_;
  std::unordered_map<std::uint64_t, Effect> effects_;
  std::array<std::set<Due>, kEffectStates> due_;  // by EffectState
  std::unordered_map<IdentityKey, Key, HashIdentity> identities_;
  std::set<LinkKey> links_;
  std::map<std::uint32_t, std::string> symbols_;
  std::map<std::string, std::int64_t> stats_;
  std::unordered_map<std::string, std::string> meta_;
};

}  // namespace wf::store
