#include "runtime/engine/kpis.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"

namespace wf::engine {

namespace {

constexpr std::int64_t kPercent = 100;

std::int64_t figure(const std::vector<ReportRow>& rows, const std::string& subject, std::string_view metric,
                    std::string_view detail) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const ReportRow& r) {
    return r.subject == subject && r.metric == metric && r.detail == detail;
  });
  return row == rows.end() ? 0 : row->count;
}

/// `Converted: 12.5 % of 15 % by 2026-12-31`
std::string detail_of(const bytecode::Kpi& kpi, std::int64_t met, std::int64_t enrolled) {
  const std::string by = " by " + value::format_date(kpi.by);
  if (!kpi.percent) return kpi.title + ": target " + value::format_decimal(kpi.target) + by;
  const std::int64_t tenths = enrolled == 0 ? 0 : met * kPercent * 10 / enrolled;
  return kpi.title + ": " + value::format_decimal(tenths * (value::kMicro / 10)) + " %, target " +
         value::format_decimal(kpi.target * kPercent) + " %" + by;
}

}  // namespace

void add_kpis(const bytecode::Program& program, std::vector<ReportRow>& rows) {
  std::vector<ReportRow> added;
  for (const bytecode::Workflow& workflow : program.workflows) {
    if (workflow.kpis.empty()) continue;
    const std::string subject = bytecode::workflow_label(workflow.name);
    const std::int64_t enrolled = figure(rows, subject, "enrolled", "");
    const std::int64_t met = figure(rows, subject, "ended", "goal_met");
    for (const bytecode::Kpi& kpi : workflow.kpis) {
      added.push_back({subject, "kpi", detail_of(kpi, met, enrolled), met});
    }
  }
  rows.insert(rows.end(), added.begin(), added.end());
}

}  // namespace wf::engine
