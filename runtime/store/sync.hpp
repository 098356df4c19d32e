// sync: what was written or renamed outlives a loss of power.
#pragma once

#include <filesystem>

#include "grammar/text/result.hpp"

namespace wf::store {

/// Of a file: its content; of a folder: the names in it. Errors: io.
Result<void> sync_to_disk(const std::filesystem::path& path);

}  // namespace wf::store
