// A batch is one frame: all that its work did, or nothing.
#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/engine/engine_impl.hpp"
#include "runtime/engine/experiments.hpp"
#include "runtime/engine/format.hpp"

namespace wf::engine {

namespace {

constexpr const char* kNumbers = "engine";

std::string encode(const Numbers& numbers) {
  value::Writer out;
  out.varint(numbers.next_record);
  out.varint(numbers.next_effect);
  out.zigzag(numbers.clock);
  out.varint(numbers.marketing_contacts);
  return out.take();
}

Numbers decode_numbers(const std::string& bytes) {
  value::Reader in(bytes);
  Numbers numbers;
  numbers.next_record = in.varint();
  numbers.next_effect = in.varint();
  numbers.clock = in.zigzag();
  numbers.marketing_contacts = in.varint();
  return numbers;
}

/// The items of an unordered set, in order.
template <class Item, class Set>
void fill_sorted(std::vector<Item>& items, const Set& from) {
  items.assign(from.begin(), from.end());
  std::sort(items.begin(), items.end());
}

}  // namespace

Result<void> EngineImpl::batch(std::int64_t now, const std::function<void()>& work) {
  const Numbers before = context_.numbers;
  context_.numbers.clock = std::max(context_.numbers.clock, now);
  context_.now = context_.numbers.clock;
  batch_consumed_ = consumed_;
  Result<void> outcome;
  bool kept = false;
  context_.store.begin_reads();
  try {
    recall();
    work();
    outcome = commit();
    kept = outcome.ok();
  } catch (const StoreFailure& failure) {
    outcome = failure.error;
  } catch (const OnlyTried&) {
  } catch (const std::exception& fault) {
    fault_ = fault.what();
    outcome = Error{ErrorCode::invalid, "a batch could not be worked on: " + *fault_};
  }
  if (kept) {
    executor_.keep_judged();
  } else {
    lost_ = true;
    executor_.drop_judged();
    context_.cache.drop();
    context_.tallies.drop();
    context_.running.drop();
    versions_.drop();
    context_.numbers = before;
    context_.batch.clear();
    try {
      read_durable();
    } catch (const StoreFailure&) {  // the next batch reads it
    }
  }
  context_.store.end_reads();
  context_.batch.clear();
  return outcome;
}

void EngineImpl::read_durable() {
  sweep_.load();
  context_.switches.load(context_.store);
  jobs_.load();
  quarantine_.load();
  catch_up_.load();
  lost_ = false;
}

/// What is kept in memory of durable things is read again after a batch that failed had moved it on.
void EngineImpl::recall() {
  if (lost_) read_durable();
}

Result<void> EngineImpl::load() {
  if (const auto readable = check_engine_format(context_.store); !readable) return readable;
  try {
    context_.symbols.load(need(context_.store.symbols()));
    if (const auto numbers = need(context_.store.meta(kNumbers))) context_.numbers = decode_numbers(*numbers);
    consumed_ = context_.store.figures().consumed;
    versions_.load();
    context_.running.load(need(context_.store.stats()));
    read_durable();
    drain_until_ = context_.store.figures().accepted;
    isolation_.open(context_.options.after_crash, consumed_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return batch(context_.numbers.clock, [&] {
    if (const auto noted = note_engine_format(context_.store, context_.batch.frame); !noted)
      throw StoreFailure{noted.error()};
    count_running(context_);
    outbox_.recover(context_.numbers.clock);
  });
}

/// Nothing of a deleted record stays but that it was there, and how its enrolments ended.
void EngineImpl::fill_deleted(store::Frame& frame, Key key, std::vector<const HistoryItem*> items) {
  store::RecordChange gone, tombstone;
  gone.key = tombstone.key = key;
  gone.erase = true;
  Record nothing;
  tombstone.hot = encode_hot(nothing, context_.layout);
  tombstone.cold = "";
  std::erase_if(items, [](const HistoryItem* item) {
    return item->what != Happening::ended && item->what != Happening::deleted;
  });
  tombstone.history = engine::encode(items);
  if (const Record* record = context_.cache.peek(key)) context_.running.forget(*record);
  frame.records.push_back(std::move(gone));
  frame.records.push_back(std::move(tombstone));
}

/// The records that changed, and those of which something is told, by key; those that were deleted last.
void EngineImpl::fill_records(store::Frame& frame) {
  const std::set<Key>& forgotten = context_.cache.forgotten();
  const std::map<Key, Forward>& forwarded = context_.cache.forwarded();
  std::vector<Key> dirty = context_.cache.dirty();
  for (const auto& [key, where] : forwarded)
    dirty.insert(std::upper_bound(dirty.begin(), dirty.end(), key), key);
  const std::vector<Told>& told = context_.batch.told;
  std::vector<std::pair<Key, std::uint32_t>> order;
  order.reserve(told.size());
  for (std::uint32_t i = 0; i < told.size(); ++i) order.emplace_back(told[i].key, i);
  std::sort(order.begin(), order.end());
  frame.records.reserve(frame.records.size() + dirty.size() + order.size() / 2);
  store::Frame deleted;
  auto next = order.begin();
  std::vector<const HistoryItem*> items;
  Record tombstone;
  for (auto changed = dirty.begin(); changed != dirty.end() || next != order.end();) {
    const bool is_dirty = changed != dirty.end() && (next == order.end() || *changed <= next->first);
    const Key key = is_dirty ? *changed++ : next->first;
    items.clear();
    for (; next != order.end() && next->first == key; ++next) items.push_back(&told[next->second].item);
    if (forgotten.contains(key)) {
      fill_deleted(deleted, key, items);
      continue;
    }
    const auto forward = forwarded.find(key);
    Record* record = is_dirty ? context_.cache.get(key) : nullptr;
    if (forward != forwarded.end()) {
      if (const Record* gone = context_.cache.peek(key)) context_.running.forget(*gone);
      tombstone.forward = forward->second;
      record = &tombstone;
    } else if (record != nullptr) {
      context_.running.recount(*record);
    }
    if (record == nullptr && items.empty()) continue;
    store::RecordChange& change = frame.records.emplace_back();
    change.key = key;
    if (record != nullptr) {
      change.hot = encode_hot(*record, context_.layout);
      if (record->cold_dirty) change.cold = encode_cold(*record, context_.layout);
      if (record == &tombstone) change.cold = "";
    }
    if (!items.empty()) change.history = engine::encode(items);
  }
  std::move(deleted.records.begin(), deleted.records.end(), std::back_inserter(frame.records));
}

Result<void> EngineImpl::commit() {
  Batch& batch = context_.batch;
  store::Frame& frame = batch.frame;
  if (batch_consumed_ != consumed_) frame.consumed = batch_consumed_;
  fill_records(frame);
  fill_sorted(frame.timers_added, batch.timers_added);
  fill_sorted(frame.timers_removed, batch.timers_removed);
  fill_sorted(frame.effects_removed, batch.effects_removed);
  frame.effects_put.reserve(batch.effects_put.size());
  for (auto& [id, effect] : batch.effects_put) frame.effects_put.push_back(std::move(effect));
  std::sort(frame.effects_put.begin(), frame.effects_put.end(),
            [](const store::Effect& a, const store::Effect& b) { return a.id < b.id; });
  for (const auto& [identity, key] : batch.identities) {
    frame.identities.push_back({identity.first, identity.second, key});
  }
  for (const auto& [link, linked] : batch.links) {
    frame.links.push_back({link.association, link.from, link.to, !linked});
  }
  for (const auto& [rotation, turns] : batch.turns) {
    value::Writer out;
    out.varint(turns);
    frame.meta.push_back({"turns:" + rotation, out.take()});
  }
  frame.stats = batch.stats.by_name();
  context_.running.write(frame);
  for (const auto& [symbol, state] : batch.experiments) {
    frame.meta.push_back({experiment_meta(context_, symbol), engine::encode(context_, state)});
  }
  context_.tallies.write(frame);
  context_.switches.write(context_.store, frame);
  frame.symbols = context_.symbols.fresh();
  if (frame.empty()) return {};
  frame.meta.push_back({kNumbers, encode(context_.numbers)});
  const auto seq = context_.store.append(frame);
  if (!seq) return seq.error();
  consumed_ = batch_consumed_;
  context_.symbols.confirm();
  for (auto& [symbol, state] : batch.experiments) context_.experiments[symbol] = std::move(state);
  context_.cache.settle();
  context_.tallies.settle();
  if (context_.running.settle()) versions_.suspect();
  versions_.settle();
  if (context_.options.observer) {
    for (const auto& [key, item] : batch.told) context_.options.observer(key, item);
  }
  return {};
}

}  // namespace wf::engine
