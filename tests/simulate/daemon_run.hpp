// The whole daemon but its main and its sockets, on one thread, under a seeded scheduler and a virtual clock.
#pragma once

#include "tests/simulate/disk.hpp"
#include "tests/simulate/outside.hpp"

namespace wf::simulate {

struct DaemonFigures {
  DiskFigures disk;
  OutsideFigures outside;
  std::uint64_t steps = 0, events = 0, duplicates = 0, uncertain = 0;
  std::uint64_t requests = 0, lost_answers = 0, refused_requests = 0;
  std::uint64_t starts = 0, failed_starts = 0, orderly_ends = 0, takeovers = 0, redeploys = 0,
                clock_jumps = 0;
  std::int64_t virtual_time = 0;  ///< microseconds
  std::uint64_t trace = 0;        ///< hash of everything that was observed

  void add(const DaemonFigures& other);
};

/// One seed. Throws Violation.
DaemonFigures run_daemon_seed(std::uint64_t seed);

}  // namespace wf::simulate
