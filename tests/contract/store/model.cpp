#include "tests/contract/store/model.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/store/place.hpp"

namespace wf::store::test {

namespace {

constexpr std::int64_t kUntil = 600;  // cuts the random times in two

std::vector<std::string> whole_history(Store& store, HistoryRef from, std::size_t page) {
  std::vector<std::string> out;
  while (from.frame != 0) {
    const std::vector<HistoryEntry> entries = must(store.history(from, page));
    REQUIRE(entries.size() <= page);
    REQUIRE((entries.size() == page || from.frame == 0));
    for (const HistoryEntry& entry : entries) out.push_back(entry.body);
  }
  return out;
}

void compare_record(Store& store, const ModelRecord& expected, const RecordRow& row, std::size_t page) {
  CHECK(row.hot == expected.hot);
  CHECK(row.cold == expected.cold);
  std::vector<std::string> history = whole_history(store, row.history, page);
  std::reverse(history.begin(), history.end());
  CHECK(history == expected.history);
}

void compare_records(Store& store, const Model& model, std::size_t page) {
  std::vector<Key> keys;
  for (Key after = 0;;) {
    const auto rows = must(store.scan(after, page));
    REQUIRE(rows.size() <= page);
    for (const auto& [key, row] : rows) {
      keys.push_back(key);
      REQUIRE(model.records.contains(key));
      compare_record(store, model.records.at(key), row, page);
      const std::optional<RecordRow> loaded = must(store.load(key));
      REQUIRE(loaded.has_value());
      CHECK(loaded->hot == row.hot);
      CHECK(loaded->cold == row.cold);
      CHECK(loaded->history == row.history);
      const std::optional<RecordRow> hot = must(store.load_hot(key));
      REQUIRE(hot.has_value());
      CHECK(hot->hot == row.hot);
      CHECK(hot->cold.empty());
      CHECK(hot->history == row.history);
      CHECK(must(store.load_cold(key)) == row.cold);
      after = key;
    }
    if (rows.size() < page) break;
  }
  std::vector<Key> expected;
  for (const auto& [key, record] : model.records) expected.push_back(key);
  CHECK(keys == expected);
  for (Key shard : {Key{1}, Key{0xfff0}})
    for (Key number = 1; number <= 40; ++number) {
      const Key key = shard << 48 | number;
      CHECK(must(store.load(key)).has_value() == model.records.contains(key));
      CHECK(must(store.load_hot(key)).has_value() == model.records.contains(key));
      if (!model.records.contains(key)) CHECK(must(store.load_cold(key)).empty());
    }
}

void compare_timers(Store& store, const Model& model, std::size_t page) {
  std::vector<Timer> due;
  for (const Timer& timer : model.timers)
    if (timer.due <= kUntil) due.push_back(timer);
  CHECK(must(store.timers_due(kUntil, due.size() + 5)) == due);
  if (due.size() > page) due.resize(page);
  CHECK(must(store.timers_due(kUntil, page)) == due);
  const std::optional<std::int64_t> next = must(store.next_timer());
  REQUIRE(next.has_value() == !model.timers.empty());
  if (next) CHECK(*next == model.timers.begin()->due);
}

void compare_effects(Store& store, const Model& model, std::size_t page) {
  for (int number = 0; number < 4; ++number) {
    const auto state = static_cast<EffectState>(number);
    std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
    for (const auto& [id, effect] : model.effects)
      if (effect.state == state && effect.next_at <= kUntil) expected.emplace_back(effect.next_at, id);
    std::sort(expected.begin(), expected.end());
    for (std::size_t limit : {page, expected.size() + 3}) {
      std::vector<std::pair<std::int64_t, std::uint64_t>> got;
      for (const Effect& effect : must(store.effects(state, kUntil, limit))) {
        got.emplace_back(effect.next_at, effect.id);
        CHECK(effect.body == model.effects.at(effect.id).body);
        CHECK(effect.attempts == model.effects.at(effect.id).attempts);
        CHECK(effect.record == model.effects.at(effect.id).record);
      }
      std::vector<std::pair<std::int64_t, std::uint64_t>> first = expected;
      if (first.size() > limit) first.resize(limit);
      CHECK(got == first);
    }
  }
  const std::uint64_t newest = model.effects.empty() ? 0 : model.effects.rbegin()->first;
  for (std::uint64_t id = 1; id <= newest + 2; ++id) {
    const std::optional<Effect> effect = must(store.effect(id));
    REQUIRE(effect.has_value() == model.effects.contains(id));
    if (effect) CHECK(effect->state == model.effects.at(id).state);
  }
}

void compare_names(Store& store, const Model& model) {
  std::vector<std::pair<std::uint32_t, std::string>> identities;
  for (std::uint32_t object = 0; object < 2; ++object)
    for (int i = 0; i < 30; ++i) identities.emplace_back(object, "p" + std::to_string(i) + "@example.com");
  for (const auto& identity : identities) {
    const auto at = model.identities.find(identity);
    const std::optional<Key> expected = at == model.identities.end() ? std::optional<Key>{} : at->second;
    CHECK(must(store.find(identity.first, identity.second)) == expected);
  }
  store.want(std::move(identities));  // what is looked up now may be out of date when it is asked for next
  std::map<std::uint32_t, std::string> symbols;
  for (const Symbol& symbol : must(store.symbols())) symbols.emplace(symbol.id, symbol.name);
  CHECK(symbols == model.symbols);
  std::map<std::string, std::int64_t> stats;
  for (const StatDelta& stat : must(store.stats())) stats.emplace(stat.name, stat.delta);
  CHECK(stats == model.stats);
  for (int i = 0; i < 6; ++i) {
    const std::string key = "meta" + std::to_string(i);
    const auto at = model.meta.find(key);
    CHECK(must(store.meta(key)) == (at == model.meta.end() ? std::nullopt : std::optional(at->second)));
  }
}

void compare_links(Store& store, const Model& model, std::size_t page) {
  for (std::uint32_t assoc = 0; assoc < 2; ++assoc)
    for (Key to = 1; to <= 4; ++to) {
      std::vector<Key> expected, got;
      for (const auto& [link_assoc, link_to, from] : model.links)
        if (link_assoc == assoc && link_to == to) expected.push_back(from);
      for (Key after = 0;;) {
        const std::vector<Key> some = must(store.linked_from(assoc, to, after, page));
        REQUIRE(some.size() <= page);
        got.insert(got.end(), some.begin(), some.end());
        if (some.size() < page) break;
        after = some.back();
      }
      CHECK(got == expected);
    }
}

void compare_inputs(Store& store, const Model& model, std::size_t page) {
  std::vector<std::string> expected, got;
  for (std::size_t i = model.consumed; i < model.inputs.size(); ++i) expected.push_back(model.inputs[i].body);
  InputSeq after = 0;
  for (;;) {
    const std::vector<Input> some = must(store.pull(after, page));
    for (const Input& input : some) {
      REQUIRE(input.seq == std::max(after, model.consumed) + 1);
      CHECK(input.dedupe == model.inputs[input.seq - 1].dedupe);
      CHECK(input.received_at == model.inputs[input.seq - 1].received_at);
      got.push_back(input.body);
      after = input.seq;
    }
    if (some.size() < page) break;
  }
  CHECK(got == expected);
  std::vector<DedupeId> ids(model.seen.begin(), model.seen.end());
  for (std::uint64_t i = 0; i < 50; ++i) ids.push_back({i * 77, 99});
  ids.push_back({});
  std::vector<bool> wanted;
  for (const DedupeId& id : ids) wanted.push_back(model.seen.contains(id));
  CHECK(must(store.seen(ids)) == wanted);
}

}  // namespace

void Model::apply(const Frame& frame) {
  consumed = std::max(consumed, frame.consumed);
  seen.insert(frame.dedupe.begin(), frame.dedupe.end());
  for (const RecordChange& change : frame.records) {
    if (change.erase) {
      records.erase(change.key);
      continue;
    }
    ModelRecord& record = records[change.key];
    if (change.hot) record.hot = *change.hot;
    if (change.cold) record.cold = *change.cold;
    if (!change.history.empty()) record.history.push_back(change.history);
  }
  for (const Timer& timer : frame.timers_removed) timers.erase(timer);
  for (const Timer& timer : frame.timers_added) timers.insert(timer);
  for (const Effect& effect : frame.effects_put) effects[effect.id] = effect;
  for (std::uint64_t id : frame.effects_removed) effects.erase(id);
  for (const Identity& identity : frame.identities) {
    identities.erase({identity.object, identity.id});
    if (identity.record != 0) identities[{identity.object, identity.id}] = identity.record;
  }
  for (const Link& link : frame.links) {
    if (link.remove)
      links.erase({link.assoc, link.to, link.from});
    else
      links.insert({link.assoc, link.to, link.from});
  }
  for (const Symbol& symbol : frame.symbols) symbols[symbol.id] = symbol.name;
  for (const StatDelta& stat : frame.stats) stats[stat.name] += stat.delta;
  for (const MetaPut& put : frame.meta) meta[put.key] = put.value;
}

void compare(Store& store, const Model& model, std::size_t page) {
  compare_inputs(store, model, page);
  compare_records(store, model, page);
  compare_timers(store, model, page);
  compare_effects(store, model, page);
  compare_names(store, model);
  compare_links(store, model, page);
  const StoreFigures figures = store.figures();
  CHECK(figures.accepted == model.inputs.size());
  CHECK(figures.consumed == model.consumed);
  CHECK(figures.timers == model.timers.size());
  CHECK(figures.effects == model.effects.size());
}

}  // namespace wf::store::test
