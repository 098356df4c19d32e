#include "runtime/wfd/store_check.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "grammar/value/calendar.hpp"
#include "runtime/api/clock.hpp"
#include "runtime/crm/small_file.hpp"
#include "runtime/log/log.hpp"
#include "runtime/store/check.hpp"

namespace wf::wfd {

namespace {

/// A start has better things to do.
constexpr std::int64_t kAfterStart = 10 * value::kMinute;
constexpr int kLeastPriority = 19;

/// Of this thread only: Linux keeps both for each thread.
void step_back() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kLeastPriority);
  constexpr int kProcess = 1, kIdle = 3 << 13;
  ::syscall(SYS_ioprio_set, kProcess, 0, kIdle);
}

}  // namespace

StoreCheck::StoreCheck(std::filesystem::path store, std::string note, std::int64_t every, Damaged damaged)
    : store_(std::move(store)), note_(std::move(note)), every_(every), damaged_(std::move(damaged)) {
  if (const auto last = crm::read_file(note_); last) last_ = std::atoll(last->c_str());
  if (last_ > 0) say("in order at " + value::format_instant(last_));
  if (every_ > 0) thread_ = std::thread([this] { run(); });
}

StoreCheck::~StoreCheck() {
  stop();
}

void StoreCheck::run() {
  step_back();
  const std::int64_t began = api::wall_now();
  for (bool sound = true; sound;) {
    const std::int64_t due = std::max(last_ + every_, began + std::min(every_, kAfterStart));
    const std::int64_t wait = std::clamp<std::int64_t>(due - api::wall_now(), 0, every_);
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, std::chrono::microseconds(wait), [this] { return stopping_; })) return;
    }
    sound = check();
  }
}

/// False when there is no point in another one.
bool StoreCheck::check() {
  const std::int64_t began = api::wall_now();
  const auto figures = store::check(store_, {{}, [this] { return is_stopping(); }});
  last_ = api::wall_now();
  if (figures) {
    log::info("the store was checked and is in order", {{"bytes", figures->bytes},
                                                        {"frames", figures->frames},
                                                        {"seconds", (last_ - began) / value::kSecond}});
    say("in order at " + value::format_instant(last_));
    if (const auto noted = crm::replace_file(note_, std::to_string(last_) + "\n"); !noted)
      log::warning("when the store was checked could not be noted", {{"reason", noted.error().message}});
    return true;
  }
  if (is_stopping()) return false;
  log::error(
      figures.error().code == ErrorCode::corrupt ? "the store is damaged" : "the store could not be checked",
      {{"reason", figures.error().message}});
  say(figures.error().message);
  if (figures.error().code != ErrorCode::corrupt) return true;
  damaged_(figures.error());
  return false;
}

bool StoreCheck::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void StoreCheck::say(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string StoreCheck::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

void StoreCheck::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace wf::wfd
