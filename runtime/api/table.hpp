// Tables for people: the answers of the API and the figures of a simulation.
#pragma once

#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"

namespace wf::api {

using TableRows = std::vector<std::vector<std::string>>;

/// Aligned columns, the first row a head; numbers to the right. Control characters become blanks.
std::string table_text(const TableRows& rows);

/// What workflows, mails and webhooks have come to, as tables.
std::string report_text(const std::vector<engine::ReportRow>& rows);

}  // namespace wf::api
