// When time alone can change a condition. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// An instant after now at which the condition is worth looking at again although nothing happened: ages that
/// reach their limit, occurrences that leave their window. Nothing when time alone changes nothing.
std::optional<Expr> retest_of(Context& context, const Expr& condition);

}  // namespace wf::sema
