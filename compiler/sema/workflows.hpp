// Workflows: triggers, headers and body.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

Workflow check_workflow(Context& context, std::uint32_t index);
/// A declaration of the object, whatever it becomes.
Workflow check_declared(Context& context, const ast::WorkflowDecl& decl, std::uint32_t object);

// ---- what campaigns share with workflows

/// `team.sales`, as text; "" after a report. `what` has an owner.
std::string check_owner(Context& context, const ast::Path& path, const std::string& what);
std::vector<std::uint32_t> check_suppress(Context& context, const std::vector<ast::Path>& paths);
std::vector<WindowUse> check_windows(Context& context, const Scope& scope,
                                     const std::vector<ast::WindowClause>& clauses);
/// What is written of a body: its steps and the `suppress` that holds for them.
struct BodySource {
  const ast::Block& steps;
  const std::vector<ast::Path>& suppress;
  std::uint32_t campaign = kNone;  ///< whose story it is
  std::uint32_t workflow = kNone;  ///< index of the declared workflow that it is
};
/// Checks the steps into `out`, whose headers are known.
void check_body(Context& context, const Scope& scope, const BodySource& source, Workflow& out);

/// What must change for the value of an expression to change.
void collect_reads(const Expr& expression, bytecode::Trigger& head);

/// The alternatives of `enroll`.
std::vector<Trigger> check_triggers(Context& context, const Scope& scope, const ast::WorkflowDecl& decl);

}  // namespace wf::sema
