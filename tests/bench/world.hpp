// A daemon's worth of state in one process, without HTTP, and what the benchmarks of the engine feed it:
// contacts, events, and the figures they verify.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine/engine.hpp"

namespace wf::bench {

inline constexpr std::int64_t kStart = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z

/// The value, or the end of the program with the error.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}
void must(const Result<void>& result);
/// Ends the program with `message` unless it holds.
void verify(bool holds, const std::string& message);

/// Ends this program when there are errors.
bytecode::Program compiled(const std::string& name, std::string text);
/// The project of tests/bench/flow.
std::string flow_bundle();

/// A store in a folder, the engine over it, and a thread that folds beside them.
class World {
 public:
  World(std::string folder, const std::string& bundle);
  ~World();

  store::Store& store() { return *store_; }
  engine::Engine& engine() { return *engine_; }

  void accept(const std::vector<engine::InputEvent>& events, std::int64_t now);
  /// Runs and delivers until nothing is due at `now`.
  void settle(std::int64_t now);
  /// `count` events in batches, each batch accepted and settled.
  void feed(std::size_t count, std::int64_t now,
            const std::function<engine::InputEvent(std::size_t)>& nth_event, std::size_t batch_size = 1'000);
  /// On a thread of its own: the engine's does not pay for it.
  void fold();
  /// What is appended from now on stays in the journal, as it does before a crash.
  void stop_folding();
  /// Mails delivered.
  std::size_t sent() const { return sent_; }
  /// A figure of the report over all details.
  std::int64_t stat(const std::string& subject, const std::string& metric);

 private:
  void fold_beside();

  std::string folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::thread fold_thread_;
  std::mutex fold_mutex_;
  std::atomic<bool> stop_{false};
  std::uint64_t id_ = 0;
  std::size_t sent_ = 0;
};

enum class ContactSize : std::uint8_t {
  full,   ///< about 1 KB in 30 properties
  small,  ///< an address and what the flow's branches read
};
engine::InputEvent contact(std::size_t n, ContactSize size = ContactSize::full);
/// Contacts [first, end), folded.
void load_contacts(World& world, std::size_t first, std::size_t end, std::int64_t now = kStart,
                   ContactSize size = ContactSize::full);
/// About contact `n`.
engine::InputEvent event(const std::string& type, std::size_t n);
/// `count` contacts of [0, contacts) at random, none twice.
std::vector<std::uint32_t> some_contacts(std::size_t count, std::size_t contacts, unsigned seed);

/// Processor seconds that work took of this thread and of all threads of the process.
struct Processor {
  double thread = 0, all = 0;
};
Processor processor_seconds(const std::function<void()>& work);

}  // namespace wf::bench
