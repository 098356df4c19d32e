#include "compiler/sema/verdicts.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/witness.hpp"

namespace wf::sema {
namespace {

using value::Kind;
using Verdicts = Verdict::Kind;

constexpr Outcomes kNotTrue = kFalse | kUnknown;

bool is_logic(const Expr& e) {
  return e.op == ExprOp::and_ || e.op == ExprOp::or_ || e.op == ExprOp::not_;
}

bool inside(Span part, Span whole) {
  return part.file == whole.file && part.begin >= whole.begin && part.end <= whole.end;
}

/// The parts of a condition that stand on their own, as written; conditions of segments are elsewhere.
template <class Visit>
void each_part(const Expr& condition, Visit visit) {
  if (condition.op != ExprOp::and_ && condition.op != ExprOp::or_) return visit(condition);
  // `between` is two comparisons with one place.
  const bool one = std::all_of(condition.args.begin(), condition.args.end(),
                               [&](const Expr& arg) { return arg.span == condition.span; });
  if (one) return visit(condition);
  for (const Expr& arg : condition.args) {
    if (inside(arg.span, condition.span)) each_part(arg, visit);
  }
}

const char* constant_text(Outcomes outcomes) {
  if (outcomes == kTrue) return "always true";
  if (outcomes == kFalse) return "always false";
  return outcomes == kUnknown ? "always unknown" : "never true";
}

Verdicts verdict_of(Outcomes outcomes) {
  if (outcomes == kTrue) return Verdicts::always_true;
  return outcomes == kUnknown ? Verdicts::always_unknown : Verdicts::never_true;
}

text::Diagnostic& report_constant(Context& context, Span span, Outcomes outcomes) {
  auto& d = context.sink.report(Code::constant_condition, span,
                                std::string("this condition is ") + constant_text(outcomes));
  if (outcomes == kUnknown) {
    d.notes.push_back("what it compares is never known, and a comparison with unknown is unknown");
  }
  return d;
}

/// The named values of a condition that the type lets be unknown, and that can be here.
std::vector<const Expr*> unknown_parts(const Flow& flow, const Expr& condition) {
  std::vector<const Expr*> parts;
  std::vector<std::string> keys;
  const auto visit = [&](const auto& self, const Expr& e) -> void {
    const bool named = e.op == ExprOp::property || e.op == ExprOp::field || e.op == ExprOp::parameter;
    if (e.op == ExprOp::is_known || e.op == ExprOp::occurred_since) return;
    if (named && e.type.nullable) {
      const bool can = std::any_of(flow.paths.begin(), flow.paths.end(), [&](const Path& path) {
        return evaluate(flow.ground->terms, path, e).unknown;
      });
      const std::string key = key_of(e);
      if (can && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(key);
        parts.push_back(&e);
      }
      return;  // `company` alone is not what the condition compares
    }
    for (const Expr& arg : e.args) self(self, arg);
  };
  visit(visit, condition);
  return parts;
}

/// `x is known and` before it changes nothing but where unknown goes: to false.
bool takes_guard(const Expr& condition) {
  if (condition.op == ExprOp::or_) return false;
  if (!is_logic(condition)) return true;
  return std::all_of(condition.args.begin(), condition.args.end(), takes_guard);
}

}  // namespace

bool report_constant(Context& context, Terms& terms, const Expr& condition, std::vector<Verdict>* verdicts,
                     Outcomes possible) {
  const Paths any{Path{}};
  bool reported = false;
  each_part(condition, [&](const Expr& part) {
    const Outcomes outcomes = outcomes_of(terms, any, part);
    const bool settled = outcomes == kTrue || (outcomes & kTrue) == 0;
    // A part that is unknown or false may still be meant as a guard; alone it decides nothing.
    const bool whole = part.span == condition.span;
    if (!settled || (!whole && outcomes == kNotTrue)) return;
    report_constant(context, part.span, outcomes);
    if (verdicts) verdicts->push_back({verdict_of(outcomes), part.span});
    reported = true;
  });
  if (reported) return true;
  if ((possible & kTrue) != 0 && possible != kTrue) return false;
  const Outcomes outcomes = outcomes_of(terms, any, condition);
  if (outcomes != kTrue && (outcomes & kTrue) != 0) return false;
  report_constant(context, condition.span, outcomes);
  return true;
}

void report_unreachable(Context& context, const Scope& scope, Span step) {
  auto& d = context.sink.report(Code::dead_branch, step, "this step can never run");
  d.primary.text = "every path before it ends the enrolment";
  if (scope.workflow) scope.workflow->verdicts.push_back({Verdicts::unreachable, step});
}

bool has_effects(const ast::Block& block) {
  const auto acts = [](const ast::Step& step) {
    if (const auto* n = std::get_if<ast::If>(&step.node)) {
      return std::any_of(n->arms.begin(), n->arms.end(),
                         [](const auto& arm) { return has_effects(arm.body); }) ||
             (n->otherwise && has_effects(*n->otherwise));
    }
    if (const auto* n = std::get_if<ast::Match>(&step.node)) {
      return std::any_of(n->arms.begin(), n->arms.end(),
                         [](const auto& arm) { return has_effects(arm.body); });
    }
    if (const auto* n = std::get_if<ast::WaitEvent>(&step.node))
      return (n->happened && has_effects(*n->happened)) || (n->timed_out && has_effects(*n->timed_out));
    if (const auto* n = std::get_if<ast::AtBlock>(&step.node)) return has_effects(n->body);
    return !std::holds_alternative<ast::WaitFor>(step.node) &&
           !std::holds_alternative<ast::WaitUntil>(step.node) &&
           !std::holds_alternative<ast::Let>(step.node) && !std::holds_alternative<ast::Stop>(step.node);
  };
  return std::any_of(block.begin(), block.end(), acts);
}

Outcomes BranchJudge::arm(const Flow& rest, const Expr& condition) {
  if (!rest.ground || rest.uncertain || !entry_.reachable()) return kAnyOutcome;
  if (!rest.reachable()) {
    if (!settled_) report_taken(condition.span);
    arms_.push_back(condition);
    return kAnyOutcome;
  }
  const Outcomes outcomes = sema::outcomes(rest, condition);
  auto& verdicts = scope_.workflow->verdicts;
  const bool constant = report_constant(context_, rest.ground->terms, condition, &verdicts, outcomes);
  if (outcomes == kTrue || (outcomes & kTrue) == 0) {
    if (!constant) report_settled(rest, condition, outcomes);
    settled_ = settled_ || outcomes == kTrue;
    verdicts.push_back({verdict_of(outcomes), condition.span});
  }
  follow_unknown(rest, condition, outcomes);
  arms_.push_back(condition);
  return outcomes;
}

/// Not by its types alone, but by what is known here.
void BranchJudge::report_settled(const Flow& rest, const Expr& condition, Outcomes outcomes) {
  const Outcomes before = sema::outcomes(entry_, condition);
  const bool by_arms = before != outcomes && !arms_.empty();
  if (outcomes == kTrue) {
    // The last of several arms may well be what is left over.
    if (by_arms) return;
    auto& d =
        context_.sink.report(Code::constant_condition, condition.span, "this condition is always true here");
    for (const Span cause : causes_of(rest.ground->terms, rest.paths, condition)) {
      d.secondary.push_back({cause, "because of this"});
    }
    return;
  }
  if (by_arms && (before & kTrue) != 0) return report_taken(condition.span);
  const bool unknown = outcomes == kUnknown;
  auto& d =
      context_.sink.report(unknown ? Code::constant_condition : Code::dead_branch, condition.span,
                           unknown ? "this condition is always unknown here" : "this branch can never run");
  if (!unknown) d.primary.text = "never true here";
  for (const Span cause : causes_of(entry_.ground->terms, entry_.paths, condition)) {
    d.secondary.push_back({cause, "this excludes it"});
  }
}

void BranchJudge::report_taken(Span span) {
  auto& d = context_.sink.report(Code::shadowed_arm, span, "an earlier arm already takes every such case");
  for (const Expr& arm : arms_) {
    if (d.secondary.size() < 3)
      d.secondary.push_back({arm.span, arms_.size() == 1 ? "this one" : "one of these"});
  }
  settled_ = true;
}

void BranchJudge::follow_unknown(const Flow& rest, const Expr& condition, Outcomes outcomes) {
  for (Silent& silent : silent_) assume(silent.flow, condition, kNotTrue);
  if ((outcomes & kUnknown) == 0 || !condition.type.nullable) return;
  Silent silent{condition, rest};
  assume(silent.flow, condition, kUnknown);
  silent_.push_back(std::move(silent));
}

void BranchJudge::otherwise(const Flow& rest, const ast::Block& body, bool reported) {
  if (!rest.ground || rest.uncertain || !entry_.reachable() || settled_ || arms_.empty()) return;
  if (!rest.reachable()) {
    auto& d = context_.sink.report(Code::dead_branch, arms_.back().span, "the `else` side can never run");
    d.primary.text = arms_.size() == 1 ? "this takes every case" : "this takes every case that is left";
    return;
  }
  if (reported || !has_effects(body)) return;
  for (const Silent& silent : silent_) {
    if (!silent.flow.reachable() || unknown_parts(silent.flow, silent.condition).empty()) continue;
    report_silent_unknown(silent.condition, body.front().span);
    return;
  }
}

void BranchJudge::report_silent_unknown(const Expr& condition, Span first) {
  const Silent& silent = *std::find_if(silent_.begin(), silent_.end(),
                                       [&](const Silent& s) { return s.condition.span == condition.span; });
  const auto parts = unknown_parts(silent.flow, condition);
  std::vector<std::string> names;
  for (const Expr* part : parts) names.emplace_back(context_.sources.text(part->span));
  auto& d = context_.sink.report(Code::nullable_use, text::Severity::warning, condition.span,
                                 "`" + names.front() + "` may be unknown, and then `else` runs");
  d.primary.text = "unknown counts as not true";
  d.witness = find_witness(context_, scope_, silent.flow, {{step_line(context_, first)}, {}, {}});
  point_at_declaration(context_, scope_, *parts.front(), d);
  std::string guard;
  for (const std::string& name : names) guard += name + " is known and ";
  d.helps.push_back("say what unknown means: `" + names.front() + " is known and …`, or an arm of its own");
  if (takes_guard(condition)) {
    const Span place{condition.span.file, condition.span.begin, condition.span.begin};
    d.fixes.push_back({"let unknown be false", text::Applicability::machine, {{place, guard}}});
  }
}

}  // namespace wf::sema
