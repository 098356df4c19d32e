// Names: paths and references to expressions.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// `owner`, `company.employees`, `email.welcome`, `occasion.webinar.starts_at`, `event.url`, a label or
/// `let`. Reports what is not declared; nothing then.
std::optional<Expr> resolve_path(Context& context, const Scope& scope, const ast::Path& path);
/// Would resolve_path find the first name as a property or local? For hints.
bool is_value_name(const Context& context, const Scope& scope, const std::string& name);

/// Index of the resource; kNone after a report.
std::uint32_t resolve_resource(Context& context, ResourceKind kind, const ast::Name& name);
Expr resource_constant(ResourceKind kind, std::uint32_t index, Span span);

/// Lists, and what keeps its members in one: campaigns and audiences.
bool has_member_list(ResourceKind kind);
std::uint32_t member_list(const Context& context, ResourceKind kind, std::uint32_t index);

/// Does the path walk to a record? `contact`, `company`, the object's own name.
std::optional<Expr> resolve_record(Context& context, const Scope& scope, const ast::Path& path);

/// The declaration of the property that an expression reads, if it reads one.
std::optional<PropertyRef> property_of(const Scope& scope, const Expr& expression);
const bytecode::Property& declared(const Context& context, PropertyRef ref);
/// The `pii` property that a value tells something of; what is only tested or counted tells nothing.
std::optional<PropertyRef> personal_in(const Context& context, const Scope& scope, const Expr& expression);
/// Adds "declared here" and the type as a note.
void point_at_declaration(const Context& context, const Scope& scope, const Expr& expression,
                          text::Diagnostic& diagnostic);

/// Names close to a misspelt value: properties and locals in scope.
std::vector<std::string> value_names(const Context& context, const Scope& scope);

}  // namespace wf::sema
