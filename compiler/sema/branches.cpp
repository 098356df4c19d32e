#include "compiler/sema/branches.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/verdicts.hpp"

namespace wf::sema {
namespace {

using Node = decltype(Step::node);
using value::Kind;

/// The paths of a branch: each arm starts from what the earlier ones left, and all that go on meet behind it.
class Branching {
 public:
  explicit Branching(Flow& flow) : rest_(flow), out_(flow) {}

  Block arm(Context& context, const Scope& scope, const Expr& condition, const ast::Block& body) {
    Flow inside = rest_;
    assume(context, inside, condition, Outcome::is_true);
    Block block = run(context, scope, inside, body);
    assume(context, rest_, condition, Outcome::not_true);
    return block;
  }
  /// The condition had an error: its steps are checked, but nothing is claimed in them or behind.
  void broken_arm(Context& context, const Scope& scope, const ast::Block& body) {
    rest_.uncertain = true;
    Flow inside = rest_;
    run(context, scope, inside, body);
  }
  Block otherwise(Context& context, const Scope& scope, const ast::Block& body) {
    Flow inside = rest_;
    rest_.ended = true;
    return run(context, scope, inside, body);
  }
  const Flow& rest() const { return rest_; }
  void finish() {
    join(rest_);
    out_ = *joined_;
  }

 private:
  Block run(Context& context, const Scope& scope, Flow& flow, const ast::Block& body) {
    Scope inner = scope;
    inner.flow = &flow;
    Block block = check_block(context, inner, body);
    join(flow);
    return block;
  }
  void join(const Flow& flow) { joined_ = joined_ ? joined(*joined_, flow) : flow; }

  Flow rest_;
  Flow& out_;
  std::optional<Flow> joined_;
};

/// One match on its way to an if.
class Matcher {
 public:
  Matcher(Context& context, const Scope& scope, const ast::Match& source, Expr subject, Span span)
      : context_(context), scope_(scope), source_(source), subject_(std::move(subject)), span_(span) {
    claims_ = !scope.flow->uncertain && scope.flow->reachable();
    left_ = possible_values(context, scope, subject_);
    unknown_left_ = may_be_unknown(scope, subject_);
    closed_ = subject_.type.kind == Kind::enumeration || subject_.type.kind == Kind::boolean;
  }

  std::optional<Node> run() {
    If result;
    result.coverage = If::Coverage::arms;
    Branching paths(*scope_.flow);
    bool ok = true;
    for (const ast::Match::Arm& arm : source_.arms) {
      if (arm.is_else) {
        take_else(arm);
        result.else_span = arm.span;
        result.otherwise = paths.otherwise(context_, scope_, arm.body);
        continue;
      }
      auto condition = arm_condition(arm);
      if (!condition) {
        ok = false;
        continue;
      }
      Block body = paths.arm(context_, scope_, *condition, arm.body);
      result.arms.push_back({std::move(*condition), std::move(body)});
    }
    if (!ok) return std::nullopt;
    check_all_handled();
    // Where nothing is left over, no path goes past the arms.
    if (closed_ && left_.empty() && !unknown_left_ && !else_) paths.otherwise(context_, scope_, {});
    paths.finish();
    return result;
  }

 private:
  void take_else(const ast::Match::Arm& arm) {
    if (else_) {
      auto& d = context_.sink.report(Code::shadowed_arm, arm.span, "a second `else` is never reached");
      d.secondary.push_back({*else_, "the first one"});
      return;
    }
    else_ = arm.span;
  }

  std::optional<Expr> arm_condition(const ast::Match::Arm& arm) {
    if (else_) {
      auto& d = context_.sink.report(Code::shadowed_arm, arm.span, "an arm behind `else` is never reached");
      d.secondary.push_back({*else_, "`else` takes all the rest"});
    }
    std::vector<Expr> tests;
    std::vector<Expr> values{subject_};
    bool ok = true;
    for (const ast::ExprPtr& source : arm.values) {
      auto value = check_operand(context_, scope_, subject_, *source);
      ok = ok && value;
      if (!value) continue;
      take_value(*value);
      values.push_back(std::move(*value));
    }
    if (!ok) return std::nullopt;
    if (values.size() == 2)
      tests.push_back(make_boolean(ExprOp::eq, arm.span, std::move(values)));
    else if (values.size() > 2)
      tests.push_back(make_boolean(ExprOp::any_of, arm.span, std::move(values)));
    if (arm.is_unknown) tests.push_back(unknown_test(arm));
    if (tests.empty()) return std::nullopt;
    return make_logic(ExprOp::or_, std::move(tests), arm.span);
  }

  Expr unknown_test(const ast::Match::Arm& arm) {
    if (!unknown_left_ && claims_) {
      context_.sink.report(Code::shadowed_arm, arm.span, "this is never unknown here");
    }
    unknown_left_ = false;
    std::vector<Expr> known;
    known.push_back(make_boolean(ExprOp::is_known, arm.span, {subject_}));
    return make_boolean(ExprOp::not_, arm.span, std::move(known));
  }

  void take_value(const Expr& value) {
    if (!closed_ || value.op != ExprOp::constant) return;
    const std::uint32_t ordinal = value.constant.kind() == Kind::boolean
                                      ? (value.constant.as_boolean() ? 1 : 0)
                                      : value.constant.as_ordinal();
    if (left_.erase(ordinal) > 0) {
      taken_[ordinal] = value.span;
      return;
    }
    if (!claims_) return;
    const auto first = taken_.find(ordinal);
    const bool repeated = first != taken_.end();
    auto& d =
        context_.sink.report(Code::shadowed_arm, value.span,
                             repeated ? "an earlier arm handles this value" : "this value cannot occur here");
    if (repeated) d.secondary.push_back({first->second, "handled here"});
    if (!repeated) d.primary.text = "an earlier condition excludes it";
  }

  void check_all_handled() {
    if (else_ || !claims_) return;
    const std::string subject(context_.sources.text(subject_.span));
    if (!closed_) {
      auto& d = context_.sink.report(Code::non_exhaustive_match, span_,
                                     "`match " + subject + "` does not handle every value");
      d.primary.text = "a " + schema::type_name(subject_.type, context_.catalogue()) + " needs an `else`";
      return;
    }
    if (left_.empty() && !unknown_left_) return;
    std::vector<std::string> missing;
    for (const std::uint32_t ordinal : left_) missing.push_back(value_name(ordinal));
    std::string label = left_.empty() ? "missing: " : "missing: " + listed(missing);
    if (unknown_left_) {
      label += (left_.empty() ? "" : ", and ") + std::string("the case where `") + subject + "` is unknown";
    }
    auto& d = context_.sink.report(Code::non_exhaustive_match, span_,
                                   "`match " + subject + "` does not handle every value");
    d.primary.text = label;
    point_at_declaration(context_, scope_, subject_, d);
    std::vector<std::string> arms;
    for (const std::string& name : missing) arms.push_back("`" + name + " { … }`");
    if (unknown_left_) arms.push_back("`unknown { … }`");
    std::string help = "add ";
    for (std::size_t i = 0; i < arms.size(); ++i) {
      if (i > 0) help += i + 1 == arms.size() ? " and " : ", ";
      help += arms[i];
    }
    d.helps.push_back(help + ", or end with `else { … }`");
  }

  static std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "`" : ", `") + name + "`";
    return text;
  }

  std::string value_name(std::uint32_t ordinal) const {
    if (subject_.type.kind == Kind::boolean) return ordinal ? "true" : "false";
    return context_.catalogue().enums[subject_.type.aux].values[ordinal];
  }

  Context& context_;
  const Scope& scope_;
  const ast::Match& source_;
  Expr subject_;
  Span span_;
  std::set<std::uint32_t> left_;  ///< values that no arm has handled yet
  bool unknown_left_ = false;
  bool claims_ = true;   ///< the facts here can be relied on
  bool closed_ = false;  ///< a type whose values can be listed
  std::optional<Span> else_;
  std::map<std::uint32_t, Span> taken_;  ///< where a value was handled
};

}  // namespace

std::optional<Node> check_if(Context& context, const Scope& scope, const ast::If& source) {
  If result;
  const Flow entry = *scope.flow;
  Branching paths(*scope.flow);
  BranchJudge judge(context, scope, entry);
  bool ok = true;
  for (const ast::If::Arm& arm : source.arms) {
    Scope at = scope;
    Flow rest = paths.rest();
    at.flow = &rest;
    auto condition = check_condition(context, at, *arm.condition);
    if (!condition) {
      ok = false;
      paths.broken_arm(context, scope, arm.body);
      continue;
    }
    const Outcomes outcomes = judge.arm(rest, *condition);
    Block body = paths.arm(context, scope, *condition, arm.body);
    result.arms.push_back({std::move(*condition), std::move(body), outcomes});
  }
  if (source.otherwise) {
    const Flow rest = paths.rest();
    const std::size_t before = context.sink.all().size();
    result.otherwise = paths.otherwise(context, scope, *source.otherwise);
    // What unknown does in there was reported where it does it.
    const auto& all = context.sink.all();
    const bool reported = std::any_of(all.begin() + static_cast<std::ptrdiff_t>(before), all.end(),
                                      [](const auto& d) { return d.code == Code::nullable_use; });
    judge.otherwise(rest, *source.otherwise, reported);
  }
  paths.finish();
  if (!ok) return std::nullopt;
  return result;
}

std::optional<Node> check_match(Context& context, const Scope& scope, const ast::Match& source, Span span) {
  auto subject = check_value(context, scope, *source.subject);
  if (!subject) return std::nullopt;
  return Matcher(context, scope, source, std::move(*subject), span).run();
}

}  // namespace wf::sema
