#include "runtime/engine/scores.hpp"

namespace wf::engine {

ScoreInfo score_of(const Binding& binding, const RecordView& view, std::uint32_t scoring, std::int64_t now) {
  const bytecode::Scoring& declared = binding.catalogue().scorings[scoring];
  ScoreInfo info;
  info.scoring = declared.name;
  for (const bytecode::Scoring::Band& band : declared.bands) {
    if (!vm::holds(binding.program(), band.condition, view, nullptr, now)) continue;
    info.total += band.points;
    info.bands.emplace_back(band.label, band.points);
  }
  return info;
}

CampaignInfo campaign_of(const Binding& binding, const RecordView& view, std::uint32_t campaign,
                         std::int64_t now) {
  const bytecode::Campaign& declared = binding.catalogue().campaigns[campaign];
  CampaignInfo info;
  info.campaign = declared.name;
  const Value points = view.property(declared.points), active = view.property(declared.active);
  info.points = points.is_number() ? points.as_micros() / value::kMicro : 0;
  if (declared.scoring != kNone) info.score = score_of(binding, view, declared.scoring, now);
  const bool begun = active.kind() == value::Kind::boolean && active.as_boolean();
  const std::int64_t total = info.points + (info.score ? info.score->total : 0);
  const bool hot = info.score && total >= binding.catalogue().scorings[declared.scoring].hot.value_or(total);
  info.status = begun && hot ? "hot" : begun && info.points > 0 ? "responded" : "none";
  return info;
}

std::string explain(const CampaignInfo& info) {
  const std::int64_t total = info.points + (info.score ? info.score->total : 0);
  std::string parts;
  const auto add = [&](std::int64_t points, const std::string& why) {
    parts += (parts.empty() ? ": " : ", ") + std::to_string(points) + " " + why;
  };
  if (info.score) {
    for (const auto& [label, points] : info.score->bands) add(points, label);
  }
  if (info.points != 0) add(info.points, "of its stories");
  return std::to_string(total) + " points" + parts;
}

}  // namespace wf::engine
