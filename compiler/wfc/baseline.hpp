// Findings that a project has had for a while: an earlier output of `wfc check --format json` names them, and
// a check tells only what is new.
#pragma once

#include <map>
#include <string>

#include "grammar/text/diagnostic.hpp"
#include "grammar/text/result.hpp"

namespace wf::wfc {

/// Fingerprints, and how often each was found.
using Baseline = std::map<std::string, std::size_t>;

/// Errors: not_found, io, limit; invalid for a line without a fingerprint.
Result<Baseline> read_baseline(const std::string& path);
/// Takes findings out that the baseline has, each as often as it has them.
void leave_out(const Baseline& known, text::DiagnosticSink& findings);

}  // namespace wf::wfc
