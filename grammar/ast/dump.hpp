// The text form of the AST that `wfc build --emit ast` prints and golden tests compare: one node per line,
// indented by two spaces, spans left out.
#pragma once

#include <string>

#include "grammar/ast/ast.hpp"

namespace wf::ast {

std::string dump(const File& file);
std::string dump(const Expr& expression);

}  // namespace wf::ast
