// IR to program: lays out blocks, resolves jumps and waits, verifies the result.
#pragma once

#include "compiler/ir/ir.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::emit {

/// A verified program. Error `invalid`, in the verifier's words: the project is larger than the machine
/// allows.
Result<bytecode::Program> emit(ir::Unit unit);

}  // namespace wf::emit
