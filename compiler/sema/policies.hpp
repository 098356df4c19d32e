// Policies: quiet hours as windows of a send.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Reports quiet hours whose zone cannot be told.
void check_policies(Context& context);
/// The open hours that the policies leave, in the zone of the recipient (a contact).
std::vector<WindowUse> quiet_windows(Context& context, const Expr& recipient);

}  // namespace wf::sema
