// Witnesses of findings, replayed: does the simulation show what a finding says?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "grammar/text/result.hpp"

namespace wf::wfc {

struct Replay {
  std::string finding;             ///< "WF321 nurture.wf:18:24: this can move …"
  std::vector<std::string> lines;  ///< the timeline of the record, up to what is shown last
  std::vector<std::string> shows;  ///< what the finding says of it
  std::size_t shown = 0;           ///< so many of them are there, in their order
};

/// The findings of a file, one JSON object a line as `wfc check --format json` prints them; those without a
/// witness are left out. Errors: those of reading the file; invalid for a line or an event that cannot be
/// read; those of the engine.
Result<std::vector<Replay>> replay_witnesses(const compiler::Compiled& compiled, const std::string& path);

}  // namespace wf::wfc
