#include "compiler/sema/calendars.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/holidays.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"

namespace wf::sema {
namespace {

using value::Kind;

/// A real calendar covers a few years; the bounds keep the arithmetic far from overflow.
constexpr std::int64_t kMaxBusinessDays = 10'000;

void load_holidays(Context& context, bytecode::Calendar& calendar, const ast::Field& field) {
  const ast::Atom& name = field.atoms.back();
  const auto file = context.open(name.span.file, *schema::text_of(name));
  if (!file) {
    auto& d = context.sink.report(Code::unknown_file, name.span,
                                  "the file \"" + *schema::text_of(name) + "\" cannot be read");
    d.notes.push_back("file names count from the folder of the file that names them");
    return;
  }
  const auto read = schema::read_holidays(context.sources.file(*file).content(), calendar.hours.zone);
  if (const auto* problem = std::get_if<schema::HolidayProblem>(&read)) {
    const Span where{*file, static_cast<std::uint32_t>(problem->begin),
                     static_cast<std::uint32_t>(problem->end)};
    auto& d = context.sink.report(Code::invalid_holidays, where, problem->message);
    d.secondary.push_back(
        {name.span, "the holidays of `calendar." + calendar.name + "` are read from there"});
    return;
  }
  const auto& holidays = std::get<schema::Holidays>(read);
  auto& closed = calendar.hours.closed;
  closed.insert(closed.end(), holidays.days.begin(), holidays.days.end());
  calendar.known_until = std::min(calendar.known_until, holidays.known_until);
}

bool report_unit(Context& context, Span span) {
  auto& d = context.sink.report(Code::no_business_time, span, "business time counts hours and days");
  d.primary.text = "weeks, months and years have no business length";
  d.helps.push_back("count in days, as in `10 business days`");
  return false;
}

/// The expression of a moment that counts from now.
Expr moment_from_now(Context& context, bytecode::Moment moment, Span span) {
  std::vector<Expr> args;
  args.push_back(make(ExprOp::now, type_of(Kind::instant), span));
  Expr e = make(ExprOp::moment, type_of(Kind::instant), span, std::move(args));
  e.a = static_cast<std::uint32_t>(context.module.moments.size());
  context.module.moments.push_back(std::move(moment));
  return e;
}

}  // namespace

void load_calendars(Context& context) {
  for (std::uint32_t i = 0; i < context.catalogue().calendars.size(); ++i) {
    bytecode::Calendar& calendar = context.catalogue().calendars[i];
    const ast::ResourceDecl* decl = context.schema.resource(ResourceKind::calendar, i).decl;
    for (const ast::Field& field : decl->fields) {
      const bool file = field.atoms.size() == 2 && schema::text_of(field.atoms[1]);
      if (field.name.text == "holidays" && file) load_holidays(context, calendar, field);
    }
    auto& closed = calendar.hours.closed;
    std::sort(closed.begin(), closed.end());
    closed.erase(std::unique(closed.begin(), closed.end()), closed.end());
  }
}

std::optional<std::uint32_t> named_calendar(Context& context, const ast::ZoneClause& clause) {
  if (!clause.property) return std::nullopt;
  const auto reference = schema::reference_of(*clause.property);
  if (!reference || reference->kind != ResourceKind::calendar) return std::nullopt;
  return resolve_resource(context, ResourceKind::calendar, *reference->name);
}

std::uint32_t calendar_for(Context& context, const std::optional<ast::ZoneClause>& clause, Span span) {
  if (clause) {
    if (const auto named = named_calendar(context, *clause)) return *named;
  }
  if (context.catalogue().calendar != kNone) return context.catalogue().calendar;
  auto& d = context.sink.report(Code::needs_calendar, span, "business time needs a calendar");
  d.primary.text = "the project names none";
  const auto& calendars = context.schema.names_of(ResourceKind::calendar);
  if (calendars.empty()) {
    d.helps.push_back("declare one: `calendar office { open mon..fri 09:00..18:00 }`");
  }
  const std::string name = calendars.empty() ? "office" : calendars.front();
  d.helps.push_back("name it in the project, `calendar calendar." + name + "`, or here, `in calendar." +
                    name + "`");
  return kNone;
}

bool check_business_offset(Context& context, const ast::Duration& duration, Span span, int sign,
                           bytecode::Moment& moment) {
  std::int64_t most = kMaxBusinessDays;
  switch (duration.unit) {
    case ast::Unit::day:
      break;
    case ast::Unit::hour:
      most *= 24;
      break;
    case ast::Unit::minute:
      most *= 24 * 60;
      break;
    case ast::Unit::second:
    case ast::Unit::week:
    case ast::Unit::month:
    case ast::Unit::year:
      return report_unit(context, span);
  }
  if (duration.count > most) {
    context.sink.report(Code::out_of_range, span, "business time this long cannot be counted").primary.text =
        "10,000 days are the most";
    return false;
  }
  if (duration.unit == ast::Unit::day) {
    moment.business_days = static_cast<std::int32_t>(duration.count) * sign;
  } else {
    moment.business =
        duration.count * sign * (duration.unit == ast::Unit::hour ? value::kHour : value::kMinute);
  }
  return true;
}

std::optional<Expr> check_due(Context& context, const ast::Duration& duration,
                              const std::optional<ast::ZoneClause>& calendar, Span span) {
  bytecode::Moment moment;
  moment.zone = context.zone();
  if (duration.business) {
    moment.calendar = calendar_for(context, calendar, span);
    if (moment.calendar == kNone || !check_business_offset(context, duration, span, 1, moment)) {
      return std::nullopt;
    }
    moment.zone = context.catalogue().calendars[moment.calendar].hours.zone;
    return moment_from_now(context, std::move(moment), span);
  }
  if (calendar) {
    context.sink.report(Code::misplaced, calendar->span, "a calendar counts business time only")
        .primary.text = "the duration is plain time";
    return std::nullopt;
  }
  const auto length = check_duration(context, duration, span, false);
  if (!length) return std::nullopt;
  std::vector<Expr> args;
  args.push_back(make(ExprOp::now, type_of(Kind::instant), span));
  args.push_back(make_duration(*length, span));
  return make(ExprOp::add, type_of(Kind::instant), span, std::move(args));
}

}  // namespace wf::sema
