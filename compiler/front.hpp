// Internal to the compiler's front: files to syntax trees, and the door to the files that they name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/yaml/forms.hpp"
#include "grammar/ast/ast.hpp"

namespace wf::compiler {

/// A thread takes so many files at once: few enough to share a small project, many enough to count little.
inline constexpr std::size_t kFilesPerChunk = 16;

/// How the actions of the standard library are said: what the YAML notation needs to know of the language.
const yaml::Actions& standard_actions();
/// Adds a source; one in the YAML notation as the text that it stands for. Where that cannot be made out the
/// mistakes are reported, and parse_files leaves the file empty.
text::FileId add_source(text::SourceSet& sources, std::string path, std::string content,
                        text::DiagnosticSink& diagnostics);

/// All files of the set; `skip` (by file id, may be empty) names those whose trees are left empty.
std::vector<ast::File> parse_files(const text::SourceSet& sources, unsigned threads,
                                   text::DiagnosticSink& diagnostics, const std::vector<bool>& skip = {});
/// Taking a large tree apart takes as long as building it: on several threads too.
void drop_files(std::vector<ast::File>& files, unsigned threads);

/// Gives sema the files that declarations name, each read once.
class Door {
 public:
  Door(text::SourceSet& sources, const ReadFile& read_file) : sources_(sources), read_file_(read_file) {}
  std::optional<text::FileId> operator()(text::FileId from, const std::string& relative);
  /// What was asked for, by path; nothing for what could not be read.
  const std::map<std::string, std::optional<text::FileId>>& opened() const { return opened_; }

 private:
  text::SourceSet& sources_;
  const ReadFile& read_file_;
  std::map<std::string, std::optional<text::FileId>> opened_;
};

}  // namespace wf::compiler
