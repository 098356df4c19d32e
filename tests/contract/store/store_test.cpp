// The contract of every store, case by case.
#include "runtime/store/store.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/store/place.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;

namespace {

/// Runs `check` on the store as it is, after a fold, and after a reopening.
template <class Check>
void in_every_state(Place& place, Check check) {
  SECTION("pending") {
    check(place.store());
  }
  SECTION("folded") {
    must(place.store().fold());
    check(place.store());
  }
  SECTION("recovered") {
    place.reopen();
    check(place.store());
  }
  SECTION("folded and reopened") {
    must(place.store().fold());
    place.reopen();
    check(place.store());
  }
}

Effect effect_of(std::uint64_t id, std::int64_t next_at, EffectState state = EffectState::ready) {
  return {id, 1, next_at, state, 0, "effect " + std::to_string(id)};
}

std::vector<std::uint64_t> ids_of(const std::vector<Effect>& effects) {
  std::vector<std::uint64_t> out;
  for (const Effect& effect : effects) out.push_back(effect.id);
  return out;
}

using Ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("an unknown address is refused") {
  for (const char* address : {"", "sqlite:", "postgres://db.example.com", "memory"}) {
    Result<std::unique_ptr<Store>> store = open_store(address);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("a new store is empty") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Store& store = place.store();
  must(store.fold());
  CHECK(must(store.pull(0, 10)).empty());
  CHECK_FALSE(must(store.load(1)).has_value());
  CHECK_FALSE(must(store.next_timer()).has_value());
  CHECK_FALSE(must(store.meta("clock")).has_value());
  CHECK_FALSE(must(store.effect(1)).has_value());
  CHECK(must(store.scan(0, 10)).empty());
  CHECK(store.figures().last_frame == 0);
}

TEST_CASE("inputs come back in order until they are consumed") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  std::vector<Input> first = inputs_of({"a", "b"});
  std::vector<Input> second = inputs_of({"c", "d", "e"});
  must(place.store().accept(first));
  must(place.store().accept(second));
  CHECK(second.back().seq == 5);
  Frame done;
  done.consumed = 2;
  must(place.store().append(done));
  in_every_state(place, [](Store& store) {
    const std::vector<Input> some = must(store.pull(0, 2));
    REQUIRE(some.size() == 2);
    CHECK(some[0].seq == 3);
    CHECK(some[1].body == "d");
    CHECK(must(store.pull(4, 9)).size() == 1);
    CHECK(must(store.pull(5, 9)).empty());
    std::vector<Input> more = inputs_of({"f"});
    must(store.accept(more));
    CHECK(more[0].seq == 6);
    CHECK(must(store.pull(4, 9)).size() == 2);
  });
}

TEST_CASE("consuming what was never accepted is refused and changes nothing") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame = hot_frame(1, "x");
  frame.consumed = 1;
  Result<Seq> done = place.store().append(frame);
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == ErrorCode::invalid);
  CHECK_FALSE(must(place.store().load(1)).has_value());
  CHECK(must(place.store().append(hot_frame(1, "x"))) == 1);
}

TEST_CASE("more inputs than memory holds come back from the journal") {
  Place place("sqlite");
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 70; ++i) {
    std::vector<Input> inputs = inputs_of({large + std::to_string(i), "small" + std::to_string(i)});
    must(place.store().accept(inputs));
  }
  InputSeq after = 0;
  while (after < 140) {
    const std::vector<Input> some = must(place.store().pull(after, 3));
    REQUIRE_FALSE(some.empty());
    for (const Input& input : some) {
      REQUIRE(input.seq == ++after);
      const std::string number = std::to_string((after - 1) / 2);
      REQUIRE(input.body == (after % 2 == 1 ? large : std::string("small")) + number);
    }
  }
}

TEST_CASE("a record keeps what a change leaves out") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame first;
  first.records.push_back({7, false, "hot", "cold", "created"});
  Frame second;
  second.records.push_back({7, false, "hotter", {}, ""});
  second.records.push_back({8, false, {}, {}, "only history"});
  must(place.store().append(first));
  if (GENERATE(false, true)) must(place.store().fold());
  must(place.store().append(second));
  in_every_state(place, [](Store& store) {
    const std::optional<RecordRow> row = must(store.load(7));
    REQUIRE(row.has_value());
    CHECK(row->hot == "hotter");
    CHECK(row->cold == "cold");
    CHECK(row->history.frame == 1);
    const std::optional<RecordRow> other = must(store.load(8));
    REQUIRE(other.has_value());
    CHECK(other->hot.empty());
    CHECK(other->history.frame == 2);
  });
}

TEST_CASE("an erased record is gone, and a new one under its key starts anew") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame first;
  first.records.push_back({7, false, "hot", "cold", "created"});
  Frame erase;
  erase.records.push_back({7, true, {}, {}, ""});
  must(place.store().append(first));
  if (GENERATE(false, true)) must(place.store().fold());
  must(place.store().append(erase));
  CHECK_FALSE(must(place.store().load(7)).has_value());
  must(place.store().append(hot_frame(7, "again", "second life")));
  in_every_state(place, [](Store& store) {
    const std::optional<RecordRow> row = must(store.load(7));
    REQUIRE(row.has_value());
    CHECK(row->hot == "again");
    CHECK(row->cold.empty());
    HistoryRef from = row->history;
    const std::vector<HistoryEntry> history = must(store.history(from, 10));
    REQUIRE(history.size() == 1);
    CHECK(history[0].body == "second life");
  });
}

TEST_CASE("the history of a record pages from the newest entry back") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  for (int i = 1; i <= 25; ++i) {
    Frame frame;
    frame.records.push_back({3, false, "x", {}, "entry " + std::to_string(i) + std::string(i * 60, '.')});
    frame.records.push_back({4, false, "x", {}, "other"});
    if (i == 20) frame.records.push_back({3, false, {}, {}, "twice in one frame"});
    must(place.store().append(frame));
    if (i == 12) must(place.store().fold());
    if (i == 18) place.reopen();
  }
  in_every_state(place, [](Store& store) {
    HistoryRef from = must(store.load(3))->history;
    std::vector<HistoryEntry> all;
    while (from.frame != 0)
      for (HistoryEntry& entry : must(store.history(from, 4))) all.push_back(std::move(entry));
    REQUIRE(all.size() == 26);
    CHECK(all[0].body.starts_with("entry 25"));
    CHECK(all[0].frame == 25);
    CHECK(all[5].body == "twice in one frame");
    CHECK(all[6].body.starts_with("entry 20."));
    CHECK(all[25].body.starts_with("entry 1."));
  });
}

TEST_CASE("effects wait in order of time, then id, apart by state") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame;
  for (const Effect& effect : {effect_of(1, 50), effect_of(2, 10), effect_of(3, 50), effect_of(4, 99),
                               effect_of(5, 1, EffectState::dead), effect_of(6, 10)})
    frame.effects_put.push_back(effect);
  must(place.store().append(frame));
  if (GENERATE(false, true)) must(place.store().fold());
  CHECK(ids_of(must(place.store().effects(EffectState::ready, 98, 9))) == Ids{2, 6, 1, 3});
  Frame next;
  next.effects_put = {effect_of(2, 10, EffectState::attempted), effect_of(1, 97)};
  next.effects_removed = {6};
  must(place.store().append(next));
  in_every_state(place, [](Store& store) {
    CHECK(ids_of(must(store.effects(EffectState::ready, 98, 9))) == Ids{3, 1});
    CHECK(ids_of(must(store.effects(EffectState::ready, 98, 1))) == Ids{3});
    CHECK(ids_of(must(store.effects(EffectState::ready, 1000, 9))) == Ids{3, 1, 4});
    CHECK(ids_of(must(store.effects(EffectState::attempted, 1000, 9))) == Ids{2});
    CHECK(ids_of(must(store.effects(EffectState::dead, 1000, 9))) == Ids{5});
    CHECK(must(store.effects(EffectState::uncertain, 1000, 9)).empty());
    CHECK(store.figures().effects == 5);
    CHECK_FALSE(must(store.effect(6)).has_value());
  });
}

TEST_CASE("timers of tables and memory merge, removed ones left out") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame;
  for (std::int64_t due : {30, 10, 50, 20}) frame.timers_added.push_back({due, 1, 1, 1, 0});
  must(place.store().append(frame));
  if (GENERATE(false, true)) must(place.store().fold());
  Frame next;
  next.timers_removed = {{10, 1, 1, 1, 0}, {50, 1, 1, 1, 0}};
  next.timers_added = {{25, 1, 1, 1, 0}, {25, 1, 1, 0, 3}, {60, 1, 1, 1, 0}, {50, 1, 1, 1, 0}};
  must(place.store().append(next));
  in_every_state(place, [](Store& store) {
    const std::vector<Timer> expected = {{20, 1, 1, 1, 0}, {25, 1, 1, 0, 3}, {25, 1, 1, 1, 0},
                                         {30, 1, 1, 1, 0}, {50, 1, 1, 1, 0}, {60, 1, 1, 1, 0}};
    CHECK(must(store.timers_due(100, 100)) == expected);
    CHECK(must(store.timers_due(25, 100)).size() == 3);
    CHECK(must(store.timers_due(100, 2)).size() == 2);
    CHECK(must(store.next_timer()) == std::optional<std::int64_t>(20));
    CHECK(store.figures().timers == 6);
  });
}

TEST_CASE("more timers than memory holds fire in order") {
  Place place("sqlite");
  constexpr std::int64_t kTimers = 90'000;  // beyond the window of the nearest ones
  Frame frame;
  for (std::int64_t i = 0; i < kTimers; ++i) frame.timers_added.push_back({i * 7919 % kTimers, 1, 1, 1, 0});
  must(place.store().append(frame));
  if (GENERATE(false, true)) must(place.store().fold());
  std::int64_t expected = 0;
  while (expected < kTimers) {
    const std::vector<Timer> due = must(place.store().timers_due(kTimers, 1000));
    REQUIRE_FALSE(due.empty());
    Frame fired;
    for (const Timer& timer : due) {
      REQUIRE(timer.due == expected);
      // A tenth of them comes back in front of the horizon of what is in memory, a tenth far behind it.
      if (expected % 10 == 0) fired.timers_added.push_back({kTimers + timer.due, 2, 1, 1, 0});
      ++expected;
    }
    fired.timers_removed = due;
    must(place.store().append(fired));
    if (expected % 30'000 == 0) must(place.store().fold());
  }
  CHECK(must(place.store().timers_due(kTimers - 1, 10)).empty());
  CHECK(must(place.store().timers_due(10 * kTimers, 2 * kTimers)).size() == kTimers / 10);
  must(place.store().fold());
  CHECK(place.store().figures().timers == kTimers / 10);
}

TEST_CASE("ids stay seen across many folds and openings") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  std::uint64_t next = 0;
  const auto id = [](std::uint64_t n) { return DedupeId{n * 0x9e3779b97f4a7c15ULL, n}; };
  for (int fold = 0; fold < 80; ++fold) {
    Frame frame;
    for (int i = 0; i < 40 + fold * 3; ++i) frame.dedupe.push_back(id(++next));
    frame.dedupe.push_back({});
    must(place.store().append(frame));
    if (fold % 7 != 3) must(place.store().fold());
    if (fold % 20 == 11) place.reopen();
  }
  std::vector<DedupeId> ids;
  for (std::uint64_t n = 1; n <= 2 * next; ++n) ids.push_back(id(n));
  ids.push_back({});
  const std::vector<bool> seen = must(place.store().seen(ids));
  REQUIRE(seen.size() == ids.size());
  for (std::uint64_t n = 1; n <= 2 * next; ++n) REQUIRE(seen[n - 1] == (n <= next));
  CHECK_FALSE(seen.back());
}

TEST_CASE("links are listed by what they point at") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame;
  for (Key from : {Key{5}, Key{3}, ~Key{0}, Key{9}}) frame.links.push_back({1, from, 100, false});
  frame.links.push_back({2, 4, 100, false});
  frame.links.push_back({1, 6, 101, false});
  must(place.store().append(frame));
  if (GENERATE(false, true)) must(place.store().fold());
  Frame next;
  next.links = {{1, 5, 100, true}, {1, 7, 100, false}, {1, 3, 100, false}};
  must(place.store().append(next));
  in_every_state(place, [](Store& store) {
    CHECK(must(store.linked_from(1, 100, 0, 9)) == std::vector<Key>{3, 7, 9, ~Key{0}});
    CHECK(must(store.linked_from(1, 100, 3, 2)) == std::vector<Key>{7, 9});
    CHECK(must(store.linked_from(2, 100, 0, 9)) == std::vector<Key>{4});
    CHECK(must(store.linked_from(1, 102, 0, 9)).empty());
  });
}

TEST_CASE("identities, symbols, statistics and meta values outlive folds and openings") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame;
  frame.identities = {{1, "ann@example.com", 11}, {1, "bob@example.com", 12}, {2, "ann@example.com", 13}};
  frame.symbols = {{2, "email"}, {1, "name"}};
  frame.stats = {{"sent", 5}, {"sent", 2}, {"opened", 1}};
  frame.meta = {{"clock", std::string("\0\1", 2)}, {"empty", ""}};
  must(place.store().append(frame));
  if (GENERATE(false, true)) must(place.store().fold());
  Frame next;
  next.identities = {{1, "bob@example.com", 0}};
  next.stats = {{"sent", -3}};
  must(place.store().append(next));
  in_every_state(place, [](Store& store) {
    CHECK(must(store.find(1, "ann@example.com")) == std::optional<Key>(11));
    CHECK(must(store.find(2, "ann@example.com")) == std::optional<Key>(13));
    CHECK_FALSE(must(store.find(1, "bob@example.com")).has_value());
    const std::vector<Symbol> symbols = must(store.symbols());
    REQUIRE(symbols.size() == 2);
    CHECK(symbols[0].name == "name");
    const std::vector<StatDelta> stats = must(store.stats());
    REQUIRE(stats.size() == 2);
    CHECK(stats[0].delta == 1);
    CHECK(stats[1].name == "sent");
    CHECK(stats[1].delta == 4);
    CHECK(must(store.meta("clock")) == std::optional(std::string("\0\1", 2)));
    CHECK(must(store.meta("empty")) == std::optional(std::string()));
  });
}

TEST_CASE("a doubtful timer or effect change does no harm") {
  Place place(GENERATE(std::string("memory"), std::string("sqlite")));
  Frame frame;
  frame.timers_added = {{10, 1, 1, 1, 0}, {10, 1, 1, 1, 0}};
  frame.timers_removed = {{20, 1, 1, 1, 0}};
  frame.effects_put = {effect_of(5, 1), effect_of(3, 1)};
  frame.effects_removed = {9};
  for (int i = 0; i < 2; ++i) {
    must(place.store().append(frame));
    must(place.store().fold());
  }
  CHECK(must(place.store().timers_due(100, 9)).size() == 1);
  CHECK(ids_of(must(place.store().effects(EffectState::ready, 9, 9))) == Ids{3, 5});
  CHECK(place.store().figures().timers == 1);
  CHECK(place.store().figures().effects == 2);
}
