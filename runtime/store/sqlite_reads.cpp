// The reads of SqliteStore: each merges the layers in memory over the tables.
#include <algorithm>

#include "runtime/store/sqlite_store.hpp"

namespace wf::store {

namespace {

/// Up to `limit` entries of both layers' `map` whose key `select` takes, by key, the newer layer's first.
template <class Map, class Select>
auto changed_keys(const Layers& layers, Map Pending::*map, std::size_t limit, Select select) {
  std::vector<typename Map::key_type> keys;
  layers.each([&](const Pending& layer) {
    for (const auto& [key, change] : layer.*map)
      if (select(key)) keys.push_back(key);
    return false;
  });
  const std::size_t kept = std::min(keys.size(), limit > keys.size() / 2 ? keys.size() : 2 * limit);
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(kept), keys.end());
  keys.resize(kept);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

template <class T>
void keep_first(std::vector<T>& sorted, std::size_t limit) {
  if (sorted.size() > limit) sorted.resize(limit);
}

}  // namespace

Result<std::vector<Input>> SqliteStore::pull(InputSeq after, std::size_t limit) {
  after = std::max(after, consumed_);
  if (std::optional<std::vector<Input>> recent = recent_.read(after, limit)) {
    backlog_.clear();
    return std::move(*recent);
  }
  return pull_from_journal(after, limit);
}

Result<std::vector<Input>> SqliteStore::pull_from_journal(InputSeq after, std::size_t limit) {
  while (!backlog_.empty() && backlog_.front().seq <= after) backlog_.pop_front();
  if (!backlog_.empty() && backlog_.front().seq != after + 1) backlog_.clear();
  if (backlog_.size() < limit) {
    const InputSeq from = backlog_.empty() ? after : backlog_.back().seq;
    Result<std::vector<Input>> read = journal_.inputs(from, limit - backlog_.size());
    if (!read) return read.error();
    std::move(read->begin(), read->end(), std::back_inserter(backlog_));
  }
  // The journal may be a moment ahead of what accept() has answered.
  const InputSeq accepted = std::max(after, accepted_.load());
  const std::size_t count = std::min({limit, backlog_.size(), static_cast<std::size_t>(accepted - after)});
  return std::vector<Input>(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(count));
}

Result<std::vector<bool>> SqliteStore::seen(std::span<const DedupeId> ids) {
  Layers now;
  std::shared_ptr<const DedupeRuns> runs;
  {
    std::lock_guard lock(mutex_);
    now = {pending_, folding_, folds_};
    runs = runs_;
  }
  Result<std::vector<bool>> out = below(now).contains(*runs, ids);
  if (!out) return out;
  for (std::size_t i = 0; i < ids.size(); ++i)
    now.each([&](const Pending& layer) {
      if (layer.dedupe.contains(ids[i])) (*out)[i] = true;
      return static_cast<bool>((*out)[i]);
    });
  return out;
}

namespace {

/// The row of a record: what the layers know over what the tables have, which `read` asks for if need be.
template <class Read>
Result<std::optional<RecordRow>> over_tables(const LayeredRecord& record, bool complete, Read read) {
  std::optional<RecordRow> out;
  if (record.known && !record.present) return out;
  if (complete) return std::optional<RecordRow>(record.over({}));
  Result<std::optional<RecordRow>> base = read();
  if (!base || !record.known) return base;
  out = record.over(std::move(*base).value_or(RecordRow{}));
  return out;
}

}  // namespace

Result<std::optional<RecordRow>> SqliteStore::load(Key key) {
  const Layers now = layers();
  const LayeredRecord record = find_record(now, key);
  auto out = over_tables(record, record.complete(), [&] { return below(now).load(key); });
  if (out) refs_.put(key, *out ? (*out)->history : HistoryRef{});
  return out;
}

Result<std::optional<RecordRow>> SqliteStore::load_hot(Key key) {
  const Layers now = layers();
  LayeredRecord record = find_record(now, key);
  record.cold = nullptr;
  const bool complete = record.reset || (record.hot != nullptr && record.history);
  const auto read = [&]() -> Result<std::optional<RecordRow>> {
    if (auto row = ahead_.load_hot(key, now.folds)) return std::move(*row);
    return below(now).load_hot(key);
  };
  auto out = over_tables(record, complete, read);
  if (out) refs_.put(key, *out ? (*out)->history : HistoryRef{});
  return out;
}

Result<std::string> SqliteStore::load_cold(Key key) {
  const Layers now = layers();
  const LayeredRecord record = find_record(now, key);
  if (record.cold != nullptr) return *record.cold;
  if (record.reset || (record.known && !record.present)) return std::string();
  Result<std::optional<std::string>> row = below(now).load_cold(key);
  if (!row) return row.error();
  return std::move(*row).value_or("");
}

Result<std::optional<Key>> SqliteStore::find(std::uint32_t object, const std::string& id) {
  const IdentityKey identity{object, id};
  const Layers now = layers();
  if (const Key* changed = now.find(&Pending::identities, identity))
    return *changed == 0 ? std::optional<Key>{} : std::optional<Key>(*changed);
  if (const auto key = ahead_.find(identity, now.folds)) return *key;
  return below(now).find(identity);
}

void SqliteStore::want(std::vector<IdentityKey> identities) {
  if (ahead_.is_open()) ahead_.want(std::move(identities));
}

Result<std::vector<Key>> SqliteStore::linked_from(std::uint32_t assoc, Key to, Key after, std::size_t limit) {
  const Layers now = layers();
  std::vector<Key> out;
  now.each([&](const Pending& layer) {
    for (auto at = layer.links.upper_bound({assoc, to, after}); at != layer.links.end(); ++at) {
      const auto& [link_assoc, link_to, from] = at->first;
      if (link_assoc != assoc || link_to != to) break;
      if (*now.find(&Pending::links, at->first)) out.push_back(from);
    }
    return false;
  });
  std::size_t unchanged = 0;
  Result<void> done = below(now).linked_from(assoc, to, after, [&](Key from) {
    if (now.find(&Pending::links, LinkKey{assoc, to, from})) return true;
    out.push_back(from);
    return ++unchanged < limit;
  });
  if (!done) return done.error();
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  keep_first(out, limit);
  return out;
}

Result<std::vector<std::pair<Key, RecordRow>>> SqliteStore::scan(Key after, std::size_t limit) {
  using Entry = std::pair<Key, RecordRow>;
  const Layers now = layers();
  std::vector<Entry> out;
  if (limit == 0) return out;
  const auto selected = [&](Key key) { return key > after && find_record(now, key).present; };
  const std::vector<Key> changed = changed_keys(now, &Pending::records, limit, selected);
  std::size_t unchanged = 0;
  Result<void> done = below(now).scan(after, [&](Key key, RecordRow&& row) {
    if (find_record(now, key).known) return true;
    out.emplace_back(key, std::move(row));
    return ++unchanged < limit;
  });
  if (!done) return done.error();
  for (Key key : changed) {
    if (out.size() >= 2 * limit) break;
    Result<std::optional<RecordRow>> row = load(key);
    if (!row) return row.error();
    if (*row) out.emplace_back(key, std::move(**row));
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
  keep_first(out, limit);
  return out;
}

Result<void> SqliteStore::extend_timers() {
  const Layers now = layers();
  const std::optional<Timer> after = timers_.horizon();
  const auto selected = [&](const Timer& timer) {
    return (!after || timer > *after) && now.find(&Pending::timers, timer)->present;
  };
  std::vector<Timer> next = changed_keys(now, &Pending::timers, Window<Timer>::kRefill, selected);
  std::size_t unchanged = 0;
  Result<void> done = below(now).timers(after, [&](const Timer& timer) {
    if (now.find(&Pending::timers, timer)) return true;
    next.push_back(timer);
    return ++unchanged < Window<Timer>::kRefill;
  });
  if (!done) return done;
  std::sort(next.begin(), next.end());
  keep_first(next, Window<Timer>::kRefill);
  timers_.extend(next);
  return {};
}

Result<std::vector<Timer>> SqliteStore::timers_due(std::int64_t until, std::size_t limit) {
  for (;;) {
    std::vector<Timer> out;
    for (const Timer& timer : timers_.keys()) {
      if (timer.due > until || out.size() >= limit) break;
      out.push_back(timer);
    }
    const bool all = timers_.complete() || (timers_.horizon() && timers_.horizon()->due > until);
    if (out.size() >= limit || all) return out;
    if (Result<void> done = extend_timers(); !done) return done.error();
  }
}

Result<std::optional<std::int64_t>> SqliteStore::next_timer() {
  while (timers_.keys().empty() && !timers_.complete())
    if (Result<void> done = extend_timers(); !done) return done.error();
  if (timers_.keys().empty()) return std::optional<std::int64_t>{};
  return std::optional<std::int64_t>(timers_.keys().begin()->due);
}

Result<void> SqliteStore::extend_effects(EffectState state) {
  const Layers now = layers();
  Window<Due>& window = due_[static_cast<std::size_t>(state)];
  const std::optional<Due> after = window.horizon();
  std::vector<Due> next;
  now.each([&](const Pending& layer) {
    for (const auto& [id, change] : layer.effects) {
      const PendingEffect& newest = *now.find(&Pending::effects, id);
      if (&newest != &change || !newest.now || newest.now->state != state) continue;
      const Due due{newest.now->next_at, id};
      if (!after || due > *after) next.push_back(due);
    }
    return false;
  });
  std::size_t unchanged = 0;
  Result<void> done = below(now).due(state, after, [&](Due due) {
    if (now.find(&Pending::effects, due.second)) return true;
    next.push_back(due);
    return ++unchanged < Window<Due>::kRefill;
  });
  if (!done) return done;
  std::sort(next.begin(), next.end());
  keep_first(next, Window<Due>::kRefill);
  window.extend(next);
  return {};
}

Result<std::vector<Effect>> SqliteStore::effects(EffectState state, std::int64_t until, std::size_t limit) {
  Window<Due>& window = due_[static_cast<std::size_t>(state)];
  std::vector<Effect> out;
  std::optional<Due> last;  // looked at already
  for (;;) {
    const std::set<Due>& keys = window.keys();
    for (auto at = last ? keys.upper_bound(*last) : keys.begin(); at != keys.end() && out.size() < limit;) {
      const Due due = *at++;
      if (due.first > until) break;
      last = due;
      Result<std::optional<Effect>> found = effect(due.second);
      if (!found) return found.error();
      const bool current = *found && (*found)->state == state && (*found)->next_at == due.first;
      if (current)
        out.push_back(std::move(**found));
      else
        window.remove(due);
    }
    const bool all = window.complete() || (window.horizon() && window.horizon()->first > until);
    if (out.size() >= limit || all) return out;
    if (Result<void> done = extend_effects(state); !done) return done.error();
  }
}

Result<std::optional<Effect>> SqliteStore::effect(std::uint64_t id) {
  const Layers now = layers();
  if (const PendingEffect* changed = now.find(&Pending::effects, id)) return changed->now;
  return below(now).effect(id);
}

Result<std::vector<HistoryEntry>> SqliteStore::history(HistoryRef& from, std::size_t limit) {
  std::vector<HistoryEntry> out;
  HistoryRef at = from;
  std::optional<Key> key;
  while (at.frame != 0 && out.size() < limit) {
    Result<HistoryPart> part = journal_.history(at);
    if (!part) return part.error();
    if (key && part->key != *key) return Error{ErrorCode::corrupt, "a history chain leads to another record"};
    key = part->key;
    out.push_back({at.frame, std::move(part->body)});
    at = part->previous;
  }
  from = at;
  return out;
}

Result<std::vector<Symbol>> SqliteStore::symbols() {
  const Layers now = layers();
  Result<std::map<std::uint32_t, std::string>> all = below(now).symbols();
  if (!all) return all.error();
  for (const Pending* layer : {now.older.get(), now.newest.get()})
    if (layer)
      for (const auto& [id, name] : layer->symbols) (*all)[id] = name;
  std::vector<Symbol> out;
  for (auto& [id, name] : *all) out.push_back({id, std::move(name)});
  return out;
}

Result<std::vector<StatDelta>> SqliteStore::stats() {
  std::vector<StatDelta> out;
  for (const auto& [name, total] : totals_) out.push_back({name, total});
  std::sort(out.begin(), out.end(), [](const StatDelta& a, const StatDelta& b) { return a.name < b.name; });
  return out;
}

Result<std::optional<std::string>> SqliteStore::meta(const std::string& key) {
  const Layers now = layers();
  if (const std::string* changed = now.find(&Pending::meta, key)) return std::optional<std::string>(*changed);
  return below(now).meta(key);
}

}  // namespace wf::store
