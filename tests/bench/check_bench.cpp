// `wfc check` on a generated project: all of it, and one changed file of it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/projects.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace wf;

constexpr const char* kCommon = R"(project bench { zone "Asia/Tokyo" }
sender news { name "Example"; email "news@example.com"; address "1 Example Street" }
topic updates { title "Updates" }
form ebook { fields (email required); creates contact }
user sato { email "sato@example.com" }
team sales { members (user.sato); email "sales@example.com" }
email welcome { class marketing; topic topic.updates; from sender.news; subject "Hi"; text "{{ unsubscribe_url }}" }
)";

bench::ProgramRun check(const std::string& folder, const std::vector<std::string>& options) {
  std::vector<std::string> command{WF_WFC, "check", "-q", folder};
  command.insert(command.end(), options.begin(), options.end());
  return bench::run_program(std::move(command));
}

std::size_t write_project(const std::string& folder, std::size_t files) {
  std::size_t lines = 0;
  std::ofstream(folder + "/common.wf") << kCommon;
  for (std::size_t n = 0; n < files; ++n) {
    const std::string text = bench::workflow(n);
    for (const char c : text) lines += c == '\n';
    const std::string part = folder + "/part_" + std::to_string(n / 500);
    if (n % 500 == 0) std::filesystem::create_directories(part);
    std::ofstream(part + "/flow_" + std::to_string(n) + ".wf") << text;
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t files = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  const std::string folder = bench::fresh_folder("check"), cache = folder + "/cache";
  const std::size_t lines = write_project(folder, files);
  bench::print_header("wfc check, " + std::to_string(files) + " files, " + std::to_string(lines) + " lines");
  bench::Row full{"all files", "s", "4", "", {}};
  bench::Row memory{"its memory at most", "MiB", "1,024", "", {}};
  bench::Row first{"all files, and the cache written", "s", "", "", {}};
  bench::Row nothing{"no file changed", "s", "", "", {}};
  bench::Row one{"one file changed", "s", "0.3", "", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    const bench::ProgramRun all = check(folder, {"--no-cache"});
    full.runs.push_back(all.seconds);
    memory.runs.push_back(all.mebibytes);
    std::filesystem::remove(cache);
    first.runs.push_back(check(folder, {"--cache", cache}).seconds);
    nothing.runs.push_back(check(folder, {"--cache", cache}).seconds);
    std::ofstream(folder + "/part_0/flow_7.wf", std::ios::app) << "# changed " << run << "\n";
    one.runs.push_back(check(folder, {"--cache", cache}).seconds);
  }
  for (const bench::Row& row : {full, memory, first, nothing, one}) bench::print(row);
  std::filesystem::remove_all(folder);
}
