#include "compiler/ir/passes/passes.hpp"

namespace wf::ir {
namespace {

/// Where a jump to `block` ends up. Blocks never form a circle: the language has no way back.
BlockId destination(const Function& function, BlockId block) {
  while (function.blocks[block].instructions.empty() &&
         function.blocks[block].terminator.kind == TerminatorKind::jump) {
    block = function.blocks[block].terminator.target;
  }
  return block;
}

bool retarget(const Function& function, BlockId& target) {
  const BlockId to = destination(function, target);
  const bool changed = to != target;
  target = to;
  return changed;
}

bool leaves(TerminatorKind kind) {
  return kind == TerminatorKind::end || kind == TerminatorKind::stop;
}

}  // namespace

bool thread_jumps(Function& function, Unit&) {
  bool changed = false;
  for (BasicBlock& block : function.blocks) {
    Terminator& t = block.terminator;
    if (t.kind == TerminatorKind::branch) {
      changed |= retarget(function, t.target);
      changed |= retarget(function, t.otherwise);
      if (t.target == t.otherwise) {
        block.instructions.push_back({bytecode::Opcode::drop, 0});
        t = {TerminatorKind::jump, t.target};
        changed = true;
      }
    }
    if (t.kind != TerminatorKind::jump) continue;
    changed |= retarget(function, t.target);
    const BasicBlock& target = function.blocks[t.target];
    if (target.instructions.empty() && leaves(target.terminator.kind)) {
      t = target.terminator;
      changed = true;
    }
  }
  for (auto& [wait, block] : function.recompute) changed |= retarget(function, block);
  return changed;
}

}  // namespace wf::ir
