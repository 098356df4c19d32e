// Places: where in the structure of its declaration a finding is, so that it is known again in a changed
// file.
#pragma once

#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::compiler {

/// Fills in Diagnostic::path: the declaration, the kind of place in it, and a hash of the steps around the
/// finding and of its own text, but of no line and of nothing beside them.
void name_places(const std::vector<ast::File>& files, const text::SourceSet& sources,
                 std::vector<text::Diagnostic>& findings);

}  // namespace wf::compiler
