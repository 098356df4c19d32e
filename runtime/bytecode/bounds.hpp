// Bounds: what a workflow can do at most, from its code alone.
#pragma once

#include <cstdint>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// The most mails of a class that one enrolment can send within `window` microseconds, whatever happens.
/// Waits for an event or a moment count as no time: the true number may be lower, never higher.
std::uint32_t most_mails(const Program& program, std::uint32_t workflow, MailClass mail_class,
                         std::int64_t window);

}  // namespace wf::bytecode
