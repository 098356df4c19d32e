// A program made by hand, with every table and every opcode in it: for tests that need bytecode and no
// compiler.
#pragma once

#include "runtime/bytecode/program.hpp"

namespace wf::test {

/// Two objects (contact, company), two workflows (lead, greet), verified.
bytecode::Program sample_program();

}  // namespace wf::test
