#include "compiler/sema/conditions.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/relations.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::sema {
namespace {

using value::Kind;

std::vector<Expr> pair(Expr a, Expr b) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  args.push_back(std::move(b));
  return args;
}

Expr negated(Expr condition, Span span) {
  std::vector<Expr> args;
  args.push_back(std::move(condition));
  return make_boolean(ExprOp::not_, span, std::move(args));
}

ExprOp compare_op(ast::CompareOp op) {
  switch (op) {
    case ast::CompareOp::eq:
    case ast::CompareOp::is:
      return ExprOp::eq;
    case ast::CompareOp::ne:
    case ast::CompareOp::is_not:
      return ExprOp::ne;
    case ast::CompareOp::lt:
      return ExprOp::lt;
    case ast::CompareOp::le:
    case ast::CompareOp::is_at_most:
      return ExprOp::le;
    case ast::CompareOp::gt:
      return ExprOp::gt;
    case ast::CompareOp::ge:
    case ast::CompareOp::is_at_least:
      return ExprOp::ge;
  }
  return ExprOp::eq;
}

/// Reports a type that has no order.
bool require_order(Context& context, const Scope& scope, const Expr& e) {
  switch (e.type.kind) {
    case Kind::integer:
    case Kind::decimal:
    case Kind::instant:
    case Kind::date:
    case Kind::duration:
    case Kind::time_of_day:
      return true;
    case Kind::enumeration:
      if (context.catalogue().enums[e.type.aux].ordered) return true;
      break;
    default:
      break;
  }
  auto& d = context.sink.report(Code::type_mismatch, e.span, "this has no order");
  d.primary.text = "it is a " + schema::type_name(e.type, context.catalogue());
  point_at_declaration(context, scope, e, d);
  if (e.type.kind == Kind::enumeration) d.helps.push_back("mark the enum `ordered` if its values have one");
  return false;
}

/// A number outside the range that the other side is declared with can never be equal to it.
bool check_domain(Context& context, const Scope& scope, const Expr& left, const Expr& right) {
  const auto ref = property_of(scope, left);
  if (!ref || right.op != ExprOp::constant ||
      !schema::outside_range(declared(context, *ref), right.constant)) {
    return true;
  }
  auto& d = context.sink.report(Code::never_equal, right.span,
                                "`" + declared(context, *ref).name + "` can never be this number");
  d.primary.text = "outside the declared range";
  d.secondary.push_back({context.schema.property(ref->object, ref->property).name, "declared here"});
  return false;
}

std::optional<Expr> check_compare(Context& context, const Scope& scope, const ast::Compare& compare,
                                  Span span) {
  // `5 < score`: the name gives the literal its type.
  const bool flipped = std::holds_alternative<ast::Literal>(compare.left->node);
  auto first = check_value(context, scope, flipped ? *compare.right : *compare.left);
  if (!first) return std::nullopt;
  auto second = check_operand(context, scope, *first, flipped ? *compare.left : *compare.right);
  if (!second) return std::nullopt;
  const ExprOp op = compare_op(compare.op);
  const bool ordering = op != ExprOp::eq && op != ExprOp::ne;
  if (ordering && !require_order(context, scope, *first)) return std::nullopt;
  if (!ordering && !check_domain(context, scope, *first, *second)) return std::nullopt;
  return make_boolean(
      op, span,
      flipped ? pair(std::move(*second), std::move(*first)) : pair(std::move(*first), std::move(*second)));
}

std::optional<Expr> check_one_of(Context& context, const Scope& scope, const ast::OneOf& one, Span span) {
  auto left = check_value(context, scope, *one.left);
  if (!left) return std::nullopt;
  std::vector<Expr> args{*left};
  bool ok = true;
  for (const ast::ExprPtr& value : one.values) {
    auto operand = check_operand(context, scope, *left, *value);
    if (!operand) {
      ok = false;
      continue;
    }
    ok = check_domain(context, scope, *left, *operand) && ok;
    for (std::size_t i = 1; i < args.size(); ++i) {
      const bool both = args[i].op == ExprOp::constant && operand->op == ExprOp::constant;
      if (!both || !(args[i].constant == operand->constant)) continue;
      auto& d = context.sink.report(Code::shadowed_arm, operand->span, "this value stands in the list twice");
      d.secondary.push_back({args[i].span, "first here"});
    }
    args.push_back(std::move(*operand));
  }
  if (!ok) return std::nullopt;
  Expr test = make_boolean(ExprOp::any_of, span, std::move(args));
  return one.negated ? negated(std::move(test), span) : test;
}

std::optional<Expr> check_known(Context& context, const Scope& scope, const ast::Known& known, Span span) {
  auto left = check_value(context, scope, *known.left);
  if (!left) return std::nullopt;
  std::vector<Expr> args;
  args.push_back(std::move(*left));
  Expr test = make_boolean(ExprOp::is_known, span, std::move(args));
  return known.negated ? negated(std::move(test), span) : test;
}

std::optional<Expr> check_between(Context& context, const Scope& scope, const ast::Between& between,
                                  Span span) {
  auto left = check_value(context, scope, *between.left);
  if (!left || !require_order(context, scope, *left)) return std::nullopt;
  auto low = check_operand(context, scope, *left, *between.low);
  auto high = check_operand(context, scope, *left, *between.high);
  if (!low || !high) return std::nullopt;
  const bool numbers = low->op == ExprOp::constant && high->op == ExprOp::constant &&
                       low->constant.is_number() && high->constant.is_number();
  if (numbers && low->constant.as_micros() > high->constant.as_micros()) {
    auto& d = context.sink.report(Code::never_equal, span, "nothing lies between these two");
    d.primary.text = "the lower end comes first";
    return std::nullopt;
  }
  std::vector<Expr> both;
  both.push_back(make_boolean(ExprOp::ge, span, pair(*left, std::move(*low))));
  both.push_back(make_boolean(ExprOp::le, span, pair(*left, std::move(*high))));
  return make_boolean(ExprOp::and_, span, std::move(both));
}

std::optional<Expr> check_text_test(Context& context, const Scope& scope, const ast::TextTest& test,
                                    Span span) {
  auto left = check_value(context, scope, *test.left);
  auto right = check_value(context, scope, *test.right);
  if (!left || !right) return std::nullopt;
  const Type text = type_of(Kind::text);
  if (!require_type(context, scope, *left, text, "what is searched") ||
      !require_type(context, scope, *right, text, "what is sought")) {
    return std::nullopt;
  }
  static constexpr ExprOp kOps[] = {ExprOp::contains, ExprOp::starts_with, ExprOp::ends_with,
                                    ExprOp::matches};
  return make_boolean(kOps[static_cast<std::size_t>(test.op)], span,
                      pair(std::move(*left), std::move(*right)));
}

Expr age_of(const Expr& e) {
  std::vector<Expr> args{e};
  return make(ExprOp::age, type_of(Kind::duration, e.type.nullable), e.span, std::move(args));
}

Expr age_compared(ExprOp op, const Expr& e, std::int64_t length, Span span) {
  return make_boolean(op, span, pair(age_of(e), make_duration(length, span)));
}

std::optional<Expr> check_age(Context& context, const Scope& scope, const ast::AgeTest& test, Span span) {
  auto left = check_value(context, scope, *test.left);
  const auto length = check_duration(context, test.duration, span, true);
  if (!left || !length) return std::nullopt;
  if (left->type.kind != Kind::instant && left->type.kind != Kind::date) {
    require_type(context, scope, *left, type_of(Kind::instant), "what has an age");
    return std::nullopt;
  }
  std::vector<Expr> both;
  switch (test.op) {
    case ast::AgeOp::more_than_ago:
      return age_compared(ExprOp::gt, *left, *length, span);
    case ast::AgeOp::less_than_ago:
    case ast::AgeOp::within_last:
      // (now − D, now]
      both.push_back(age_compared(ExprOp::ge, *left, 0, span));
      both.push_back(age_compared(ExprOp::lt, *left, *length, span));
      break;
    case ast::AgeOp::within_next:
      both.push_back(age_compared(ExprOp::le, *left, 0, span));
      both.push_back(age_compared(ExprOp::gt, *left, -*length, span));
      break;
  }
  return make_boolean(ExprOp::and_, span, std::move(both));
}

/// Lists hold records of every object.
std::uint32_t object_of_members(const bytecode::Catalogue& catalogue, ResourceKind kind,
                                std::uint32_t index) {
  if (kind == ResourceKind::segment) return catalogue.segments[index].object;
  return kind == ResourceKind::campaign ? catalogue.campaigns[index].object : kNone;
}

std::optional<Expr> check_member(Context& context, const Scope& scope, const ast::Member& member, Span span) {
  const auto reference = schema::reference_of(member.set);
  const bool segment = reference && reference->kind == ResourceKind::segment;
  const bool list = reference && has_member_list(reference->kind);
  if (!list && !segment) {
    auto& d = context.sink.report(Code::type_mismatch, member.set.span,
                                  "only lists, segments, campaigns and audiences have members");
    d.helps.push_back("write `in list.name` or `in segment.name`");
    return std::nullopt;
  }
  const std::uint32_t index = resolve_resource(context, reference->kind, *reference->name);
  if (index == kNone) return std::nullopt;
  const std::uint32_t object = object_of_members(context.catalogue(), reference->kind, index);
  if (object != kNone && scope.object != object) {
    const std::string kind(bytecode::to_string(reference->kind));
    auto& d =
        context.sink.report(Code::wrong_object, member.set.span,
                            "the " + kind + " `" + reference->name->text + "` is one of another object");
    d.primary.text = "its members are " + context.catalogue().objects[object].name + " records";
    return std::nullopt;
  }
  std::optional<Expr> test;
  if (list) {
    test = make_boolean(ExprOp::in_list, span, {});
    test->a = member_list(context, reference->kind, index);
  } else {
    test = segment_condition(context, index, member.set.span);
    // What is found of it here is no finding in the segment.
    if (test) test->span = span;
  }
  if (test && member.negated) return negated(std::move(*test), span);
  return test;
}

/// Operands of `and` or `or`: behind `p is known and …` the property is known, as what stands there only
/// counts then. Nothing when one of them is wrong.
std::optional<std::vector<Expr>> check_operands(Context& context, const Scope& scope,
                                                const std::vector<ast::ExprPtr>& sources, bool conjunction) {
  Ground ground{Terms(context, scope.object), {}};
  Flow flow = scope.flow ? *scope.flow : Flow(ground);
  Scope inside = scope;
  inside.flow = &flow;
  std::vector<Expr> operands;
  bool ok = true;
  for (const ast::ExprPtr& source : sources) {
    auto checked = check_condition(context, inside, *source);
    ok = ok && checked;
    if (!checked) continue;
    assume(context, flow, *checked, conjunction ? Outcome::is_true : Outcome::not_true);
    operands.push_back(std::move(*checked));
  }
  if (!ok || operands.empty()) return std::nullopt;
  return operands;
}

std::optional<Expr> check_logic(Context& context, const Scope& scope, const ast::Logic& logic, Span span) {
  auto operands = check_operands(context, scope, logic.operands, logic.conjunction);
  if (!operands) return std::nullopt;
  return make_logic(logic.conjunction ? ExprOp::and_ : ExprOp::or_, std::move(*operands), span);
}

std::optional<Expr> report_occurrence(Context& context, Span span, const std::string& word) {
  auto& d = context.sink.report(Code::misplaced, span, "`" + word + "` is an occurrence, not a condition");
  d.notes.push_back("an occurrence stands alone in `enroll when`; `becomes` also in `goal`");
  return std::nullopt;
}

}  // namespace

std::optional<Expr> check_boolean(Context& context, const Scope& scope, const ast::Expr& e) {
  const Span span = e.span;
  if (auto* n = std::get_if<ast::Compare>(&e.node)) return check_compare(context, scope, *n, span);
  if (auto* n = std::get_if<ast::OneOf>(&e.node)) return check_one_of(context, scope, *n, span);
  if (auto* n = std::get_if<ast::Known>(&e.node)) return check_known(context, scope, *n, span);
  if (auto* n = std::get_if<ast::Between>(&e.node)) return check_between(context, scope, *n, span);
  if (auto* n = std::get_if<ast::TextTest>(&e.node)) return check_text_test(context, scope, *n, span);
  if (auto* n = std::get_if<ast::AgeTest>(&e.node)) return check_age(context, scope, *n, span);
  if (auto* n = std::get_if<ast::EverBeen>(&e.node)) return check_ever_been(context, scope, *n, span);
  if (auto* n = std::get_if<ast::Member>(&e.node)) return check_member(context, scope, *n, span);
  if (auto* n = std::get_if<ast::Logic>(&e.node)) return check_logic(context, scope, *n, span);
  if (auto* n = std::get_if<ast::EventTerm>(&e.node)) return check_event_term(context, scope, n->event);
  if (auto* n = std::get_if<ast::NoEvents>(&e.node)) return check_no_events(context, scope, *n, span);
  if (auto* n = std::get_if<ast::HasTag>(&e.node)) {
    Expr test = make_boolean(ExprOp::has_tag, span, {});
    test.constant = value::Value::text(n->tag.text);
    return test;
  }
  if (auto* n = std::get_if<ast::Not>(&e.node)) {
    auto operand = check_condition(context, scope, *n->operand);
    if (!operand) return std::nullopt;
    return negated(std::move(*operand), span);
  }
  if (auto* n = std::get_if<ast::Related>(&e.node)) return check_related(context, scope, *n, span);
  if (std::holds_alternative<ast::Becomes>(e.node)) return report_occurrence(context, span, "becomes");
  if (std::holds_alternative<ast::Changes>(e.node)) return report_occurrence(context, span, "changes");
  return report_occurrence(context, span, "created");
}

std::optional<Expr> check_condition(Context& context, const Scope& scope, const ast::Expr& expression) {
  const Type boolean = type_of(Kind::boolean);
  auto checked = check_value(context, scope, expression, &boolean);
  if (!checked) return std::nullopt;
  if (checked->type.kind == Kind::boolean) return checked;
  auto& d = context.sink.report(Code::type_mismatch, checked->span, "this is no condition");
  d.primary.text = "it is a " + schema::type_name(checked->type, context.catalogue());
  point_at_declaration(context, scope, *checked, d);
  return std::nullopt;
}

std::optional<Expr> check_conditions(Context& context, const Scope& scope,
                                     const std::vector<ast::ExprPtr>& conditions, ExprOp joined_by) {
  auto operands = check_operands(context, scope, conditions, joined_by == ExprOp::and_);
  if (!operands) return std::nullopt;
  const Span span = text::join(operands->front().span, operands->back().span);
  return make_logic(joined_by, std::move(*operands), span);
}

std::optional<Expr> segment_condition(Context& context, std::uint32_t segment, Span use) {
  SegmentState& state = context.segments[segment];
  const ast::SegmentDecl& decl = *context.schema.segments[segment];
  if (state.progress == Progress::running) {
    auto& d = context.sink.report(Code::cyclic, use, "the segment `" + decl.name.text + "` needs itself");
    d.secondary.push_back({decl.name.span, "declared here"});
    return std::nullopt;
  }
  if (state.progress == Progress::open) {
    state.progress = Progress::running;
    Scope scope;
    scope.object = context.catalogue().segments[segment].object;
    if (scope.object != kNone)
      state.condition = check_conditions(context, scope, decl.conditions, ExprOp::and_);
    state.progress = Progress::done;
  }
  return state.condition;
}

}  // namespace wf::sema
