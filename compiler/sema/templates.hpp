// Templates of e-mails and messages: their placeholders, resolved at every place that sends them.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Reads and parses all templates into the catalogue and checks what does not depend on the send.
void load_templates(Context& context);

/// The values of an e-mail's placeholders, in their order. Those that this place does not have are
/// reported, once, and unknown.
std::vector<Expr> email_arguments(Context& context, const Scope& scope, std::uint32_t email,
                                  const Expr& recipient, Span site);
std::vector<Expr> message_arguments(Context& context, const Scope& scope, std::uint32_t message, Span site);
std::vector<Expr> payload_arguments(Context& context, const Scope& scope, std::uint32_t webhook, Span site);

/// `with subject "…"`: a template of its own, its values behind those of the e-mail. False after a report.
bool own_subject(Context& context, const Scope& scope, const ast::Atom& subject, Send& send);

}  // namespace wf::sema
