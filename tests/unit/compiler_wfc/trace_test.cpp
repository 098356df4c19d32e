// Golden traces: each folder of tests/golden/cases/traces is run by `wfc test --trace`, and everything that
// happened must be as in expected.txt. WF_UPDATE_GOLDEN=1 rewrites.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "tests/support/process.hpp"

namespace fs = std::filesystem;

TEST_CASE("golden traces") {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/traces")) {
    cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  REQUIRE(cases.size() >= 4);
  for (const fs::path& path : cases) {
    const wf::test::Folder folder("trace");
    const std::string output = folder.path() + "/output";
    fs::copy_file(path / "input.wf", folder.path() + "/input.wf");
    const std::string command =
        "cd '" + folder.path() + "' && '" WFC_PATH "' test --trace input.wf >'" + output + "' 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    const std::string actual = wf::test::read_file(output);
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr)
      wf::test::write_file((path / "expected.txt").string(), actual);
    INFO(path.string());
    CHECK(actual == wf::test::read_file((path / "expected.txt").string()));
  }
}
