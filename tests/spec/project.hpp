// Blocks of language as small projects: what checking them finds, what their fixes make of them, how their
// tests end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "document.hpp"

namespace wf::test {

/// The named files that the blocks of one document have made so far.
using Files = std::map<std::string, std::string>;

struct Project {
  std::vector<compiler::SourceText> sources;
  Files files;                        ///< what `file "…"` finds
  std::string own;                    ///< the path of the block's own source
  std::optional<std::int32_t> today;  ///< `now=` of the block
  std::size_t lines_before = 0;       ///< that `steps` puts before the block's text
};

/// The project of a `wf` block. `before`: the sources of the `wf` block before it, for `wf test`.
Project project_of(const Document& document, const Block& block, const Files& files,
                   const std::vector<compiler::SourceText>& before);

struct Checked {
  compiler::Compiled compiled;
  std::vector<std::string> findings;  ///< "warning=WF304 at=2:3", without those of the prelude
  std::string report;
};
Checked check(const Project& project);
/// What the info string asks for, in the form of Checked::findings.
std::vector<std::string> expected_findings(const Block& block);

/// The block's text after all fixes that a machine may apply; the text itself without any.
std::string fixed(const Project& project, const Checked& checked, const Block& block);

/// Runs the tests of the project; one text per failure.
std::vector<std::string> failing_tests(const Checked& checked);

/// The rows `CONDITION → VALUE` of an `expr` block; one text per row that gives something else.
std::vector<std::string> wrong_rows(const Block& block);

}  // namespace wf::test
