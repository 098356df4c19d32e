// Gaps: parts of files that could not be read. The rest is checked all the same, so that one slip hides no
// other finding; what may only follow from a gap is left out.
#pragma once

#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::compiler {

/// Removes findings that may be consequences of what could not be read: inside of a gap; of names that a gap
/// may declare; of what a declaration lacks that has a gap; warnings about steps with one among them; and
/// claims about the whole project.
void drop_consequences(const std::vector<ast::File>& files, const text::SourceSet& sources,
                       std::vector<text::Diagnostic>& findings);

}  // namespace wf::compiler
