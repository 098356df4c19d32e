// `wfc sim` of the nurturing flow: the example's contacts and events, as many times over as asked for.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/report.hpp"

namespace {

namespace fs = std::filesystem;
using namespace wf;

const fs::path kExample = fs::path(WF_SOURCE_DIR) / "examples/lead-nurturing";

/// The project alone, without the policy, which holds for the example's thousand contacts.
void copy_project(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(kExample)) {
    const std::string name = entry.path().filename().string();
    const bool source =
        entry.path().extension() == ".wf" && name != "policy.wf" && !name.ends_with(".test.wf");
    if (source || entry.is_directory())
      fs::copy(entry.path(), fs::path(folder) / name, fs::copy_options::recursive);
  }
}

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream in(kExample / name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Contact `n` again, under another address.
std::size_t write_records(const std::string& folder, std::size_t contacts) {
  const auto lines = lines_of("contacts.csv");
  std::ofstream out(folder + "/contacts.csv");
  out << lines[0] << '\n';
  for (std::size_t n = 0; n < contacts; ++n)
    out << 'c' << n / (lines.size() - 1) << '.' << lines[1 + n % (lines.size() - 1)] << '\n';
  return (contacts + lines.size() - 2) / (lines.size() - 1);
}

std::size_t write_events(const std::string& folder, std::size_t copies) {
  std::ofstream out(folder + "/events.ndjson");
  std::size_t count = 0;
  for (const std::string& line : lines_of("events.ndjson")) {
    const std::string id = "\"id\":\"", subject = "\"subject\":\"";
    const std::size_t at_id = line.find(id) + id.size(), at_subject = line.find(subject) + subject.size();
    for (std::size_t copy = 0; copy < copies; ++copy, ++count) {
      const std::string prefix = "c" + std::to_string(copy) + ".";
      out << line.substr(0, at_id) << prefix << line.substr(at_id, at_subject - at_id) << prefix
          << line.substr(at_subject) << '\n';
    }
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t contacts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const std::string folder = bench::fresh_folder("sim");
  copy_project(folder);
  const std::size_t events = write_events(folder, write_records(folder, contacts));
  bench::print_header("wfc sim, " + std::to_string(contacts) + " contacts, " + std::to_string(events) +
                      " events and the reactions drawn, 90 days after the last");
  bench::Row time{"nurturing flow simulated", "s", "20", "", {}};
  bench::Row memory{"its memory at most", "MiB", "", "", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    const bench::ProgramRun done =
        bench::run_program({WF_WFC, "sim", "-q", folder, "--records", folder + "/contacts.csv", "--events",
                            folder + "/events.ndjson", "--simulate", "opens=40%,clicks=10%"});
    time.runs.push_back(done.seconds);
    memory.runs.push_back(done.mebibytes);
  }
  bench::print(time);
  bench::print(memory);
  fs::remove_all(folder);
}
