// RunFile: tells the next start when a daemon last ran, and whether it ended in order.
#pragma once

#include <cstdint>
#include <string>

#include "grammar/text/result.hpp"
#include "runtime/api/clock.hpp"

namespace wf::wfd {

class RunFile {
 public:
  /// Reads what the run before left and says that one runs now. A file that cannot be read counts as a crash.
  /// Errors: full, io.
  static Result<RunFile> open(const std::string& path);

  bool existed() const { return existed_; }
  bool after_crash() const { return existed_ && !ended_; }
  /// For the clock; `boot` is 0 after a restart of the machine.
  const api::LastSeen& seen() const { return seen_; }
  /// What the daemon's clock showed then; 0 when there was none.
  std::int64_t clock() const { return clock_; }

  /// Call it now and then: `clock` is what the daemon's clock shows. Errors: full, io.
  Result<void> beat(std::int64_t clock) { return write("running", clock); }
  Result<void> end(std::int64_t clock) { return write("ended", clock); }

 private:
  Result<void> write(const char* state, std::int64_t clock) const;

  std::string path_, boot_id_;
  api::LastSeen seen_;
  std::int64_t clock_ = 0;
  bool existed_ = false, ended_ = false;
};

}  // namespace wf::wfd
