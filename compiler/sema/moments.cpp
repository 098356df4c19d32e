#include "compiler/sema/moments.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"
#include "compiler/schema/weekdays.hpp"
#include "compiler/sema/calendars.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/reads.hpp"

namespace wf::sema {
namespace {

using value::Kind;

bool check_offset(Context& context, const ast::Duration& offset, Span span, int sign,
                  bytecode::Moment& moment) {
  const auto count = static_cast<std::int32_t>(std::min<std::int64_t>(offset.count, 100'000)) * sign;
  switch (offset.unit) {
    case ast::Unit::year:
      moment.offset_months = count * 12;
      return true;
    case ast::Unit::month:
      moment.offset_months = count;
      return true;
    case ast::Unit::week:
      moment.offset_days = count * 7;
      return true;
    case ast::Unit::day:
      moment.offset_days = count;
      return true;
    default:
      break;
  }
  const auto length = check_duration(context, offset, span, false);
  if (!length) return false;
  moment.offset = sign * *length;
  return true;
}

/// Without a clause, the zone is the calendar's.
bool check_business(Context& context, const ast::Duration& duration,
                    const std::optional<ast::ZoneClause>& clause, Span span, int sign,
                    bytecode::Moment& moment) {
  moment.calendar = calendar_for(context, clause, span);
  if (moment.calendar == kNone) return false;
  if (!clause) moment.zone = context.catalogue().calendars[moment.calendar].hours.zone;
  return check_business_offset(context, duration, span, sign, moment);
}

bool check_business(Context& context, const ast::Moment& source, int sign, bytecode::Moment& moment) {
  if (source.at && source.offset->unit != ast::Unit::day) {
    context.sink.report(Code::misplaced, source.span, "hours and minutes are not counted on the calendar")
        .primary.text = "`at` goes with days";
    return false;
  }
  return check_business(context, *source.offset, source.zone, source.span, sign, moment);
}

struct Anchor {
  std::optional<Expr> expr;
  bool ok = true;
};

Anchor literal_anchor(Context& context, const ast::Literal& literal, bool dynamic, bytecode::Moment& moment) {
  if (const auto* date = std::get_if<ast::Date>(&literal.value)) {
    return {make_constant(value::Value::date(date->days), type_of(Kind::date), literal.span)};
  }
  const auto* local = std::get_if<ast::LocalDateTime>(&literal.value);
  if (!local) {
    context.sink.report(Code::type_mismatch, literal.span, "a date, or a date and time, is needed here");
    return {std::nullopt, false};
  }
  if (!dynamic) {
    const std::int64_t instant = value::to_instant(local->civil, moment.zone);
    return {make_constant(value::Value::instant(instant), type_of(Kind::instant), literal.span)};
  }
  // The same local time in every zone: a date, and the time of day behind it.
  const value::Civil& civil = local->civil;
  const auto days = value::to_days(civil.year, civil.month, civil.day);
  if (moment.at < 0) moment.at = static_cast<std::int32_t>(civil.hour * 60 + civil.minute);
  return {make_constant(value::Value::date(days.value_or(0)), type_of(Kind::date), literal.span)};
}

Anchor path_anchor(Context& context, const Scope& scope, const ast::Path& path) {
  auto e = resolve_path(context, scope, path);
  if (!e) return {std::nullopt, false};
  if (e->type.kind == Kind::instant || e->type.kind == Kind::date) return {std::move(e)};
  require_type(context, scope, *e, type_of(Kind::instant), "the date that a moment counts from");
  return {std::nullopt, false};
}

CheckedMoment finish(Context& context, const Scope& scope, bytecode::Moment moment,
                     std::optional<Expr> anchor, std::optional<Expr> zone, Span span) {
  CheckedMoment result;
  std::vector<Expr> args;
  bool nullable = false;
  moment.has_anchor = anchor.has_value();
  moment.dynamic_zone = zone.has_value();
  if (anchor) {
    nullable = anchor->type.nullable;
    Reads reads = reads_of(context, scope.object, *anchor);
    result.anchors = std::move(reads.properties);
    result.anchors_elsewhere = std::move(reads.elsewhere);
    args.push_back(std::move(*anchor));
  }
  if (zone) args.push_back(std::move(*zone));
  result.instant = make(ExprOp::moment, type_of(Kind::instant, nullable), span, std::move(args));
  result.instant.a = static_cast<std::uint32_t>(context.module.moments.size());
  context.module.moments.push_back(std::move(moment));
  return result;
}

}  // namespace

std::optional<ZoneUse> check_zone(Context& context, const Scope& scope,
                                  const std::optional<ast::ZoneClause>& clause) {
  ZoneUse use{context.zone(), std::nullopt};
  if (!clause) return use;
  if (const auto calendar = named_calendar(context, *clause)) {
    if (*calendar == kNone) return std::nullopt;
    use.zone = context.catalogue().calendars[*calendar].hours.zone;
    return use;
  }
  if (clause->zone) {
    if (!value::zone_exists(*clause->zone)) {
      auto& d =
          context.sink.report(Code::no_such_zone, clause->span, "there is no zone `" + *clause->zone + "`");
      d.notes.push_back("zones are those of the tz database, such as `Asia/Tokyo`");
      return std::nullopt;
    }
    use.zone = *clause->zone;
  }
  if (!clause->property) return use;
  auto e = resolve_path(context, scope, *clause->property);
  if (!e) return std::nullopt;
  if (e->type.kind != Kind::text || e->type.format != bytecode::Format::timezone) {
    auto& d = context.sink.report(Code::type_mismatch, e->span, "a timezone is needed here");
    d.primary.text = "this is " + schema::with_article(schema::type_name(e->type, context.catalogue()));
    point_at_declaration(context, scope, *e, d);
    return std::nullopt;
  }
  if (!clause->zone && may_be_unknown(scope, *e)) {
    auto& d = context.sink.report(Code::zone_unknown, e->span,
                                  "`" + std::string(context.sources.text(e->span)) + "` may be unknown");
    d.primary.text = "which zone then?";
    point_at_declaration(context, scope, *e, d);
    d.fixes.push_back({"name the zone for that case",
                       text::Applicability::maybe_incorrect,
                       {{{e->span.file, e->span.end, e->span.end}, " else \"" + context.zone() + "\""}}});
    return std::nullopt;
  }
  use.dynamic = std::move(e);
  return use;
}

std::optional<CheckedMoment> check_moment(Context& context, const Scope& scope, const ast::Moment& source) {
  auto zone = check_zone(context, scope, source.zone);
  bytecode::Moment moment;
  moment.at = source.at.value_or(-1);
  if (zone) moment.zone = zone->zone;
  bool ok = zone.has_value();
  if (source.offset) {
    const int sign = source.before ? -1 : 1;
    ok = (source.offset->business ? check_business(context, source, sign, moment)
                                  : check_offset(context, *source.offset, source.span, sign, moment)) &&
         ok;
  }
  if (source.next_weekday) {
    const auto day = schema::weekday(context.sink, *source.next_weekday);
    ok = ok && day;
    if (day) moment.next_weekday = static_cast<std::int8_t>(*day);
  }
  Anchor anchor;
  if (const auto* path = std::get_if<ast::Path>(&source.anchor)) anchor = path_anchor(context, scope, *path);
  if (const auto* literal = std::get_if<ast::Literal>(&source.anchor)) {
    if (zone) anchor = literal_anchor(context, *literal, zone->dynamic.has_value(), moment);
  }
  if (!ok || !anchor.ok) return std::nullopt;
  return finish(context, scope, std::move(moment), std::move(anchor.expr), std::move(zone->dynamic),
                source.span);
}

std::optional<CheckedMoment> check_schedule(Context& context, const Scope& scope,
                                            const ast::Schedule& source) {
  auto zone = check_zone(context, scope, source.zone);
  bytecode::Moment moment;
  value::Schedule& recurs = moment.recurs;
  recurs.every = static_cast<value::Schedule::Every>(static_cast<std::uint8_t>(source.every) + 1);
  recurs.nth = static_cast<std::int8_t>(source.nth);
  recurs.at = source.at;
  if (source.day != 0) recurs.day = static_cast<std::uint8_t>(source.day);
  if (source.month != 0) recurs.month = static_cast<std::uint8_t>(source.month);
  bool ok = zone.has_value();
  for (const ast::NameRange& days : source.weekdays) {
    const auto mask = schema::weekdays(context.sink, days.from, days.to);
    ok = ok && mask;
    recurs.weekdays = static_cast<std::uint8_t>(recurs.weekdays | mask.value_or(0));
  }
  Anchor anchor;
  if (source.property) anchor = path_anchor(context, scope, *source.property);
  if (!ok || !anchor.ok) return std::nullopt;
  moment.zone = zone->zone;
  return finish(context, scope, std::move(moment), std::move(anchor.expr), std::move(zone->dynamic),
                source.span);
}

std::optional<CheckedMoment> check_calendar_wait(Context& context, const Scope& scope,
                                                 const ast::WaitFor& wait, Span span) {
  auto zone = check_zone(context, scope, wait.zone);
  bytecode::Moment moment;
  moment.at = wait.at.value_or(-1);
  bool ok = zone.has_value();
  const bool clock = wait.duration.unit == ast::Unit::second || wait.duration.unit == ast::Unit::minute ||
                     wait.duration.unit == ast::Unit::hour;
  if (clock && (!wait.duration.business || wait.at)) {
    context.sink.report(Code::misplaced, span, "hours and minutes are not counted on the calendar")
        .primary.text = "`at` and `calendar` go with days, weeks, months and years";
    return std::nullopt;
  }
  if (zone) moment.zone = zone->zone;
  ok = (wait.duration.business ? check_business(context, wait.duration, wait.zone, span, 1, moment)
                               : check_offset(context, wait.duration, span, 1, moment)) &&
       ok;
  if (!ok) return std::nullopt;
  return finish(context, scope, std::move(moment), make(ExprOp::now, type_of(Kind::instant), span),
                std::move(zone->dynamic), span);
}

}  // namespace wf::sema
