// Whatever a project lacks, checking it reports and never crashes: every golden project and example with one
// word taken out, repeated or swapped with its neighbour.
#include <catch2/catch.hpp>

#include "project.hpp"

namespace fs = std::filesystem;

namespace {

struct Piece {
  std::size_t begin, end;
};

std::vector<Piece> words_of(const std::string& text) {
  std::vector<Piece> words;
  std::size_t begin = 0;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  };
  while (begin < text.size()) {
    std::size_t end = begin + 1;
    while (is_word(text[begin]) && end < text.size() && is_word(text[end])) ++end;
    if (text[begin] != ' ' && text[begin] != '\n') words.push_back({begin, end});
    begin = end;
  }
  return words;
}

/// A module comes out exactly when there is no error.
void check_one(wf::test::Files files, const std::string& name, const std::string& content) {
  files[name] = content;
  const auto checked = wf::test::check(files);
  INFO(content);
  REQUIRE(checked.module.has_value() == !checked.sink.has_errors());
}

void check_mutations(const wf::test::Files& files, const std::string& name, std::size_t stride) {
  const std::string text = files.at(name);
  const auto words = words_of(text);
  for (std::size_t i = 0; i + 1 < words.size(); i += stride) {
    const std::string word = text.substr(words[i].begin, words[i].end - words[i].begin);
    const std::string next = text.substr(words[i + 1].begin, words[i + 1].end - words[i + 1].begin);
    const std::string head = text.substr(0, words[i].begin), tail = text.substr(words[i].end);
    check_one(files, name, head + tail);
    check_one(files, name, head + word + " " + word + tail);
    check_one(files, name, head + next + " " + word + text.substr(words[i + 1].end));
  }
}

}  // namespace

TEST_CASE("broken projects are reported and never crash") {
  for (const std::string kind : {"diagnostics", "grammar"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases" / kind)) {
      if (!entry.is_directory()) continue;
      const auto files = wf::test::read_folder(entry.path());
      check_one(files, "input.wf", files.at("input.wf"));
      check_mutations(files, "input.wf", files.at("input.wf").size() > 3000 ? 40 : 10);
    }
  }
}
