#include "runtime/engine/context.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

// ---- cache
// ------------------------------------------------------------------------------------------------------

Cache::Entry* Cache::find(Key key) {
  if (last_ != nullptr && last_->record.key == key) return last_;
  const auto it = entries_.find(key);
  if (it == entries_.end()) return nullptr;
  return last_ = it->second.get();
}

Cache::Entry* Cache::load(Key key) {
  const auto row = need(store_.load_hot(key));
  if (!row) return nullptr;
  Record record = need(decode_record(key, row->hot, *this, layout_));
  if (record.object == 0) return record.forward.to == 0 ? nullptr : entry_of(record.forward.to);
  auto& entry = entries_[key] = std::make_unique<Entry>();
  entry->record = std::move(record);
  entry->record.counted = points_of(entry->record);
  link(*entry);
  weigh(*entry);
  return last_ = entry.get();
}

void Cache::read(Key key, SymbolId object, Properties& properties) {
  const auto decoded = decode_cold(need(store_.load_cold(key)), object, properties, layout_);
  if (!decoded) throw StoreFailure{decoded.error()};
  grown_.push_back(key);
}

/// Null when there is no such record; of one that was merged, the one it was merged into.
Cache::Entry* Cache::entry_of(Key key) {
  if (!forgotten_.empty() && forgotten_.contains(key)) return nullptr;
  if (!forwarded_.empty()) {
    if (const auto it = forwarded_.find(key); it != forwarded_.end()) return entry_of(it->second.to);
  }
  Entry* entry = find(key);
  return entry == nullptr ? load(key) : entry;
}

Record* Cache::get(Key key) {
  Entry* entry = entry_of(key);
  if (entry == nullptr) return nullptr;
  use(*entry);
  return &entry->record;
}

Record& Cache::create(Key key, SymbolId object, std::int64_t now) {
  erase(key);
  auto& entry = entries_[key] = std::make_unique<Entry>();
  Record& record = entry->record;
  record.key = key;
  record.object = object;
  record.created_at = now;
  record.cold_dirty = true;
  link(*entry);
  last_ = entry.get();
  touch(key);
  return record;
}

void Cache::touch(Key key) {
  Entry* entry = entry_of(key);
  if (entry == nullptr || entry->dirty) return;
  entry->dirty = true;
  dirty_.push_back(entry->record.key);
}

std::vector<Key> Cache::dirty() const {
  std::vector<Key> keys = dirty_;
  std::sort(keys.begin(), keys.end());
  return keys;
}

void Cache::forward(Key key, Forward where) {
  std::erase(dirty_, key);
  forwarded_[key] = where;
}

Forward Cache::forward_of(Key key) {
  if (const auto it = forwarded_.find(key); it != forwarded_.end()) return it->second;
  if (entries_.contains(key)) return {};
  const auto row = need(store_.load_hot(key));
  return row ? need(decode_record(key, row->hot, *this, layout_)).forward : Forward{};
}

const Record* Cache::peek(Key key) const {
  const auto it = entries_.find(key);
  return it == entries_.end() ? nullptr : &it->second->record;
}

void Cache::settle() {
  for (const Key key : dirty_) {
    Entry* entry = find(key);
    if (entry == nullptr) continue;
    if (entry->record.cold_dirty) entry->record.overlay.clear();
    entry->record.cold_dirty = false;
    entry->dirty = false;
    weigh(*entry);
  }
  dirty_.clear();
  for (const Key key : grown_) {
    if (Entry* entry = find(key)) weigh(*entry);
  }
  grown_.clear();
  for (const Key key : forgotten_) erase(key);
  for (const auto& [key, where] : forwarded_) erase(key);
  forgotten_.clear();
  forwarded_.clear();
  evict();
  ++batch_;
}

void Cache::drop() {
  const std::vector<Key> dirty = std::exchange(dirty_, {});
  for (const Key key : dirty) erase(key);
  for (const auto& [key, where] : forwarded_) erase(key);
  forgotten_.clear();
  forwarded_.clear();
  ++batch_;
}

void Cache::use(Entry& entry) {
  if (entry.batch == batch_) return;
  unlink(entry);
  link(entry);
}

void Cache::link(Entry& entry) {
  entry.batch = batch_;
  entry.newer = nullptr;
  entry.older = newest_;
  (newest_ == nullptr ? oldest_ : newest_->newer) = &entry;
  newest_ = &entry;
}

void Cache::unlink(Entry& entry) {
  (entry.newer == nullptr ? newest_ : entry.newer->older) = entry.older;
  (entry.older == nullptr ? oldest_ : entry.older->newer) = entry.newer;
}

void Cache::weigh(Entry& entry) {
  const std::size_t bytes = sizeof(Entry) + memory_of(entry.record);
  bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void Cache::erase(Key key) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  unlink(*it->second);
  bytes_ -= it->second->bytes;
  last_ = nullptr;
  entries_.erase(it);
}

void Cache::evict() {
  while (bytes_ > capacity_ && oldest_ != nullptr) erase(oldest_->record.key);
}

// ---- batch
// ------------------------------------------------------------------------------------------------------

std::size_t Counts::Hash::operator()(const Parts& parts) const {
  const std::hash<std::string_view> hash;
  return store::blend(store::blend(hash(parts.subject), hash(parts.metric)), hash(parts.detail));
}

void Counts::add(std::string_view subject, std::string_view metric, std::string_view detail, std::int64_t n) {
  const Parts parts{subject, metric, detail};
  const auto it = counts_.find(parts);
  if (it != counts_.end()) {
    it->second += n;
  } else {
    counts_.emplace(Name{std::string(subject), std::string(metric), std::string(detail)}, n);
  }
}

std::vector<store::StatDelta> Counts::by_name() const {
  std::vector<store::StatDelta> stats;
  for (const auto& [name, delta] : counts_) {
    stats.push_back({name.subject + '\t' + name.metric + '\t' + name.detail, delta});
  }
  std::sort(stats.begin(), stats.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return stats;
}

void Batch::clear() {
  frame = store::Frame();
  timers_added.clear();
  timers_removed.clear();
  effects_put.clear();
  effects_removed.clear();
  identities.clear();
  told.clear();
  stats.clear();
  experiments.clear();
  links.clear();
  turns.clear();
}

void Batch::add_timer(const store::Timer& timer) {
  if (timers_removed.erase(timer) == 0) timers_added.insert(timer);
}

void Batch::remove_timer(const store::Timer& timer) {
  if (timers_added.erase(timer) == 0) timers_removed.insert(timer);
}

void Batch::put_effect(store::Effect effect) {
  const std::uint64_t id = effect.id;
  effects_put.insert_or_assign(id, std::move(effect));
}

void Batch::remove_effect(std::uint64_t id) {
  effects_put.erase(id);
  effects_removed.insert(id);
}

// ---- context
// ----------------------------------------------------------------------------------------------------

const Binding* Context::binding(SymbolId code) {
  if (const auto it = codes.find(code); it != codes.end()) return it->second.binding.get();
  const auto bytes = need(store.meta("code:" + std::string(symbols.name(code))));
  if (!bytes || bytes->empty()) return nullptr;
  auto program = bytecode::read_bundle(*bytes);
  if (!program) return nullptr;
  auto shared = std::make_shared<const bytecode::Program>(std::move(*program));
  auto bound = std::make_unique<Binding>(shared, bytecode::bundle_hash(*bytes), symbols, layout);
  auto elsewhere = std::make_unique<triggers::Elsewhere>(*shared);
  return codes.emplace(code, Loaded{std::move(shared), std::move(bound), std::move(elsewhere)})
      .first->second.binding.get();
}

void Context::tell(Key key, Happening what, SymbolId subject, SymbolId workflow, std::string detail) {
  batch.told.push_back({key, {what, now, subject, workflow, std::move(detail)}});
}

std::optional<Key> Context::find(SymbolId object, const std::string& identity) {
  std::optional<Key> key;
  const auto it =
      batch.identities.empty() ? batch.identities.end() : batch.identities.find({object, identity});
  if (it == batch.identities.end()) {
    key = need(store.find(object, identity));
  } else if (it->second != 0) {
    key = it->second;
  }
  // The record may have been merged into another one since.
  if (const Record* record = key ? cache.get(*key) : nullptr) return record->key;
  return key;
}

Key Context::new_key(SymbolId object, const std::string& identity) {
  const std::uint64_t hash = value::hash64(identity, value::hash64(symbols.name(object)));
  const auto shard = static_cast<std::uint64_t>(hash % options.shards);
  return shard << (64 - store::kShardBits) | numbers.next_record++;
}

std::vector<Key> Context::linked(SymbolId association, Key to) {
  constexpr std::size_t kPage = 1'000;
  std::vector<Key> keys;
  for (Key after = 0;;) {
    const std::vector<Key> page = need(store.linked_from(association, to, after, kPage));
    keys.insert(keys.end(), page.begin(), page.end());
    if (page.size() < kPage) break;
    after = page.back();
  }
  for (auto it = batch.links.lower_bound({association, to, 0});
       it != batch.links.end() && it->first.association == association && it->first.to == to; ++it) {
    std::erase(keys, it->first.from);
    if (it->second) keys.push_back(it->first.from);
  }
  std::sort(keys.begin(), keys.end(), vm::is_older);
  return keys;
}

std::uint64_t Context::turns(const std::string& rotation) {
  if (const auto it = batch.turns.find(rotation); it != batch.turns.end()) return it->second;
  const auto stored = need(store.meta("turns:" + rotation));
  return stored ? value::Reader(*stored).varint() : 0;
}

// ---- view
// -------------------------------------------------------------------------------------------------------

static_assert(vm::kRecordNumber == (Key{1} << (64 - store::kShardBits)) - 1);

RecordView::RecordView(Context& context, const Binding& binding, const Record& record, Before before)
    : context_(context),
      binding_(binding),
      record_(record),
      before_(before),
      object_(binding.object_index(record.object)) {}

namespace {

Value value_before(const Record& record, std::uint32_t slot, const Change* before) {
  if (before) {
    for (const auto& [changed, old] : before->properties) {
      if (changed == slot) return old;
    }
  }
  return record.property(slot);
}

/// A record that is older than the property, or than its having to have a value, has the default.
Value or_default(Value v, const bytecode::Property& declared) {
  return v.is_unknown() && !declared.type.nullable ? declared.initial : std::move(v);
}

}  // namespace

Value RecordView::property(std::uint32_t property) const {
  if (object_ == kNone) return {};
  const bytecode::Property& declared = binding_.catalogue().objects[object_].properties[property];
  return or_default(
      binding_.to_program(value_before(record_, binding_.slot(object_, property), before()), declared.type),
      declared);
}

Value RecordView::field(std::uint64_t key, std::uint32_t object, std::uint32_t property) const {
  const Record* other = key == record_.key ? &record_ : context_.cache.get(key);
  if (other == nullptr || other->object != binding_.object(object)) return {};
  const bytecode::Property& declared = binding_.catalogue().objects[object].properties[property];
  const Change* before = before_.key == key ? before_.change : nullptr;
  const Value stable = value_before(*other, binding_.slot(object, property), before);
  return or_default(binding_.to_program(stable, declared.type), declared);
}

std::vector<std::uint64_t> RecordView::linked(std::uint64_t to, std::uint32_t object,
                                              std::uint32_t property) const {
  const std::uint32_t slot = binding_.slot(object, property);
  const SymbolId symbol = binding_.object(object);
  std::vector<Key> keys = context_.linked(context_.layout.property(symbol, slot), to);
  const Record* changed = before_.change == nullptr ? nullptr : context_.cache.get(before_.key);
  if (changed == nullptr || changed->object != symbol) return keys;
  for (const auto& [at, old] : before_.change->properties) {
    if (at != slot) continue;
    std::erase(keys, before_.key);
    if (old.kind() == value::Kind::ref && old.as_key() == to) keys.push_back(before_.key);
    std::sort(keys.begin(), keys.end(), vm::is_older);
  }
  return keys;
}

std::unique_ptr<vm::View> RecordView::other(std::uint64_t key, std::uint32_t object) const {
  const Record* other = key == record_.key ? &record_ : context_.cache.get(key);
  if (other == nullptr || other->object != binding_.object(object)) return nullptr;
  return std::make_unique<RecordView>(context_, binding_, *other, before_);
}

std::uint64_t RecordView::new_key(std::uint32_t n) const {
  return Key{store::shard_of(record_.key)} << (64 - store::kShardBits) | (context_.numbers.next_record + n);
}

std::uint64_t RecordView::turns(std::uint32_t rotation) const {
  return context_.turns(binding_.program().rotations[rotation].key);
}

const CounterState* RecordView::state(std::uint32_t counter) const {
  const SymbolId symbol = binding_.counter(counter);
  if (const Change* change = before()) {
    for (const CounterState& old : change->counters) {
      if (old.counter == symbol) return &old;
    }
  }
  return record_.counter(symbol);
}

std::int64_t count_of(const bytecode::Counter& spec, const CounterState* state, std::int64_t now) {
  if (state == nullptr) return 0;
  if (spec.window == 0) return state->count;
  const std::int64_t after = value::sub_saturating(now, spec.window);
  return std::count_if(state->times.begin(), state->times.end(),
                       [&](std::int64_t t) { return t > after && t <= now; });
}

std::int64_t RecordView::count(std::uint32_t counter, std::int64_t now) const {
  return count_of(binding_.program().counters[counter], state(counter), now);
}

std::optional<std::int64_t> RecordView::last_event(std::uint32_t counter) const {
  const CounterState* found = state(counter);
  if (found == nullptr || found->count == 0) return std::nullopt;
  return found->last_at;
}

std::optional<std::int64_t> RecordView::expiry(std::uint32_t counter, std::int64_t now) const {
  const bytecode::Counter& spec = binding_.program().counters[counter];
  const CounterState* found = state(counter);
  std::optional<std::int64_t> first;
  if (found == nullptr || spec.window == 0) return first;
  for (const std::int64_t at : found->times) {
    const std::int64_t leaves = value::add_saturating(at, spec.window);
    if (leaves > now && (!first || leaves < *first)) first = leaves;
  }
  return first;
}

bool RecordView::in_list(std::uint32_t list) const {
  const SymbolId symbol = binding_.list(list);
  const bool now_member = record_.in(record_.lists, symbol);
  if (const Change* change = before()) {
    for (const auto& [changed, added] : change->lists) {
      if (changed == symbol) return !added;
    }
  }
  return now_member;
}

bool RecordView::has_tag(std::string_view tag) const {
  const auto symbol = context_.symbols.find("tag", tag);
  if (!symbol) return false;
  const bool now_tagged = record_.in(record_.tags, *symbol);
  const Change* change = before();
  const bool toggled = change && std::count(change->tags.begin(), change->tags.end(), *symbol) % 2 != 0;
  return toggled ? !now_tagged : now_tagged;
}

}  // namespace wf::engine
