#include "compiler/sema/relations.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/reads.hpp"

namespace wf::sema {
namespace {

using value::Kind;

std::vector<std::string> association_names(const Context& context, std::uint32_t object) {
  const bytecode::Object& o = context.catalogue().objects[object];
  std::vector<std::string> names;
  for (const bytecode::Inverse& inverse : o.inverses) names.push_back(inverse.name);
  for (const bytecode::Property& property : o.properties) {
    if (property.type.kind == Kind::ref) names.push_back(property.name);
  }
  return names;
}

std::nullopt_t report_no_association(Context& context, std::uint32_t object, const ast::Name& name) {
  const bytecode::Object& o = context.catalogue().objects[object];
  const std::uint32_t property = context.catalogue().find_property(object, name.text);
  if (property == kNone) {
    schema::report_unknown(context.sink, Code::unknown_property, name.span,
                           "`" + o.name + "` has no association `" + name.text + "`", name.text,
                           association_names(context, object));
    return std::nullopt;
  }
  auto& d = context.sink.report(Code::type_mismatch, name.span, "`" + name.text + "` is no association");
  d.primary.text = "it is a " + schema::type_name(o.properties[property].type, context.catalogue());
  d.secondary.push_back({context.schema.property(object, property).name, "declared here"});
  return std::nullopt;
}

/// The record that all but the last part of the path lead to.
std::optional<Expr> starting_record(Context& context, const Scope& scope, const ast::Path& path) {
  if (path.parts.size() == 1) {
    if (scope.object != kNone) return make(ExprOp::self, type_of(Kind::ref, false, scope.object), path.span);
    return resolve_record(context, scope, path);
  }
  ast::Path prefix = path;
  prefix.parts.pop_back();
  prefix.span = text::join(prefix.parts.front().span, prefix.parts.back().span);
  return resolve_record(context, scope, prefix);
}

Expr compared_count(Expr count, ExprOp op, std::int64_t number, Span span) {
  std::vector<Expr> args;
  args.push_back(std::move(count));
  args.push_back(make_constant(value::Value::integer(number), type_of(Kind::integer), span));
  return make_boolean(op, span, std::move(args));
}

Expr related_expr(ExprOp op, Type type, Expr record, std::uint32_t relation, Span span) {
  std::vector<Expr> args;
  args.push_back(std::move(record));
  Expr e = make(op, type, span, std::move(args));
  e.a = relation;
  return e;
}

std::optional<Expr> check_count_of(Context& context, const Scope& scope, const ast::Path& association,
                                   const ast::Expr* where, std::uint32_t limit, Span span) {
  auto use = resolve_association(context, scope, association);
  if (!use) return std::nullopt;
  std::optional<Expr> condition;
  if (where) {
    condition = check_condition(context, associated_scope(scope, use->object), *where);
    if (!condition) return std::nullopt;
  }
  const std::uint32_t relation = relation_for(context, *use, std::move(condition), limit);
  return related_expr(ExprOp::related, type_of(Kind::integer), std::move(use->record), relation, span);
}

}  // namespace

const bytecode::Inverse* find_inverse(const Context& context, std::uint32_t object, const std::string& name) {
  if (object == kNone) return nullptr;
  for (const bytecode::Inverse& inverse : context.catalogue().objects[object].inverses) {
    if (inverse.name == name) return &inverse;
  }
  return nullptr;
}

std::optional<AssociationUse> resolve_association(Context& context, const Scope& scope,
                                                  const ast::Path& path) {
  auto record = starting_record(context, scope, path);
  if (!record) return std::nullopt;
  const std::uint32_t object = record->type.aux;
  const ast::Name& name = path.parts.back();
  AssociationUse use;
  use.span = path.span;
  if (const bytecode::Inverse* inverse = find_inverse(context, object, name.text)) {
    use.object = inverse->object;
    use.property = inverse->property;
    use.primary = inverse->primary;
    use.record = std::move(*record);
    return use;
  }
  const std::uint32_t property = context.catalogue().find_property(object, name.text);
  const bool one =
      property != kNone && context.catalogue().objects[object].properties[property].type.kind == Kind::ref;
  if (!one) return report_no_association(context, object, name);
  auto associated = resolve_record(context, scope, path);
  if (!associated) return std::nullopt;
  use.object = associated->type.aux;
  use.record = std::move(*associated);
  return use;
}

std::uint32_t relation_for(Context& context, const AssociationUse& use, std::optional<Expr> where,
                           std::uint32_t limit) {
  Relation relation;
  relation.head.object = use.object;
  relation.head.property = use.property;
  relation.head.limit = limit;
  relation.where = std::move(where);
  auto& relations = context.module.relations;
  for (std::uint32_t i = 0; i < relations.size() && !relation.where; ++i) {
    const bytecode::Relation& other = relations[i].head;
    const bool same = !relations[i].where && other.object == use.object && other.property == use.property &&
                      other.limit == limit && other.primary == kNone;
    if (same) return i;
  }
  relations.push_back(std::move(relation));
  return static_cast<std::uint32_t>(relations.size() - 1);
}

Expr one_associated(Context& context, Expr record, const bytecode::Inverse& inverse, Span span) {
  auto& relations = context.module.relations;
  bytecode::Relation head;
  head.object = inverse.object;
  head.property = inverse.property;
  head.limit = 1;
  head.primary = inverse.primary;
  std::uint32_t index = 0;
  while (index < relations.size() &&
         (relations[index].where || relations[index].head.object != head.object ||
          relations[index].head.property != head.property || relations[index].head.limit != 1 ||
          relations[index].head.primary != head.primary)) {
    ++index;
  }
  if (index == relations.size()) relations.push_back({head, std::nullopt});
  return related_expr(ExprOp::associated, type_of(Kind::ref, true, inverse.object), std::move(record), index,
                      span);
}

Scope associated_scope(const Scope& outer, std::uint32_t object, const std::string& alias) {
  Scope scope;
  scope.object = object;
  scope.record = alias;
  scope.workflow = outer.workflow;
  return scope;
}

std::optional<Expr> check_related(Context& context, const Scope& scope, const ast::Related& related,
                                  Span span) {
  auto count = check_count_of(context, scope, related.association, related.where.get(), 1, span);
  if (!count) return std::nullopt;
  return compared_count(std::move(*count), related.none ? ExprOp::eq : ExprOp::ge, related.none ? 0 : 1,
                        span);
}

std::optional<Expr> check_related_count(Context& context, const Scope& scope, const ast::Path& association,
                                        const ast::ExprPtr& where, Span span) {
  return check_count_of(context, scope, association, where.get(), 0, span);
}

namespace {

bool is_becomes(const ast::ExprPtr& e) {
  return e && std::holds_alternative<ast::Becomes>(e->node);
}

bool is_conjunction_with_becomes(const ast::ExprPtr& e) {
  const auto* logic = e ? std::get_if<ast::Logic>(&e->node) : nullptr;
  return logic && logic->conjunction &&
         std::any_of(logic->operands.begin(), logic->operands.end(), is_becomes);
}

}  // namespace

bool is_related_edge(const ast::Expr& expression) {
  const auto* related = std::get_if<ast::Related>(&expression.node);
  return related && !related->none &&
         (is_becomes(related->where) || is_conjunction_with_becomes(related->where));
}

namespace {

/// `stage becomes closed_won`, of the associated record.
std::optional<Expr> check_became(Context& context, const Scope& inside, const ast::Becomes& becomes,
                                 Span span) {
  auto left = check_value(context, inside, *becomes.left);
  if (!left) return std::nullopt;
  if (left->op != ExprOp::property) {
    context.sink.report(Code::misplaced, left->span,
                        "`becomes` stands behind a property of the associated record");
    return std::nullopt;
  }
  auto value = check_operand(context, inside, *left, *becomes.value);
  if (!value) return std::nullopt;
  std::vector<Expr> args;
  args.push_back(std::move(*left));
  args.push_back(std::move(*value));
  return make_boolean(ExprOp::eq, span, std::move(args));
}

/// The condition in two: what comes to be, and what has to hold then.
bool check_edge_parts(Context& context, const Scope& inside, const ast::Expr& where, RelatedEdge& edge) {
  std::vector<const ast::Expr*> operands{&where};
  if (const auto* logic = std::get_if<ast::Logic>(&where.node)) {
    operands.clear();
    for (const ast::ExprPtr& operand : logic->operands) operands.push_back(operand.get());
  }
  std::optional<Expr> became;
  std::vector<Expr> rest;
  bool ok = true;
  for (const ast::Expr* operand : operands) {
    const auto* becomes = std::get_if<ast::Becomes>(&operand->node);
    // A second `becomes` is reported as the occurrence that it is.
    auto part = becomes && !became ? check_became(context, inside, *becomes, operand->span)
                                   : check_condition(context, inside, *operand);
    if (!part) {
      ok = false;
    } else if (becomes && !became) {
      became = std::move(part);
    } else {
      rest.push_back(std::move(*part));
    }
  }
  if (!ok || !became) return false;
  edge.became = std::move(*became);
  if (!rest.empty()) edge.where = make_logic(ExprOp::and_, std::move(rest), where.span);
  return true;
}

}  // namespace

std::optional<RelatedEdge> check_related_edge(Context& context, const Scope& scope,
                                              const ast::Related& related) {
  auto use = resolve_association(context, scope, related.association);
  if (!use) return std::nullopt;
  RelatedEdge edge;
  const Scope inside = associated_scope(scope, use->object);
  if (!check_edge_parts(context, inside, *related.where, edge)) return std::nullopt;
  auto path = path_to(context, scope.object, use->record);
  if (path && use->property != kNone) path->push_back({use->object, use->property, true});
  if (!path || path->empty()) {
    context.sink.report(Code::misplaced, use->span,
                        "`becomes` needs a record that is associated with this one");
    return std::nullopt;
  }
  edge.head.path = std::move(*path);
  edge.head.object = use->object;
  Reads reads = reads_of(context, use->object, edge.became);
  edge.head.properties = std::move(reads.properties);
  edge.head.counters = std::move(reads.counters);
  edge.head.lists = std::move(reads.lists);
  edge.head.tags = reads.tags;
  return edge;
}

}  // namespace wf::sema
