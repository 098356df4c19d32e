#include "document.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "../support/process.hpp"

namespace fs = std::filesystem;

namespace wf::test {
namespace {

/// Words of an info string; what stands in braces belongs to one word.
std::vector<std::string> split_info(const std::string& info) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  for (const char c : info + " ") {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    if (c != ' ' || depth > 0) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

bool is_rule_id(const std::string& word) {
  static const RE2 pattern("[A-Z]{1,2}[0-9]+");
  return RE2::FullMatch(word, pattern);
}

/// What is only punctuation, as `{` and `|`, is no word.
std::size_t count_words(const std::string& text) {
  std::istringstream in(text);
  std::size_t n = 0;
  const auto of_a_word = [](unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80; };
  for (std::string token; in >> token;) n += std::any_of(token.begin(), token.end(), of_a_word);
  return n;
}

class Reader {
 public:
  explicit Reader(Document& document) : document_(document) {}

  void read(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      ++number_;
      if (in_block_) {
        block_line(line);
      } else if (line.starts_with("```")) {
        open(line);
      } else if (line.starts_with("#")) {
        heading(line);
      } else {
        prose(line);
      }
    }
  }

 private:
  void open(const std::string& line) {
    in_block_ = true;
    fence_ = line.substr(0, line.find_first_not_of('`'));
    Block block;
    block.line = number_;
    block.words = split_info(line.substr(fence_.size()));
    if (!block.words.empty()) {
      block.language = block.words.front();
      block.words.erase(block.words.begin());
    }
    if (!document_.rules.empty() && rule_is_near_) block.rule = document_.rules.back().id;
    document_.blocks.push_back(std::move(block));
  }

  void block_line(const std::string& line) {
    if (line == fence_) {
      in_block_ = false;
    } else {
      document_.blocks.back().body += line + "\n";
    }
  }

  void heading(const std::string& line) {
    if (document_.title.empty()) document_.title = line.substr(line.find_first_not_of("# "));
    rule_is_near_ = false;
  }

  void prose(const std::string& line) {
    static const RE2 rule(R"(\*\*([A-Z]{1,2}[0-9]+)\.\*\*.*)");
    static const RE2 test("\\(test: \"([^\"]+)\"\\)");
    std::string name;
    if (RE2::FullMatch(line, rule, &name)) {
      document_.rules.push_back({name, number_, {}});
      rule_is_near_ = true;
    }
    re2::StringPiece rest(line);
    while (RE2::FindAndConsume(&rest, test, &name)) {
      if (rule_is_near_) document_.rules.back().tests.push_back(name);
    }
  }

  Document& document_;
  std::size_t number_ = 0;
  std::string fence_;
  bool in_block_ = false, rule_is_near_ = false;
};

}  // namespace

bool Block::has(const std::string& word) const {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<std::string> Block::value(const std::string& key) const {
  for (const std::string& word : words) {
    if (word.starts_with(key + "=")) return word.substr(key.size() + 1);
  }
  return std::nullopt;
}

std::vector<std::string> Block::rules() const {
  std::vector<std::string> named;
  std::copy_if(words.begin(), words.end(), std::back_inserter(named), is_rule_id);
  if (named.empty() && !rule.empty()) named.push_back(rule);
  return named;
}

Document read_document(const fs::path& path) {
  Document document;
  document.path = path;
  document.name = fs::relative(path, WF_SOURCE_DIR).generic_string();
  const std::string text = read_file(path.string());
  document.words = count_words(text);
  Reader(document).read(text);
  return document;
}

std::vector<Document> all_documents() {
  std::vector<fs::path> paths;
  for (const char* folder : {"docs/language", "docs/notation", "docs/templates", "docs/learn"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".md") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Document> documents;
  for (const fs::path& path : paths) documents.push_back(read_document(path));
  return documents;
}

bool is_page(const Document& document) {
  return document.name.starts_with("docs/language/codes/") && document.path.stem() != "README";
}

}  // namespace wf::test
