#include <algorithm>

#include "compiler/ir/passes/passes.hpp"

namespace wf::ir {

bool drop_unreachable(Function& function, Unit&) {
  const std::vector<bool> keep = reachable(function);
  if (std::find(keep.begin(), keep.end(), false) == keep.end()) return false;
  std::vector<BlockId> renamed(function.blocks.size(), 0);
  std::vector<BasicBlock> kept;
  for (BlockId id = 0; id < function.blocks.size(); ++id) {
    if (!keep[id]) continue;
    renamed[id] = static_cast<BlockId>(kept.size());
    kept.push_back(std::move(function.blocks[id]));
  }
  for (BasicBlock& block : kept) {
    block.terminator.target = renamed[block.terminator.target];
    block.terminator.otherwise = renamed[block.terminator.otherwise];
  }
  function.blocks = std::move(kept);
  std::erase_if(function.recompute, [&](const auto& entry) { return !keep[entry.second]; });
  for (auto& [wait, block] : function.recompute) block = renamed[block];
  return true;
}

}  // namespace wf::ir
