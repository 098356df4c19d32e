// Expressions: operands first, then the operator.
#include <algorithm>

#include "compiler/ir/builder.hpp"
#include "grammar/text/result.hpp"

namespace wf::ir {

using bytecode::Opcode;
using sema::Expr;
using sema::ExprOp;

namespace {

/// More values than this are compared in several groups, so that no list needs too much stack.
constexpr std::size_t kGroup = 64;

/// Operators whose opcode has no operand and pops just the arguments.
Opcode plain_opcode(ExprOp op) {
  switch (op) {
    case ExprOp::self:
      return Opcode::self;
    case ExprOp::now:
      return Opcode::now;
    case ExprOp::created_at:
      return Opcode::created_at;
    case ExprOp::unknown:
      return Opcode::push_unknown;
    case ExprOp::eq:
      return Opcode::eq;
    case ExprOp::ne:
      return Opcode::ne;
    case ExprOp::lt:
      return Opcode::lt;
    case ExprOp::le:
      return Opcode::le;
    case ExprOp::gt:
      return Opcode::gt;
    case ExprOp::ge:
      return Opcode::ge;
    case ExprOp::is_known:
      return Opcode::is_known;
    case ExprOp::not_:
      return Opcode::not_;
    case ExprOp::contains:
      return Opcode::contains;
    case ExprOp::starts_with:
      return Opcode::starts_with;
    case ExprOp::ends_with:
      return Opcode::ends_with;
    case ExprOp::matches:
      return Opcode::matches;
    case ExprOp::add:
      return Opcode::add;
    case ExprOp::sub:
      return Opcode::sub;
    case ExprOp::mul:
      return Opcode::mul;
    case ExprOp::div:
      return Opcode::div;
    case ExprOp::negate:
      return Opcode::negate;
    case ExprOp::coalesce:
      return Opcode::coalesce;
    case ExprOp::age:
      return Opcode::age;
    case ExprOp::choose:
      return Opcode::choose;
    case ExprOp::date_of:
      return Opcode::date_of;
    case ExprOp::concat:
      return Opcode::concat;
    default:
      WF_ASSERT(false);
  }
  return Opcode::push_unknown;
}

/// Operators whose operand is the expression's `a`.
std::optional<Opcode> indexed_opcode(ExprOp op) {
  switch (op) {
    case ExprOp::property:
      return Opcode::property;
    case ExprOp::parameter:
      return Opcode::parameter;
    case ExprOp::local:
      return Opcode::local;
    case ExprOp::count:
      return Opcode::count;
    case ExprOp::last_event:
      return Opcode::last_event;
    case ExprOp::occurred_since:
      return Opcode::occurred_since;
    case ExprOp::in_list:
      return Opcode::in_list;
    case ExprOp::moment:
      return Opcode::moment;
    case ExprOp::expiry:
      return Opcode::expiry;
    case ExprOp::rotate:
      return Opcode::rotate;
    default:
      return std::nullopt;
  }
}

}  // namespace

void FunctionBuilder::any_of(const Expr& e) {
  if (e.args.size() < 2) return push(value::Value::boolean(false));
  for (std::size_t begin = 1; begin < e.args.size(); begin += kGroup) {
    const std::size_t end = std::min(begin + kGroup, e.args.size());
    expression(e.args[0]);
    for (std::size_t i = begin; i < end; ++i) expression(e.args[i]);
    emit(Opcode::any_of, static_cast<std::uint32_t>(end - begin));
    if (begin > 1) emit(Opcode::or_);
  }
}

void FunctionBuilder::expression(const Expr& e) {
  switch (e.op) {
    case ExprOp::constant:
      return push(e.constant);
    case ExprOp::has_tag:
      return emit(Opcode::has_tag, unit_.constant(e.constant));
    case ExprOp::any_of:
      return any_of(e);
    case ExprOp::and_:
    case ExprOp::or_:
      for (std::size_t i = 0; i < e.args.size(); ++i) {
        expression(e.args[i]);
        if (i > 0) emit(e.op == ExprOp::and_ ? Opcode::and_ : Opcode::or_);
      }
      return;
    default:
      break;
  }
  for (const Expr& argument : e.args) expression(argument);
  if (e.op == ExprOp::earliest) return emit(Opcode::earliest, static_cast<std::uint32_t>(e.args.size()));
  if (e.op == ExprOp::field) return emit(Opcode::field, unit_.field(e.a, e.b));
  if (e.op == ExprOp::related) return emit(Opcode::related, unit_.relation(e.a));
  if (e.op == ExprOp::associated) return emit(Opcode::associated, unit_.relation(e.a));
  if (const auto op = indexed_opcode(e.op)) return emit(*op, e.a);
  emit(plain_opcode(e.op));
}

}  // namespace wf::ir
