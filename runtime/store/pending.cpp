#include "runtime/store/pending.hpp"

#include <algorithm>

namespace wf::store {

void Pending::apply(const Frame& frame, Seq seq, std::span<const std::uint32_t> offsets, StatTotals& totals,
                    std::uint64_t& newest_effect) {
  last = seq;
  consumed = std::max(consumed, frame.consumed);
  for (const DedupeId& id : frame.dedupe)
    if (id != kNoId) dedupe.insert(id);
  for (std::size_t i = 0; i < frame.records.size(); ++i) apply_record(frame.records[i], seq, offsets[i]);
  for (const Timer& timer : frame.timers_removed) apply_timer(timer, false);
  for (const Timer& timer : frame.timers_added) apply_timer(timer, true);
  for (const Effect& effect : frame.effects_put) apply_effect(effect.id, &effect, newest_effect);
  for (std::uint64_t id : frame.effects_removed) apply_effect(id, nullptr, newest_effect);
  apply_names(frame, totals);
}

void Pending::apply_record(const RecordChange& change, Seq seq, std::uint32_t offset) {
  PendingRecord& record = records[change.key];
  record.present = !change.erase;
  if (change.erase) {
    record.reset = true;
    record.hot.reset();
    record.cold.reset();
    record.history.reset();
    return;
  }
  if (change.hot) record.hot = change.hot;
  if (change.cold) record.cold = change.cold;
  if (offset != 0) record.history = HistoryRef{seq, offset};
}

void Pending::apply_timer(const Timer& timer, bool present) {
  const auto [at, first] = timers.try_emplace(timer, PendingTimer{present, !present});
  const bool before = first ? at->second.base : at->second.present;
  timers_more += static_cast<int>(present) - static_cast<int>(before);
  at->second.present = present;
}

void Pending::apply_effect(std::uint64_t id, const Effect* effect, std::uint64_t& newest_effect) {
  const auto [at, first] = effects.try_emplace(id);
  PendingEffect& pending = at->second;
  if (first) pending.base = id <= newest_effect;
  const bool before = first ? pending.base : pending.now.has_value();
  effects_more += static_cast<int>(effect != nullptr) - static_cast<int>(before);
  if (effect)
    pending.now = *effect;
  else
    pending.now.reset();
  newest_effect = std::max(newest_effect, id);
}

void Pending::apply_names(const Frame& frame, StatTotals& totals) {
  for (const Identity& identity : frame.identities)
    identities.insert_or_assign({identity.object, identity.id}, identity.record);
  for (const Link& link : frame.links) links[{link.assoc, link.to, link.from}] = !link.remove;
  for (const Symbol& symbol : frame.symbols) symbols[symbol.id] = symbol.name;
  for (const StatDelta& stat : frame.stats) stats[stat.name] = totals[stat.name] += stat.delta;
  for (const MetaPut& put : frame.meta) meta[put.key] = put.value;
}

LayeredRecord find_record(const Layers& layers, Key key) {
  LayeredRecord out;
  layers.each([&](const Pending& layer) {
    const auto at = layer.records.find(key);
    if (at == layer.records.end()) return false;
    const PendingRecord& record = at->second;
    if (!out.known) out.present = record.present;
    out.known = true;
    if (out.hot == nullptr && record.hot) out.hot = &*record.hot;
    if (out.cold == nullptr && record.cold) out.cold = &*record.cold;
    if (!out.history) out.history = record.history;
    out.reset = record.reset;
    return out.complete();
  });
  return out;
}

RecordRow LayeredRecord::over(RecordRow base) const {
  if (hot != nullptr) base.hot = *hot;
  if (cold != nullptr) base.cold = *cold;
  if (history) base.history = *history;
  return base;
}

}  // namespace wf::store
