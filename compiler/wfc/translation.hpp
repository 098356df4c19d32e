// Messages in other languages than English: one table a language, languages/NAME.tsv.
//
// A message is looked up by its shape: what stands in backticks or quotes and what is a number is the same
// for all messages of a shape. So the places that report know nothing of languages, and codes, names and
// formats for machines stay as they are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/text/diagnostic.hpp"

namespace wf::wfc {

class Translation {
 public:
  /// Of the text of a table; see languages/ja.tsv for its form.
  explicit Translation(std::string_view table);

  /// Nothing when the table has no message of the shape.
  std::optional<std::string> find(std::string_view english) const;
  /// The English itself then.
  std::string operator()(std::string_view english) const;
  /// Message, labels, notes and helps.
  text::Diagnostic operator()(text::Diagnostic diagnostic) const;

 private:
  struct Rule {
    std::string shape, text;
  };
  struct Shaped;
  std::optional<std::string> look_up(const Shaped& message, int depth) const;

  std::map<std::string, std::string, std::less<>> exact_;
  std::vector<Rule> rules_;  // with phrases, in the order of the table
};

/// The languages that there are, "en" first.
std::vector<std::string> languages();
/// What the commands of this process speak from now on: one of languages(), set before any of them runs.
void speak(const std::string& language);
/// In that language.
std::string spoken(std::string_view english);
text::Diagnostic spoken(const text::Diagnostic& diagnostic);

}  // namespace wf::wfc
