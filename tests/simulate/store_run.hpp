// The store alone, under losses of power, kills, failing calls, a full disk and a second owner, against the
// store in memory that is given the same frames.
#pragma once

#include "tests/simulate/disk.hpp"

namespace wf::simulate {

struct StoreFiguresRun {
  DiskFigures disk;
  std::uint64_t writes = 0, refused_writes = 0, takeovers = 0, comparisons = 0, rounds = 0;
  std::uint64_t damages = 0, noticed = 0,
                tails = 0;  ///< files damaged; refused; last write lost with its log
  std::uint64_t trace = 0;  ///< hash of everything that was observed
};

/// One seed. Throws Violation.
StoreFiguresRun run_store(std::uint64_t seed);

/// Fails each call of a fixed workload in turn, until the workload passes; the number of calls failed. Then
/// again with all calls from there on. Throws Violation.
std::uint64_t fail_every_call();

}  // namespace wf::simulate
