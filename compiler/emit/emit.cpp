#include "compiler/emit/emit.hpp"

#include <algorithm>

#include "runtime/bytecode/templates.hpp"

namespace wf::emit {

using bytecode::encode;
using bytecode::kNone;
using bytecode::Opcode;
using bytecode::Word;
using ir::BlockId;
using ir::TerminatorKind;

namespace {

/// Reachable blocks so that every way leads forward: the reverse of the order in which a walk leaves them.
std::vector<BlockId> layout(const ir::Function& f) {
  struct Visit {
    BlockId block;
    int next = 0;
  };
  std::vector<BlockId> left;
  std::vector<bool> seen(f.blocks.size(), false);
  std::vector<Visit> path = {{0}};
  seen[0] = true;
  while (!path.empty()) {
    Visit& visit = path.back();
    const ir::Terminator& t = f.blocks[visit.block].terminator;
    // The other side first, so that the side taken when true stands right behind the branch.
    const BlockId ways[] = {t.otherwise, t.target};
    const int first = t.kind == TerminatorKind::branch ? 0 : t.kind == TerminatorKind::jump ? 1 : 2;
    visit.next = std::max(visit.next, first);
    if (visit.next == 2) {
      left.push_back(visit.block);
      path.pop_back();
      continue;
    }
    const BlockId way = ways[visit.next++];
    if (!seen[way]) {
      seen[way] = true;
      path.push_back({way});
    }
  }
  std::reverse(left.begin(), left.end());
  return left;
}

class FunctionEmitter {
 public:
  FunctionEmitter(const ir::Function& f, std::vector<Word>& code)
      : f_(f), code_(code), begin_(f.blocks.size(), kNone) {}

  void run() {
    const std::vector<BlockId> order = layout(f_);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const ir::BasicBlock& block = f_.blocks[order[i]];
      begin_[order[i]] = here();
      for (const ir::Instruction& instruction : block.instructions) {
        code_.push_back(encode(instruction.op, instruction.operand));
      }
      terminate(block.terminator, i + 1 < order.size() ? order[i + 1] : kNone);
    }
    for (const auto& [word, block] : jumps_) {
      code_[word] = encode(bytecode::opcode_of(code_[word]), begin_[block]);
    }
  }

  /// The word at which a block begins; kNone when it was not laid out.
  std::uint32_t begin(BlockId block) const { return begin_[block]; }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(code_.size()); }

  void jump(Opcode op, BlockId target) {
    jumps_.emplace_back(here(), target);
    code_.push_back(encode(op));
  }

  void terminate(const ir::Terminator& t, BlockId next) {
    switch (t.kind) {
      case TerminatorKind::return_:
        code_.push_back(encode(Opcode::return_));
        break;
      case TerminatorKind::end:
        code_.push_back(encode(Opcode::end));
        break;
      case TerminatorKind::stop:
        code_.push_back(encode(Opcode::stop, static_cast<Word>(t.reason)));
        break;
      case TerminatorKind::jump:
        if (t.target != next) jump(Opcode::jump, t.target);
        break;
      case TerminatorKind::branch:
        if (t.target == next) {
          jump(Opcode::jump_unless, t.otherwise);
        } else {
          jump(Opcode::jump_if, t.target);
          if (t.otherwise != next) jump(Opcode::jump, t.otherwise);
        }
        break;
    }
  }

  const ir::Function& f_;
  std::vector<Word>& code_;
  std::vector<std::uint32_t> begin_;
  std::vector<std::pair<std::uint32_t, BlockId>> jumps_;
};

/// Waits in dropped blocks go with them: each wait of a program belongs to an instruction.
void keep_used_waits(bytecode::Program& program) {
  std::vector<bytecode::Wait> used;
  for (Word& word : program.code) {
    const Opcode op = bytecode::opcode_of(word);
    if (bytecode::opcodes()[static_cast<std::size_t>(op)].operand != bytecode::OperandKind::wait) continue;
    used.push_back(std::move(program.waits[bytecode::operand_of(word)]));
    word = encode(op, static_cast<Word>(used.size() - 1));
  }
  program.waits = std::move(used);
}

}  // namespace

Result<bytecode::Program> emit(ir::Unit unit) {
  bytecode::Program program = std::move(unit.tables);
  for (const ir::Function& f : unit.functions) {
    bytecode::Function head;
    head.kind = f.kind;
    head.begin = static_cast<std::uint32_t>(program.code.size());
    head.object = f.object;
    head.event = f.event;
    head.locals = f.locals;
    FunctionEmitter emitter(f, program.code);
    emitter.run();
    head.end = static_cast<std::uint32_t>(program.code.size());
    program.functions.push_back(head);
    for (const auto& [wait, block] : f.recompute) program.waits[wait].recompute = emitter.begin(block);
  }
  keep_used_waits(program);
  if (auto verified = bytecode::verify(program); !verified) return verified.error();
  bytecode::compile_templates(program);
  return program;
}

}  // namespace wf::emit
