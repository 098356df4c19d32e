// Associations: paths to associated records, and conditions over them. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// `contacts <- contact.company` by its name; null without one, and for no object.
const bytecode::Inverse* find_inverse(const Context& context, std::uint32_t object, const std::string& name);

/// `contacts` of a company, `deal.company`: the record it starts from and what is associated with it.
struct AssociationUse {
  Expr record;
  std::uint32_t object = kNone;    ///< of the associated records
  std::uint32_t property = kNone;  ///< of theirs that points at the record; kNone: `record` is the one itself
  std::uint32_t primary = kNone;   ///< of the record
  Span span;
};
/// Reports a path that leads to no association.
std::optional<AssociationUse> resolve_association(Context& context, const Scope& scope,
                                                  const ast::Path& path);

/// The one associated record that is meant where one is meant: the primary, else the oldest.
Expr one_associated(Context& context, Expr record, const bytecode::Inverse& inverse, Span span);

/// Where bare names mean properties of the associated record, also behind `alias`.
Scope associated_scope(const Scope& outer, std::uint32_t object, const std::string& alias = "");

/// The relation of an association with a condition, if there is one. `limit` 0 counts all.
std::uint32_t relation_for(Context& context, const AssociationUse& use, std::optional<Expr> where,
                           std::uint32_t limit);

/// `some deals where (…)`, `no deals where (…)`.
std::optional<Expr> check_related(Context& context, const Scope& scope, const ast::Related& related,
                                  Span span);
/// `count(deals where (…))`.
std::optional<Expr> check_related_count(Context& context, const Scope& scope, const ast::Path& association,
                                        const ast::ExprPtr& where, Span span);

/// `some deals where (stage becomes closed_won and …)`: is there a `becomes` in its condition?
bool is_related_edge(const ast::Expr& expression);
std::optional<RelatedEdge> check_related_edge(Context& context, const Scope& scope,
                                              const ast::Related& related);

}  // namespace wf::sema
