// Weekdays by name: `mon`, `mon..fri`.
#pragma once

#include <cstdint>
#include <optional>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::schema {

/// 0 = Monday; reports an unknown name.
std::optional<int> weekday(text::DiagnosticSink& sink, const ast::Name& name);

/// From one day to another, both included, as bits (bit 0 = Monday); `fri..mon` is four days. Reports unknown
/// names.
std::optional<std::uint8_t> weekdays(text::DiagnosticSink& sink, const ast::Name& from, const ast::Name& to);

}  // namespace wf::schema
