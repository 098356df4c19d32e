// What a workflow has done up to a wait, as text that two bundles can be compared by.
#pragma once

#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// The code of a body from its beginning up to and including `word`, with names instead of indices and places
/// counted from the beginning: where two programs give the same text, an enrolment of one stands at the same
/// point of the other, with the same steps behind it and the same locals.
std::string prefix_text(const Program& program, std::uint32_t function, std::uint32_t word);
/// The instruction of `function` that has this wait; kNone when another function has it.
std::uint32_t word_of_wait(const Program& program, std::uint32_t function, std::uint32_t wait);

}  // namespace wf::bytecode
