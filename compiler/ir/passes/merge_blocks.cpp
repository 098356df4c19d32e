#include "compiler/ir/passes/passes.hpp"

namespace wf::ir {
namespace {

std::vector<int> ways_in(const Function& function) {
  std::vector<int> count(function.blocks.size(), 0);
  for (const BasicBlock& block : function.blocks) {
    const Terminator& t = block.terminator;
    if (t.kind == TerminatorKind::jump || t.kind == TerminatorKind::branch) ++count[t.target];
    if (t.kind == TerminatorKind::branch) ++count[t.otherwise];
  }
  return count;
}

}  // namespace

bool merge_blocks(Function& function, Unit& unit) {
  const std::vector<int> count = ways_in(function);
  bool changed = false;
  for (BlockId id = 0; id < function.blocks.size(); ++id) {
    BasicBlock& block = function.blocks[id];
    while (block.terminator.kind == TerminatorKind::jump) {
      const BlockId next = block.terminator.target;
      if (next == 0 || count[next] != 1 || is_recompute_target(function, next)) break;
      BasicBlock& joined = function.blocks[next];
      block.instructions.insert(block.instructions.end(), joined.instructions.begin(),
                                joined.instructions.end());
      block.terminator = joined.terminator;
      joined = BasicBlock{};
      changed = true;
    }
  }
  if (changed) drop_unreachable(function, unit);
  return changed;
}

}  // namespace wf::ir
