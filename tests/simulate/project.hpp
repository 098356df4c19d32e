// The project that the simulated daemon runs, in two versions.
#pragma once

#include <string>

namespace wf::simulate {

/// Compiled once. Version 1 or 2: they differ in the webhook that a running order calls at its end.
const std::string& project_bundle(int version);

}  // namespace wf::simulate
