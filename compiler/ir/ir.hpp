// IR: functions of basic blocks over the VM's operations, operands symbolic, one terminator a block.
// What the passes rewrite and `wfc build --emit ir` prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::ir {

using BlockId = std::uint32_t;

struct Instruction {
  bytecode::Opcode op = bytecode::Opcode::push_unknown;
  std::uint32_t operand = 0;  ///< as in bytecode; constants are indices of Unit::constants
};

enum class TerminatorKind : std::uint8_t { jump, branch, return_, end, stop };
struct Terminator {
  TerminatorKind kind = TerminatorKind::end;
  BlockId target = 0;     ///< jump; branch when the popped condition is true
  BlockId otherwise = 0;  ///< branch when it is not
  bytecode::EndReason reason = bytecode::EndReason::stopped;
};

struct BasicBlock {
  std::vector<Instruction> instructions;
  Terminator terminator;
};

struct Function {
  std::string name;  ///< "workflow.lead_nurturing", "lead_nurturing.goal"
  bytecode::FunctionKind kind = bytecode::FunctionKind::expression;
  std::uint32_t object = bytecode::kNone, event = bytecode::kNone;
  std::uint32_t locals = 0;
  std::vector<BasicBlock> blocks;  ///< entry first
  /// wait → block at which an anchored wait is computed again.
  std::vector<std::pair<std::uint32_t, BlockId>> recompute;
};

/// The whole project: the program's tables without code, and functions in their final order.
struct Unit {
  bytecode::Program tables;
  std::vector<Function> functions;
};

/// Lowers a checked module.
Unit build(const sema::Module& module, const text::SourceSet& sources);
std::string dump(const Unit& unit);

/// One pass: rewrites a function in place and says whether it changed anything.
struct Pass {
  const char* name;
  bool (*run)(Function& function, Unit& unit);
};
/// All passes in the order they run: fold constants, thread jumps, drop unreachable blocks, merge blocks.
const std::vector<Pass>& passes();
void optimise(Unit& unit);

}  // namespace wf::ir
