// Random frames over a small world, so that changes of the same things meet often.
#pragma once

#include <random>

#include "runtime/store/frame.hpp"

namespace wf::store::test {

class RandomFrames {
 public:
  explicit RandomFrames(std::uint64_t seed) : random_(seed) {}

  /// Adds only timers that do not exist and removes only ones that do, as an engine does.
  Frame next();
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string text(std::size_t longest);
  Key key();

 private:
  RecordChange change();
  void add_timers(Frame& frame);
  void add_effects(Frame& frame);
  void add_names(Frame& frame);

  std::mt19937_64 random_;
  std::vector<Timer> live_timers_;
  std::vector<std::uint64_t> live_effects_;
  std::uint32_t next_step_ = 1;
  std::uint64_t next_effect_ = 1;
  std::uint64_t next_id_ = 1;
};

bool same(const Frame& a, const Frame& b);

}  // namespace wf::store::test
