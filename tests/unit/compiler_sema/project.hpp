// Checks projects of the tests: texts, or the files of a folder, together with the standard library.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "compiler/sema/check.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::test {

/// Files by name; names are what `file "…"` finds, counted from the naming file's folder.
using Files = std::map<std::string, std::string>;

struct Checked {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  std::optional<sema::Module> module;

  /// All findings as text.
  std::string report() const;
  /// "WF304 WF380": the codes in the order of the report.
  std::string codes() const;
};

/// Parses all `.wf` files behind the standard library's and checks them.
Checked check(const Files& files);
/// One file `input.wf`.
Checked check(const std::string& input);
/// The files of a folder, subfolders included.
Files read_folder(const std::filesystem::path& folder);
std::string read_file(const std::filesystem::path& path);

}  // namespace wf::test
