// What the effects read from the slots of a statement.
#include "compiler/sema/effect_call.hpp"

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/waits.hpp"

namespace wf::sema {

using value::Kind;
using Node = decltype(Step::node);
using Call = EffectCall;

std::optional<Expr> atom_value(const Call& call, const ast::Atom& atom) {
  if (const ast::Path* path = schema::path_of(atom)) return resolve_path(call.context, call.scope, *path);
  if (const auto* literal = std::get_if<ast::Literal>(&atom.value)) {
    const value::Value value = schema::natural_value(*literal, call.context.zone());
    return make_constant(value, type_of(value.kind()), atom.span);
  }
  const auto* either = std::get_if<ast::ElseAtom>(&atom.value);
  if (!either) return std::nullopt;
  auto first = atom_value(call, *either->first);
  auto second = atom_value(call, *either->second);
  if (!first || !second) return std::nullopt;
  Type type = first->type;
  type.nullable = first->type.nullable && second->type.nullable;
  std::vector<Expr> args;
  args.push_back(std::move(*first));
  args.push_back(std::move(*second));
  return make(ExprOp::coalesce, type, atom.span, std::move(args));
}

std::uint32_t resource_slot(const Call& call, ResourceKind kind, std::string_view name) {
  const auto reference = schema::reference_of(*call.slot(name));
  return reference ? resolve_resource(call.context, kind, *reference->name) : kNone;
}

std::optional<Expr> record_slot(const Call& call, std::string_view name, std::uint32_t object) {
  const ast::Atom* atom = call.slot(name);
  std::optional<Expr> e;
  if (atom) {
    e = resolve_record(call.context, call.scope, *schema::path_of(*atom));
  } else {
    e = make(ExprOp::self, type_of(Kind::ref, false, call.scope.object), call.statement.span);
  }
  if (!e || object == kNone || e->type.aux == object) return e;
  const auto& objects = call.context.catalogue().objects;
  auto& d = call.context.sink.report(
      Code::wrong_object, e->span,
      "a " + objects[object].name + " is needed here, not a " + objects[e->type.aux].name);
  if (!atom) d.helps.push_back("name the record, as in `enroll contact in workflow.x`");
  return std::nullopt;
}

std::optional<Expr> writable_slot(const Call& call) {
  return check_target(call.context, call.scope, *schema::path_of(*call.slot("property")));
}

std::optional<std::uint32_t> label_slot(const Call& call, std::uint32_t object) {
  const ast::Atom* atom = call.slot("label");
  if (!atom) return kNone;
  const ast::Name& name = schema::path_of(*atom)->parts[0];
  if (!name_is_free(call.context, call.scope, name)) return std::nullopt;
  WorkflowState& workflow = *call.scope.workflow;
  LetName let;
  let.name = name.text;
  let.span = name.span;
  let.local = workflow.locals++;
  let.type = type_of(Kind::ref, false, object);
  workflow.lets.push_back(let);
  return let.local;
}

}  // namespace wf::sema
