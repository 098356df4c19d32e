// PUBLIC: all findings of a project, without a program: on several threads, and without looking again at
// files that an earlier check looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::compiler {

/// A workflow of a file that is not read again.
struct KnownWorkflow {
  std::string name;
  std::optional<std::string> on;
  bool is_sequence = false;
  std::uint32_t begin = 0, end = 0;  ///< place of the name
  friend bool operator==(const KnownWorkflow&, const KnownWorkflow&) = default;
};

/// What a check learned about a file. It holds as long as the file, all files that declare, and the files
/// that those name stay as they are.
struct FileFacts {
  bool declares =
      false;            ///< more than workflows without experiments, and tests: other files may depend on it
  bool allows = false;  ///< it holds allowances
  std::vector<KnownWorkflow> workflows;
  std::vector<text::Diagnostic> findings;  ///< about its bodies; the files of their spans count in `paths`
  std::vector<std::string> paths;
};

struct CheckFile {
  std::string path;
  /// Without it `known` must be there; with both, `known` holds and the text is there to be shown. Files that
  /// are known and allow findings need their text.
  std::optional<std::string> content;
  const FileFacts* known = nullptr;
};

struct CheckOptions {
  unsigned threads = 1;               ///< the result does not depend on it
  std::optional<std::int32_t> today;  ///< as Options::today
};

/// A file that a declaration names.
struct OpenedFile {
  std::string path;
  std::optional<std::uint64_t> hash;  ///< value::hash64 of its text; nothing when it cannot be read
  friend bool operator==(const OpenedFile&, const OpenedFile&) = default;
};

struct Checked {
  text::SourceSet sources;
  text::DiagnosticSink diagnostics;  ///< sorted
  /// By place in `files`, of those that were not known; empty when a file could not be parsed.
  std::vector<FileFacts> facts;
  std::vector<OpenedFile> opened;
  /// A finding points into a file whose text was not there: check again with all texts.
  bool lacks_text = false;
};

Checked check(std::vector<CheckFile> files, const ReadFile& read_file, const CheckOptions& options);

}  // namespace wf::compiler
