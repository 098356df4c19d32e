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
  unsigned threads = 1;
  bool findings_only = false;              ///< what was checked is dropped, and no module results
  std::optional<std::int32_t> today = {};  ///< days since 1970-01-01: report what is due by then
};

/// `files`: the standard library first, then the project's, all parsed without errors. Reports every finding;
/// nothing when there was an error. The findings do not depend on the number of threads.
std::optional<Module> check(const std::vector<ast::File>& files, text::SourceSet& sources,
                            const FileDoor& open, text::DiagnosticSink& diagnostics,
                            const Options& options = {});

}  // namespace wf::sema
