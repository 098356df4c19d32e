// Which steps and which outcomes of branches tests have reached.
//
// Counted is what the program can do: a step or outcome that the compiler found to be out of reach has no
// instruction and is no part of the whole.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/ir/ir.hpp"
#include "compiler/sema/module.hpp"
#include "grammar/text/source.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::wfc {

class Coverage {
 public:
  /// `outcomes` are those of the unit that the program was emitted from.
  Coverage(const bytecode::Program& program, std::vector<ir::Outcome> outcomes);

  /// A group of steps has run.
  void note(const vm::Run& run);

  struct Item {
    std::string name;  ///< a step as written; an outcome: "true", "timed_out", an arm
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t branch = 0;  ///< of an outcome
    std::uint64_t count = 0;
  };
  struct WorkflowCoverage {
    std::string name;
    std::vector<Item> steps, outcomes;
  };
  /// In the order of the program; steps and outcomes in that of the source.
  std::vector<WorkflowCoverage> workflows(const text::SourceSet& sources) const;

 private:
  const bytecode::Program& program_;
  std::vector<ir::Outcome> outcomes_;
  std::map<std::uint32_t, std::uint64_t> steps_reached_, outcomes_reached_;  // all that can be
};

/// Reached and all, of steps and outcomes together.
struct CoverageShare {
  std::size_t reached = 0, all = 0;
  double percent() const;
};
CoverageShare share(const std::vector<Coverage::Item>& items);
CoverageShare share(const std::vector<Coverage::WorkflowCoverage>& workflows);

/// One line a workflow: "lead_nurturing  steps 14/14  outcomes 6/8 (line 22: unknown never)".
std::string coverage_text(const std::vector<Coverage::WorkflowCoverage>& workflows);
/// One JSON object.
std::string coverage_json(const std::vector<Coverage::WorkflowCoverage>& workflows);
/// The tracefile of lcov: lines are steps, branches are outcomes, functions are workflows.
std::string coverage_lcov(const std::vector<Coverage::WorkflowCoverage>& workflows);

}  // namespace wf::wfc
