#include "compiler/sema/steps.hpp"

#include <set>
#include <utility>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/branches.hpp"
#include "compiler/sema/effects.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/experiments.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/verdicts.hpp"
#include "compiler/sema/waits.hpp"

namespace wf::sema {
namespace {

using Node = decltype(Step::node);

std::optional<Node> check_action(Context& context, const Scope& scope, const ast::Action& action, Span span) {
  auto statement = require_statement(context, action, span);
  if (!statement) return std::nullopt;
  for (std::uint32_t i = 0; i < scope.workflow->sites.size(); ++i) {
    const ast::Step* site = scope.workflow->sites[i].step;
    if (std::get_if<ast::Action>(&site->node) == &action) statement->site = i;
  }
  auto step = check_effect(context, scope, *statement);
  if (!step) return std::nullopt;
  return std::move(step->node);
}

void report_out_of_range(Context& context, const Scope& scope, const Expr& target, const Expr& value) {
  auto& d = context.sink.report(Code::out_of_range, value.span, "this is outside the range of the property");
  point_at_declaration(context, scope, target, d);
}

/// WF321: does the write move an ordered enum of the record backwards?
void check_downgrade(Context& context, const Scope& scope, const Expr& target, const Expr& value) {
  if (scope.flow->uncertain || !scope.flow->reachable()) return;
  const bool ordered = target.op == ExprOp::property && target.type.kind == value::Kind::enumeration &&
                       context.catalogue().enums[target.type.aux].ordered && value.op == ExprOp::constant;
  if (!ordered) return;
  const bytecode::EnumType& type = context.catalogue().enums[target.type.aux];
  std::vector<std::string> higher;
  for (const std::uint32_t possible : possible_values(context, scope, target)) {
    if (possible > value.constant.as_ordinal()) higher.push_back(type.values[possible]);
  }
  if (higher.empty()) return;
  const std::string name(context.sources.text(target.span));
  auto& d =
      context.sink.report(Code::ordered_downgrade, value.span, "this can move `" + name + "` backwards");
  d.primary.text = "it may be " + schema::one_of(higher) + " here";
  point_at_declaration(context, scope, target, d);
  d.helps.push_back("guard it with a condition on `" + name + "`, such as `is unknown or " + name +
                    " is any of (…)`");
}

std::optional<Expr> check_set_value(Context& context, const Scope& scope, const Expr& target,
                                    const ast::Expr& expression) {
  if (target.type.kind == value::Kind::enumeration) {
    // Right of `set ENUM to` a bare name is a value.
    const auto* path = std::get_if<ast::PathExpr>(&expression.node);
    if (path && path->path.parts.size() == 1) return check_operand(context, scope, target, expression);
  }
  auto value = check_value(context, scope, expression, &target.type);
  if (!value) return std::nullopt;
  if (fits(value->type, target.type)) return value;
  const std::string wanted = schema::with_article(schema::type_name(target.type, context.catalogue()));
  auto& d = context.sink.report(Code::type_mismatch, value->span,
                                "`" + std::string(context.sources.text(target.span)) + "` is " + wanted);
  d.primary.text = "this is " + schema::with_article(schema::type_name(value->type, context.catalogue()));
  point_at_declaration(context, scope, target, d);
  return std::nullopt;
}

/// `set p to unknown`: what `clear p` is for.
bool is_unknown_word(const ast::Expr& expression) {
  const auto* path = std::get_if<ast::PathExpr>(&expression.node);
  return path && path->path.parts.size() == 1 && path->path.parts[0].text == "unknown";
}

std::optional<Node> check_set(Context& context, const Scope& scope, const ast::Set& set, Span span) {
  if (is_unknown_word(*set.value)) {
    const std::string clear = "clear " + schema::path_text(set.target);
    auto& d = context.sink.report(Code::misplaced, set.value->span, "`unknown` is no value to set");
    d.primary.text = "write `" + clear + "`";
    d.fixes.push_back({"clear the property", text::Applicability::machine, {{span, clear}}});
    return std::nullopt;
  }
  auto target = check_target(context, scope, set.target);
  if (!target) return std::nullopt;
  auto value = check_set_value(context, scope, *target, *set.value);
  if (!value) return std::nullopt;
  const bytecode::Property& property = declared(context, *property_of(scope, *target));
  if (value->op == ExprOp::constant && schema::outside_range(property, value->constant)) {
    report_out_of_range(context, scope, *target, *value);
    return std::nullopt;
  }
  const bool needs_value = !property.type.nullable;
  if (needs_value && !require_known(context, scope, *value, "`" + property.name + "` always has a value")) {
    return std::nullopt;
  }
  check_downgrade(context, scope, *target, *value);
  note_write(context, scope, *target, span, [&](Flow& flow) { written(flow, *target, *value, span); });
  return write_step(scope, *target, std::move(*value), span);
}

}  // namespace

bool name_is_free(Context& context, const Scope& scope, const ast::Name& name) {
  const WorkflowState& workflow = *scope.workflow;
  std::optional<Span> first;
  for (const LabelName& label : workflow.labels) {
    if (label.name == name.text && !(label.span == name.span)) first = label.span;
  }
  for (const ReplyName& reply : workflow.replies) {
    if (reply.name == name.text) first = reply.span;
  }
  for (const LetName& let : workflow.lets) {
    if (let.name == name.text) first = let.span;
  }
  const std::uint32_t property =
      scope.object == kNone ? kNone : context.catalogue().find_property(scope.object, name.text);
  if (property != kNone) first = context.schema.property(scope.object, property).name;
  if (!first) return true;
  auto& d =
      context.sink.report(Code::shadowed_name, name.span, "`" + name.text + "` already names something else");
  d.secondary.push_back({*first, property != kNone ? "this property" : "first here"});
  return false;
}

namespace {

std::optional<Node> check_let(Context& context, const Scope& scope, const ast::Let& let) {
  auto value = check_value(context, scope, *let.value);
  WorkflowState& workflow = *scope.workflow;
  LetName name;
  if (!name_is_free(context, scope, let.name)) return std::nullopt;
  name.name = let.name.text;
  name.span = let.name.span;
  name.broken = !value;
  if (!value) {
    workflow.lets.push_back(name);
    return std::nullopt;
  }
  name.local = workflow.locals++;
  name.type = value->type;
  name.type.nullable = may_be_unknown(scope, *value);
  workflow.lets.push_back(name);
  return Let{name.local, std::move(*value)};
}

std::optional<Node> check_node(Context& context, const Scope& scope, const ast::Step& step, Block& before) {
  if (auto* n = std::get_if<ast::Action>(&step.node)) return check_action(context, scope, *n, step.span);
  if (auto* n = std::get_if<ast::Set>(&step.node)) return check_set(context, scope, *n, step.span);
  if (auto* n = std::get_if<ast::Let>(&step.node)) return check_let(context, scope, *n);
  if (auto* n = std::get_if<ast::If>(&step.node)) return check_if(context, scope, *n);
  if (auto* n = std::get_if<ast::Match>(&step.node)) return check_match(context, scope, *n, step.span);
  if (std::holds_alternative<ast::Stop>(step.node)) {
    report_self_triggers(context, scope);
    scope.flow->ended = true;
    return Stop{};
  }
  if (auto* n = std::get_if<ast::Experiment>(&step.node)) {
    if (!allow_wait(context, scope, step.span)) return std::nullopt;
    return check_experiment(context, scope, *n, step.span);
  }
  return check_wait(context, scope, step, before);
}

/// `let` names end with their block.
void leave_block(Context& context, WorkflowState& workflow, std::size_t lets) {
  for (std::size_t i = lets; i < workflow.lets.size(); ++i) {
    if (workflow.lets[i].used || workflow.lets[i].broken) continue;
    context.sink.report(Code::unused, workflow.lets[i].span, "`" + workflow.lets[i].name + "` is never used");
  }
  workflow.lets.resize(lets);
}

void collect_send(Context& context, const Scope& scope, const ast::Step& step, const ast::Action& action) {
  const auto statement = match_statement(context, action.atoms);
  if (!statement || !is_send(*statement) || !statement->slot("email")) return;
  const auto reference = schema::reference_of(*statement->slot("email"));
  if (!reference) return;
  WorkflowState& workflow = *scope.workflow;
  SendSite site;
  site.step = &step;
  site.email = context.schema.find(ResourceKind::email, reference->name->text);
  const auto index = static_cast<std::uint32_t>(workflow.sites.size());
  workflow.sites.push_back(site);
  const ast::Atom* label = statement->slot("label");
  if (!label || !schema::word_of(*label)) return;
  const ast::Name& name = schema::path_of(*label)->parts[0];
  if (name_is_free(context, scope, name)) workflow.labels.push_back({name.text, name.span, index, false});
}

void collect_names(const ast::Atom& atom, bool everywhere, std::set<std::string>& names) {
  if (const ast::Path* path = schema::path_of(atom)) {
    if (everywhere || path->parts.size() > 1) names.insert(path->parts.back().text);
  } else if (const auto* list = std::get_if<ast::AtomList>(&atom.value)) {
    for (const ast::Atom& item : list->items) collect_names(item, everywhere, names);
  }
}

}  // namespace

void collect_distant_writes(const ast::Block& block, bool later, std::set<std::string>& names) {
  for (const ast::Step& step : block) {
    if (const auto* set = std::get_if<ast::Set>(&step.node)) {
      if (later || set->target.parts.size() > 1) names.insert(set->target.parts.back().text);
    }
    const auto* action = std::get_if<ast::Action>(&step.node);
    if (action) {
      for (const ast::Atom& atom : action->atoms) collect_names(atom, later, names);
    }
    ast::each_block(step, [&](const ast::Block& inner) {
      collect_distant_writes(inner, later || action != nullptr, names);
    });
  }
}

void collect_sends(Context& context, const Scope& scope, const ast::Block& block) {
  for (const ast::Step& step : block) {
    if (const auto* action = std::get_if<ast::Action>(&step.node))
      collect_send(context, scope, step, *action);
    ast::each_block(step, [&](const ast::Block& inner) { collect_sends(context, scope, inner); });
  }
}

Block check_block(Context& context, const Scope& scope, const ast::Block& block) {
  Block result;
  const std::size_t lets = scope.workflow->lets.size();
  const bool claims = scope.flow->ground && !scope.flow->uncertain;
  bool reachable = claims && scope.flow->reachable();
  for (const ast::Step& source : block) {
    if (reachable && !scope.flow->reachable()) {
      reachable = false;
      if (!scope.flow->uncertain) report_unreachable(context, scope, source.span);
    }
    const bool dead = claims && !scope.flow->uncertain && !scope.flow->reachable();
    auto node = check_node(context, scope, source, result);
    if (!node) continue;
    Step step;
    step.dead = dead;
    step.node = std::move(*node);
    step.label = label_of(context.sources, source.span);
    step.span = source.span;
    result.push_back(std::move(step));
  }
  leave_block(context, *scope.workflow, lets);
  return result;
}

Block check_failure_block(Context& context, const Scope& scope, const ast::Block& block) {
  Scope inside = scope;
  Flow flow;  // it runs later, when nothing is known
  flow.ground = scope.workflow->ground.get();
  inside.flow = &flow;
  const bool allowed = std::exchange(scope.workflow->waits_allowed, false);
  Block result = check_block(context, inside, block);
  scope.workflow->waits_allowed = allowed;
  return result;
}

void assign_labels(const WorkflowState& workflow, Block& block) {
  for (Step& step : block) {
    if (auto* send = std::get_if<Send>(&step.node)) {
      if (send->label != kNone) send->label = workflow.sites[send->label].local;
    }
    each_block(step, [&](Block& inner) { assign_labels(workflow, inner); });
  }
}

std::optional<Expr> check_target(Context& context, const Scope& scope, const ast::Path& path) {
  auto target = resolve_path(context, scope, path);
  if (!target) return std::nullopt;
  const auto ref = property_of(scope, *target);
  if (!ref) {
    context.sink.report(Code::read_only, path.span,
                        "`" + schema::path_text(path) + "` is no property to write to");
    return std::nullopt;
  }
  if (declared(context, *ref).immutable) {
    auto& d = context.sink.report(Code::read_only, path.span,
                                  "`" + schema::path_text(path) + "` cannot be written");
    d.secondary.push_back({context.schema.property(ref->object, ref->property).name, "declared `immutable`"});
    return std::nullopt;
  }
  const schema::PropertyInfo& info = context.schema.property(ref->object, ref->property);
  if (declared(context, *ref).owned && info.owner != scope.workflow->index) {
    auto& d = context.sink.report(Code::read_only, path.span,
                                  "`" + schema::path_text(path) + "` is written by another workflow alone");
    d.secondary.push_back({info.owner_span, "declared `owned_by`"});
    return std::nullopt;
  }
  return target;
}

Node write_step(const Scope& scope, const Expr& target, Expr value, Span cause) {
  if (scope.flow) written(*scope.flow, target, value, cause);
  if (target.op == ExprOp::property) return SetProperty{target.a, std::move(value)};
  return SetField{target.args[0], target.a, target.b, std::move(value)};
}

std::string label_of(const text::SourceSet& sources, Span span) {
  std::string label;
  bool blank = false;
  for (const char c : sources.text(span)) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      blank = !label.empty();
      continue;
    }
    if (blank) label += ' ';
    blank = false;
    label += c;
  }
  return label;
}

}  // namespace wf::sema
