// simulate WHAT [COUNT] [SEED]: many seeds of one simulation; see docs/internals/simulation.md.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "runtime/log/log.hpp"
#include "tests/simulate/contents.hpp"
#include "tests/simulate/store_run.hpp"

namespace {

using namespace wf;
using namespace wf::simulate;

int usage() {
  std::fputs(
      "usage: simulate WHAT [COUNT] [SEED]\n"
      "  store    the store alone under losses of power, kills and failing calls\n"
      "  calls    each call of a fixed workload of the store fails in turn\n"
      "COUNT seeds (1000) from SEED (1) on; a failing one prints how to repeat it. One of a hundred runs "
      "twice\n"
      "and must leave the same trace.\n",
      stderr);
  return 2;
}

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void add(DiskFigures& total, const DiskFigures& one) {
  total.calls += one.calls;
  total.syncs += one.syncs;
  total.power_losses += one.power_losses;
  total.kills += one.kills;
  total.sectors_lost += one.sectors_lost;
  total.sectors_kept += one.sectors_kept;
  total.sectors_torn += one.sectors_torn;
  total.names_lost += one.names_lost;
  for (std::size_t i = 0; i < kDiskCalls; ++i) total.failed[i] += one.failed[i];
  total.full += one.full;
}

void print(const DiskFigures& d) {
  std::printf(
      "  disk: %llu calls, %llu syncs; %llu losses of power, %llu kills; sectors %llu lost, %llu kept, %llu "
      "torn; %llu names lost\n  failed: %llu reads, %llu writes, %llu truncations, %llu syncs, %llu "
      "removals, "
      "%llu opens; %llu times full\n",
      (unsigned long long)d.calls, (unsigned long long)d.syncs, (unsigned long long)d.power_losses,
      (unsigned long long)d.kills, (unsigned long long)d.sectors_lost, (unsigned long long)d.sectors_kept,
      (unsigned long long)d.sectors_torn, (unsigned long long)d.names_lost, (unsigned long long)d.failed[0],
      (unsigned long long)d.failed[1], (unsigned long long)d.failed[2], (unsigned long long)d.failed[3],
      (unsigned long long)d.failed[4], (unsigned long long)d.failed[5], (unsigned long long)d.full);
}

int store_seeds(const char* program, std::uint64_t count, std::uint64_t first) {
  const auto began = std::chrono::steady_clock::now();
  StoreFiguresRun total;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    try {
      const StoreFiguresRun one = run_store(seed);
      if (seed % 100 == 0 && run_store(seed).trace != one.trace)
        throw Violation{"two runs of the seed left different traces"};
      add(total.disk, one.disk);
      total.writes += one.writes;
      total.refused_writes += one.refused_writes;
      total.takeovers += one.takeovers;
      total.comparisons += one.comparisons;
    } catch (const Violation& violation) {
      std::printf("seed %llu: %s\nrepeat with: %s store 1 %llu\n", (unsigned long long)seed,
                  violation.what.c_str(), program, (unsigned long long)seed);
      return 1;
    }
  }
  std::printf(
      "%llu seeds from %llu in %.1f s: %llu writes acknowledged, %llu refused, %llu owners replaced, %llu "
      "comparisons\n",
      (unsigned long long)count, (unsigned long long)first, seconds_since(began),
      (unsigned long long)total.writes, (unsigned long long)total.refused_writes,
      (unsigned long long)total.takeovers, (unsigned long long)total.comparisons);
  print(total.disk);
  return 0;
}

int calls(const char* program) {
  try {
    std::printf("%llu calls failed, one run each\n", (unsigned long long)fail_every_call());
    return 0;
  } catch (const Violation& violation) {
    std::printf("%s\nrepeat with: %s calls\n", violation.what.c_str(), program);
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return usage();
  const std::string what = argv[1];
  const std::uint64_t count = argc > 2 ? std::stoull(argv[2]) : 1000;
  const std::uint64_t seed = argc > 3 ? std::stoull(argv[3]) : 1;
  log::set_level(log::Level::error);
  if (what == "store") return store_seeds(argv[0], count, seed);
  if (what == "calls") return calls(argv[0]);
  return usage();
}
