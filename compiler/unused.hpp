// Declarations that nothing in the project uses (WF380): those that have no use outside of its files. Lists,
// forms, pages, segments and people are not among them: the web site, the daemon and its users know them too.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::compiler {

/// "email.welcome": what a file names of the kinds that are looked at, sorted; comments aside. By its text,
/// so that no place where something can be named is forgotten.
std::vector<std::string> mentions_in(std::string_view content);

/// `mentions`: of all files of the project. Says nothing without a `project`, whose files may be a part of
/// another's, and where it allows what is unused.
void report_unused(const std::vector<ast::File>& files, const std::set<std::string>& mentions,
                   text::DiagnosticSink& sink);

}  // namespace wf::compiler
