// Calendars: zone and opening hours. Their holiday files are read later, through the compiler's file door.
#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/weekdays.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::schema {

void Builder::read_calendar(bytecode::Calendar& calendar, const Fields& fields) {
  calendar.title = fields.text("title");
  calendar.hours.zone = fields.text("zone");
  if (calendar.hours.zone.empty()) calendar.hours.zone = schema_.catalogue.zone;
  if (!value::zone_exists(calendar.hours.zone)) {
    sink_.report(text::Code::no_such_zone, fields.find("zone")->atoms[0].span,
                 "there is no zone `" + calendar.hours.zone + "`");
    calendar.hours.zone = schema_.catalogue.zone;
  }
  for (const ast::Field* field : fields.all("open")) read_opening(calendar, *field);
}

void Builder::read_opening(bytecode::Calendar& calendar, const ast::Field& field) {
  std::uint8_t days = 0;
  for (const ast::Atom& atom : field.atoms) {
    if (const auto* range = std::get_if<ast::NameRange>(&atom.value)) {
      days = static_cast<std::uint8_t>(days | weekdays(sink_, range->from, range->to).value_or(0));
    } else if (const ast::Path* day = path_of(atom)) {
      days = static_cast<std::uint8_t>(days | weekdays(sink_, day->parts[0], day->parts[0]).value_or(0));
    }
  }
  const bool every_day = std::holds_alternative<ast::TimeRange>(field.atoms[0].value);
  if (every_day) days = 0x7f;
  if (days == 0) return;  // the names were reported
  for (const ast::Atom& atom : field.atoms) {
    const auto* hours = std::get_if<ast::TimeRange>(&atom.value);
    if (!hours) continue;
    if (hours->from == hours->to || hours->from >= 24 * 60) {
      sink_.report(text::Code::never_open, atom.span, "these hours are empty");
      continue;
    }
    calendar.hours.open.push_back({days, hours->from, hours->to});
  }
}

}  // namespace wf::schema
