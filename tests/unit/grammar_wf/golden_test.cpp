// Each folder of tests/golden/cases/grammar holds input.wf and what parsing it must give: expected.ast for a
// good file, expected.txt for the diagnostics of a broken one. WF_UPDATE_GOLDEN=1 writes them anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "grammar/ast/dump.hpp"
#include "grammar/text/render.hpp"
#include "grammar/wf/parse.hpp"

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Outcome {
  bool good = false;
  std::string text;  ///< the tree, or the diagnostics
};

Outcome parse(const std::string& content) {
  wf::text::SourceSet sources;
  wf::text::DiagnosticSink sink;
  const auto id = sources.add("input.wf", content);
  const wf::ast::File file = wf::grammar::parse_wf(sources, id, sink);
  sink.sort(sources);
  Outcome outcome;
  outcome.good = sink.all().empty();
  if (outcome.good) outcome.text = wf::ast::dump(file);
  for (const auto& diagnostic : sink.all()) outcome.text += wf::text::render_text(diagnostic, sources);
  return outcome;
}

void check_case(const fs::path& folder) {
  const Outcome outcome = parse(read(folder / "input.wf"));
  const fs::path expected = folder / (outcome.good ? "expected.ast" : "expected.txt");
  const fs::path other = folder / (outcome.good ? "expected.txt" : "expected.ast");
  if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) {
    fs::remove(other);
    std::ofstream(expected, std::ios::binary) << outcome.text;
    return;
  }
  INFO(folder.filename().string() << "\n" << outcome.text);
  CHECK_FALSE(fs::exists(other));
  REQUIRE(fs::exists(expected));
  CHECK(outcome.text == read(expected));
}

}  // namespace

TEST_CASE("golden files of the grammar") {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/grammar")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  CHECK(folders.size() >= 25);
  for (const fs::path& folder : folders) check_case(folder);
}
