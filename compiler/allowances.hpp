// Allowances: `# wf: allow WF321 "reason"` in a file. It stands behind a line, or on the line before; it
// counts for that line and, where the line opens a block, up to the end of the block.
#pragma once

#include <string_view>

#include "grammar/text/diagnostic.hpp"

namespace wf::compiler {

/// Takes out what the files allow, and adds findings about allowances: without a reason (WF420), for nothing,
/// or for an error (WF421). `files`: how many of `sources` are files of the language.
void apply_allowances(const text::SourceSet& sources, std::size_t files, text::DiagnosticSink& diagnostics);

/// May the text of a file hold allowances?
bool holds_allowances(std::string_view content);

}  // namespace wf::compiler
