// Clock: the one source of time of the daemon. Real, or scaled for demonstrations (`--speed 1d/s`).
//
// Thread-safe. It never goes back: not within a run, and not across restarts (see raise()).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::api {

/// How far the clock is to be trusted.
struct ClockHealth {
  bool suspect = false;  ///< the clock of the machine has jumped forwards and is not believed
  bool waits = false;    ///< it was set back: time stands still until it has caught up
  std::int64_t machine = 0;
};

/// When a daemon last ran: of the same start of the machine as `boot`, or `boot` is 0.
struct LastSeen {
  std::int64_t wall = 0;
  std::int64_t boot = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01T00:00Z.
  std::int64_t now() const;
  /// How long really until the clock shows `instant`; 0 when it has.
  virtual std::chrono::microseconds until(std::int64_t instant) const = 0;
  /// From now on it shows at least `instant`: what the engine has seen already.
  virtual void raise(std::int64_t instant) = 0;
  virtual ClockHealth health() const { return {}; }
  /// A person says that the clock of the machine is right.
  virtual void accept() {}
  /// Asks the machine's time service about a clock that is suspect: call it now and then.
  virtual void consider() {}

 protected:
  virtual std::int64_t read() const = 0;

 private:
  mutable std::atomic<std::int64_t> newest_{0};
};

struct ClockOptions {
  std::optional<std::int64_t> speed;  ///< microseconds shown per second that passes; absent: real
  std::optional<std::int64_t> start;  ///< the instant at the very first start; absent: the real one
};

/// A scaled clock keeps its base in `file` and goes on from there after a restart, having run meanwhile.
/// Without options and without the file it is the real clock. `start` counts only when there is no file yet.
/// Errors: corrupt (the file), io, full.
/// `seen`: a jump since then is noticed, too.
Result<std::unique_ptr<Clock>> open_clock(const std::string& file, const ClockOptions& options,
                                          const LastSeen& seen = {});

/// The clocks of the machine: wall time, and time since its start, sleep included.
std::int64_t wall_now();
std::int64_t boot_now();

/// "1d/s", "12h/s": microseconds per second; nothing when malformed or not positive.
std::optional<std::int64_t> parse_speed(std::string_view text);

}  // namespace wf::api
