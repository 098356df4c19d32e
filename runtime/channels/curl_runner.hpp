// CurlRunner: one thread that drives many transfers through libcurl's multi interface.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>

#include "runtime/channels/channel.hpp"

namespace wf::channels {

/// One exchange with another machine. Its functions run on the runner's thread.
class Transfer {
 public:
  virtual ~Transfer() = default;
  /// Sets the options of a fresh handle; the transfer outlives its use.
  virtual void prepare(CURL* easy) = 0;
  virtual Answer finish(CURL* easy, CURLcode result) = 0;
  /// The answer when the runner ends while the transfer is under way.
  virtual Answer interrupted() = 0;
};

class CurlRunner {
 public:
  /// At most `connections` transfers run at once, `per_group` of them in one group. Groups take turns, so a
  /// full group delays only itself.
  CurlRunner(int connections, int per_group);
  /// Answers what waits with `retry`, gives running transfers 2 seconds to end, and joins.
  ~CurlRunner();
  CurlRunner(const CurlRunner&) = delete;
  CurlRunner& operator=(const CurlRunner&) = delete;

  /// Calls `done` exactly once, on the runner's thread. Any thread.
  void submit(std::unique_ptr<Transfer> transfer, std::string group, Done done);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace wf::channels
