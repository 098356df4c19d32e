// Steps of workflows.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Finds the sends and labels of a workflow before its steps are checked.
void collect_sends(Context& context, const Scope& scope, const ast::Block& block);

/// Names of properties that may be written through an association, or (`later`) by what runs when a call was
/// given up.
void collect_distant_writes(const ast::Block& block, bool later, std::set<std::string>& names);

/// The steps of a block; steps with errors are left out. Narrows and forgets facts in `scope.flow`.
Block check_block(Context& context, const Scope& scope, const ast::Block& block);
/// What runs after a call was given up: no waits.
Block check_failure_block(Context& context, const Scope& scope, const ast::Block& block);
/// Puts the locals of sends, known at the end, into the steps.
void assign_labels(const WorkflowState& workflow, Block& block);

/// A property that may be written: of the record, or of a record it is associated with. Reports others.
std::optional<Expr> check_target(Context& context, const Scope& scope, const ast::Path& path);
/// SetProperty or SetField, and the fact that follows; `cause` is the statement.
decltype(Step::node) write_step(const Scope& scope, const Expr& target, Expr value, Span cause);

/// Reports a name of the workflow that is given twice, or to a property. False then.
bool name_is_free(Context& context, const Scope& scope, const ast::Name& name);

/// Source text on one line.
std::string label_of(const text::SourceSet& sources, Span span);

}  // namespace wf::sema
