#include "compiler/sema/entry.hpp"

#include <algorithm>
#include <map>

#include "compiler/sema/names.hpp"
#include "compiler/sema/verdicts.hpp"
#include "compiler/sema/witness.hpp"

namespace wf::sema {
namespace {

using bytecode::TriggerKind;

constexpr Outcomes kNotTrue = kFalse | kUnknown;
/// Of so many conditions that enrol are pairs looked at.
constexpr std::size_t kMostCompared = 32;

Expr member_of(std::uint32_t list, Span span) {
  Expr member = make_boolean(ExprOp::in_list, span, {});
  member.a = list;
  return member;
}

class EntryCheck {
 public:
  EntryCheck(Context& context, const Workflow& workflow)
      : context_(context), workflow_(workflow), terms_(context, workflow.head.object) {}

  void run() {
    if (workflow_.cancel) report_constant(context_, terms_, *workflow_.cancel);
    const bool unless_settled = workflow_.unless && check_unless();
    const bool goal_settled = workflow_.goal && check_goal();
    if (unless_settled || goal_settled) return;
    for (const Trigger& trigger : workflow_.triggers) check_trigger(trigger);
    check_alternatives();
  }

 private:
  /// True when nobody can enter because of it, or it means nothing.
  bool check_unless() {
    if (outcomes_of(terms_, {Path{}}, *workflow_.unless) == kTrue) {
      context_.sink.report(Code::enrol_excluded, workflow_.unless->span, "nobody can enter this workflow")
          .primary.text = "this is always true";
      return true;
    }
    return report_constant(context_, terms_, *workflow_.unless);
  }

  bool check_goal() {
    const Outcomes outcomes = outcomes_of(terms_, {Path{}}, *workflow_.goal);
    if ((outcomes & kTrue) == 0) {
      auto& d =
          context_.sink.report(Code::goal_unreachable, workflow_.goal->span, "this goal can never be met");
      d.primary.text = outcomes == kUnknown ? "always unknown" : "never true";
      return true;
    }
    if (outcomes == kTrue && !workflow_.head.goal_is_edge) {
      context_.sink.report(Code::enrol_excluded, workflow_.goal->span, "nobody can enter this workflow")
          .primary.text = "this goal is always met already";
      return true;
    }
    return report_constant(context_, terms_, *workflow_.goal);
  }

  /// The cases in which a trigger fires; none when it never does.
  Paths firing(const Trigger& trigger) {
    Paths paths{Path{}};
    const bool condition =
        trigger.head.kind == TriggerKind::condition || trigger.head.kind == TriggerKind::becomes;
    if (condition && trigger.condition) paths = assume(terms_, paths, *trigger.condition, kTrue);
    if (trigger.head.kind == TriggerKind::list_added)
      paths = assume(terms_, paths, member_of(trigger.head.list, trigger.span), kTrue);
    if (trigger.guard) paths = assume(terms_, paths, *trigger.guard, kTrue);
    return paths;
  }

  void check_trigger(const Trigger& trigger) {
    // A guard reads its own event, so each trigger has terms of its own.
    terms_ = Terms(context_, workflow_.head.object);
    check_rate(trigger);
    const bool condition = trigger.head.kind == TriggerKind::condition && trigger.condition;
    Paths paths = firing(trigger);
    if (paths.empty()) return report_never(trigger);
    if (condition && report_constant(context_, terms_, *trigger.condition)) return;
    if (trigger.guard && report_constant(context_, terms_, *trigger.guard)) return;
    check_refused(trigger, std::move(paths));
  }

  void report_never(const Trigger& trigger) {
    const bool by_guard = trigger.guard && (outcomes_of(terms_, {Path{}}, *trigger.guard) & kTrue) == 0;
    const Span span = by_guard ? trigger.guard->span : trigger.span;
    auto& d = context_.sink.report(Code::trigger_never, span, "nothing can enrol this way");
    d.primary.text = "never true";
  }

  /// Refused at the door: by `unless`, by a goal that is met already, by a list of `suppress`.
  void check_refused(const Trigger& trigger, Paths paths) {
    const auto refuse = [&](const Expr& condition, const char* why) {
      paths = assume(terms_, paths, condition, kNotTrue);
      if (!paths.empty()) return false;
      auto& d =
          context_.sink.report(Code::enrol_excluded, trigger.span, "whom this enrols is always refused");
      d.secondary.push_back({condition.span, why});
      return true;
    };
    if (workflow_.unless && refuse(*workflow_.unless, "by this condition")) return;
    if (workflow_.goal && !workflow_.head.goal_is_edge && refuse(*workflow_.goal, "this goal is met already"))
      return;
    for (std::size_t i = 0; i < workflow_.head.suppress.size(); ++i) {
      if (refuse(member_of(workflow_.head.suppress[i], workflow_.suppress_spans[i]),
                 "the list is suppressed"))
        return;
    }
  }

  void check_rate(const Trigger& trigger) {
    if (trigger.head.kind != TriggerKind::changes || trigger.guard) return;
    const schema::PropertyInfo& property =
        context_.schema.property(workflow_.head.object, trigger.head.property);
    if (!property.high_rate) return;
    auto& d = context_.sink.report(Code::hot_trigger, trigger.span,
                                   "this enrols at every change of a value that changes often");
    d.secondary.push_back({property.name, "declared `rate(high)`"});
    d.helps.push_back("say which changes count: `changes, if …`, or a condition that turns true");
  }

  // ---- alternatives that others imply ----

  void check_alternatives() {
    const auto& triggers = workflow_.triggers;
    if (triggers.size() < 2) return;
    std::map<std::pair<int, std::uint32_t>, std::vector<const Trigger*>> alike;
    for (const Trigger& trigger : triggers) alike[subject_of(trigger)].push_back(&trigger);
    for (auto& [subject, group] : alike) {
      if (group.size() > kMostCompared) group.resize(kMostCompared);
      for (const Trigger* inner : group) report_implied(*inner, group);
    }
  }

  /// Triggers of different subjects never imply each other.
  static std::pair<int, std::uint32_t> subject_of(const Trigger& trigger) {
    switch (trigger.head.kind) {
      case TriggerKind::event:
        return {0, trigger.match.event};
      case TriggerKind::changes:
      case TriggerKind::becomes:
        return {1, trigger.head.property};
      case TriggerKind::condition:
        return {2, 0};
      case TriggerKind::list_added:
      case TriggerKind::list_removed:
        return {3 + static_cast<int>(trigger.head.kind), trigger.head.list};
      case TriggerKind::created:
        return {30, 0};
      default:
        return {40, static_cast<std::uint32_t>(trigger.span.begin)};
    }
  }

  void report_implied(const Trigger& inner, const std::vector<const Trigger*>& group) {
    for (const Trigger* outer : group) {
      if (outer == &inner || !covers(*outer, inner)) continue;
      // Of two that say the same the later one is too much.
      if (outer->span.begin > inner.span.begin && covers(inner, *outer)) continue;
      auto& d = context_.sink.report(Code::shadowed_arm, inner.span,
                                     "another alternative already enrols in every such case");
      d.secondary.push_back({outer->span, "this one"});
      return;
    }
  }

  /// Does `outer` fire whenever `inner` does?
  bool covers(const Trigger& outer, const Trigger& inner) {
    // What one rule of re-enrolment refuses, the other may let in.
    if (outer.head.own_reenroll || inner.head.own_reenroll) return false;
    if (outer.head.kind == TriggerKind::event && !covers_event(outer, inner)) return false;
    if (outer.head.kind == TriggerKind::becomes && inner.head.kind == TriggerKind::changes) return false;
    terms_ = Terms(context_, workflow_.head.object);
    Paths paths = firing(inner);
    if (paths.empty()) return false;  // reported
    if (outer.head.kind == TriggerKind::becomes && outer.condition &&
        !assume(terms_, paths, *outer.condition, kNotTrue).empty())
      return false;
    if (outer.head.kind == TriggerKind::condition && !same_edges(outer, inner)) return false;
    return !outer.guard || assume(terms_, paths, *outer.guard, kNotTrue).empty();
  }

  /// A condition enrols when it turns true: one that is true more often turned true before.
  bool same_edges(const Trigger& outer, const Trigger& inner) {
    if (!outer.condition || !inner.condition) return false;
    const Paths all{Path{}};
    const Paths only_inner =
        assume(terms_, assume(terms_, all, *inner.condition, kTrue), *outer.condition, kNotTrue);
    const Paths only_outer =
        assume(terms_, assume(terms_, all, *outer.condition, kTrue), *inner.condition, kNotTrue);
    return only_inner.empty() && only_outer.empty();
  }

  static bool covers_event(const Trigger& outer, const Trigger& inner) {
    if (outer.match.where || outer.head.times > 1) return false;
    return std::all_of(outer.match.filters.begin(), outer.match.filters.end(), [&](const auto& wanted) {
      return std::any_of(inner.match.filters.begin(), inner.match.filters.end(), [&](const auto& given) {
        return given.parameter == wanted.parameter && given.value == wanted.value;
      });
    });
  }

  Context& context_;
  const Workflow& workflow_;
  Terms terms_;
};

/// The rule of re-enrolment that counts for a trigger: its own, or the workflow's.
const bytecode::Reenroll& rule_of(const Workflow& workflow, const Trigger& trigger) {
  return trigger.head.own_reenroll ? trigger.head.reenroll : workflow.head.reenroll;
}

const std::optional<Expr>& key_of_rule(const Workflow& workflow, const Trigger& trigger) {
  return trigger.head.own_reenroll ? trigger.reenroll_key : workflow.reenroll_key;
}

/// May a record that has been enrolled be enrolled again at once, by a write to this property?
bool enrolls_again(const Workflow& workflow, const Trigger& trigger, const Expr& target) {
  using bytecode::ReenrollMode;
  const bytecode::Reenroll& reenroll = rule_of(workflow, trigger);
  const std::optional<Expr>& key = key_of_rule(workflow, trigger);
  if (reenroll.at_most_once_per > 0) return false;
  if (reenroll.mode != ReenrollMode::each_key || reenroll.key_is_event)
    return reenroll.mode != ReenrollMode::never;
  // The key of a run is used up: only a new one enrols.
  bool reads = false;
  if (key) walk(*key, [&](const Expr& e) { reads = reads || key_of(e) == key_of(target); });
  return reads;
}

bool was_written(const Path& path, TermId term) {
  return std::any_of(path.before.begin(), path.before.end(), [&](const Fact& f) { return f.term == term; });
}

/// The cases in which the condition is not true when the group of steps begins: triggers compare with that.
void assume_not_true_before(Flow& flow, const Expr& condition) {
  Terms& terms = flow.ground->terms;
  Paths paths;
  for (const Path& path : flow.paths) {
    if (path.vague) {
      for (Path& one : assume(terms, {path}, condition, kNotTrue)) paths.push_back(std::move(one));
      continue;
    }
    Path began;
    began.facts = at_beginning(path);
    for (const Path& one : assume(terms, {began}, condition, kNotTrue)) {
      Path now = path;
      for (const Fact& fact : one.facts) {
        if (!was_written(path, fact.term)) set_fact(terms, now, fact.term, fact.value, fact.cause);
      }
      for (Fact& fact : now.before) fact.value = fact_of(terms, one, fact.term);
      paths.push_back(std::move(now));
    }
  }
  flow.paths = std::move(paths);
}

/// Can the write make the condition of a trigger turn true, or the value that it watches another one?
bool can_fire(const Trigger& trigger, const Flow& flow, const Expr& target,
              const std::function<void(Flow&)>& write) {
  Flow after = flow;
  if (trigger.head.kind == TriggerKind::changes) {
    if (trigger.head.property != target.a) return false;
    write(after);
    const auto value = [&](const Flow& f) {
      domain::Abstract all = domain::Abstract::nothing();
      for (const Path& path : f.paths) all = joined(all, evaluate(f.ground->terms, path, target));
      return all;
    };
    const domain::Abstract old = value(flow), now = value(after);
    const auto* bits = std::get_if<domain::Bits>(&old.values);
    const auto* numbers = std::get_if<domain::Intervals>(&old.values);
    const bool one = !old.unknown && ((bits && bits->count() == 1) || (numbers && numbers->is_one()));
    return !(one && old == now);
  }
  const auto& reads = trigger.head.reads_properties;
  const bool becomes = trigger.head.kind == TriggerKind::becomes && trigger.head.property == target.a;
  const bool reads_it = std::find(reads.begin(), reads.end(), target.a) != reads.end();
  const bool condition = becomes || (trigger.head.kind == TriggerKind::condition && reads_it);
  if (!condition || !trigger.condition) return false;
  assume_not_true_before(after, *trigger.condition);
  if (!after.reachable()) return false;
  write(after);
  assume(after, *trigger.condition, kTrue);
  if (trigger.guard) assume(after, *trigger.guard, kTrue);
  return after.reachable();
}

/// Does the write leave a key with which a record can enrol again?
bool has_key_after(const Workflow& workflow, const Trigger& trigger, const Flow& flow,
                   const std::function<void(Flow&)>& write) {
  const std::optional<Expr>& key = key_of_rule(workflow, trigger);
  if (rule_of(workflow, trigger).mode != bytecode::ReenrollMode::each_key || !key) return true;
  Flow after = flow;
  write(after);
  return std::any_of(after.paths.begin(), after.paths.end(),
                     [&](const Path& path) { return evaluate(after.ground->terms, path, *key).known; });
}

/// Takes out the values that the write leaves as they are.
void exclude_unchanged(Flow& flow, const Expr& target, const std::function<void(Flow&)>& write) {
  Terms& terms = flow.ground->terms;
  const auto term = terms.find(target);
  if (!term) return;
  std::erase_if(flow.paths, [&](const Path& path) { return was_written(path, *term); });
  for (Path& path : flow.paths) {
    Flow one = flow;
    one.paths = {path};
    write(one);
    if (one.paths.empty()) continue;
    const domain::Abstract now = evaluate(terms, one.paths[0], target);
    domain::Abstract old = evaluate(terms, path, target);
    const auto* bits = std::get_if<domain::Bits>(&now.values);
    const auto* numbers = std::get_if<domain::Intervals>(&now.values);
    const bool exact = now.known && ((bits && bits->count() == 1) || (numbers && numbers->is_one()));
    if (exact && old.known) old.values = difference(old.values, now.values);
    if (!now.known) old.unknown = false;
    set_fact(terms, path, *term, std::move(old).normal(), target.span);
  }
}

/// WF317: the record enrols a second time.
std::optional<text::Witness> self_witness(const Context& context, const Scope& scope, const Trigger& trigger,
                                          const Expr& target, const std::function<void(Flow&)>& write) {
  Flow before = *scope.flow;
  if (trigger.head.kind == TriggerKind::changes) {
    exclude_unchanged(before, target, write);
  } else {
    assume_not_true_before(before, *trigger.condition);
    Flow after = before;
    write(after);
    if (outcomes(after, *trigger.condition) != kTrue || trigger.guard) return std::nullopt;
  }
  const std::string line = "enrolled in workflow." + scope.workflow->workflow->head.name;
  return find_witness(context, scope, before, {{line, line}, {}, {}});
}

void report_self_trigger(Context& context, SelfWrite& write) {
  if (write.reported) return;
  write.reported = true;
  auto& d =
      context.sink.report(Code::self_trigger, write.step, "this makes the workflow enrol its record again");
  d.witness = write.witness;
  d.secondary.push_back({write.trigger, "this enrols"});
  d.notes.push_back("`reenroll` lets it, and the enrolment does not wait any more");
}

}  // namespace

void note_write(Context& context, const Scope& scope, const Expr& target, Span step,
                const std::function<void(Flow&)>& write) {
  const Flow* flow = scope.flow;
  if (!flow || !flow->ground || flow->uncertain || !flow->reachable()) return;
  const Workflow* workflow = scope.workflow ? scope.workflow->workflow : nullptr;
  if (!workflow || target.op != ExprOp::property) return;
  for (const Trigger& trigger : workflow->triggers) {
    if (!enrolls_again(*workflow, trigger, target) || !can_fire(trigger, *flow, target, write) ||
        !has_key_after(*workflow, trigger, *flow, write))
      continue;
    SelfWrite found{step, trigger.span};
    found.witness = self_witness(context, scope, trigger, target, write);
    if (rule_of(*workflow, trigger).restart) report_self_trigger(context, found);
    scope.flow->self_writes.push_back(static_cast<std::uint32_t>(scope.workflow->self_writes.size()));
    scope.workflow->self_writes.push_back(found);
    return;
  }
}

void report_self_triggers(Context& context, const Scope& scope) {
  if (!scope.flow || !scope.flow->reachable() || !scope.workflow) return;
  for (const std::uint32_t write : scope.flow->self_writes)
    report_self_trigger(context, scope.workflow->self_writes[write]);
}

void check_entry(Context& context, const Workflow& workflow) {
  EntryCheck(context, workflow).run();
}

void check_own_goal(Context& context, const Workflow& workflow) {
  if (!workflow.goal || workflow.body.empty()) return;
  const Step& last = workflow.body.back();
  const auto* set = std::get_if<SetProperty>(&last.node);
  if (!set) return;
  Ground ground{Terms(context, workflow.head.object), {}};
  Flow flow(ground);
  Expr target =
      make(ExprOp::property, context.catalogue().objects[workflow.head.object].properties[set->property].type,
           last.span);
  target.a = set->property;
  if (outcomes(flow, *workflow.goal) == kTrue) return;
  written(flow, target, set->value, last.span);
  if (outcomes(flow, *workflow.goal) != kTrue) return;
  auto& d =
      context.sink.report(Code::goal_unreachable, text::Severity::info, workflow.goal->span,
                          "the last step of the workflow meets its goal, so the goal measures only itself");
  d.secondary.push_back({last.span, "this step"});
}

}  // namespace wf::sema
