#include "runtime/wfd/engine_loop.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/log/log.hpp"

namespace wf::wfd {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLongestSleep{1000};
constexpr milliseconds kNoRoom{50};
/// Little at once: what a fold writes delays the acknowledgements behind it.
constexpr milliseconds kFoldEvery{100};
constexpr std::uint64_t kFoldAt = 50'000;  ///< changed records that do not wait for that
constexpr std::size_t kHandOver = 500;

/// Back-off after errors that may pass: 0.1 s doubled up to 5 s.
milliseconds pause_after(int failures) {
  return milliseconds(std::min(5000, 100 << std::min(failures, 6)));
}

bool is_fatal(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::unsupported;
}

}  // namespace

EngineLoop::EngineLoop(store::Store& store, engine::Engine& engine, const api::Clock& clock, Fatal fatal)
    : store_(store), engine_(engine), clock_(clock), fatal_(std::move(fatal)) {}

EngineLoop::~EngineLoop() {
  stop(0);
}

void EngineLoop::attach(Dispatcher& dispatcher, api::Ingest& ingest) {
  dispatcher_ = &dispatcher;
  ingest_ = &ingest;
}

void EngineLoop::start(Dispatcher& dispatcher, api::Ingest& ingest) {
  attach(dispatcher, ingest);
  thread_ = std::thread([this] { run(); });
  fold_thread_ = std::thread([this] { fold_until_stopped(); });
}

void EngineLoop::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

void EngineLoop::give_up(Error reason) {
  const std::lock_guard lock(mutex_);
  if (!lost_) lost_ = std::move(reason);
  wake_.notify_one();
}

/// Damage that was met beside the loop, or that the answer to a question has swallowed.
std::optional<Error> EngineLoop::lost() const {
  {
    const std::lock_guard lock(mutex_);
    if (lost_) return lost_;
  }
  return store_.damage();
}

void EngineLoop::answered(engine::EffectAnswer answer) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(answer));
  wake_.notify_one();
}

void EngineLoop::ask(std::function<void(engine::Engine&)> work) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || gave_up_) return;
  questions_.push_back(std::move(work));
  wake_.notify_one();
}

void EngineLoop::deliver(std::vector<engine::Delivery> deliveries) {
  if (!deliveries.empty()) dispatcher_->give(std::move(deliveries));
}

value::Map EngineLoop::health() const {
  value::Map health;
  health.emplace_back("channels", value::Value::map(dispatcher_->health()));
  for (const auto& [name, text] : shown_)
    if (const std::string line = text(); !line.empty()) health.emplace_back(name, value::Value::text(line));
  const std::lock_guard lock(mutex_);
  const std::string& error = engine_error_.empty() ? fold_error_ : engine_error_;
  if (!error.empty()) health.emplace_back("last_error", value::Value::text(error));
  return health;
}

void EngineLoop::run() {
  while (const auto pause = turn()) sleep(*pause);
  const std::lock_guard lock(mutex_);
  questions_.clear();
  idle_ = true;
  drained_.notify_all();
}

std::optional<EngineLoop::Pause> EngineLoop::turn() {
  const bool stopping = settle_outside();
  if (stopping) return std::nullopt;
  if (const auto reason = lost()) return fail(*reason);
  const auto more = step();
  if (!more) return fail(more.error());
  if (failures_ > 0) recovered();
  if (*more) return Pause{};
  const auto pause = until_due();
  if (!pause) return fail(pause.error());
  return Pause{*pause};
}

/// Takes in answers and questions. True when the loop is to end.
bool EngineLoop::settle_outside() {
  std::vector<engine::EffectAnswer> answers;
  std::vector<std::function<void(engine::Engine&)>> questions;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(answers_);
    questions.swap(questions_);
    woken_ = false;
    stopping = stopping_;
  }
  for (engine::EffectAnswer& answer : answers) engine_.answered(std::move(answer));
  for (const auto& question : questions) question(engine_);
  return stopping;
}

/// True when there is more to do at once.
Result<bool> EngineLoop::step() {
  const std::int64_t now = clock_.now();
  if (const auto noted = note_jump(now); !noted) return noted.error();
  const auto batch = engine_.run(now);
  if (!batch) return batch.error();
  const store::StoreFigures figures = store_.figures();
  ingest_->consumed(figures.consumed);
  if (figures.pending_records > kFoldAt) {
    const std::lock_guard lock(mutex_);
    fold_now_ = true;
    fold_wake_.notify_one();
  }
  const std::size_t room = std::min(dispatcher_->room(), kHandOver);
  if (room == 0) return batch->more;
  auto deliveries = engine_.hand_over(now, room);
  if (!deliveries) return deliveries.error();
  const bool full = deliveries->size() == room;
  if (!deliveries->empty()) dispatcher_->give(std::move(*deliveries));
  return batch->more || full;
}

/// A clock that is followed again after a jump has left out a time in which things came due.
Result<void> EngineLoop::note_jump(std::int64_t now) {
  const std::int64_t last = std::exchange(seen_, now);
  const bool was_suspect = std::exchange(suspect_, clock_.health().suspect);
  if (!was_suspect || suspect_ || now - last < value::kMinute) return {};
  return engine_.outage(last, now);
}

Result<microseconds> EngineLoop::until_due() {
  const auto next = engine_.next_due();
  if (!next) return next.error();
  microseconds pause = kLongestSleep;
  if (*next) pause = std::min(pause, clock_.until(**next));
  // Due, but the channels take nothing more now: an answer will wake us.
  if (dispatcher_->room() == 0) pause = std::max<microseconds>(pause, kNoRoom);
  return pause;
}

void EngineLoop::sleep(Pause pause) {
  if (pause.length.count() == 0) return;
  std::unique_lock lock(mutex_);
  if (pause.after_failure) {
    wake_.wait_for(lock, pause.length, [this] { return stopping_; });
    return;
  }
  idle_ = !has_outside();
  if (idle_) drained_.notify_all();
  wake_.wait_for(lock, pause.length, [this] { return stopping_ || has_outside(); });
  idle_ = false;
}

std::optional<EngineLoop::Pause> EngineLoop::fail(const Error& error) {
  log::error("the engine could not go on", {{"reason", error.message}});
  {
    const std::lock_guard lock(mutex_);
    engine_error_ = error.message;
    gave_up_ = is_fatal(error);
  }
  if (is_fatal(error)) {
    fatal_(error);
    return std::nullopt;
  }
  return Pause{pause_after(failures_++), true};
}

void EngineLoop::recovered() {
  log::info("the engine goes on", {{"failures", failures_}});
  failures_ = 0;
  const std::lock_guard lock(mutex_);
  engine_error_.clear();
}

void EngineLoop::fold_until_stopped() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      fold_wake_.wait_for(lock, kFoldEvery, [this] { return fold_stopping_ || fold_now_; });
      if (fold_stopping_) return;
      fold_now_ = false;
    }
    fold();
  }
}

void EngineLoop::fold() {
  const auto folded = store_.fold();
  // What a fold could not write stays in the journal and is folded next time.
  if (!folded) log::error("the store could not be folded", {{"reason", folded.error().message}});
  if (!folded && is_fatal(folded.error())) give_up(folded.error());
  const std::lock_guard lock(mutex_);
  fold_error_ = folded ? "" : folded.error().message;
}

void EngineLoop::stop(int drain_seconds) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    const auto drained = [this] { return gave_up_ || (idle_ && !has_outside() && !dispatcher_->busy()); };
    drained_.wait_for(lock, seconds(drain_seconds), drained);
    stopping_ = true;
    fold_stopping_ = true;
    wake_.notify_all();
    fold_wake_.notify_all();
  }
  thread_.join();
  fold_thread_.join();
  finish();
}

void EngineLoop::finish() {
  dispatcher_->stop();
  settle_outside();
  if (gave_up_) return;
  if (const auto last = engine_.run(clock_.now()); !last) {
    log::error("the last answers could not be recorded", {{"reason", last.error().message}});
  }
  fold();
}

}  // namespace wf::wfd
