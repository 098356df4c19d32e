#include "compiler/ir/passes/passes.hpp"

#include <algorithm>

namespace wf::ir {

const std::vector<Pass>& passes() {
  static const std::vector<Pass> list = {
      {"fold_constants", fold_constants},
      {"thread_jumps", thread_jumps},
      {"drop_unreachable", drop_unreachable},
      {"merge_blocks", merge_blocks},
  };
  return list;
}

void optimise(Unit& unit) {
  for (Function& function : unit.functions) {
    // Each change removes an instruction, an edge or a block, so that this ends.
    for (bool changed = true; changed;) {
      changed = false;
      for (const Pass& pass : passes()) changed |= pass.run(function, unit);
    }
  }
}

std::vector<bool> reachable(const Function& function) {
  std::vector<bool> seen(function.blocks.size(), false);
  std::vector<BlockId> open = {0};
  while (!open.empty()) {
    const BlockId id = open.back();
    open.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    const Terminator& t = function.blocks[id].terminator;
    if (t.kind == TerminatorKind::jump || t.kind == TerminatorKind::branch) open.push_back(t.target);
    if (t.kind == TerminatorKind::branch) open.push_back(t.otherwise);
  }
  return seen;
}

bool is_recompute_target(const Function& function, BlockId block) {
  return std::any_of(function.recompute.begin(), function.recompute.end(),
                     [&](const auto& entry) { return entry.second == block; });
}

}  // namespace wf::ir
