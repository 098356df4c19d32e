// Events in conditions, triggers and waits: phrases to matches and counters. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// What an event phrase names.
struct EventUse {
  EventMatch match;
  std::uint32_t label = kNone;  ///< a send site of the workflow, if the subject is a label
  std::uint32_t email = kNone;  ///< the e-mail, if the subject is one and the workflow sends it
};

/// Reports unknown events and references, and events of another object than `scope`'s.
std::optional<EventUse> resolve_event(Context& context, const Scope& scope, const ast::EventPhrase& phrase);

/// `added to list.x`, `removed from list.x`.
struct ListChange {
  bool added = true;
  std::uint32_t list = kNone;  ///< kNone after a report
};
std::optional<ListChange> as_list_change(Context& context, const ast::EventPhrase& phrase);

/// The counter that answers a question; the same question gets the same counter.
std::uint32_t counter_for(Context& context, std::uint32_t object, const EventMatch& match,
                          std::int64_t window);

/// "has happened": a condition.
std::optional<Expr> check_event_term(Context& context, const Scope& scope, const ast::EventPhrase& phrase);
std::optional<Expr> check_count(Context& context, const Scope& scope, const ast::Count& count, Span span);
std::optional<Expr> check_no_events(Context& context, const Scope& scope, const ast::NoEvents& none,
                                    Span span);
std::optional<Expr> check_ever_been(Context& context, const Scope& scope, const ast::EverBeen& ever,
                                    Span span);

/// The instant of this enrolment's send that the event reacts to, unknown if it was not sent; nothing when
/// the event is not tied to one.
std::optional<Expr> send_instant(const Scope& scope, const EventUse& use, const ast::EventPhrase& phrase);

}  // namespace wf::sema
