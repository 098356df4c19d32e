// What a condition can come to: the outcomes that types and facts leave possible.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Tries every case of a condition: each value of an enum, each side of a bound that a number is compared
/// with, known or unknown. Parts that cannot be told apart so count as either; kAnyOutcome when there are too
/// many cases. Never leaves out an outcome that can occur.
Outcomes possible_outcomes(const Context& context, const Scope& scope, const Expr& condition);

}  // namespace wf::sema
