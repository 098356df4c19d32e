// Each folder of tests/golden/cases/ir and …/code holds input.wf and the stage that compiling it must give:
// expected.ir or expected.code. WF_UPDATE_GOLDEN=1 writes them anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/compile.hpp"
#include "grammar/text/render.hpp"

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string compiled(const fs::path& folder, wf::compiler::Stage stage) {
  wf::compiler::Options options;
  options.emit = stage;
  const auto result = wf::compiler::compile({{"input.wf", read(folder / "input.wf")}}, nullptr, options);
  std::string findings;
  for (const auto& d : result.diagnostics.all()) findings += wf::text::render_text(d, result.sources);
  INFO(findings);
  REQUIRE(result.program);
  return result.emitted;
}

void check_cases(const std::string& area, wf::compiler::Stage stage, std::size_t at_least) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases" / area)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  CHECK(folders.size() >= at_least);
  for (const fs::path& folder : folders) {
    const std::string text = compiled(folder, stage);
    const fs::path expected = folder / ("expected." + area);
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(expected, std::ios::binary) << text;
      continue;
    }
    INFO(folder.filename().string() << "\n" << text);
    REQUIRE(fs::exists(expected));
    CHECK(text == read(expected));
  }
}

}  // namespace

TEST_CASE("golden files of the IR") {
  check_cases("ir", wf::compiler::Stage::ir, 3);
}

TEST_CASE("golden files of the code") {
  check_cases("code", wf::compiler::Stage::code, 2);
}
