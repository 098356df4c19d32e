#include "runtime/api/time_guard.hpp"

#include <algorithm>

namespace wf::api {

std::int64_t TimeGuard::now(Reading read) {
  const std::int64_t passed = std::max<std::int64_t>(0, read.boot - last_.boot);
  if (suspect_) {
    logical_ += passed;
    if (read.wall - logical_ <= kJump) suspect_ = false;  // set back
  } else if (read.wall - last_.wall > passed + kJump) {
    suspect_ = true;
    suspect_since_ = read.boot;
    logical_ += passed;
  } else {
    logical_ = std::max(logical_, read.wall);
  }
  last_ = {read.wall, std::max(read.boot, last_.boot)};
  return logical_;
}

void TimeGuard::raise(std::int64_t instant) {
  logical_ = std::max(logical_, instant);
}

void TimeGuard::accept(Reading read) {
  now(read);
  suspect_ = false;
  logical_ = std::max(logical_, read.wall);
}

bool TimeGuard::consider(Reading read, bool synchronised) {
  if (!suspect_ || !synchronised || read.boot - suspect_since_ < kPatience) return false;
  accept(read);
  return !suspect_;
}

}  // namespace wf::api
