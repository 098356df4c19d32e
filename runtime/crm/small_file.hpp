// Small files of the daemon's own folder: read whole, replaced whole and durably.
#pragma once

#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::crm {

/// Errors: not_found, io.
Result<std::string> read_file(const std::string& path);

/// Replaces `path` with mode 0600: written under a temporary name, synced, renamed, the folder synced. After
/// a crash the old or the new content is there. Errors: full, io.
Result<void> replace_file(const std::string& path, std::string_view content);

/// True when only the owner may read it.
bool is_private_file(const std::string& path);

}  // namespace wf::crm
