// Each folder of tests/golden/cases/diagnostics is a project (input.wf and what it needs) with the findings
// that checking it must give in expected.txt. WF_UPDATE_GOLDEN=1 writes them anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>

#include "project.hpp"

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> case_folders() {
  std::vector<fs::path> folders;
  for (const auto& entry :
       fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/diagnostics")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

TEST_CASE("golden diagnostics of projects") {
  const bool update = std::getenv("WF_UPDATE_GOLDEN") != nullptr;
  const auto folders = case_folders();
  CHECK(folders.size() >= 30);
  std::set<std::uint16_t> codes;
  for (const fs::path& folder : folders) {
    auto files = wf::test::read_folder(folder);
    files.erase("expected.txt");
    const wf::test::Checked checked = wf::test::check(files);
    for (const auto& d : checked.sink.all()) codes.insert(static_cast<std::uint16_t>(d.code));
    const std::string report = checked.report();
    if (update) {
      std::ofstream(folder / "expected.txt", std::ios::binary) << report;
      continue;
    }
    INFO(folder.filename().string() << "\n" << report);
    REQUIRE(fs::exists(folder / "expected.txt"));
    CHECK(report == wf::test::read_file(folder / "expected.txt"));
    CHECK(checked.module.has_value() == !checked.sink.has_errors());
  }
  CHECK(codes.size() >= 20);
}
