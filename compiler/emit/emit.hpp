// IR to program: lays out blocks, resolves jumps and waits, verifies the result.
#pragma once

#include "compiler/ir/ir.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::emit {

/// The verifier's refusal would be a defect of the compiler and is asserted.
bytecode::Program emit(ir::Unit unit);

}  // namespace wf::emit
