// EngineLoop: the thread on which the engine lives, or whoever turns the loop in its place.
//
// It applies what is due, hands effects to the dispatcher, takes their answers, runs the questions of the
// API, and sleeps until the next of these. A second thread folds the store beside it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/api/service.hpp"
#include "runtime/wfd/dispatcher.hpp"

namespace wf::wfd {

class EngineLoop final : public api::EngineDoor {
 public:
  /// Called once, on the engine's thread, when the loop had to give up: the store is corrupt or was taken
  /// over.
  using Fatal = std::function<void(const Error&)>;

  /// All must outlive the loop.
  EngineLoop(store::Store& store, engine::Engine& engine, const api::Clock& clock, Fatal fatal);
  ~EngineLoop() override;

  /// How long a pass leaves nothing to do.
  struct Pause {
    std::chrono::microseconds length{0};
    bool after_failure = false;  ///< then nothing but its end ends it
  };

  /// `ingest` is told what was consumed. For a caller that calls turn() and fold() itself, from one thread.
  void attach(Dispatcher& dispatcher, api::Ingest& ingest);
  /// A line of the status: `text` gives it, "" for none. Before the loop starts; must outlive it.
  void show(std::string name, std::function<std::string()> text) {
    shown_.emplace_back(std::move(name), std::move(text));
  }
  /// One pass: answers and questions, what is due, what may leave. Nothing when the loop has ended.
  std::optional<Pause> turn();
  /// Folds the store; an error is kept for health() and the next fold takes its work along.
  void fold();
  /// The end, after the last turn: stops the dispatcher, records its answers and folds.
  void finish();

  /// attach(), and threads that call turn() and fold().
  void start(Dispatcher& dispatcher, api::Ingest& ingest);
  /// New inputs were accepted. Any thread.
  void wake();
  /// Something beside the loop has found the store damaged or taken over: the next turn gives up. Any thread.
  void give_up(Error reason);
  /// An answer of a channel. Any thread.
  void answered(engine::EffectAnswer answer);
  void ask(std::function<void(engine::Engine&)> work) override;
  void deliver(std::vector<engine::Delivery> deliveries) override;
  value::Map health() const override;

  /// Works off what is due, at most `seconds`; then ends the loop, stops the dispatcher, records its answers,
  /// and folds the store.
  void stop(int seconds);

 private:
  void run();
  void sleep(Pause pause);
  bool settle_outside();
  Result<bool> step();
  Result<std::chrono::microseconds> until_due();
  Result<void> note_jump(std::int64_t now);
  std::optional<Error> lost() const;
  std::optional<Pause> fail(const Error& error);
  void recovered();
  void fold_until_stopped();
  bool has_outside() const { return woken_ || lost_ || !answers_.empty() || !questions_.empty(); }

  store::Store& store_;
  engine::Engine& engine_;
  const api::Clock& clock_;
  const Fatal fatal_;
  Dispatcher* dispatcher_ = nullptr;
  api::Ingest* ingest_ = nullptr;
  std::vector<std::pair<std::string, std::function<std::string()>>> shown_;
  bool suspect_ = false;   // the clock was, at the last look
  std::int64_t seen_ = 0;  // the last time before a clock that was suspect is followed again

  mutable std::mutex mutex_;
  std::condition_variable wake_, drained_, fold_wake_;
  std::vector<engine::EffectAnswer> answers_;
  std::vector<std::function<void(engine::Engine&)>> questions_;
  std::string engine_error_, fold_error_;  // "" when the last attempt went well
  bool woken_ = false;
  bool stopping_ = false;
  bool idle_ = false;  // nothing due, nothing in flight
  bool gave_up_ = false;
  std::optional<Error> lost_;  // see give_up()
  bool fold_stopping_ = false;
  bool fold_now_ = false;
  int failures_ = 0;  // in a row; engine thread only
  std::thread thread_, fold_thread_;
};

}  // namespace wf::wfd
