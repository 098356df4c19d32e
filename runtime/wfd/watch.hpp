// Watch: the thread that looks after the daemon itself: free disk, a clock that jumped, and the file that
// tells the next start when this one last ran.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/api/clock.hpp"
#include "runtime/api/ingest.hpp"
#include "runtime/wfd/disk_guard.hpp"
#include "runtime/wfd/run_file.hpp"

namespace wf::wfd {

class Watch {
 public:
  /// All but `run` must outlive it.
  Watch(DiskGuard& disk, api::Clock& clock, api::Ingest& ingest, RunFile run);
  ~Watch();
  /// Ends the thread; `in_order`: the next start need not be careful.
  void stop(bool in_order);

 private:
  void run();
  void look(bool beat);

  DiskGuard& disk_;
  api::Clock& clock_;
  api::Ingest& ingest_;
  RunFile run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool suspect_ = false;
  std::thread thread_;
};

}  // namespace wf::wfd
