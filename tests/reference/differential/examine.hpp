// One program under examination: what the interpreter and the engine make of it, and whether they agree.
#pragma once

#include <optional>

#include "tests/reference/differential/runs.hpp"

namespace wf::reference {

/// Changes a compiled program on purpose, as a defect of the compiler or the engine would.
using Plant = void (*)(bytecode::Program&);
/// Makes the checker claim something false.
using FalseClaim = void (*)(sema::Module&);

struct Options {
  Plant plant = nullptr;       ///< applied to the optimised program
  bool thorough = true;        ///< also run again among unrelated records
  FalseClaim claim = nullptr;  ///< applied behind the checker
};

/// Two runs that should be one.
struct Disagreement {
  std::string left, right;  ///< which runs: "interpreter", "optimised"
  std::vector<Line> left_trace, right_trace;
  std::string note;   ///< for what is no pair of traces: an error, a claim of the checker that does not hold
  std::string place;  ///< where it does not hold
};

struct Examined {
  enum class Result : std::uint8_t { agreed, rejected, endless, disagreed };
  Result result = Result::agreed;
  std::string errors;  ///< of the checker
  ReferenceRun reference;
  Timeline timeline;
  std::optional<Disagreement> disagreement;
};

Examined examine(const std::string& program, const Options& options);

/// The first lines that differ, with some before them.
std::string report(const Examined& examined);

}  // namespace wf::reference
