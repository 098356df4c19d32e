// StoreCheck: a thread that reads through the whole store now and then, behind everything else, and tells
// when something is damaged.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "grammar/text/result.hpp"

namespace wf::wfd {

class StoreCheck {
 public:
  using Damaged = std::function<void(const Error&)>;

  /// Checks the store in `store` every `every` microseconds; `note` is the file that tells when it was done
  /// last. `damaged` is called on the check's thread, once.
  StoreCheck(std::filesystem::path store, std::string note, std::int64_t every, Damaged damaged);
  ~StoreCheck();
  /// Ends the thread, also in the middle of a check.
  void stop();

  /// When the store was last found in order, or what is wrong. Any thread.
  std::string text() const;

 private:
  void run();
  bool check();
  bool is_stopping() const;
  void say(std::string text);

  const std::filesystem::path store_;
  const std::string note_;
  const std::int64_t every_;
  const Damaged damaged_;
  std::int64_t last_ = 0;  // wall clock, microseconds; the thread's
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string text_ = "not checked yet";
  std::thread thread_;
};

}  // namespace wf::wfd
