// Internal to the engine: why a score is what it is.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// The bands of a scoring that are true of the record at `now`.
ScoreInfo score_of(const Binding& binding, const RecordView& view, std::uint32_t scoring, std::int64_t now);
/// Whose target the record is; what the campaign says of it at `now`.
CampaignInfo campaign_of(const Binding& binding, const RecordView& view, std::uint32_t campaign,
                         std::int64_t now);

/// "130 points: 30 department is it, 90 count(…) >= 3, 10 of its stories".
std::string explain(const CampaignInfo& info);

}  // namespace wf::engine
