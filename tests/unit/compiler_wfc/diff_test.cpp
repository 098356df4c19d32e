// Golden differences: each folder of tests/golden/cases/diff holds two versions of a project and what `wfc
// diff` must print, with its exit code. WF_UPDATE_GOLDEN=1 rewrites.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "tests/support/process.hpp"

namespace fs = std::filesystem;

namespace {

struct Ran {
  int exit = 0;
  std::string output;
};

Ran wfc(const wf::test::Folder& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{WFC_PATH};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string log = folder.path() + "/log";
  fs::remove(log);
  const int exit = wf::test::Process(command, log).wait();
  return {exit, wf::test::read_file(log)};
}

}  // namespace

TEST_CASE("golden differences") {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/diff")) {
    cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  REQUIRE(cases.size() >= 4);
  for (const fs::path& path : cases) {
    const wf::test::Folder folder("diff");
    std::vector<std::string> arguments{"diff", (path / "before.wf").string(), (path / "after.wf").string()};
    if (fs::exists(path / "command")) arguments.insert(arguments.end(), {"--format", "json"});
    const Ran ran = wfc(folder, arguments);
    const std::string actual = ran.output + "exit code " + std::to_string(ran.exit) + "\n";
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr)
      wf::test::write_file((path / "expected.txt").string(), actual);
    INFO(path.string());
    CHECK(actual == wf::test::read_file((path / "expected.txt").string()));
  }
}

TEST_CASE("a bundle differs in nothing from the project it was built from, and compares with any version") {
  const fs::path cases = fs::path(WF_SOURCE_DIR) / "tests/golden/cases/diff/workflow";
  const wf::test::Folder folder("diff");
  const std::string before = (cases / "before.wf").string(), after = (cases / "after.wf").string();
  const std::string bundle = folder.path() + "/before.wfb";
  REQUIRE(wfc(folder, {"build", "-o", bundle, before}).exit == 0);
  CHECK(wfc(folder, {"diff", bundle, before}).exit == 0);
  CHECK(wfc(folder, {"diff", before, bundle}).exit == 0);
  const Ran from_bundle = wfc(folder, {"diff", bundle, after});
  CHECK(from_bundle.exit == 1);
  CHECK(from_bundle.output == wfc(folder, {"diff", before, after}).output);
}

TEST_CASE("what cannot be compared is no difference") {
  const wf::test::Folder folder("diff");
  wf::test::write_file(folder.path() + "/broken.wf", "workflow {\n");
  wf::test::write_file(folder.path() + "/hostile.wfb", "WFB no bundle at all");
  wf::test::write_file(folder.path() + "/good.wf", "list a { }\n");
  for (const char* name : {"broken.wf", "hostile.wfb", "absent.wf"}) {
    const Ran ran = wfc(folder, {"diff", folder.path() + "/" + name, folder.path() + "/good.wf"});
    CHECK(ran.exit == 3);
    CHECK(ran.output.find(name) != std::string::npos);
  }
}
