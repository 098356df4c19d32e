// Collects the answers of a channel across threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "runtime/channels/channel.hpp"

namespace wf::test {

class Answers {
 public:
  channels::Done done() {
    return [this](channels::Answer answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }

  /// All answers so far, once there are `count`, or after 20 seconds.
  std::vector<channels::Answer> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return answers_.size() >= count; });
    return answers_;
  }

  channels::Answer one() {
    auto all = wait(1);
    return all.size() == 1 ? all[0]
                           : channels::Answer{channels::Outcome::uncertain, "no single answer", -1, {}};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<channels::Answer> answers_;
};

}  // namespace wf::test
