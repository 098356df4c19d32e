// What was looked up ahead counts only while the tables are as they were then.
#include "runtime/store/read_ahead.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "tests/contract/store/place.hpp"

using namespace wf::store;
using namespace wf::store::test;

namespace {

const IdentityKey kAnn{1, "ann@example.com"}, kNobody{1, "nobody@example.com"};
constexpr Key kRecord = 7;

std::unique_ptr<Place> folded_place() {
  auto place = std::make_unique<Place>("sqlite");
  Frame frame = hot_frame(kRecord, "as it was");
  frame.identities.push_back({kAnn.first, kAnn.second, kRecord});
  (void)must(place->store().append(frame));
  must(place->store().fold());
  return place;
}

/// Waits until the thread has told of the identity.
std::optional<Key> looked_up(ReadAhead& ahead, const IdentityKey& identity, std::uint64_t folds) {
  for (;;) {
    if (const auto known = ahead.find(identity, folds)) return *known;
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("what is wanted is looked up by a thread") {
  const auto place = folded_place();
  ReadAhead ahead;
  must(ahead.open(place->file("state.db"), [] { return std::uint64_t{3}; }));
  CHECK_FALSE(ahead.find(kAnn, 0).has_value());
  ahead.want({kAnn, kNobody});
  CHECK(looked_up(ahead, kAnn, 3) == std::optional<Key>(kRecord));
  CHECK_FALSE(looked_up(ahead, kNobody, 3).has_value());
  const auto row = ahead.load_hot(kRecord, 3);
  REQUIRE(row.has_value());
  REQUIRE(row->has_value());
  CHECK((*row)->hot == "as it was");
  CHECK_FALSE(ahead.load_hot(kRecord, 3).has_value());  // given away
  ahead.want({});
  CHECK_FALSE(ahead.find(kAnn, 3).has_value());
}

TEST_CASE("what was looked up before a fold does not count after it") {
  const auto place = folded_place();
  ReadAhead ahead;
  must(ahead.open(place->file("state.db"), [] { return std::uint64_t{3}; }));
  ahead.want({kAnn});
  CHECK(looked_up(ahead, kAnn, 3) == std::optional<Key>(kRecord));
  CHECK_FALSE(ahead.find(kAnn, 4).has_value());
  CHECK_FALSE(ahead.load_hot(kRecord, 4).has_value());
  CHECK(ahead.load_hot(kRecord, 3).has_value());
}
