// Operands as people read them: what the listing and the dump of the IR share.
#pragma once

#include <string>
#include <vector>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// A constant with its names: "contact.stage lead", "email.welcome", `"text"`.
std::string describe(const Program& program, const value::Value& constant);
/// The operand of an instruction of `function`, resolved through the program's tables; "" without one. Jumps
/// give their number.
std::string describe_operand(const Program& program, const Function& function, Opcode op,
                             std::uint32_t operand);
/// What each function is for: "workflow.lead", "workflow.lead goal", "segment.vip".
std::vector<std::string> function_names(const Program& program);

}  // namespace wf::bytecode
