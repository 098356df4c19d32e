#include "compiler/ir/builder.hpp"

namespace wf::ir {

FunctionBuilder::FunctionBuilder(UnitBuilder& unit, std::string name, bytecode::FunctionKind kind,
                                 std::uint32_t object, std::uint32_t event)
    : unit_(unit) {
  function_.name = std::move(name);
  function_.kind = kind;
  function_.object = object;
  function_.event = event;
  new_block();
}

void FunctionBuilder::emit(bytecode::Opcode op, std::uint32_t operand) {
  function_.blocks[current_].instructions.push_back({op, operand});
}

void FunctionBuilder::push(const value::Value& v) {
  if (v.is_unknown()) return emit(bytecode::Opcode::push_unknown);
  emit(bytecode::Opcode::push, unit_.constant(v));
}

BlockId FunctionBuilder::new_block() {
  function_.blocks.emplace_back();
  return static_cast<BlockId>(function_.blocks.size() - 1);
}

void FunctionBuilder::leave(Terminator terminator) {
  function_.blocks[current_].terminator = terminator;
}

void FunctionBuilder::jump_to(BlockId target) {
  leave({TerminatorKind::jump, target});
  current_ = target;
}

void FunctionBuilder::branch(BlockId yes, BlockId otherwise) {
  leave({TerminatorKind::branch, yes, otherwise});
  current_ = yes;
}

}  // namespace wf::ir
