// Headers of workflows that are a name and some words.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// `priority`, `exclusive group`, `when blocked`, `on deploy`, `allow loop`, `kpi`, `reviewed`: does this
/// file read the header?
bool is_plain_header(const std::string& name);
std::vector<std::string> header_names();
void check_plain_headers(Context& context, const ast::WorkflowDecl& decl, Workflow& workflow);

/// WF403: what the project requires of every workflow.
void check_documentation(Context& context, const ast::WorkflowDecl& decl);

}  // namespace wf::sema
