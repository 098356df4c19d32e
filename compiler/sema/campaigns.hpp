// Campaigns and sequences, lowered to workflows.
//
// Of a campaign C on contact become: a list of its targets, campaign.C; two hidden properties, the points of
// its stories and whether it has begun for the target; and workflows whose names tell what they are. Times
// are instants of the campaign: from `from` on, before `to`.
//
//   campaign.C.audience   a record that turns to match joins the list (from `from` on), or is proposed
//   campaign.C.joined     a record on the list becomes an active target at `from`
//   campaign.C.STORY      an active target waits until the story starts, then takes its steps; ended at `to`
//   campaign.C.hot        an active target turned HOT: once for each, before `to`
//   campaign.C.responded  the same for responded
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Appends the workflows of a campaign to the module. After check_scorings().
void check_campaign(Context& context, std::uint32_t index);

/// A sequence: a workflow that a person starts, and that a reply or a meeting ends. `index` is that of
/// Schema::sequences.
Workflow check_sequence(Context& context, std::uint32_t index);

/// Index of the module's workflow that a sequence becomes.
inline std::uint32_t sequence_workflow(const Context& context, std::uint32_t sequence) {
  return static_cast<std::uint32_t>(context.schema.workflows.size()) + sequence;
}

/// `workflow.x`, `sequence.x` or `campaign.x.story`: the module's workflow; kNone after a report.
std::uint32_t resolve_workflow(Context& context, const ast::Atom& atom);

}  // namespace wf::sema
