// Runs the `test` declarations of a checked module in virtual time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "grammar/text/source.hpp"

namespace wf::wfc {

struct TestFailure {
  text::Span span;
  std::string message;
};

struct TestOutcome {
  std::string title;
  text::Span span;
  std::vector<TestFailure> failures;
  std::vector<std::string> trace;  ///< one line per happening, when asked for
  std::vector<std::string> steps;  ///< "workflow: step" of every step that ran
};

/// A send counts for `at T expect sent …` when it left within this long before T: a window spreads what it
/// held back.
inline constexpr std::int64_t kExpectTolerance = 15LL * 60 * 1'000'000;

/// Runs the tests whose title `wanted` accepts. `module` is the module that the program was compiled from.
std::vector<TestOutcome> run_tests(const sema::Module& module, const text::SourceSet& sources,
                                   const std::function<bool(const std::string&)>& wanted, bool trace);

}  // namespace wf::wfc
