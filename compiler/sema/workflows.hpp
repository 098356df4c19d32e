// Workflows: triggers, headers and body.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

Workflow check_workflow(Context& context, std::uint32_t index);

/// The alternatives of `enroll`.
std::vector<Trigger> check_triggers(Context& context, const Scope& scope, const ast::WorkflowDecl& decl);

}  // namespace wf::sema
