// The text form of the IR: one instruction a line, operands resolved, terminators last in their block.
#include <cstdio>

#include "compiler/ir/ir.hpp"
#include "runtime/bytecode/listing.hpp"

namespace wf::ir {
namespace {

std::string block_name(BlockId id) {
  return "b" + std::to_string(id);
}

std::string line(const char* name, const std::string& operand) {
  char head[32];
  std::snprintf(head, sizeof head, "    %-16s", name);
  std::string text = head + operand;
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string dump_terminator(const Terminator& t) {
  switch (t.kind) {
    case TerminatorKind::jump:
      return line("jump", block_name(t.target));
    case TerminatorKind::branch:
      return line("branch", block_name(t.target) + " else " + block_name(t.otherwise));
    case TerminatorKind::return_:
      return line("return", "");
    case TerminatorKind::end:
      return line("end", "");
    case TerminatorKind::stop:
      return line("stop", to_string(t.reason));
  }
  return "";
}

/// An operand, with the block that an anchored wait goes back to.
std::string dump_operand(const Unit& unit, const Function& f, const bytecode::Function& context,
                         const Instruction& i) {
  std::string text = describe_operand(unit.tables, context, i.op, i.operand);
  if (i.op != bytecode::Opcode::wait_until) return text;
  for (const auto& [wait, block] : f.recompute) {
    if (wait == i.operand) text += "again from " + block_name(block);
  }
  return text;
}

std::string dump_function(const Unit& unit, std::size_t index) {
  const Function& f = unit.functions[index];
  bytecode::Function context;
  context.object = f.object;
  context.event = f.event;
  std::string out = "function " + std::to_string(index) + ": " + f.name;
  out += f.kind == bytecode::FunctionKind::body ? " (body) on " : " (expression) on ";
  out += unit.tables.catalogue.objects[f.object].name;
  if (f.event != bytecode::kNone) out += ", event " + unit.tables.catalogue.events[f.event].name;
  if (f.locals > 0) out += ", " + std::to_string(f.locals) + (f.locals == 1 ? " local" : " locals");
  out += "\n";
  for (BlockId id = 0; id < f.blocks.size(); ++id) {
    out += "  " + block_name(id) + ":\n";
    for (const Instruction& i : f.blocks[id].instructions) {
      const auto& row = bytecode::opcodes()[static_cast<std::size_t>(i.op)];
      out += line(row.name, dump_operand(unit, f, context, i));
    }
    out += dump_terminator(f.blocks[id].terminator);
  }
  return out;
}

}  // namespace

std::string dump(const Unit& unit) {
  std::string out;
  for (std::size_t i = 0; i < unit.functions.size(); ++i) {
    if (i > 0) out += "\n";
    out += dump_function(unit, i);
  }
  return out;
}

}  // namespace wf::ir
