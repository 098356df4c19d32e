// TimeGuard: what time it is by a clock on the wall that may be set, and a clock that only counts.
//
// Backwards the time stands still until the wall has caught up. A jump forwards is not believed: time goes on
// at its own pace, suspect, until somebody or something confirms the wall. Pure: it reads no clock.
#pragma once

#include <cstdint>

#include "grammar/value/calendar.hpp"

namespace wf::api {

class TimeGuard {
 public:
  /// Forwards by more than this, beyond what has passed, is a jump.
  static constexpr std::int64_t kJump = value::kMinute;
  /// A jump that the system's time service stands by is believed after this long.
  static constexpr std::int64_t kPatience = 15 * value::kMinute;

  struct Reading {
    std::int64_t wall = 0;  ///< microseconds since 1970
    std::int64_t boot = 0;  ///< microseconds that have passed, sleep included, from any origin
  };

  /// `last`: read when the time was last known; with what was read at the start when it never was.
  explicit TimeGuard(Reading last) : last_(last), logical_(last.wall) {}

  /// The time, never less than before.
  std::int64_t now(Reading read);
  /// It is at least `instant`: somebody has seen it already.
  void raise(std::int64_t instant);
  /// Somebody confirms the wall.
  void accept(Reading read);
  /// The time service says whether the wall is synchronised. True when the jump is believed now.
  bool consider(Reading read, bool synchronised);

  bool suspect() const { return suspect_; }
  /// The wall is behind the time, which stands still.
  bool waits(Reading read) const { return read.wall < logical_ && !suspect_; }

 private:
  Reading last_;
  std::int64_t logical_;
  bool suspect_ = false;
  std::int64_t suspect_since_ = 0;  // boot
};

}  // namespace wf::api
