// `wfc test --update`: tests that expect what happens.
#pragma once

#include <string>
#include <vector>

#include "compiler/wfc/test_runner.hpp"

namespace wf::wfc {

struct TestUpdate {
  struct File {
    std::string path, content;
  };
  std::vector<File> files;  ///< those that change, with their new content
  std::size_t edits = 0;
  std::size_t refused = 0;  ///< failures that do not say what the author means
};

/// New content for the files of failing tests: a line for each send that no line names, and the value that a
/// property really has. Every other byte stays as it is. Failures of other kinds are refused.
TestUpdate plan_update(const TestResults& results, const text::SourceSet& sources);

}  // namespace wf::wfc
