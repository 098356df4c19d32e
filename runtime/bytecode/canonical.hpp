// Canonical text: code and what it refers to with names in place of indices, so that two programs can be
// compared. Exact: where two texts are equal, the machine does the same. For hashes and comparisons, not for
// people. Works on verified programs.
#pragma once

#include <string>
#include <vector>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// What the running enrolments of a workflow depend on: its steps, what ends an enrolment and what holds it
/// up, and all that these mention (mails, messages, webhooks, users, types …). Who enters does not belong to
/// it.
std::string running_text(const Program& program, std::uint32_t workflow);
/// Who enters a workflow: triggers, re-enrolment, `unless`, the lists that refuse entry …
std::string entry_text(const Program& program, std::uint32_t workflow);
/// The identity of a workflow's code: the SHA-256 of its running_text.
Hash running_hash(const Program& program, std::uint32_t workflow);

/// One function, with the functions it calls.
std::string function_text(const Program& program, std::uint32_t function);
/// The code of a body from its beginning up to and including `word`; jumps beyond lead `behind`. What mails
/// and messages say does not count.
std::string prefix_text(const Program& program, std::uint32_t function, std::uint32_t word);
/// The words [begin, end) of a function, jumps relative to `begin`; what mails and messages say does not
/// count.
std::string range_text(const Program& program, std::uint32_t function, std::uint32_t begin,
                       std::uint32_t end);
/// The instruction of `function` that has this wait; kNone when another function has it.
std::uint32_t word_of_wait(const Program& program, std::uint32_t function, std::uint32_t wait);

/// A declared resource, whole: "email.welcome marketing …".
std::string resource_text(const Program& program, ResourceKind kind, std::uint32_t index);
/// A type by names: "enum contact.stage", "text email", "contact?".
std::string type_text(const Catalogue& catalogue, const Type& type);

}  // namespace wf::bytecode
