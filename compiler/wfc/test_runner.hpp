// Runs the `test` declarations of a checked module in virtual time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "compiler/wfc/coverage.hpp"
#include "compiler/wfc/test_expectations.hpp"
#include "grammar/text/source.hpp"

namespace wf::wfc {

struct TestOutcome {
  const sema::Test* test = nullptr;
  std::vector<TestFailure> failures;
  std::vector<std::string> trace;  ///< lines of what happened, when asked for
};

struct TestRunOptions {
  std::function<bool(const std::string& title)> wanted;
  bool trace = false;
  bool coverage = false;
};

struct TestResults {
  std::vector<TestOutcome> outcomes;
  std::vector<Coverage::WorkflowCoverage> coverage;  ///< when asked for
  std::size_t failed() const;
};

/// Runs the wanted tests. `module` is that of an accepted project and must outlive the results.
TestResults run_tests(const sema::Module& module, const text::SourceSet& sources,
                      const TestRunOptions& options);

}  // namespace wf::wfc
