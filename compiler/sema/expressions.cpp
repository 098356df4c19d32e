// Values: literals, names, arithmetic; and what may stand where.
#include "compiler/sema/expressions.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/conditions.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"

namespace wf::sema {
namespace {

using value::Kind;

bool is_number(const Type& type) {
  return type.kind == Kind::integer || type.kind == Kind::decimal;
}
bool is_time(const Type& type) {
  return type.kind == Kind::instant || type.kind == Kind::date;
}

std::optional<Expr> check_literal(Context& context, const ast::Expr& expression, const ast::Literal& literal,
                                  const Type* wanted) {
  if (const auto* duration = std::get_if<ast::Duration>(&literal.value)) {
    const auto length = check_duration(context, *duration, expression.span, true);
    if (!length) return std::nullopt;
    return make_duration(*length, expression.span);
  }
  if (wanted) {
    const auto constant = schema::constant_of(expression, *wanted, context.catalogue(), context.zone());
    if (constant.value) {
      Type type = *wanted;
      type.nullable = false;
      return make_constant(*constant.value, type, expression.span);
    }
  }
  const value::Value natural = schema::natural_value(literal, context.zone());
  return make_constant(natural, type_of(natural.kind()), expression.span);
}

/// A bare name where an enum is wanted. Nothing when it is no value of it: the caller reports.
std::optional<Expr> enum_constant(Context& context, const ast::Expr& expression, const Type& wanted) {
  const auto constant = schema::constant_of(expression, wanted, context.catalogue(), context.zone());
  if (!constant.value) return std::nullopt;
  Type type = wanted;
  type.nullable = false;
  return make_constant(*constant.value, type, expression.span);
}

bool is_bare_name(const ast::Expr& expression) {
  const auto* path = std::get_if<ast::PathExpr>(&expression.node);
  return path && path->path.parts.size() == 1;
}

std::optional<Type> sum_type(ast::ArithOp op, const Type& a, const Type& b) {
  const bool plus = op == ast::ArithOp::add;
  const bool nullable = a.nullable || b.nullable;
  if (is_time(a) && b.kind == Kind::duration) return type_of(a.kind, nullable);
  if (plus && a.kind == Kind::duration && is_time(b)) return type_of(b.kind, nullable);
  if (a.kind == Kind::duration && b.kind == Kind::duration) return type_of(Kind::duration, nullable);
  if (!plus && is_time(a) && a.kind == b.kind) return type_of(Kind::duration, nullable);
  return std::nullopt;
}

std::optional<Type> arith_type(ast::ArithOp op, const Type& a, const Type& b) {
  const bool nullable = a.nullable || b.nullable;
  if (is_number(a) && is_number(b)) {
    if (op == ast::ArithOp::div) return type_of(Kind::decimal, true);  // unknown when dividing by zero
    const bool whole = a.kind == Kind::integer && b.kind == Kind::integer;
    return type_of(whole ? Kind::integer : Kind::decimal, nullable);
  }
  if (op == ast::ArithOp::add || op == ast::ArithOp::sub) return sum_type(op, a, b);
  return std::nullopt;
}

ExprOp arith_op(ast::ArithOp op) {
  switch (op) {
    case ast::ArithOp::add:
      return ExprOp::add;
    case ast::ArithOp::sub:
      return ExprOp::sub;
    case ast::ArithOp::mul:
      return ExprOp::mul;
    case ast::ArithOp::div:
      break;
  }
  return ExprOp::div;
}

std::optional<Expr> check_arith(Context& context, const Scope& scope, const ast::Expr& expression,
                                const ast::Arith& arith) {
  auto left = check_value(context, scope, *arith.left);
  auto right = check_value(context, scope, *arith.right);
  if (!left || !right) return std::nullopt;
  const auto type = arith_type(arith.op, left->type, right->type);
  if (!type) {
    auto& d =
        context.sink.report(Code::type_mismatch, expression.span, "these two cannot be computed together");
    d.secondary.push_back({left->span, "a " + schema::type_name(left->type, context.catalogue())});
    d.secondary.push_back({right->span, "a " + schema::type_name(right->type, context.catalogue())});
    return std::nullopt;
  }
  const bool known = require_known(context, scope, *left, "arithmetic needs a known value") &&
                     require_known(context, scope, *right, "arithmetic needs a known value");
  if (!known) return std::nullopt;
  std::vector<Expr> args;
  args.push_back(std::move(*left));
  args.push_back(std::move(*right));
  return make(arith_op(arith.op), *type, expression.span, std::move(args));
}

std::optional<Expr> check_negate(Context& context, const Scope& scope, const ast::Expr& expression,
                                 const ast::Negate& negate, const Type* wanted) {
  auto operand = check_value(context, scope, *negate.operand, wanted);
  if (!operand) return std::nullopt;
  if (!is_number(operand->type)) {
    context.sink.report(Code::type_mismatch, operand->span, "only a number can be negative").primary.text =
        "it is a " + schema::type_name(operand->type, context.catalogue());
    return std::nullopt;
  }
  if (!require_known(context, scope, *operand, "arithmetic needs a known value")) return std::nullopt;
  const Type type = operand->type;
  std::vector<Expr> args;
  args.push_back(std::move(*operand));
  return make(ExprOp::negate, type, expression.span, std::move(args));
}

}  // namespace

std::optional<Expr> check_value(Context& context, const Scope& scope, const ast::Expr& expression,
                                const Type* wanted) {
  if (const auto* literal = std::get_if<ast::Literal>(&expression.node)) {
    return check_literal(context, expression, *literal, wanted);
  }
  if (const auto* path = std::get_if<ast::PathExpr>(&expression.node)) {
    if (wanted && wanted->kind == Kind::enumeration && is_bare_name(expression)) {
      if (auto constant = enum_constant(context, expression, *wanted)) return constant;
    }
    return resolve_path(context, scope, path->path);
  }
  if (const auto* arith = std::get_if<ast::Arith>(&expression.node)) {
    return check_arith(context, scope, expression, *arith);
  }
  if (const auto* negate = std::get_if<ast::Negate>(&expression.node)) {
    return check_negate(context, scope, expression, *negate, wanted);
  }
  if (const auto* count = std::get_if<ast::Count>(&expression.node)) {
    return check_count(context, scope, *count, expression.span);
  }
  return check_boolean(context, scope, expression);
}

namespace {

void report_bad_enum_value(Context& context, const Scope& scope, const Expr& left,
                           const ast::Expr& expression) {
  const bytecode::EnumType& type = context.catalogue().enums[left.type.aux];
  const std::string written = std::string(context.sources.text(expression.span));
  const auto* literal = std::get_if<ast::Literal>(&expression.node);
  const auto* text = literal ? std::get_if<ast::Text>(&literal->value) : nullptr;
  const std::string name = text ? text->value : written;
  auto& d = schema::report_unknown(context.sink, Code::never_equal, expression.span,
                                   "`" + name + "` is not a value of `" + type.name + "`", name, type.values);
  point_at_declaration(context, scope, left, d);
  if (is_bare_name(expression) && is_value_name(context, scope, name) && scope.object != kNone) {
    d.helps.push_back("for the property, write `" + context.catalogue().objects[scope.object].name + "." +
                      name + "`");
  }
}

/// `email is knwon`: a bare name right of something that is no enum.
bool report_bare_name(Context& context, const Scope& scope, const Expr& left, const ast::Expr& expression) {
  if (!is_bare_name(expression) || left.type.kind == Kind::enumeration) return false;
  const ast::Path& path = std::get<ast::PathExpr>(expression.node).path;
  const std::string& name = path.parts[0].text;
  if (is_value_name(context, scope, name) || name == "now" || name == "created_at") return false;
  if (scope.object != kNone) {
    const auto& broken = context.schema.objects[scope.object].broken;
    if (std::find(broken.begin(), broken.end(), name) != broken.end()) return false;
  }
  if (scope.object != kNone && name == context.catalogue().objects[scope.object].name) return false;
  std::vector<std::string> candidates = value_names(context, scope);
  candidates.insert(candidates.end(), {"known", "unknown"});
  auto& d = schema::report_unknown(context.sink, Code::unknown_name, path.span,
                                   "`" + name + "` is neither a value nor a property", name, candidates);
  if (d.primary.text.empty()) d.primary.text = "a text is written in quotes";
  return true;
}

}  // namespace

std::optional<Expr> check_operand(Context& context, const Scope& scope, const Expr& left,
                                  const ast::Expr& expression) {
  const Type& type = left.type;
  const auto* literal = std::get_if<ast::Literal>(&expression.node);
  const bool text = literal && std::holds_alternative<ast::Text>(literal->value);
  if (type.kind == Kind::enumeration && (is_bare_name(expression) || text)) {
    if (auto constant = enum_constant(context, expression, type)) return constant;
    report_bad_enum_value(context, scope, left, expression);
    return std::nullopt;
  }
  if (report_bare_name(context, scope, left, expression)) return std::nullopt;
  auto right = check_value(context, scope, expression, &type);
  if (!right) return std::nullopt;
  if (fits(right->type, type) || fits(type, right->type)) return right;
  auto& d = context.sink.report(Code::type_mismatch, right->span,
                                "a " + schema::type_name(type, context.catalogue()) + " is compared with a " +
                                    schema::type_name(right->type, context.catalogue()));
  d.primary.text = "this is a " + schema::type_name(right->type, context.catalogue());
  d.secondary.push_back({left.span, "this is a " + schema::type_name(type, context.catalogue())});
  return std::nullopt;
}

bool fits(const Type& from, const Type& to) {
  if (from.kind == Kind::integer && to.kind == Kind::decimal) return true;
  if (from.kind != to.kind) return false;
  const bool has_aux =
      from.kind == Kind::enumeration || from.kind == Kind::ref || from.kind == Kind::resource;
  return !has_aux || from.aux == to.aux;
}

bool require_known(Context& context, const Scope& scope, const Expr& value, const std::string& purpose) {
  if (!may_be_unknown(scope, value)) return true;
  const std::string written(context.sources.text(value.span));
  auto& d = context.sink.report(Code::nullable_use, value.span, "`" + written + "` may be unknown here");
  d.primary.text = purpose;
  point_at_declaration(context, scope, value, d);
  if (!key_of(value).empty()) {
    const bool step = scope.workflow != nullptr;
    d.helps.push_back(step ? "test it first: `if " + written + " is known { … }`"
                           : "test it first: `" + written + " is known and …`");
  }
  return false;
}

bool require_type(Context& context, const Scope& scope, const Expr& value, const Type& type,
                  const std::string& purpose) {
  if (fits(value.type, type)) return true;
  auto& d = context.sink.report(
      Code::type_mismatch, value.span,
      purpose + " is " + schema::with_article(schema::type_name(type, context.catalogue())) + ", not " +
          schema::with_article(schema::type_name(value.type, context.catalogue())));
  d.primary.text = "this is " + schema::with_article(schema::type_name(value.type, context.catalogue()));
  point_at_declaration(context, scope, value, d);
  return false;
}

std::optional<std::int64_t> check_duration(Context& context, const ast::Duration& duration, Span span,
                                           bool months_ok) {
  if (duration.business) {
    auto& d = context.sink.report(Code::no_business_time, span, "business time has no meaning here");
    d.primary.text = "a plain duration is needed";
    d.notes.push_back("waits, limits, moments and due times count business time");
    return std::nullopt;
  }
  const bool long_unit = duration.unit == ast::Unit::month || duration.unit == ast::Unit::year;
  if (duration.calendar || (long_unit && !months_ok)) {
    auto& d = context.sink.report(Code::month_needs_calendar, span, "this has no fixed length");
    d.primary.text = duration.calendar ? "a duration with a fixed length is needed here"
                                       : "months and years differ in length";
    if (!duration.calendar) d.helps.push_back("count in days, as in `30 days`");
    return std::nullopt;
  }
  return schema::fixed_length(duration);
}

}  // namespace wf::sema
