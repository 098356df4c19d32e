// Workflows: triggers, headers and body.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

Workflow check_workflow(Context& context, std::uint32_t index);

/// The alternatives of `enroll`.
std::vector<Trigger> check_triggers(Context& context, const Scope& scope, const ast::WorkflowDecl& decl);

/// A re-enrolment rule. `by_event`: is there an event that `each event` could mean?
struct Reenrolment {
  bytecode::Reenroll head;  ///< key unset
  std::optional<Expr> key;
};
Reenrolment check_reenrolment(Context& context, const Scope& scope, const ast::Reenroll& source, bool by_event);

}  // namespace wf::sema
