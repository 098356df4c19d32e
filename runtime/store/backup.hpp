// backup: a copy of a SQLite store that may be in use, as of one frame of its journal.
#pragma once

#include <filesystem>

#include "grammar/text/result.hpp"

namespace wf::store {

/// Writes state.db and journal.db of `from` into the folder `to`, which must exist and hold neither. A daemon
/// may go on writing meanwhile. The tables are copied first: the journal is then at least as far, and opening
/// the copy replays the rest. Errors: not_found (no store there), conflict (files are there already),
/// corrupt, full, io.
Result<void> backup(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace wf::store
