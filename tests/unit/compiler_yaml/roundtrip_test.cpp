// Text to YAML and back: every program of the repository keeps its tree, and the cases of
// tests/golden/cases/yaml (input.wf, expected.wf.yaml) look as they should. WF_UPDATE_GOLDEN=1 writes anew.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "compiler/front.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/ast/dump.hpp"
#include "grammar/format/tokens.hpp"
#include "tests/support/process.hpp"

namespace fs = std::filesystem;
using namespace wf;

namespace {

struct Read {
  std::string tree;  ///< "" when there were mistakes
  std::string text;
  std::string mistakes;
};

Read read(const std::string& name, const std::string& content) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  compiler::add_source(sources, name, content, sink);
  const auto files = compiler::parse_files(sources, 1, sink);
  Read out;
  out.text = sources.file(0).content();
  for (const auto& d : sink.all()) out.mistakes += text::code_text(d.code) + " " + d.message + "\n";
  if (!sink.has_errors()) out.tree = ast::dump(files.at(0));
  return out;
}

std::string to_yaml(const std::string& text) {
  return yaml::write_yaml(text, compiler::standard_actions());
}

std::vector<std::string> comments(const std::string& text) {
  std::vector<std::string> found;
  for (const format::Token& token : format::tokenise(text)) {
    if (token.kind == format::Kind::comment) found.emplace_back(token.text);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Programs with mistakes that YAML cannot say: something given twice, and quotes that make a difference
/// where the language says what stands there.
bool is_beyond_yaml(const std::string& name) {
  return name == "duplicate_name" || name == "campaign_parts" || name == "secret_in_file" ||
         name == "invalid_field";
}

}  // namespace

TEST_CASE("every program keeps its tree through YAML") {
  std::size_t count = 0;
  for (const char* folder : {"examples", "stdlib", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".wf") continue;
      const std::string text = test::read_file(entry.path().string());
      const Read before = read("x.wf", text);
      if (before.tree.empty() || is_beyond_yaml(entry.path().parent_path().filename().string())) continue;
      ++count;
      const std::string written = to_yaml(text);
      const Read after = read("x.wf.yaml", written);
      INFO(entry.path().string() << "\n" << written << "\n" << after.mistakes << "\n" << after.text);
      CHECK(after.tree == before.tree);
      CHECK(comments(after.text) == comments(text));
    }
  }
  CHECK(count > 100);
}

TEST_CASE("golden files of the YAML notation") {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/yaml")) {
    ++count;
    const std::string expected = (entry.path() / "expected.wf.yaml").string();
    const std::string got = to_yaml(test::read_file((entry.path() / "input.wf").string()));
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) test::write_file(expected, got);
    INFO(entry.path().string());
    CHECK(test::read_file(expected) == got);
  }
  CHECK(count >= 3);
}
