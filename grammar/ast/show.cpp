#include "grammar/ast/show.hpp"

#include "grammar/text/render.hpp"
#include "grammar/value/value.hpp"

namespace wf::ast {

std::string quoted(const std::string& text) {
  std::string out;
  text::append_json_string(out, text);
  return out;
}

std::string show(const Path& path) {
  std::string out;
  for (const Name& part : path.parts) {
    if (!out.empty()) out += '.';
    out += part.text;
  }
  return out;
}

std::string show(const Duration& duration) {
  constexpr const char* kUnits[] = {"second", "minute", "hour", "day", "week", "month", "year"};
  std::string out = std::to_string(duration.count);
  if (duration.business) out += " business";
  if (duration.calendar) out += " calendar";
  out = out + " " + kUnits[static_cast<std::size_t>(duration.unit)];
  return duration.count == 1 ? out : out + "s";
}

std::string show(const value::Civil& local) {
  char buffer[40];
  const char* format = local.second ? "%04d-%02u-%02uT%02u:%02u:%02u" : "%04d-%02u-%02uT%02u:%02u";
  std::snprintf(buffer, sizeof buffer, format, local.year, local.month, local.day, local.hour, local.minute,
                local.second);
  return buffer;
}

std::string show_time(std::int32_t minutes) {
  return value::format_time_of_day(minutes);
}

std::string show(const Number& number) {
  std::string out = value::format_decimal(number.micros);
  if (number.has_point && out.find('.') == std::string::npos) out += ".0";
  return number.percent ? out + "%" : out;
}
std::string show(const Text& text) {
  return quoted(text.value);
}
std::string show(const Bool& value) {
  return value.value ? "true" : "false";
}
std::string show(const Date& date) {
  return value::format_date(date.days);
}
std::string show(const LocalDateTime& local) {
  return show(local.civil);
}
std::string show(const TimeOfDay& time) {
  return show_time(time.minutes);
}
std::string show(const TimeRange& range) {
  return show_time(range.from) + ".." + show_time(range.to);
}
std::string show(const NameRange& range) {
  return range.from.text + ".." + range.to.text;
}
std::string show(const NumberRange& range) {
  const std::string from = range.from ? value::format_decimal(*range.from) : "";
  return from + ".." + (range.to ? value::format_decimal(*range.to) : "");
}
std::string show(const Literal& literal) {
  return std::visit([](const auto& value) { return show(value); }, literal.value);
}

std::string show(const Atom& atom);
std::string show(const std::vector<Atom>& row, const char* separator) {
  std::string out;
  for (const Atom& atom : row) {
    if (!out.empty()) out += separator;
    out += show(atom);
  }
  return out;
}
std::string show(const AtomList& list) {
  return "(" + show(list.items, ", ") + ")";
}
std::string show(const ElseAtom& either) {
  return "[" + show(*either.first) + " else " + show(*either.second) + "]";
}
std::string show(const Atom& atom) {
  return std::visit([](const auto& value) { return show(value); }, atom.value);
}

std::string show(const ZoneClause& zone) {
  std::string out = " in";
  if (zone.property) out += " " + show(*zone.property);
  if (zone.property && zone.zone) out += " else";
  if (zone.zone) out += " " + quoted(*zone.zone);
  return out;
}

std::string show(const Moment& moment) {
  std::string out;
  if (moment.offset) out += show(*moment.offset) + (moment.before ? " before " : " after ");
  if (const auto* path = std::get_if<Path>(&moment.anchor)) out += show(*path);
  if (const auto* literal = std::get_if<Literal>(&moment.anchor)) out += show(*literal);
  if (moment.next_weekday) out += "next " + moment.next_weekday->text;
  if (moment.at) out += (out.empty() ? "at " : " at ") + show_time(*moment.at);
  if (moment.zone) out += show(*moment.zone);
  return out;
}

std::string show(const IfPast& if_past) {
  constexpr const char* kThen[] = {"skip", "continue", "stop", "enroll now"};
  std::string out = "if past ";
  if (if_past.within) out += "within " + show(*if_past.within) + " ";
  return out + kThen[static_cast<std::size_t>(if_past.then)];
}

std::string show(const AnchorPolicy& anchor) {
  constexpr const char* kThen[] = {"skip", "continue", "stop", "enroll now"};
  std::string out;
  if (anchor.if_unknown)
    out += std::string(", if unknown ") + kThen[static_cast<std::size_t>(*anchor.if_unknown)];
  return anchor.frozen ? out + ", frozen" : out;
}

std::string show(const Schedule& schedule) {
  constexpr const char* kEvery[] = {"daily", "weekly on", "monthly on", "yearly on"};
  std::string out = kEvery[static_cast<std::size_t>(schedule.every)];
  if (schedule.nth != 0) out += schedule.nth < 0 ? " last" : " nth " + std::to_string(schedule.nth);
  for (const NameRange& days : schedule.weekdays) {
    out += " " + (days.from.span == days.to.span ? days.from.text : show(days));
  }
  if (schedule.month != 0) out += " month " + std::to_string(schedule.month);
  if (schedule.day != 0) out += " day " + std::to_string(schedule.day);
  if (schedule.property) out += " " + show(*schedule.property);
  out += " at " + show_time(schedule.at);
  return schedule.zone ? out + show(*schedule.zone) : out;
}

std::string show(const TypeRef& type) {
  std::string out;
  if (type.association == TypeRef::Association::one) out += "-> ";
  if (type.association == TypeRef::Association::many) out += "<- ";
  out += type.name.text;
  if (type.inverse) out += "." + type.inverse->text;
  if (!type.values.empty()) {
    out += "(";
    for (const EnumValue& value : type.values) {
      if (out.back() != '(') out += ", ";
      out += value.name.text;
      if (value.title) out += " " + quoted(*value.title);
    }
    out += ")";
  }
  return type.nullable ? out + "?" : out;
}

}  // namespace wf::ast
