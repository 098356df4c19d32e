// Findings about time that need a whole workflow: moments that are past, windows that never meet, local times
// that daylight saving skips, calendars without data. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// WF370, WF372, WF374 and WF375 of a checked workflow. What depends on the day is only looked for when
/// Context::today is known.
void check_times(Context& context, const Workflow& workflow);

/// WF372: windows that are never open together. `span` is the last of them.
void check_windows(Context& context, const std::vector<WindowUse>& windows, Span span);

}  // namespace wf::sema
