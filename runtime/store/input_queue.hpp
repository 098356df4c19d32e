// InputQueue: the newest accepted inputs, so that the engine seldom has to read them back from disk.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/store/frame.hpp"

namespace wf::store {

/// Threads: any.
class InputQueue {
 public:
  static constexpr std::size_t kMostBytes = 64u << 20;

  explicit InputQueue(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /// The inputs up to `accepted` are not in here. To be called before the others.
  void start_after(InputSeq accepted) { gone_ = accepted; }
  /// Inputs that follow those pushed before. The oldest ones leave when there are too many bytes.
  void push(const std::vector<Input>& inputs);
  /// Forgets the inputs up to `consumed`.
  void drop(InputSeq consumed);
  /// Up to `limit` inputs after `after`; nothing when some of them have left already.
  std::optional<std::vector<Input>> read(InputSeq after, std::size_t limit) const;

 private:
  void pop();

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::deque<Input> inputs_;
  InputSeq gone_ = 0;  // newest input that has left
  std::size_t bytes_ = 0;
};

}  // namespace wf::store
