// What may come in, and what must wait outside: the backlog, its bytes, and the share of each source.
#include "runtime/api/ingest.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "tests/support/counting_store.hpp"
#include "tests/support/process.hpp"

using namespace wf;
using api::Admission;

namespace {

/// Groups are written, and inputs consumed, where the test says so.
class World {
 public:
  explicit World(const api::IngestOptions& options) : folder_("ingest") {
    inner_ = store::open_store("memory:").value();
    store_ = std::make_unique<test::CountingStore>(*inner_);
    api::ClockOptions clock;
    clock.speed = 1;  // a microsecond passes in a second
    clock.start = 1'772'409'600'000'000;
    clock_ = api::open_clock(folder_.path() + "/clock", clock).value();
    ingest_ = std::make_unique<api::Ingest>(*store_, *clock_, options, [this] {
      if (while_writing) while_writing();
    });
  }
  Admission send(const std::string& source, std::size_t events = 1, std::size_t bytes = 10) {
    std::vector<store::Input> inputs(events);
    for (store::Input& input : inputs) input.body.assign(bytes, source.empty() ? '-' : source.front());
    const Admission admission = ingest_->submit(
        std::move(inputs), [this](const Result<void>& done) { answered += done.ok() ? 1 : 0; },
        {{api::source_of(source), events}});
    return admission;
  }
  Admission send_own() {
    return ingest_->submit(std::vector<store::Input>(1), [](const Result<void>&) {});
  }
  /// How many requests of `events` come in until one does not.
  std::size_t burst(const std::string& source, std::size_t events, std::size_t most = 1000) {
    for (std::size_t n = 0; n < most; ++n) {
      if (send(source, events) != Admission::taken) return n;
    }
    return most;
  }
  void write() {
    while (ingest_->write_next()) {
    }
  }
  /// The next inputs, worked off; how many were of which source.
  std::map<char, std::size_t> consume(std::size_t inputs) {
    std::map<char, std::size_t> sources;
    const auto pulled = store_->pull(consumed_, inputs);
    REQUIRE(pulled.ok());
    for (const store::Input& input : *pulled) {
      ++sources[input.body.front()];
      consumed_ = input.seq;
    }
    ingest_->consumed(consumed_);
    return sources;
  }
  std::uint64_t waiting() { return store_->figures().accepted - consumed_; }
  void set_full(bool full) { store_->full = full; }
  void pass(std::int64_t time) { clock_->raise(clock_->now() + time); }

  std::size_t answered = 0;
  std::function<void()> while_writing;

 private:
  test::Folder folder_;
  std::unique_ptr<store::Store> inner_;
  std::unique_ptr<test::CountingStore> store_;
  std::unique_ptr<api::Clock> clock_;
  std::unique_ptr<api::Ingest> ingest_;
  store::InputSeq consumed_ = 0;
};

api::IngestOptions limited() {
  api::IngestOptions options;
  options.backlog = 10'000;
  options.source_share = 500;
  return options;
}

}  // namespace

TEST_CASE("P14 a burst of one source delays the others by no more than its share") {
  World world(limited());
  REQUIRE(world.send("b") == Admission::taken);
  world.write();
  world.consume(1);
  // 100 inputs a turn are worked off. Each turn A sends as much as it can, B 10 events: well below what is
  // worked off.
  std::size_t refused = 0;
  for (int turn = 0; turn < 50; ++turn) {
    refused += world.burst("a", 50) < 1000 ? 1 : 0;
    REQUIRE(world.send("b", 10) == Admission::taken);
    world.write();
    CHECK(world.waiting() <= 500 + 6 * 10);
    world.consume(100);
  }
  CHECK(refused == 50);
  // Nothing is kept from the one who sends too much, but that it waits outside.
  std::map<char, std::size_t> rest;
  while (world.waiting() > 0) {
    for (const auto& [source, events] : world.consume(100)) rest[source] += events;
  }
  CHECK(world.burst("a", 50) == 10);
}

TEST_CASE("P14 a source that is alone uses the whole backlog, until another one comes") {
  World world(limited());
  CHECK(world.burst("a", 100) == 100);
  CHECK(world.send("a") == Admission::busy);
  world.write();
  world.consume(1'000);
  CHECK(world.send("b") == Admission::taken);
  CHECK(world.send("a") == Admission::over_share);
  CHECK(world.send("b") == Admission::taken);
  // B is silent for long: A is alone again.
  world.pass(10 * value::kMinute + 1);
  CHECK(world.send("a") == Admission::taken);
}

TEST_CASE("P14 whoever has nothing waiting may send, and the daemon's own inputs always may") {
  World world(limited());
  CHECK(world.send("b", 5'000) == Admission::taken);
  CHECK(world.send("a", 2'000) == Admission::taken);
  CHECK(world.send("a", 1) == Admission::over_share);
  CHECK(world.send("c", 1) == Admission::taken);
  CHECK(world.send_own() == Admission::taken);
  World other(limited());
  CHECK(other.send("", 600) == Admission::taken);
  CHECK(other.send("", 600) == Admission::taken);  // those without a source are one, and alone
  CHECK(other.send("x", 1) == Admission::taken);
  CHECK(other.send("", 1) == Admission::over_share);
}

TEST_CASE("P14 what could not be stored holds no share, what is worked off neither") {
  World world(limited());
  REQUIRE(world.send("b") == Admission::taken);
  for (const bool full : {true, false, true, false}) {
    world.set_full(full);
    REQUIRE(world.send("a", 400) == Admission::taken);
    CHECK(world.send("a", 400) == Admission::over_share);
    world.write();
    CHECK(world.send("a", 400) == (full ? Admission::taken : Admission::over_share));
    world.set_full(true);
    world.write();
    world.consume(1'000);
  }
}

TEST_CASE("P16 more events than the backlog wait outside until there is room") {
  api::IngestOptions options;
  options.backlog = 100;
  World world(options);
  CHECK(world.burst("a", 10) == 10);
  world.write();
  CHECK(world.answered == 10);
  CHECK(world.send("a") == Admission::busy);
  CHECK(world.send("b") == Admission::busy);
  world.consume(1);
  CHECK(world.send("a") == Admission::taken);
}

TEST_CASE("P16 what is in memory is bounded by its bytes too, also while it is written") {
  api::IngestOptions options;
  options.queued_bytes = 10'000;
  World world(options);
  std::size_t most = 0;
  world.while_writing = [&] { most = std::max(most, world.burst("a", 1, 1)); };
  REQUIRE(world.send("a", 1, 9'900) == Admission::taken);
  CHECK(world.send("a", 1, 100) == Admission::busy);
  Admission meanwhile = Admission::taken;
  world.while_writing = [&] { meanwhile = world.send("a", 1, 100); };
  world.write();
  CHECK(meanwhile == Admission::busy);
  world.while_writing = nullptr;
  CHECK(world.send("a", 1, 20'000) == Admission::taken);  // an empty queue takes any request
  CHECK(world.send("a", 1, 1) == Admission::busy);
  world.write();
  CHECK(world.answered == 2);
  CHECK(api::IngestOptions().queued_bytes == std::size_t{64} << 20);
}
