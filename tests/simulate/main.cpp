// simulate WHAT [COUNT] [SEED]: many seeds of one simulation; see docs/internals/simulation.md.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/log/log.hpp"
#include "tests/simulate/contents.hpp"
#include "tests/simulate/daemon_run.hpp"
#include "tests/simulate/store_run.hpp"

namespace {

using namespace wf;
using namespace wf::simulate;

int usage() {
  std::fputs(
      "usage: simulate WHAT [COUNT] [SEED]\n"
      "  store    the store alone under losses of power, kills and failing calls\n"
      "  daemon   the whole daemon: clients, disk, mail server and webhooks, crashes, redeploys\n"
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
      total.disk.add(one.disk);
      total.writes += one.writes;
      total.refused_writes += one.refused_writes;
      total.takeovers += one.takeovers;
      total.comparisons += one.comparisons;
      total.damages += one.damages;
      total.noticed += one.noticed;
      total.tails += one.tails;
    } catch (const Violation& violation) {
      std::printf("seed %llu: %s\nrepeat with: %s store 1 %llu\n", (unsigned long long)seed,
                  violation.what.c_str(), program, (unsigned long long)seed);
      return 1;
    }
  }
  std::printf(
      "%llu seeds from %llu in %.1f s: %llu writes acknowledged, %llu refused, %llu owners replaced, %llu "
      "comparisons; %llu files damaged: %llu refused, %llu lost what was last in their log, the others did "
      "no harm\n",
      (unsigned long long)count, (unsigned long long)first, seconds_since(began),
      (unsigned long long)total.writes, (unsigned long long)total.refused_writes,
      (unsigned long long)total.takeovers, (unsigned long long)total.comparisons,
      (unsigned long long)total.damages, (unsigned long long)total.noticed, (unsigned long long)total.tails);
  print(total.disk);
  return 0;
}

void print(const DaemonFigures& f) {
  const double years = static_cast<double>(f.virtual_time) / 1e6 / 86400 / 365;
  std::printf(
      "  daemon: %llu steps, %llu events accepted, %llu duplicates dropped, %llu requests (%llu answers "
      "lost, "
      "%llu refused); %.1f years of virtual time\n  processes: %llu starts, %llu failed, %llu orderly ends, "
      "%llu taken over, %llu new versions, %llu clock jumps\n  outside: %llu mails, %llu calls, %llu taken; "
      "broken off %llu before and %llu after, %llu failed, %llu hung; %llu mails held as uncertain\n",
      (unsigned long long)f.steps, (unsigned long long)f.events, (unsigned long long)f.duplicates,
      (unsigned long long)f.requests, (unsigned long long)f.lost_answers,
      (unsigned long long)f.refused_requests, years, (unsigned long long)f.starts,
      (unsigned long long)f.failed_starts, (unsigned long long)f.orderly_ends,
      (unsigned long long)f.takeovers, (unsigned long long)f.redeploys, (unsigned long long)f.clock_jumps,
      (unsigned long long)f.outside.mails, (unsigned long long)f.outside.calls,
      (unsigned long long)f.outside.taken, (unsigned long long)f.outside.broken_before,
      (unsigned long long)f.outside.broken_after, (unsigned long long)f.outside.failed,
      (unsigned long long)f.outside.hung, (unsigned long long)f.uncertain);
  print(f.disk);
}

int daemon_seeds(const char* program, std::uint64_t count, std::uint64_t first) {
  const auto began = std::chrono::steady_clock::now();
  DaemonFigures total;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    try {
      const DaemonFigures one = run_daemon_seed(seed);
      if (seed % 100 == 0 && run_daemon_seed(seed).trace != one.trace)
        throw Violation{"two runs of the seed left different traces"};
      total.add(one);
    } catch (const Violation& violation) {
      std::printf("seed %llu: %s\nrepeat with: %s daemon 1 %llu\n", (unsigned long long)seed,
                  violation.what.c_str(), program, (unsigned long long)seed);
      return 1;
    }
  }
  std::printf("%llu seeds from %llu in %.1f s\n", (unsigned long long)count, (unsigned long long)first,
              seconds_since(began));
  print(total);
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
  if (std::getenv("WF_SIM_LOG") == nullptr) log::set_level(log::Level::none);
  if (what == "store") return store_seeds(argv[0], count, seed);
  if (what == "daemon") return daemon_seeds(argv[0], count, seed);
  if (what == "calls") return calls(argv[0]);
  return usage();
}
