// The records and events that a simulation runs over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/api/event_check.hpp"

namespace wf::wfc {

struct DatedEvent {
  std::int64_t at = 0;
  engine::InputEvent event;
};

struct SimInputs {
  std::vector<engine::InputEvent> records;
  std::vector<DatedEvent> events;    ///< in order of time; of one instant in that of the file
  std::vector<std::string> refused;  ///< "contacts.csv:12: …": rows that are left out
};

/// Reads a CSV of records of `object`, whose header names properties (or their titles), `id` and `marketing`,
/// and an NDJSON of events as the API takes them. Either path may be "". Errors: not_found, io, limit;
/// invalid for a header that does not fit.
Result<SimInputs> read_sim_inputs(const bytecode::Program& program, const std::string& object,
                                  const std::string& records, const std::string& events);

}  // namespace wf::wfc
