#include "runtime/store/memory_store.hpp"

#include <algorithm>

namespace wf::store {

namespace {

std::size_t index_of(EffectState state) {
  return static_cast<std::size_t>(state);
}

}  // namespace

Result<void> MemoryStore::accept(std::vector<Input>& inputs) {
  std::lock_guard lock(mutex_);
  if (inputs.empty()) return {};
  for (Input& input : inputs) {
    input.seq = ++accepted_;
    inputs_.push_back(input);
  }
  ++last_frame_;
  return {};
}

Result<Seq> MemoryStore::append(const Frame& frame) {
  std::lock_guard lock(mutex_);
  if (frame.consumed > accepted_)
    return Error{ErrorCode::invalid, "a frame consumes inputs that were never accepted"};
  const Seq seq = ++last_frame_;
  for (; consumed_ < frame.consumed; ++consumed_) inputs_.pop_front();
  for (const DedupeId& id : frame.dedupe)
    if (id != kNoId) seen_.insert(id);
  for (const RecordChange& change : frame.records) apply_record(change, seq);
  apply_work(frame);
  apply_names(frame);
  return seq;
}

void MemoryStore::apply_record(const RecordChange& change, Seq seq) {
  if (change.erase) {
    if (records_.erase(change.key) > 0) order_.erase(change.key);
    return;
  }
  auto [at, created] = records_.try_emplace(change.key);
  if (created) order_.insert(change.key);
  RecordRow& row = at->second;
  if (change.hot) row.hot = *change.hot;
  if (change.cold) row.cold = *change.cold;
  if (change.history.empty()) return;
  history_.push_back({row.history, {seq, change.history}});
  row.history = {seq, static_cast<std::uint32_t>(history_.size())};
}

void MemoryStore::apply_work(const Frame& frame) {
  for (const Timer& timer : frame.timers_removed) timers_.erase(timer);
  for (const Timer& timer : frame.timers_added) timers_.insert(timer);
  for (const Effect& effect : frame.effects_put) {
    remove_effect(effect.id);
    due_[index_of(effect.state)].emplace(effect.next_at, effect.id);
    effects_.emplace(effect.id, effect);
  }
  for (std::uint64_t id : frame.effects_removed) remove_effect(id);
}

void MemoryStore::remove_effect(std::uint64_t id) {
  const auto at = effects_.find(id);
  if (at == effects_.end()) return;
  due_[index_of(at->second.state)].erase({at->second.next_at, id});
  effects_.erase(at);
}

void MemoryStore::apply_names(const Frame& frame) {
  for (const Identity& identity : frame.identities) {
    const IdentityKey key{identity.object, identity.id};
    if (identity.record == 0)
      identities_.erase(key);
    else
      identities_[key] = identity.record;
  }
  for (const Link& link : frame.links) {
    const LinkKey key{link.assoc, link.to, link.from};
    if (link.remove)
      links_.erase(key);
    else
      links_.insert(key);
  }
  for (const Symbol& symbol : frame.symbols) symbols_[symbol.id] = symbol.name;
  for (const StatDelta& stat : frame.stats) stats_[stat.name] += stat.delta;
  for (const MetaPut& put : frame.meta) meta_[put.key] = put.value;
}

Result<std::vector<Input>> MemoryStore::pull(InputSeq after, std::size_t limit) {
  std::lock_guard lock(mutex_);
  const std::size_t skip = after > consumed_ ? after - consumed_ : 0;
  std::vector<Input> out;
  for (std::size_t i = skip; i < inputs_.size() && out.size() < limit; ++i) out.push_back(inputs_[i]);
  return out;
}

Result<std::vector<bool>> MemoryStore::seen(std::span<const DedupeId> ids) {
  std::lock_guard lock(mutex_);
  std::vector<bool> out;
  out.reserve(ids.size());
  for (const DedupeId& id : ids) out.push_back(seen_.contains(id));
  return out;
}

Result<std::optional<RecordRow>> MemoryStore::load(Key key) {
  std::lock_guard lock(mutex_);
  const auto at = records_.find(key);
  if (at == records_.end()) return std::optional<RecordRow>{};
  return std::optional<RecordRow>(at->second);
}

Result<std::optional<RecordRow>> MemoryStore::load_hot(Key key) {
  std::lock_guard lock(mutex_);
  const auto at = records_.find(key);
  if (at == records_.end()) return std::optional<RecordRow>{};
  return std::optional<RecordRow>({at->second.hot, {}, at->second.history});
}

Result<std::string> MemoryStore::load_cold(Key key) {
  std::lock_guard lock(mutex_);
  const auto at = records_.find(key);
  return at == records_.end() ? std::string() : at->second.cold;
}

Result<std::optional<Key>> MemoryStore::find(std::uint32_t object, const std::string& id) {
  std::lock_guard lock(mutex_);
  const auto at = identities_.find({object, id});
  if (at == identities_.end()) return std::optional<Key>{};
  return std::optional<Key>(at->second);
}

Result<std::vector<Key>> MemoryStore::linked_from(std::uint32_t assoc, Key to, Key after, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<Key> out;
  for (auto at = links_.upper_bound({assoc, to, after}); at != links_.end() && out.size() < limit; ++at) {
    const auto& [link_assoc, link_to, from] = *at;
    if (link_assoc != assoc || link_to != to) break;
    out.push_back(from);
  }
  return out;
}

Result<std::vector<std::pair<Key, RecordRow>>> MemoryStore::scan(Key after, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<Key, RecordRow>> out;
  for (auto at = order_.upper_bound(after); at != order_.end() && out.size() < limit; ++at)
    out.emplace_back(*at, records_.at(*at));
  return out;
}

Result<std::vector<Timer>> MemoryStore::timers_due(std::int64_t until, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<Timer> out;
  for (auto at = timers_.begin(); at != timers_.end() && at->due <= until && out.size() < limit; ++at)
    out.push_back(*at);
  return out;
}

Result<std::optional<std::int64_t>> MemoryStore::next_timer() {
  std::lock_guard lock(mutex_);
  if (timers_.empty()) return std::optional<std::int64_t>{};
  return std::optional<std::int64_t>(timers_.begin()->due);
}

Result<std::vector<Effect>> MemoryStore::effects(EffectState state, std::int64_t until, std::size_t limit) {
  std::lock_guard lock(mutex_);
  const std::set<Due>& due = due_[index_of(state)];
  std::vector<Effect> out;
  for (auto at = due.begin(); at != due.end() && at->first <= until && out.size() < limit; ++at)
    out.push_back(effects_.at(at->second));
  return out;
}

Result<std::optional<Effect>> MemoryStore::effect(std::uint64_t id) {
  std::lock_guard lock(mutex_);
  const auto at = effects_.find(id);
  if (at == effects_.end()) return std::optional<Effect>{};
  return std::optional<Effect>(at->second);
}

Result<std::vector<HistoryEntry>> MemoryStore::history(HistoryRef& from, std::size_t limit) {
  std::lock_guard lock(mutex_);
  std::vector<HistoryEntry> out;
  while (from.frame != 0 && out.size() < limit) {
    if (from.offset == 0 || from.offset > history_.size())
      return Error{ErrorCode::corrupt, "a history reference points nowhere"};
    const HistoryNode& node = history_[from.offset - 1];
    out.push_back(node.entry);
    from = node.previous;
  }
  return out;
}

Result<std::vector<Symbol>> MemoryStore::symbols() {
  std::lock_guard lock(mutex_);
  std::vector<Symbol> out;
  for (const auto& [id, name] : symbols_) out.push_back({id, name});
  return out;
}

Result<std::vector<StatDelta>> MemoryStore::stats() {
  std::lock_guard lock(mutex_);
  std::vector<StatDelta> out;
  for (const auto& [name, total] : stats_) out.push_back({name, total});
  return out;
}

Result<std::optional<std::string>> MemoryStore::meta(const std::string& key) {
  std::lock_guard lock(mutex_);
  const auto at = meta_.find(key);
  if (at == meta_.end()) return std::optional<std::string>{};
  return std::optional<std::string>(at->second);
}

StoreFigures MemoryStore::figures() const {
  std::lock_guard lock(mutex_);
  StoreFigures out;
  out.last_frame = out.folded_frame = last_frame_;
  out.accepted = accepted_;
  out.consumed = consumed_;
  out.timers = timers_.size();
  out.effects = effects_.size();
  return out;
}

}  // namespace wf::store
