// Types as written: `text`, `int?`, `user`, `form`.
#pragma once

#include <optional>

#include "compiler/schema/schema.hpp"

namespace wf::schema {

/// In an event, `email` is the resource; in an object it is an address.
enum class TypePlace : std::uint8_t { property, parameter };

/// Any type but enum and association. Reports an unknown name.
std::optional<bytecode::Type> scalar_type(const ast::TypeRef& ref, const Schema& schema, TypePlace place,
                                          text::DiagnosticSink& sink);

}  // namespace wf::schema
