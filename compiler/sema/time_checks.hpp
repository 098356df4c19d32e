// Findings about time that need a whole workflow: moments that are past, windows that never meet, local times
// that daylight saving skips, calendars without data, steps beyond an end. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// WF370, WF372, WF374 and WF375 of a checked workflow. What depends on the day is only looked for when
/// Context::today is known.
void check_times(Context& context, const Workflow& workflow);

/// WF372: windows that are never open together. `span` is the last of them.
void check_windows(Context& context, const std::vector<WindowUse>& windows, Span span);

/// WF373: steps that can only be reached after `ends` when the block begins at `starts`, both instants.
void check_outlives(Context& context, const Block& block, std::int64_t starts, std::int64_t ends,
                    Span campaign);

}  // namespace wf::sema
