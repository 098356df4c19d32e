#include "tests/bench/report.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace wf::bench {

namespace {

std::string grouped(double n) {
  char digits[64];
  std::snprintf(digits, sizeof digits, n < 10 ? "%.2f" : "%.0f", n);
  std::string text = digits;
  std::size_t end = text.find('.') == text.npos ? text.size() : text.find('.');
  for (std::size_t at = end; at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

void print_header(const std::string& title) {
  std::printf("\n%s\n%-52s %14s %14s %14s  %-12s %s\n", title.c_str(), "", "median", "min", "max", "target",
              "beside");
}

double median(std::vector<double> runs) {
  std::sort(runs.begin(), runs.end());
  return runs[runs.size() / 2];
}

void print(const Row& row) {
  if (row.runs.empty()) return;
  const double middle = median(row.runs);
  const auto [least, most] = std::minmax_element(row.runs.begin(), row.runs.end());
  std::printf("%-52s %14s %14s %14s  %-12s %s\n", (row.name + " [" + row.unit + "]").c_str(),
              grouped(middle).c_str(), grouped(*least).c_str(), grouped(*most).c_str(), row.target.c_str(),
              row.beside.c_str());
  std::fflush(stdout);
  if (const char* file = std::getenv("WF_BENCH_JSON")) {
    std::ofstream(file, std::ios::app)
        << "{\"name\":\"" << row.name << "\",\"unit\":\"" << row.unit << "\",\"median\":" << middle
        << ",\"min\":" << *least << ",\"max\":" << *most << "}\n";
  }
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

namespace {

double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

double thread_seconds() {
  return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

double process_seconds() {
  return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

ProgramRun run_program(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ProgramRun run;
  int status = 0;
  struct rusage usage {};
  std::fflush(nullptr);
  run.seconds = seconds([&] {
    const pid_t child = fork();
    if (child == 0) {
      // A terminal would be measured with it.
      if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr)) _exit(126);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
    wait4(child, &status, 0, &usage);
  });
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) std::exit(1);
  run.mebibytes = static_cast<double>(usage.ru_maxrss) / 1024;
  return run;
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t folder_bytes(const std::string& folder) {
  std::size_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

std::string fresh_folder(const std::string& name) {
  const auto path =
      std::filesystem::temp_directory_path() / ("wf-bench-" + name + "-" + std::to_string(getpid()));
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path.string();
}

int runs() {
  const char* given = std::getenv("WF_BENCH_RUNS");
  return given ? std::max(1, std::atoi(given)) : 3;
}

}  // namespace wf::bench
