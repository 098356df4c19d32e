// The clock of the simulated daemon: real time that the scheduler moves, and a wall clock that may be set
// back.
#pragma once

#include <algorithm>

#include "runtime/api/clock.hpp"

namespace wf::simulate {

class VirtualClock final : public api::Clock {
 public:
  VirtualClock(const std::int64_t& real, const std::int64_t& offset) : real_(real), offset_(offset) {}

  std::chrono::microseconds until(std::int64_t instant) const override {
    // Set back, it stands still until it has caught up.
    return std::chrono::microseconds(now() < instant ? instant - real_ - offset_ : 0);
  }
  void raise(std::int64_t instant) override { floor_ = std::max(floor_, instant); }

 protected:
  std::int64_t read() const override { return std::max(real_ + offset_, floor_); }

 private:
  const std::int64_t& real_;
  const std::int64_t& offset_;
  std::int64_t floor_ = 0;
};

}  // namespace wf::simulate
