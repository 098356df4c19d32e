#include <algorithm>

#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/outline.hpp"

namespace wf::bytecode {

namespace {

bool is_branch(Opcode op) {
  return op == Opcode::jump_if || op == Opcode::jump_unless;
}

bool leads_on(Opcode op) {
  return op == Opcode::jump || op == Opcode::end;
}

/// Where the ways of each branch meet again. An end counts as going on behind it: what follows a branch that
/// ends is not inside the other one.
std::vector<std::uint32_t> meeting_points(const Program& p, const Function& f) {
  const std::uint32_t size = f.end - f.begin;
  std::vector<std::uint32_t> meets(size + 1, size);
  const auto common = [&](std::uint32_t a, std::uint32_t b) {
    while (a != b) (a < b ? a : b) = meets[std::min(a, b)];
    return a;
  };
  for (std::uint32_t at = size; at-- > 0;) {
    const Opcode op = opcode_of(p.code[f.begin + at]);
    const std::uint32_t target = operand_of(p.code[f.begin + at]) - f.begin;
    meets[at] = op == Opcode::jump ? target : is_branch(op) ? common(at + 1, target) : at + 1;
  }
  return meets;
}

struct Branch {
  std::uint32_t at, target, meets;  // words, relative
  std::string name;
};

}  // namespace

std::vector<StepFact> steps_of(const Program& p, std::uint32_t body) {
  const Function& f = p.functions[body];
  const std::vector<std::uint32_t> meets = meeting_points(p, f);
  std::vector<StepFact> steps;
  std::vector<Branch> branches;
  std::uint32_t within = 0;  // branches of the step so far
  for (std::uint32_t at = 0; at < f.end - f.begin; ++at) {
    const Word word = p.code[f.begin + at];
    if (opcode_of(word) == Opcode::step) {
      StepFact& step = steps.emplace_back();
      step.label = p.steps[operand_of(word)].label;
      step.word = f.begin + at;
      for (const Branch& branch : branches) {
        if (branch.meets > at) step.place += branch.name + (at < branch.target ? " next/" : " jump/");
      }
      within = 0;
    } else if (is_branch(opcode_of(word)) && !steps.empty()) {
      std::erase_if(branches, [&](const Branch& branch) { return branch.meets <= at; });
      branches.push_back(
          {at, operand_of(word) - f.begin, meets[at], steps.back().label + "#" + std::to_string(within++)});
    }
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::uint32_t end = i + 1 < steps.size() ? steps[i + 1].word : f.end;
    // How the code goes on behind it belongs to the place of what follows.
    while (end > steps[i].word + 1 && leads_on(opcode_of(p.code[end - 1]))) --end;
    steps[i].exact = range_text(p, body, steps[i].word, end);
  }
  return steps;
}

}  // namespace wf::bytecode
