// Scorings and what a campaign says of its target, as values: `scoring.hot_lead`, `campaign.autumn is hot`.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// `scoring.NAME`, `campaign.NAME`, `campaign.NAME.points` and `.total` of the scope's record; `first` is the
/// part that names the kind. Nothing after a report.
std::optional<Expr> score_path(Context& context, const Scope& scope, const ast::Path& path,
                               std::size_t first);

/// The bands of a scoring, checked when first needed. Null after a report.
const std::vector<Scoring::Band>* scoring_bands(Context& context, std::uint32_t scoring, Span use);

/// What a campaign says of a record: a target since it began; the points of its stories; these and the
/// scoring's. Nothing after a report.
Expr campaign_active(const Context& context, std::uint32_t campaign, Span span);
Expr campaign_points(const Context& context, std::uint32_t campaign, Span span);
std::optional<Expr> campaign_total(Context& context, std::uint32_t campaign, Span span);
/// HOT: a target whose total reaches the threshold of the scoring; nothing without a scoring.
std::optional<Expr> campaign_hot(Context& context, std::uint32_t campaign, Span span);
/// Responded: a target with points of a story that is not HOT.
std::optional<Expr> campaign_responded(Context& context, std::uint32_t campaign, Span span);

/// Checks every scoring, used or not, and adds them to the module.
void check_scorings(Context& context);

}  // namespace wf::sema
