// The bundle that `--project` means: a .wfb file as it is, or a folder or source file compiled now.
#pragma once

#include <string>

#include "grammar/text/result.hpp"

namespace wf::wfd {

/// Findings of the compiler go to standard error. Errors: not_found, io, limit, invalid (errors in the
/// sources).
Result<std::string> load_bundle(const std::string& project);

/// Differs when a file of the project was written, came or went: for looking again and again. "" when it
/// cannot be read.
std::string signature_of(const std::string& project);

}  // namespace wf::wfd
