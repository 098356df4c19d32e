// Every example stands in both notations and is the same program in both.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "compiler/front.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/text/render.hpp"
#include "tests/support/process.hpp"

namespace fs = std::filesystem;
using namespace wf;

namespace {

std::vector<compiler::SourceText> sources_of(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".wf") || name.ends_with(".wf.yaml")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<compiler::SourceText> sources;
  for (const fs::path& path : paths) sources.push_back({path.string(), test::read_file(path.string())});
  return sources;
}

/// The program's listing without the places in files that stand in it.
std::string program_of(const fs::path& folder) {
  compiler::Options options;
  options.emit = compiler::Stage::code;
  const auto read = [](const std::string& path) { return std::optional(test::read_file(path)); };
  const compiler::Compiled compiled = compiler::compile(sources_of(folder), read, options);
  for (const text::Diagnostic& d : compiled.diagnostics.all()) {
    if (d.severity == text::Severity::error) FAIL_CHECK(text::render_text(d, compiled.sources));
  }
  std::string out;
  std::istringstream in(compiled.emitted);
  for (std::string line; std::getline(in, line);) {
    const std::size_t place = line.find("; " + folder.string());
    const std::size_t behind = place == line.npos ? line.npos : line.find("  ", place);
    if (behind != line.npos) line.erase(place, behind - place);
    out += line + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("every example is the same program in both notations") {
  const fs::path examples = fs::path(WF_SOURCE_DIR) / "examples";
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(examples)) {
    if (!entry.is_directory() || entry.path().filename() == "yaml") continue;
    ++count;
    INFO(entry.path().string());
    const fs::path other = examples / "yaml" / entry.path().filename();
    REQUIRE(fs::is_directory(other));
    CHECK(sources_of(entry.path()).size() == sources_of(other).size());
    CHECK(program_of(other) == program_of(entry.path()));
  }
  CHECK(count >= 6);
}

namespace {

/// "WF306 leed" of each finding: its code, its message and what is marked, in the file as it was written.
std::vector<std::string> findings_of(const std::string& name, const std::string& content) {
  const compiler::Compiled compiled = compiler::compile({{name, content}}, nullptr, {});
  std::vector<std::string> found;
  for (const text::Diagnostic& one : compiled.diagnostics.all()) {
    const text::Diagnostic d = text::as_written(one, compiled.sources);
    const text::SourceFile& file = compiled.sources.file(d.primary.span.file).written();
    const auto marked =
        file.content().substr(d.primary.span.begin, d.primary.span.end - d.primary.span.begin);
    found.push_back(text::code_text(d.code) + " " + d.message + " | " + std::string(marked));
  }
  return found;
}

}  // namespace

TEST_CASE("ten mistakes are found in both notations, each where it stands") {
  const std::string text = test::read_file(WF_SOURCE_DIR "/tests/golden/cases/notations/ten_mistakes.wf");
  const std::string yaml = yaml::write_yaml(text, compiler::standard_actions());
  const auto in_text = findings_of("m.wf", text), in_yaml = findings_of("m.wf.yaml", yaml);
  INFO(yaml);
  CHECK(in_text.size() == 10);
  CHECK(in_yaml == in_text);
}
