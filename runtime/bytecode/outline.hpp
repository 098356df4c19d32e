// Outline: a program as a list of declarations with their facts, blind to layout, comments, order and
// indices. What `wfc diff` compares.
#pragma once

#include <string>
#include <vector>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// Something that is so of a declaration. Several facts of one item may have the same `what`.
struct Fact {
  std::string what;   ///< "goal", "property stage"
  std::string words;  ///< for people
  std::string exact;  ///< equal when the meaning is
};

/// A step of a workflow. It is the same step in another version when label and place are.
struct StepFact {
  std::string label;  ///< as written: "send email.welcome"
  std::string place;  ///< the branches that it is in
  std::string exact;
  std::uint32_t word = 0;  ///< where its code begins
};

struct Item {
  std::string name;  ///< "workflow.lead_nurturing", "email.welcome", "object contact"
  std::vector<Fact> facts;
  std::vector<StepFact> steps;  ///< of a workflow, in order
};

/// Sorted by name.
std::vector<Item> outline(const Program& program);
/// The steps of a workflow's body, in the order of its code.
std::vector<StepFact> steps_of(const Program& program, std::uint32_t body);

}  // namespace wf::bytecode
