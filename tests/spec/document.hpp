// The language documents as tests read them: headings, numbered rules, fenced blocks.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wf::test {

/// ```wf error=WF304 at=2:3 S12
struct Block {
  std::size_t line = 0;  ///< of the opening fence, 1-based
  std::string language;
  std::vector<std::string> words;  ///< the info string behind the language; `{…}` is one word with its key
  std::string body;                ///< with the final line end
  std::string rule;                ///< the last rule above it in its section, or empty

  bool has(const std::string& word) const;
  /// The value of `key=value`.
  std::optional<std::string> value(const std::string& key) const;
  /// The rules that it shows: those that its info string names, else `rule`.
  std::vector<std::string> rules() const;
};

/// **S12.** A sentence that implementations keep to.
struct Rule {
  std::string id;
  std::size_t line = 0;
  std::vector<std::string> tests;  ///< titles of tests named as (test: "…")
};

struct Document {
  std::filesystem::path path;
  std::string name;   ///< relative to the root of the project
  std::string title;  ///< the text of the first heading
  std::vector<Rule> rules;
  std::vector<Block> blocks;
  std::size_t words = 0;  ///< of prose and code

  std::string place(const Block& block) const { return name + ":" + std::to_string(block.line); }
};

Document read_document(const std::filesystem::path& path);
/// docs/language and docs/learn with their subfolders, sorted by name.
std::vector<Document> all_documents();
/// The pages of docs/language/codes.
bool is_page(const Document& document);

}  // namespace wf::test
