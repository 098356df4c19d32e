// Building expressions, and their canonical text.
#include "compiler/sema/context.hpp"
#include "compiler/sema/op_names.hpp"

namespace wf::sema {

Expr make(ExprOp op, Type type, Span span, std::vector<Expr> args) {
  Expr e;
  e.op = op;
  e.type = type;
  e.span = span;
  e.args = std::move(args);
  return e;
}

Expr make_constant(value::Value value, Type type, Span span) {
  Expr e = make(ExprOp::constant, type, span);
  e.constant = std::move(value);
  return e;
}

Expr make_boolean(ExprOp op, Span span, std::vector<Expr> args) {
  bool nullable = false;
  for (const Expr& arg : args) nullable = nullable || arg.type.nullable;
  if (op == ExprOp::is_known) nullable = false;
  return make(op, type_of(value::Kind::boolean, nullable), span, std::move(args));
}

Expr make_duration(std::int64_t microseconds, Span span) {
  return make_constant(value::Value::duration(microseconds), type_of(value::Kind::duration), span);
}

Expr make_logic(ExprOp op, std::vector<Expr> operands, Span span) {
  if (operands.size() == 1) return std::move(operands[0]);
  return make_boolean(op, span, std::move(operands));
}

namespace {

std::string constant_text(const Context& context, const value::Value& v) {
  if (v.kind() == value::Kind::enumeration) return context.catalogue().enums[v.aux()].values[v.as_ordinal()];
  if (v.kind() == value::Kind::resource) {
    const auto kind = static_cast<ResourceKind>(v.aux());
    return std::string(bytecode::to_string(kind)) + "." + context.schema.names_of(kind)[v.as_resource()];
  }
  return v.debug();
}

std::string operand_text(const Context& context, std::uint32_t object, std::uint32_t event, const Expr& e) {
  const bytecode::Catalogue& c = context.catalogue();
  switch (e.op) {
    case ExprOp::constant:
    case ExprOp::has_tag:
      return constant_text(context, e.constant);
    case ExprOp::property:
      return c.objects[object].properties[e.a].name;
    case ExprOp::field:
      return c.objects[e.a].properties[e.b].name;
    case ExprOp::parameter:
      return c.events[event].parameters[e.a].name;
    case ExprOp::local:
      return std::to_string(e.a);
    case ExprOp::count:
    case ExprOp::last_event:
    case ExprOp::occurred_since:
    case ExprOp::expiry:
      return "[" + context.module.counters[e.a].head.key + "]";
    case ExprOp::in_list:
      return c.lists[e.a].name;
    case ExprOp::related:
    case ExprOp::associated: {
      const Relation& relation = context.module.relations[e.a];
      const bytecode::Object& associated = c.objects[relation.head.object];
      std::string text = associated.name;
      if (relation.head.property != kNone) text += "." + associated.properties[relation.head.property].name;
      if (relation.head.limit != 0) text += " " + std::to_string(relation.head.limit);
      if (relation.where)
        text += " where " + canonical(context, relation.head.object, kNone, *relation.where);
      return text;
    }
    case ExprOp::moment:
      return std::to_string(e.a);
    default:
      return "";
  }
}

}  // namespace

std::string canonical(const Context& context, std::uint32_t object, std::uint32_t event, const Expr& e) {
  std::string text = op_name(e.op);
  const std::string operand = operand_text(context, object, event, e);
  if (!operand.empty()) text += ":" + operand;
  if (e.args.empty()) return text;
  text += "(";
  for (std::size_t i = 0; i < e.args.size(); ++i) {
    if (i > 0) text += ",";
    text += canonical(context, object, event, e.args[i]);
  }
  return text + ")";
}

}  // namespace wf::sema
