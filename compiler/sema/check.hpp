// Names, types and flow rules: declarations of all files to a checked module.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"

namespace wf::sema {

/// Gives the text of a file that a declaration names (`html file "emails/welcome.html"`), relative to the
/// folder of the declaring file; nothing when it cannot be read. The file joins `sources`, so that findings
/// can point into it.
using FileDoor = std::function<std::optional<text::FileId>(text::FileId from, const std::string& relative)>;

struct Options {
  /// The day (since 1970-01-01) that fixed dates are compared with; absent: that of the project, if any.
  std::optional<std::int32_t> today;
};

/// `files`: the standard library first, then the project's, all parsed without errors. Reports every finding;
/// nothing when there was an error.
std::optional<Module> check(const std::vector<ast::File>& files, text::SourceSet& sources,
                            const FileDoor& open, text::DiagnosticSink& diagnostics,
                            const Options& options = {});

/// Findings about the workflows, sequences, campaigns and tests of a file.
using FileFindings = std::vector<text::Diagnostic>;

/// The same without a module, on several threads. The bodies of those files alone are checked for which
/// `wanted` (by file id) says so; of the others the declarations count. What is found in bodies comes by file
/// id, the rest goes to `diagnostics`. Neither depends on the number of threads. A finding with `once` may
/// come from several files.
std::vector<FileFindings> find(const std::vector<ast::File>& files, const std::vector<bool>& wanted,
                               text::SourceSet& sources, const FileDoor& open,
                               text::DiagnosticSink& diagnostics, unsigned threads,
                               const Options& options = {});

}  // namespace wf::sema
