// Limits of the machine, checked where they are exceeded. The verifier checks them again.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Reports each step and condition of a checked workflow that needs more values at once than there may be.
void check_limits(Context& context, const Workflow& workflow);

}  // namespace wf::sema
