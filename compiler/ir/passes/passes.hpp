// The passes, one per file; passes.cpp is their list. Each rewrites one function and says whether it changed
// it.
#pragma once

#include "compiler/ir/ir.hpp"

namespace wf::ir {

/// Operators on constants become constants, and branches on them jumps. Unknown is a constant like the
/// others.
bool fold_constants(Function& function, Unit& unit);
/// A way through blocks that do nothing leads straight to where they go.
bool thread_jumps(Function& function, Unit& unit);
/// Blocks that nothing reaches disappear.
bool drop_unreachable(Function& function, Unit& unit);
/// A block joins the one before it when that is its only way in.
bool merge_blocks(Function& function, Unit& unit);

// What several passes ask.

/// True for every block that can be reached from the entry.
std::vector<bool> reachable(const Function& function);
/// True for a block at which an anchored wait is computed again: it must keep its beginning.
bool is_recompute_target(const Function& function, BlockId block);

}  // namespace wf::ir
