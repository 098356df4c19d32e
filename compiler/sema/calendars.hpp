// Calendars: their holiday files, and business time counted in them. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Reads the holiday files of all calendars through the file door into the catalogue.
void load_calendars(Context& context);

/// The calendar that business time counts in: the one that the clause names, else the project's. Reports
/// WF219 without one; kNone after a report.
std::uint32_t calendar_for(Context& context, const std::optional<ast::ZoneClause>& clause, Span span);

/// The calendar that `in calendar.x` names; nothing when the clause says something else.
std::optional<std::uint32_t> named_calendar(Context& context, const ast::ZoneClause& clause);

/// Puts `duration`, which is business time, into the moment; `sign` -1 for `before`. False after a report.
bool check_business_offset(Context& context, const ast::Duration& duration, Span span, int sign,
                           bytecode::Moment& moment);

/// The instant at which a duration from now ends, business time or not: `due in 2 business days`.
std::optional<Expr> check_due(Context& context, const ast::Duration& duration,
                              const std::optional<ast::ZoneClause>& calendar, Span span);

}  // namespace wf::sema
