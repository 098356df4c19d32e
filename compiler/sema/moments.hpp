// Moments and zones: `60 days before contract_end at 09:00 in contact.timezone else "Asia/Tokyo"`.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

struct CheckedMoment {
  Expr instant;
  std::vector<std::uint32_t> anchors;  ///< properties of the record that it counts from
  std::vector<bytecode::RelatedRead> anchors_elsewhere;
};
std::optional<CheckedMoment> check_moment(Context& context, const Scope& scope, const ast::Moment& moment);

/// `daily at 09:00`: the first such instant after now.
std::optional<CheckedMoment> check_schedule(Context& context, const Scope& scope,
                                            const ast::Schedule& schedule);

/// `wait 1 calendar day at 10:00`: counted from now on the calendar.
std::optional<CheckedMoment> check_calendar_wait(Context& context, const Scope& scope,
                                                 const ast::WaitFor& wait, Span span);

struct ZoneUse {
  std::string zone;             ///< the static one
  std::optional<Expr> dynamic;  ///< a timezone of the record
};
/// Without a clause the project's zone.
std::optional<ZoneUse> check_zone(Context& context, const Scope& scope,
                                  const std::optional<ast::ZoneClause>& clause);

}  // namespace wf::sema
