// Request targets: the path and query of a URL, decoded.
#pragma once

#include <string>
#include <string_view>

#include "runtime/http/server.hpp"

namespace wf::http {

/// Fills `path` and `query` of `request`. False when the target is malformed: no path, a bad percent escape,
/// a control character in the path, or a path segment `.` or `..`, which has no meaning here and is never
/// resolved.
bool parse_target(std::string_view target, Request& request);

}  // namespace wf::http
