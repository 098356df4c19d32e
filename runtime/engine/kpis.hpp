// Internal to the engine: the KPIs of workflows, computed from the figures of the report.
#pragma once

#include <vector>

#include "runtime/engine/engine.hpp"

namespace wf::engine {

/// Adds a row for each KPI of the program: enrolments that met the goal, of a percentage as a share of those
/// enrolled.
void add_kpis(const bytecode::Program& program, std::vector<ReportRow>& rows);

}  // namespace wf::engine
