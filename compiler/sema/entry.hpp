// Entry: can anybody enrol, is the goal ever met, do the alternatives differ (WF303, WF310 to WF313)? Does
// the workflow start itself (WF317)?
#pragma once

#include <functional>

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Judges triggers, `unless`, `goal` and `cancel` of a workflow whose header was checked.
void check_entry(Context& context, const Workflow& workflow);
/// WF312 as a note: the last step of the workflow itself meets its goal.
void check_own_goal(Context& context, const Workflow& workflow);

/// WF317: looks at a write to a property of the record, before it is in the flow; `write` puts it into one.
void note_write(Context& context, const Scope& scope, const Expr& target, Span step,
                const std::function<void(Flow&)>& write);
/// The enrolment ends here: what its last group wrote may enrol the record again.
void report_self_triggers(Context& context, const Scope& scope);

}  // namespace wf::sema
