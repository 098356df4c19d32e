#include "compiler/schema/literal.hpp"

#include "compiler/schema/atoms.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::schema {
namespace {

using value::Kind;
using value::Value;

struct Naturalise {
  std::string_view zone;
  Value operator()(const ast::Number& n) const {
    const bool whole = !n.has_point && !n.percent;
    return whole ? Value::integer(n.micros / value::kMicro)
                 : Value::decimal(n.percent ? n.micros / 100 : n.micros);
  }
  Value operator()(const ast::Text& t) const { return Value::text(t.value); }
  Value operator()(const ast::Bool& b) const { return Value::boolean(b.value); }
  Value operator()(const ast::Duration& d) const {
    const auto length = fixed_length(d);
    return length ? Value::duration(*length) : Value();
  }
  Value operator()(const ast::Date& d) const { return Value::date(d.days); }
  Value operator()(const ast::LocalDateTime& l) const {
    return Value::instant(value::to_instant(l.civil, zone));
  }
  Value operator()(const ast::TimeOfDay& t) const { return Value::time_of_day(t.minutes); }
};

Constant of_text(const std::string& text, const bytecode::Type& type, const bytecode::Catalogue& catalogue) {
  if (type.kind == Kind::text) return {Value::text(text)};
  if (type.kind != Kind::enumeration) return {};
  const std::uint32_t ordinal = enum_value(catalogue.enums[type.aux], text, true);
  if (ordinal == bytecode::kNone) return {std::nullopt, true};
  return {Value::enumeration(type.aux, ordinal)};
}

Constant of_literal(const ast::Literal& literal, const bytecode::Type& type,
                    const bytecode::Catalogue& catalogue, std::string_view zone) {
  if (const auto* text = std::get_if<ast::Text>(&literal.value)) return of_text(text->value, type, catalogue);
  const Value natural = natural_value(literal, zone);
  if (natural.kind() == type.kind) return {natural};
  if (type.kind == Kind::decimal && natural.kind() == Kind::integer)
    return {Value::decimal(natural.as_micros())};
  if (type.kind == Kind::instant && natural.kind() == Kind::date) {
    return {Value::instant(value::to_instant(natural.as_date(), 0, zone))};
  }
  return {};
}

Constant of_path(const ast::Path& path, const bytecode::Type& type, const bytecode::Catalogue& catalogue) {
  if (type.kind == Kind::enumeration && path.parts.size() == 1) {
    const std::uint32_t ordinal = enum_value(catalogue.enums[type.aux], path.parts[0].text, false);
    if (ordinal == bytecode::kNone) return {std::nullopt, true};
    return {Value::enumeration(type.aux, ordinal)};
  }
  const auto reference = reference_of(path);
  if (!reference || type.kind != Kind::resource || static_cast<std::uint32_t>(reference->kind) != type.aux)
    return {};
  const bool in_catalogue = reference->kind != bytecode::ResourceKind::workflow &&
                            reference->kind != bytecode::ResourceKind::sequence;
  if (!in_catalogue) return {};
  const std::uint32_t index = catalogue.find_resource(reference->kind, reference->name->text);
  if (index == bytecode::kNone) return {std::nullopt, true};
  return {Value::resource(type.aux, index)};
}

}  // namespace

Value natural_value(const ast::Literal& literal, std::string_view zone) {
  return std::visit(Naturalise{zone}, literal.value);
}

std::optional<std::int64_t> fixed_length(const ast::Duration& duration) {
  if (duration.business || duration.calendar) return std::nullopt;
  std::int64_t unit = value::kDay;
  switch (duration.unit) {
    case ast::Unit::second:
      unit = value::kSecond;
      break;
    case ast::Unit::minute:
      unit = value::kMinute;
      break;
    case ast::Unit::hour:
      unit = value::kHour;
      break;
    case ast::Unit::day:
      break;
    case ast::Unit::week:
      unit = 7 * value::kDay;
      break;
    case ast::Unit::month:
      unit = 30 * value::kDay;
      break;
    case ast::Unit::year:
      unit = 365 * value::kDay;
      break;
  }
  return value::mul_saturating(duration.count, unit);
}

Constant constant_of(const ast::Expr& expression, const bytecode::Type& type,
                     const bytecode::Catalogue& catalogue, std::string_view zone) {
  if (const auto* literal = std::get_if<ast::Literal>(&expression.node)) {
    return of_literal(*literal, type, catalogue, zone);
  }
  if (const auto* path = std::get_if<ast::PathExpr>(&expression.node))
    return of_path(path->path, type, catalogue);
  const auto* negate = std::get_if<ast::Negate>(&expression.node);
  if (!negate || !negate->operand) return {};
  Constant inner = constant_of(*negate->operand, type, catalogue, zone);
  if (!inner.value || !inner.value->is_number()) return {};
  const std::int64_t micros = inner.value->as_micros();
  const bool whole = inner.value->kind() == Kind::integer;
  return {whole ? Value::integer(-inner.value->as_integer()) : Value::decimal(-micros)};
}

Constant constant_of(const ast::Atom& atom, const bytecode::Type& type, const bytecode::Catalogue& catalogue,
                     std::string_view zone) {
  if (const auto* literal = std::get_if<ast::Literal>(&atom.value))
    return of_literal(*literal, type, catalogue, zone);
  if (const ast::Path* path = path_of(atom)) {
    if (type.kind == Kind::boolean && word_of(atom)) {
      if (*word_of(atom) == "yes") return {Value::boolean(true)};
      if (*word_of(atom) == "no") return {Value::boolean(false)};
    }
    return of_path(*path, type, catalogue);
  }
  return {};
}

std::uint32_t enum_value(const bytecode::EnumType& type, const std::string& name, bool by_title) {
  for (std::size_t i = 0; i < type.values.size(); ++i) {
    if (type.values[i] == name || (by_title && type.titles[i] == name)) return static_cast<std::uint32_t>(i);
  }
  return bytecode::kNone;
}

bool outside_range(const bytecode::Property& property, const Value& value) {
  if (!value.is_number()) return false;
  const std::int64_t micros = value.as_micros();
  return (property.minimum && micros < *property.minimum) || (property.maximum && micros > *property.maximum);
}

}  // namespace wf::schema
