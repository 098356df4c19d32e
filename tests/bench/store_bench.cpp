// store_bench: record changes per second that the store makes durable, with folds beside the appends.
//
//   store_bench [sqlite|memory] [records] [seconds] [changes per frame] [percent loaded]
//
// Each change rewrites a hot row of 120 bytes, a third of them also set a timer that fires 20,000 changes
// later, one in a hundred rewrites a cold row of 1 KB; every change has a history entry and a dedupe id.
// Records are drawn at random; `percent loaded` of them are read before they change, as an engine without a
// warm cache would.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "runtime/store/store.hpp"

using namespace wf;
using namespace wf::store;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "store_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

void must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "store_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

struct Plan {
  bool memory = false;
  Key records = 200'000;
  double seconds = 6;
  std::size_t frame = 500;
  unsigned loaded = 0;
};

constexpr std::size_t kFoldAt = 130'000;
constexpr double kFoldSeconds = 2;
constexpr std::size_t kTimerLife = 20'000;
constexpr Key kShard = Key{3} << (64 - kShardBits);

class Load {
 public:
  explicit Load(const Plan& plan) : plan_(plan) {}

  Frame fill(Key from, Key to) {
    Frame frame;
    for (Key key = from; key < to; ++key) {
      const std::string history = "created from an import";
      frame.records.push_back({kShard | key, false, std::string(120, 'h'), std::string(1000, 'c'), history});
    }
    return frame;
  }

  Frame next(Store& store) {
    Frame frame;
    for (std::size_t i = 0; i < plan_.frame; ++i) change(frame, store);
    std::sort(frame.records.begin(), frame.records.end(),
              [](const RecordChange& a, const RecordChange& b) { return a.key < b.key; });
    return frame;
  }

 private:
  void change(Frame& frame, Store& store) {
    const Key key = kShard | (1 + random_() % plan_.records);
    ++number_;
    if (random_() % 100 < plan_.loaded) (void)must(store.load(key));
    frame.records.push_back(
        {key, false, std::string(120, 'w'), {}, "page viewed: /pricing from the newsletter"});
    if (number_ % 100 == 0) frame.records.back().cold = std::string(1000, 'd');
    frame.dedupe.push_back({random_(), number_});
    if (number_ % 3 == 0) {
      frame.timers_added.push_back({static_cast<std::int64_t>(number_), key, 1, 1, 0});
      timers_.push_back(frame.timers_added.back());
    }
    while (!timers_.empty() &&
           timers_.front().due + static_cast<std::int64_t>(kTimerLife) < static_cast<std::int64_t>(number_)) {
      frame.timers_removed.push_back(timers_.front());
      timers_.pop_front();
    }
  }

  const Plan plan_;
  std::mt19937_64 random_{1};
  std::uint64_t number_ = 0;
  std::deque<Timer> timers_;
};

std::uint64_t written_bytes() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (io >> name >> value)
    if (name == "write_bytes:") return value;
  return 0;
}

/// Of all threads, in user and kernel.
double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

struct FoldTimes {
  int count = 0;
  double total = 0;
  double longest = 0;
};

class Folder {
 public:
  explicit Folder(Store& store) : store_(store), thread_([this] { run(); }) {}
  FoldTimes finish() {
    stop_ = true;
    thread_.join();
    return times_;
  }

 private:
  void run() {
    auto last = Clock::now();
    while (!stop_) {
      if (store_.figures().pending_records < kFoldAt && seconds_since(last) < kFoldSeconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      const auto start = last = Clock::now();
      must(store_.fold());
      const double took = seconds_since(start);
      ++times_.count;
      times_.total += took;
      times_.longest = std::max(times_.longest, took);
    }
  }

  Store& store_;
  std::atomic<bool> stop_{false};
  FoldTimes times_;
  std::thread thread_;
};

void preload(Store& store, const Plan& plan, Load& load) {
  const auto start = Clock::now();
  for (Key from = 1; from <= plan.records; from += 2000) {
    must(store.append(load.fill(from, std::min(plan.records + 1, from + 2000))));
    if (from % 100'000 == 1) must(store.fold());
  }
  must(store.fold());
  std::printf("preload      %.0f records/s\n", static_cast<double>(plan.records) / seconds_since(start));
}

void measure(Store& store, const Plan& plan, Load& load) {
  std::vector<double> appends;
  double preparing = 0;
  std::uint64_t changes = 0;
  const std::uint64_t bytes = written_bytes();
  const double cpu = cpu_seconds();
  Folder folder(store);
  const auto start = Clock::now();
  while (seconds_since(start) < plan.seconds) {
    const auto before = Clock::now();
    const Frame frame = load.next(store);
    const auto ready = Clock::now();
    (void)must(store.seen(frame.dedupe));
    must(store.append(frame));
    appends.push_back(seconds_since(ready) * 1e3);
    preparing += std::chrono::duration<double>(ready - before).count();
    changes += frame.records.size();
  }
  const double took = seconds_since(start);
  const FoldTimes folds = folder.finish();
  const double cpu_used = cpu_seconds() - cpu;
  std::sort(appends.begin(), appends.end());
  const auto at = [&](double part) {
    return appends[static_cast<std::size_t>(part * static_cast<double>(appends.size() - 1))];
  };
  std::printf("changes      %.0f/s (%llu in %.1f s, %.0f %% of it making the load)\n",
              static_cast<double>(changes) / took, static_cast<unsigned long long>(changes), took,
              100 * preparing / took);
  std::printf("append       p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", at(0.5), at(0.99), at(1));
  if (folds.count > 0)
    std::printf("fold         %d of %.2f s on average, longest %.2f s\n", folds.count,
                folds.total / folds.count, folds.longest);
  std::printf("processor    %.1f us per change, folds and the load included\n",
              1e6 * cpu_used / static_cast<double>(changes));
  std::printf("written      %.0f bytes per change\n",
              static_cast<double>(written_bytes() - bytes) / static_cast<double>(changes));
}

void measure_recovery(const std::string& address) {
  const auto start = Clock::now();
  const auto store = must(open_store(address));
  std::printf("reopened     in %.2f s, %llu frames replayed\n", seconds_since(start),
              static_cast<unsigned long long>(store->figures().recovered_frames));
}

Plan plan_of(int count, char** words) {
  Plan plan;
  if (count > 1) plan.memory = std::string(words[1]) == "memory";
  if (count > 2) plan.records = std::strtoull(words[2], nullptr, 10);
  if (count > 3) plan.seconds = std::strtod(words[3], nullptr);
  if (count > 4) plan.frame = std::strtoull(words[4], nullptr, 10);
  if (count > 5) plan.loaded = static_cast<unsigned>(std::strtoul(words[5], nullptr, 10));
  plan.records = std::max<Key>(plan.records, 1);
  plan.frame = std::max<std::size_t>(plan.frame, 1);
  return plan;
}

}  // namespace

int main(int count, char** words) {
  const Plan plan = plan_of(count, words);
  // In the working directory: a temporary one may be in memory, where a sync costs nothing.
  const std::filesystem::path directory = "store_bench." + std::to_string(getpid());
  const std::string address = plan.memory ? "memory:" : "sqlite:" + directory.string();
  std::printf("store        %s, %llu records, frames of %zu changes, %u %% loaded\n",
              plan.memory ? "memory" : "sqlite", static_cast<unsigned long long>(plan.records), plan.frame,
              plan.loaded);
  {
    const auto store = must(open_store(address));
    Load load(plan);
    preload(*store, plan, load);
    measure(*store, plan, load);
  }
  if (plan.memory) return 0;
  measure_recovery(address);
  std::filesystem::remove_all(directory);
  return 0;
}
