// Internal to the engine: how many mails of a class a contact may get, and when the next may leave.
#pragma once

#include <optional>

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// When the limits of the active program's policies let another mail of the class leave; nothing when they do
/// now. `effect` itself does not count: it may be tried again.
std::optional<std::int64_t> capped_until(const Context& context, const Record& recipient,
                                         bytecode::MailClass mail_class, std::uint64_t effect = 0);
/// A mail leaves: remembered as long as a limit asks for it.
void remember_send(Context& context, Record& recipient, bytecode::MailClass mail_class, std::uint64_t effect);
/// It did not arrive after all.
void forget_send(Context& context, Record& recipient, std::uint64_t effect);

}  // namespace wf::engine
