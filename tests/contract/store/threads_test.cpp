// Accepting and folding beside the engine's thread, and kills at any instant.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <thread>

#include "tests/contract/store/model.hpp"
#include "tests/contract/store/place.hpp"
#include "tests/contract/store/random_frame.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;

namespace {

/// Repeats `work` on a thread of its own until destroyed; a throw there fails the test.
class Beside {
 public:
  template <class Work>
  explicit Beside(Work work) {
    thread_ = std::thread([this, work] {
      try {
        while (!stop_) work();
      } catch (const std::exception& failed) {
        error_ = failed.what();
      }
    });
  }
  ~Beside() { (void)finish(); }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  std::string finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return error_;
  }

 private:
  std::atomic<bool> stop_{false};
  std::string error_;
  std::thread thread_;
};

// The child's whole life: appends numbered frames, accepts an input each, folds now and then, and tells each
// number once it is acknowledged.
[[noreturn]] void append_until_killed(const std::string& address, int pipe) {
  Result<std::unique_ptr<Store>> opened = open_store(address);
  if (!opened) _exit(3);
  Store& store = **opened;
  std::thread folder([&store] {
    for (;;) {
      if (!store.fold()) _exit(4);
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  for (std::uint64_t n = store.figures().accepted + 1;; ++n) {
    std::vector<Input> inputs = {{0, 1, {n, 1}, "input " + std::to_string(n)}};
    if (!store.accept(inputs) || inputs[0].seq != n) _exit(5);
    Frame frame = hot_frame(n, "record " + std::to_string(n), "history " + std::to_string(n));
    frame.consumed = n;
    frame.dedupe = {inputs[0].dedupe};
    frame.stats = {{"done", 1}};
    frame.timers_added = {{static_cast<std::int64_t>(n), n, 1, 1, 0}};
    if (!store.append(frame)) _exit(6);
    if (write(pipe, &n, sizeof n) != static_cast<ssize_t>(sizeof n)) _exit(7);
  }
}

/// The newest number that the child told before it was killed.
std::uint64_t run_child(const std::string& address, int microseconds) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    append_until_killed(address, ends[1]);
  }
  close(ends[1]);
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  kill(child, SIGKILL);
  std::uint64_t acknowledged = 0;
  while (read(ends[0], &acknowledged, sizeof acknowledged) == static_cast<ssize_t>(sizeof acknowledged)) {
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));  // it did not give up by itself
  return acknowledged;
}

void check_frame(Store& store, std::uint64_t n) {
  const std::optional<RecordRow> row = must(store.load(n));
  REQUIRE(row.has_value());
  REQUIRE(row->hot == "record " + std::to_string(n));
  HistoryRef from = row->history;
  const std::vector<HistoryEntry> history = must(store.history(from, 5));
  REQUIRE(history.size() == 1);
  REQUIRE(history[0].body == "history " + std::to_string(n));
  REQUIRE(must(store.seen(std::vector<DedupeId>{{n, 1}}))[0]);
}

}  // namespace

TEST_CASE("folds and accepts beside the engine change no answer") {
  const std::string kind = GENERATE(std::string("memory"), std::string("sqlite"));
  Place place(kind);
  Store& store = place.store();
  RandomFrames random(42);
  Model model;
  std::vector<std::string> accepted;
  Beside folds([&] {
    must(store.fold());
    std::this_thread::yield();
  });
  Beside accepts([&] {
    std::vector<Input> inputs = inputs_of({"i" + std::to_string(accepted.size())});
    must(store.accept(inputs));
    if (inputs[0].seq != accepted.size() + 1) throw std::runtime_error("a wrong input number");
    accepted.push_back(inputs[0].body);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  });
  InputSeq consumed = 0;
  for (int i = 0; i < 400; ++i) {
    Frame frame = random.next();
    for (const Input& input : must(store.pull(consumed, 20))) {
      REQUIRE(input.seq == ++consumed);
      REQUIRE(input.body == "i" + std::to_string(consumed - 1));
    }
    frame.consumed = consumed;
    must(store.append(frame));
    model.apply(frame);
    for (const RecordChange& change : frame.records) {
      const std::optional<RecordRow> row = must(store.load(change.key));
      REQUIRE(row.has_value() == model.records.contains(change.key));
      if (row) REQUIRE(row->hot == model.records.at(change.key).hot);
    }
    REQUIRE(must(store.seen(frame.dedupe)) == std::vector<bool>(frame.dedupe.size(), true));
    const std::vector<Timer> due = must(store.timers_due(1000, 5));
    REQUIRE(due.size() == std::min<std::size_t>(5, model.timers.size()));
    REQUIRE(std::equal(due.begin(), due.end(), model.timers.begin()));
  }
  CHECK(accepts.finish().empty());
  // The last frame of the model's inputs is known only now.
  for (const std::string& body : accepted) {
    model.inputs.emplace_back();
    model.inputs.back().body = body;
  }
  compare(store, model, 7);
  CHECK(folds.finish().empty());
  place.reopen();
  compare(place.store(), model, 9);
}

TEST_CASE("what was acknowledged before a kill is there afterwards") {
  Place place("sqlite");
  place.close();
  std::mt19937 random(7);
  std::uint64_t total = 0;
  for (int round = 0; round < 15; ++round) {
    const std::uint64_t told =
        std::max(run_child(place.address(), 5'000 + static_cast<int>(random() % 60'000)), total);
    place.open();
    Store& store = place.store();
    const StoreFigures figures = store.figures();
    // At most the one frame of which the child could not tell any more.
    REQUIRE(figures.consumed >= told);
    REQUIRE(figures.consumed <= told + 1);
    REQUIRE(figures.timers == figures.consumed);
    for (std::uint64_t n = 1; n <= figures.consumed; ++n) check_frame(store, n);
    REQUIRE_FALSE(must(store.load(figures.consumed + 1)).has_value());
    if (figures.consumed > 0)
      REQUIRE(must(store.stats()).at(0).delta == static_cast<std::int64_t>(figures.consumed));
    // An accepted input whose frame is missing: do what an engine would.
    if (figures.accepted > figures.consumed) {
      REQUIRE(figures.accepted == figures.consumed + 1);
      const std::uint64_t n = figures.accepted;
      Frame frame = hot_frame(n, "record " + std::to_string(n), "history " + std::to_string(n));
      frame.consumed = n;
      frame.dedupe = {must(store.pull(figures.consumed, 5)).at(0).dedupe};
      frame.stats = {{"done", 1}};
      frame.timers_added = {{static_cast<std::int64_t>(n), n, 1, 1, 0}};
      must(store.append(frame));
    }
    total = store.figures().consumed;
    place.close();
  }
  CHECK(total > 15);
}
