// Findings about time that need a whole workflow: moments that are past, windows that never meet, local times
// that daylight saving skips, calendars without data, steps beyond an end. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// When a campaign runs: [begins, ends).
struct Period {
  std::int64_t begins = 0, ends = 0;
  Span span;
};

/// WF370, WF374 and WF375 of a checked workflow, and WF372 and WF373 of one that only runs for a time. What
/// depends on the day is only looked for when Context::today is known.
void check_times(Context& context, const Workflow& workflow, const std::optional<Period>& period = {});

/// WF372: windows that are never open together. `span` is the last of them.
void check_meeting(Context& context, const std::vector<WindowUse>& windows, Span span);

/// WF373: steps of the block that can only be reached when the period is over.
void check_outlives(Context& context, const Block& block, const Period& period);

}  // namespace wf::sema
