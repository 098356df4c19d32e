// The documents of the language run: every fenced block says what it shows, and shows it; every numbered rule
// has a block or a named test; every code has a page.
#include <re2/re2.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "../support/process.hpp"
#include "compiler/front.hpp"
#include "console.hpp"
#include "grammar/ast/dump.hpp"
#include "grammar/format/format.hpp"
#include "grammar/text/render.hpp"

namespace fs = std::filesystem;

namespace wf::test {
namespace {

/// The language is short: all of docs/language without its prelude and the pages of the codes.
constexpr std::size_t kMaxWords = 15'000;

/// Languages of blocks that are only read. `sh` is for commands that a reader types and no test runs.
bool is_only_read(const Block& block) {
  static const std::set<std::string> languages = {"sh", "text", "json", "csv", "grammar"};
  return languages.contains(block.language);
}

/// Info strings are small languages too: a word that is not known would test nothing.
bool is_known_word(const std::string& word) {
  static const RE2 known(
      "ok|test|fmt|same|steps|bytes|alone|(steps|file|append|at|now|record|exit)=.+|(error|warning|info)=WF["
      "0-9]{"
      "3}|[A-"
      "Z]{1,2}[0-9]+");
  return RE2::FullMatch(word, known);
}

/// `\xff` in a block that shows bytes stands for one byte.
std::string unescaped(const std::string& text) {
  static const RE2 escape(R"((?s)(.*?)\\x([0-9a-f]{2}))");
  std::string out, before, digits;
  re2::StringPiece rest(text);
  while (RE2::Consume(&rest, escape, &before, &digits)) {
    out += before + static_cast<char>(std::stoi(digits, nullptr, 16));
  }
  return out + std::string(rest);
}

/// Walks through a document; later blocks build on earlier ones.
class Walk {
 public:
  explicit Walk(const Document& document) : document_(document) {}

  void run() {
    for (const Block& block : document_.blocks) {
      INFO(document_.place(block));
      for (const std::string& word : block.words) {
        INFO(word);
        CHECK(is_known_word(word));
      }
      run(block);
    }
    for (auto block = changed_.rbegin(); block != changed_.rend(); ++block) rewrite(*block);
  }

 private:
  void run(const Block& block) {
    if (block.language == "wf" || block.language == "yaml") {
      block.has("same") ? same_tree(block) : wf(block);
    } else if (block.language == "expr") {
      for (const std::string& wrong : wrong_rows(block)) FAIL_CHECK(wrong);
    } else if (block.language == "console") {
      console(block);
    } else {
      INFO("the language of the block is `" << block.language << "`");
      CHECK(is_only_read(block));
    }
    keep_file(block);
  }

  void keep_file(const Block& block) {
    if (const auto name = block.value("file")) files_[*name] = block.body;
    if (const auto name = block.value("append")) files_[*name] += block.body;
  }

  /// Notes count where the block expects one.
  static std::vector<std::string> relevant(std::vector<std::string> findings,
                                           const std::vector<std::string>& expected) {
    const auto is_note = [](const std::string& finding) { return finding.starts_with("info="); };
    if (std::any_of(expected.begin(), expected.end(), is_note)) return findings;
    std::erase_if(findings, is_note);
    return findings;
  }

  void wf(const Block& raw) {
    Block block = raw;
    if (block.has("bytes")) block.body = unescaped(block.body);
    const Project project = project_of(document_, block, files_, sources_);
    const Checked checked = check(project);
    const auto expected = expected_findings(block);
    INFO(checked.report);
    CHECK(relevant(checked.findings, expected) == expected);
    CHECK((!expected.empty() || block.has("ok") || block.has("test") || block.has("fmt")));
    if (block.has("fmt")) CHECK(format::format_wf(block.body) == block.body);
    if (block.language == "wf") last_ = block.body;
    if (checked.compiled.module && checked.compiled.program) tests(checked, block);
    if (fixed_) CHECK(block.body == *fixed_);
    fixed_.reset();
    if (!expected.empty() && is_page(document_)) {
      const std::string made = fixed(project, checked, block);
      if (made != block.body) fixed_ = made;
    }
    if (!block.has("test") && expected.empty()) sources_ = project.sources;
  }

  static std::string tree(const std::string& name, const std::string& content) {
    text::SourceSet sources;
    text::DiagnosticSink sink;
    compiler::add_source(sources, name, content, sink);
    const auto files = compiler::parse_files(sources, 1, sink);
    for (const text::Diagnostic& d : sink.all()) FAIL_CHECK(text::render_text(d, sources));
    return ast::dump(files.at(0));
  }
  /// The block in YAML is the one before it.
  void same_tree(const Block& block) const {
    CHECK(block.language == "yaml");
    CHECK(tree("block.wf.yaml", block.body) == tree("block.wf", last_));
  }

  static void tests(const Checked& checked, const Block& block) {
    if (block.has("test")) CHECK_FALSE(checked.compiled.module->tests.empty());
    for (const std::string& failure : failing_tests(checked)) FAIL_CHECK(failure);
  }

  void console(const Block& block) {
    const Console got = run_console(block, files_);
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr && got.body != block.body) {
      changed_.push_back(block);
      changed_.back().body = got.body;
      return;
    }
    CHECK(got.body == block.body);
    CHECK(got.exit == std::stoi(block.value("exit").value_or("0")));
  }

  void rewrite(const Block& block) const {
    std::istringstream in(read_file(document_.path.string()));
    std::string out;
    std::size_t number = 0;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
      if (inside && line == "```") inside = false;
      if (!inside) out += line + "\n";
      if (++number == block.line) {
        inside = true;
        out += block.body;
      }
    }
    std::ofstream(document_.path, std::ios::binary) << out;
  }

  const Document& document_;
  Files files_;
  std::vector<compiler::SourceText> sources_;
  std::optional<std::string> fixed_;
  std::string last_;  ///< the last block in the text notation
  std::vector<Block> changed_;
};

/// The titles of all tests are somewhere in these.
std::string all_test_sources() {
  std::string all;
  for (const char* folder : {"tests", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / folder)) {
      const std::string extension = entry.path().extension();
      if (extension == ".cpp" || extension == ".wf") all += read_file(entry.path().string());
    }
  }
  return all;
}

}  // namespace

TEST_CASE("the blocks of the documents do what they say") {
  for (const Document& document : all_documents()) {
    DYNAMIC_SECTION(document.name) {
      Walk(document).run();
    }
  }
}

TEST_CASE("every rule has a number of its own and a block or a named test") {
  const std::string tests = all_test_sources();
  std::set<std::string> numbers, shown;
  const auto documents = all_documents();
  for (const Document& document : documents) {
    for (const Block& block : document.blocks) {
      if (is_only_read(block)) continue;
      for (const std::string& rule : block.rules()) shown.insert(rule);
    }
  }
  for (const Document& document : documents) {
    for (const Rule& rule : document.rules) {
      INFO(document.name << ":" << rule.line << " " << rule.id);
      CHECK(numbers.insert(rule.id).second);
      CHECK((shown.contains(rule.id) || !rule.tests.empty()));
      for (const std::string& title : rule.tests) {
        INFO(title);
        CHECK(tests.find("\"" + title) != std::string::npos);
      }
    }
  }
  for (const std::string& rule : shown) {
    INFO(rule);
    CHECK(numbers.contains(rule));
  }
}

TEST_CASE("a page is the code's: a bad example that gives it, a good one that gives nothing") {
  std::set<std::string> codes;
  for (const text::CodeInfo& info : text::all_codes()) {
    codes.insert(text::code_text(info.code) + " " + info.name);
  }
  std::set<std::string> pages;
  const auto documents = all_documents();
  for (const Document& document : documents) {
    if (!is_page(document)) continue;
    INFO(document.name);
    pages.insert(document.title);
    const std::string code = document.path.stem();
    CHECK(codes.contains(document.title));
    CHECK(document.title.starts_with(code + " "));
    std::vector<const Block*> examples;
    for (const Block& block : document.blocks) {
      if (block.language == "wf" || block.language == "yaml") examples.push_back(&block);
    }
    REQUIRE(examples.size() >= 2);
    const auto expected = expected_findings(*examples[0]);
    REQUIRE(expected.size() == 1);
    CHECK(expected[0].find("=" + code + " at=") != std::string::npos);
    CHECK(examples[1]->has("ok"));
  }
  for (const std::string& code : codes) {
    INFO("every code has a page docs/language/codes/WFnnn.md: " << code);
    CHECK(pages.contains(code));
  }
}

TEST_CASE("the tests that docs/features.md names exist") {
  std::string tests = all_test_sources();
  for (const Document& document : all_documents()) tests += read_file(document.path.string());
  const std::string features = read_file(WF_SOURCE_DIR "/docs/features.md");
  static const RE2 quoted("\"([^\"]+)\"");
  std::size_t named = 0;
  re2::StringPiece rest(features);
  for (std::string name; RE2::FindAndConsume(&rest, quoted, &name); ++named) {
    INFO(name);
    CHECK(tests.find('"' + name + '"') != std::string::npos);
  }
  CHECK(named >= 30);
}

TEST_CASE("the language is described in few words") {
  std::size_t language = 0, codes = 0;
  for (const Document& document : all_documents()) {
    if (document.name.starts_with("docs/language/codes/")) {
      codes += document.words;
    } else if (document.name.starts_with("docs/language/")) {
      language += document.words;
    }
  }
  std::cout << "docs/language: " << language << " words of at most " << kMaxWords << ", and " << codes
            << " words in the pages of the codes\n";
  CHECK(language <= kMaxWords);
}

}  // namespace wf::test
