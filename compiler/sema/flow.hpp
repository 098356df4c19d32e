// Facts along a path: what a condition tells, and what survives a join, a write or a wait.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// The name of a value in Flow::facts; "" when facts about it are not kept.
std::string key_of(const Expr& expression);

/// Outcomes of a condition in three-valued logic.
enum class Outcome : std::uint8_t { is_true, is_false, not_true, not_false };

/// Narrows the facts by the outcome of a condition.
void assume(const Context& context, Flow& flow, const Expr& condition, Outcome outcome);
/// What holds when the path may come from either.
Flow joined(const Flow& a, const Flow& b);
/// Time passes: facts end.
void forget(Flow& flow);
/// `target` got `value`.
void written(Flow& flow, const Expr& target, const Expr& value, bool value_may_be_unknown);
/// A property of some record got an unknown new value (`add 5 to …`).
void changed(Flow& flow, const Expr& target);

/// May the value be unknown here, given its type and the facts?
bool may_be_unknown(const Scope& scope, const Expr& expression);
/// The ordinals that an enum or bool may have here; unknown aside.
std::set<std::uint32_t> possible_values(const Context& context, const Scope& scope, const Expr& expression);

}  // namespace wf::sema
