// Figures of the benchmarks: medians with minimum and maximum, the target and the peer or limit beside them,
// as a table for people and as JSON lines for comparison between versions (WF_BENCH_JSON=FILE appends).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace wf::bench {

struct Row {
  std::string name;
  std::string unit;
  std::string target;  ///< "25,000"
  std::string beside;  ///< the peer or limit: "BullMQ, fsync always: 3,439"
  std::vector<double> runs;
};

void print_header(const std::string& title);
void print(const Row& row);
double median(std::vector<double> runs);

/// Seconds that `work` takes.
double seconds(const std::function<void()>& work);
/// Processor seconds spent so far: by this thread, by all threads of this process. Other load does not move
/// them as it moves wall time.
double thread_seconds();
double process_seconds();
struct ProgramRun {
  double seconds = 0, mebibytes = 0;  ///< its memory at most
};
/// Runs a program without its standard output; ends this one when that fails.
ProgramRun run_program(std::vector<std::string> command);
/// Resident memory of this process in bytes.
std::size_t resident_bytes();
std::size_t folder_bytes(const std::string& folder);
/// An empty folder under the build tree or TMPDIR; removed by the caller.
std::string fresh_folder(const std::string& name);
/// Number of runs: WF_BENCH_RUNS, else 3.
int runs();

}  // namespace wf::bench
