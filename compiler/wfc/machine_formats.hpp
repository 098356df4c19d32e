// Findings as the tools of others read them: code scanning, merge requests, build servers.
#pragma once

#include <string>
#include <vector>

#include "grammar/text/diagnostic.hpp"

namespace wf::wfc {

using Findings = std::vector<text::Diagnostic>;

/// SARIF 2.1.0 (OASIS), one run; columns count code points. Fingerprints do not depend on lines.
std::string findings_sarif(const Findings& findings, const text::SourceSet& sources);
/// JUnit: a suite for each file with findings, a failed case for each; one passed case when there are none.
std::string findings_junit(const Findings& findings, const text::SourceSet& sources);
/// Workflow commands of GitHub Actions, the most severe first, since only the first ten of a kind are shown.
std::string findings_github(const Findings& findings, const text::SourceSet& sources);
/// The report of code quality that GitLab reads (the Code Climate format).
std::string findings_gitlab(const Findings& findings, const text::SourceSet& sources);

}  // namespace wf::wfc
