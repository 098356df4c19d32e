// The layout of every program of the repository, and the cases of tests/golden/cases/format: input.wf and
// expected.wf. WF_UPDATE_GOLDEN=1 writes them anew.
#include "grammar/format/format.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "grammar/ast/dump.hpp"
#include "grammar/format/tokens.hpp"
#include "grammar/wf/parse.hpp"

namespace fs = std::filesystem;
using namespace wf;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The tree, or nothing for a program with mistakes.
std::optional<std::string> tree(const std::string& content) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const ast::File file = grammar::parse_wf(sources, sources.add("input.wf", content), sink);
  if (sink.has_errors()) return std::nullopt;
  return ast::dump(file);
}

std::vector<std::string> comments(const std::string& content) {
  std::vector<std::string> found;
  for (const format::Token& token : format::tokenise(content)) {
    if (token.kind == format::Kind::comment) found.emplace_back(token.text);
  }
  return found;
}

/// All programs of the repository that parse.
const std::vector<std::pair<std::string, std::string>>& programs() {
  static const auto found = [] {
    std::vector<std::pair<std::string, std::string>> all;
    for (const char* folder : {"examples", "stdlib", "tests"}) {
      for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / folder)) {
        if (entry.path().extension() != ".wf") continue;
        std::string content = read(entry.path());
        if (tree(content)) all.emplace_back(entry.path().string(), std::move(content));
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  }();
  return found;
}

/// Other blanks where blanks are, also before lines and behind them.
std::string with_other_blanks(const std::string& content, std::mt19937& random) {
  const auto some = [&random](std::size_t least) {
    std::string blanks;
    for (std::size_t n = least + random() % 4; n > 0; --n) blanks += random() % 5 == 0 ? '\t' : ' ';
    return blanks;
  };
  std::string out;
  std::uint32_t line_ends = 0;
  const char* behind = nullptr;
  for (const format::Token& token : format::tokenise(content)) {
    line_ends = token.breaks;
    for (std::uint32_t i = 0; i < line_ends; ++i) out += (random() % 3 == 0 ? some(0) : "") + "\n";
    const bool blank = behind != nullptr && !token.attached;
    out += line_ends > 0 ? some(0) : blank ? some(1) : "";
    out += token.text;
    behind = token.text.data();
  }
  return out + (random() % 2 == 0 ? "\n" : "");
}

}  // namespace

TEST_CASE("formatting keeps the tree and the comments, and twice is as once") {
  CHECK(programs().size() > 100);
  for (const auto& [path, content] : programs()) {
    INFO(path);
    const std::string once = format::format_wf(content);
    CHECK(tree(once) == tree(content));
    CHECK(comments(once) == comments(content));
    CHECK(format::format_wf(once) == once);
  }
}

TEST_CASE("blanks within lines make no difference") {
  std::mt19937 random(1);
  for (const auto& [path, content] : programs()) {
    INFO(path);
    const std::string other = with_other_blanks(content, random);
    CHECK(format::format_wf(other) == format::format_wf(content));
  }
}

TEST_CASE("the examples and the standard library are in the canonical layout") {
  for (const auto& [path, content] : programs()) {
    if (path.find("/tests/") != std::string::npos) continue;
    INFO(path);
    CHECK(format::format_wf(content) == content);
  }
}

TEST_CASE("golden files of the formatter") {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/format")) {
    ++count;
    const std::string input = read(entry.path() / "input.wf");
    const std::string got = format::format_wf(input);
    INFO(entry.path().string() << "\n" << got);
    CHECK(tree(input));
    CHECK(tree(got) == tree(input));
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr)
      std::ofstream(entry.path() / "expected.wf", std::ios::binary) << got;
    CHECK(read(entry.path() / "expected.wf") == got);
    CHECK(format::format_wf(got) == got);
  }
  CHECK(count >= 5);
}

TEST_CASE("what is no program is formatted to something") {
  for (const char* text : {"", "\n\n", "}", "{", "((", "))", "a {", "a } b", "\"open", "# only", "; ; ;",
                           "a {;} b", "a { ( } )", "\xEF\xBB\xBF", "a\r\nb", "..", "a..", "-", "{ # c"}) {
    INFO(text);
    const std::string once = format::format_wf(text);
    CHECK(format::format_wf(once).size() <= once.size() + 1);
  }
}
