#include "runtime/api/clock.hpp"

#include <sys/timex.h>
#include <time.h>

#include <algorithm>
#include <mutex>
#include <sstream>

#include "grammar/value/calendar.hpp"
#include "grammar/value/value.hpp"
#include "runtime/api/time_guard.hpp"
#include "runtime/crm/small_file.hpp"

namespace wf::api {

namespace {

using std::chrono::microseconds;

TimeGuard::Reading read_machine() {
  return {wall_now(), boot_now()};
}

bool is_synchronised() {
  timex state{};
  constexpr long kMostError = value::kSecond;
  return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0 && state.maxerror < kMostError;
}

__extension__ typedef __int128 Wide;

std::int64_t scale(std::int64_t amount, std::int64_t by, std::int64_t over) {
  const Wide scaled = static_cast<Wide>(amount) * by / over;
  constexpr std::int64_t kMost = INT64_MAX / 4;
  return static_cast<std::int64_t>(std::clamp<Wide>(scaled, -kMost, kMost));
}

class RealClock final : public Clock {
 public:
  explicit RealClock(const LastSeen& seen)
      : guard_(seen.boot > 0 ? TimeGuard::Reading{seen.wall, seen.boot} : read_machine()) {}

  microseconds until(std::int64_t instant) const override {
    return microseconds(std::max<std::int64_t>(0, instant - now()));
  }
  void raise(std::int64_t instant) override {
    const std::lock_guard lock(mutex_);
    guard_.raise(instant);
  }
  ClockHealth health() const override {
    const std::lock_guard lock(mutex_);
    const TimeGuard::Reading read = read_machine();
    guard_.now(read);
    return {guard_.suspect(), guard_.waits(read), read.wall};
  }
  void accept() override {
    const std::lock_guard lock(mutex_);
    guard_.accept(read_machine());
  }
  void consider() override {
    const std::lock_guard lock(mutex_);
    if (guard_.suspect()) guard_.consider(read_machine(), is_synchronised());
  }

 private:
  std::int64_t read() const override {
    const std::lock_guard lock(mutex_);
    return guard_.now(read_machine());
  }
  mutable std::mutex mutex_;
  mutable TimeGuard guard_;
};

struct Base {
  std::int64_t wall = 0;     // real time at which …
  std::int64_t instant = 0;  // … the clock showed this
  std::int64_t speed = value::kSecond;

  std::int64_t at(std::int64_t wall_time) const {
    return value::add_saturating(instant,
                                 scale(std::max<std::int64_t>(0, wall_time - wall), speed, value::kSecond));
  }
};

class ScaledClock final : public Clock {
 public:
  ScaledClock(std::int64_t instant, std::int64_t speed)
      : instant_(instant), speed_(speed), boot_(boot_now()) {}

  microseconds until(std::int64_t instant) const override {
    return microseconds(scale(std::max<std::int64_t>(0, instant - now()), value::kSecond, speed_));
  }
  void raise(std::int64_t instant) override {
    const std::int64_t missing = instant - read();
    if (missing > 0) instant_ += missing;
  }

 private:
  std::int64_t read() const override {
    return value::add_saturating(instant_.load(), scale(boot_now() - boot_, speed_, value::kSecond));
  }

  std::atomic<std::int64_t> instant_;
  const std::int64_t speed_;
  const std::int64_t boot_;
};

constexpr const char* kFormat = "wf-clock-1";

Result<Base> parse_base(const std::string& text, const std::string& file) {
  std::istringstream in(text);
  std::string format;
  Base base;
  if (in >> format >> base.wall >> base.instant >> base.speed && format == kFormat && base.speed > 0)
    return base;
  return Error{ErrorCode::corrupt, file + " is not the base of a clock"};
}

}  // namespace

std::int64_t wall_now() {
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t boot_now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * value::kSecond + now.tv_nsec / 1000;
}

std::int64_t Clock::now() const {
  const std::int64_t read_now = read();
  std::int64_t newest = newest_.load();
  while (newest < read_now && !newest_.compare_exchange_weak(newest, read_now)) {
  }
  return std::max(newest, read_now);
}

Result<std::unique_ptr<Clock>> open_clock(const std::string& file, const ClockOptions& options,
                                          const LastSeen& seen) {
  const auto stored = crm::read_file(file);
  if (!stored && stored.error().code != ErrorCode::not_found) return stored.error();
  if (!stored && !options.speed && !options.start)
    return std::unique_ptr<Clock>(std::make_unique<RealClock>(seen));
  Base base;
  base.wall = wall_now();
  base.instant = options.start.value_or(base.wall);
  if (stored) {
    const auto previous = parse_base(*stored, file);
    if (!previous) return previous.error();
    base.instant = previous->at(base.wall);
  }
  base.speed = options.speed.value_or(value::kSecond);
  std::ostringstream text;
  text << kFormat << ' ' << base.wall << ' ' << base.instant << ' ' << base.speed << '\n';
  if (const auto written = crm::replace_file(file, text.str()); !written) return written.error();
  return std::unique_ptr<Clock>(std::make_unique<ScaledClock>(base.instant, base.speed));
}

std::optional<std::int64_t> parse_speed(std::string_view text) {
  if (!text.ends_with("/s")) return std::nullopt;
  const auto speed = value::parse_compact_duration(text.substr(0, text.size() - 2));
  return speed && *speed > 0 ? speed : std::nullopt;
}

}  // namespace wf::api
