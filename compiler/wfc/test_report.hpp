// How `wfc test` prints what came of the tests.
#pragma once

#include <string>

#include "compiler/wfc/test_runner.hpp"
#include "grammar/text/render.hpp"

namespace wf::wfc {

struct ResultStyle {
  text::RenderOptions render;
  bool quiet = false;  ///< only tests that failed
};

/// "ok" or "FAILED", the failures with their source lines, the trace if there is one.
std::string outcome_text(const TestOutcome& outcome, const text::SourceSet& sources,
                         const ResultStyle& style);
/// One JSON object.
std::string outcome_json(const TestOutcome& outcome, const text::SourceSet& sources);
/// The whole JUnit document: one suite per file, one case per test.
std::string outcomes_junit(const TestResults& results, const text::SourceSet& sources);

}  // namespace wf::wfc
