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

/// What a run can come to at a branch: operand of the opcode `outcome`.
struct Outcome {
  std::string name;          ///< "true", "unknown", "happened", an arm as written
  text::Span span;           ///< the condition, arm, or head of the step
  std::uint32_t branch = 0;  ///< outcomes of one branch have the same number
  std::uint32_t step = bytecode::kNone;
  std::uint32_t workflow = bytecode::kNone;
};

/// A value that the condition of a branch reads, with a function that gives it.
struct BranchValue {
  std::uint32_t branch = 0;
  text::Span span;
  std::uint32_t function = bytecode::kNone;
};

/// The whole project: the program's tables without code, and functions in their final order.
struct Unit {
  bytecode::Program tables;
  std::vector<Function> functions;
  std::vector<Outcome> outcomes;          ///< with BuildOptions::outcomes
  std::vector<std::uint32_t> conditions;  ///< functions of BuildOptions::conditions
  std::vector<BranchValue> values;        ///< with BuildOptions::values
};

struct BuildOptions {
  struct Condition {
    std::uint32_t object = bytecode::kNone;
    const sema::Expr* expression = nullptr;
  };
  /// Mark what each branch comes to: for coverage. An outcome that no instruction of the program marks cannot
  /// be reached.
  bool outcomes = false;
  bool values = false;                ///< with outcomes: functions for what their conditions read
  std::vector<Condition> conditions;  ///< expressions that no part of the module refers to
};

/// Lowers a checked module.
Unit build(const sema::Module& module, const text::SourceSet& sources, const BuildOptions& options = {});
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
