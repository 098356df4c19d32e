// Constants: literals as values of a wanted type.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "grammar/ast/ast.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::schema {

/// A literal's own type and value, without a wanted type. Local dates and times are in `zone`.
value::Value natural_value(const ast::Literal& literal, std::string_view zone);

/// Microseconds of a duration that has a fixed length; nothing for business time and for calendar units.
/// A month without `calendar` counts 30 days and a year 365: how long ago, not how long to wait.
std::optional<std::int64_t> fixed_length(const ast::Duration& duration);

struct Constant {
  std::optional<value::Value> value;  ///< absent when the expression is no constant of the type
  bool unknown_name = false;          ///< a bare name that is no value of the wanted enum
};

/// A literal, a negated number, or a bare name where an enum is wanted, as a value of `type`.
/// A text names an enum's value by its name or title.
Constant constant_of(const ast::Expr& expression, const bytecode::Type& type,
                     const bytecode::Catalogue& catalogue, std::string_view zone);
/// The same for an atom (fields of tests).
Constant constant_of(const ast::Atom& atom, const bytecode::Type& type, const bytecode::Catalogue& catalogue,
                     std::string_view zone);

/// Ordinal of an enum's value by name, or by title when `by_title`; kNone when absent.
std::uint32_t enum_value(const bytecode::EnumType& type, const std::string& name, bool by_title);

bool outside_range(const bytecode::Property& property, const value::Value& value);

}  // namespace wf::schema
