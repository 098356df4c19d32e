#include "compiler/sema/workflows.hpp"

#include <algorithm>
#include <set>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/weekdays.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/headers.hpp"
#include "compiler/sema/limits.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/time_checks.hpp"

namespace wf::sema {
namespace {

void check_window(Context& context, const Scope& scope, const ast::WindowClause& source,
                  std::vector<WindowUse>& windows) {
  auto zone = check_zone(context, scope, source.zone);
  std::optional<std::uint8_t> days = 0x7f;
  if (source.day) days = schema::weekdays(context.sink, *source.day, *source.day);
  if (source.days) days = schema::weekdays(context.sink, source.days->from, source.days->to);
  if (source.hours.from == source.hours.to) {
    context.sink.report(Code::out_of_range, source.span, "this window is never open");
    return;
  }
  if (!zone || !days) return;
  WindowUse use;
  use.hours = {*days, source.hours.from, source.hours.to};
  use.zone = zone->zone;
  use.dynamic_zone = std::move(zone->dynamic);
  windows.push_back(std::move(use));
}

/// The engine tests these in the transaction of each group of steps.
void add_invariants(const Workflow& workflow, const std::vector<ast::Path>& suppress, Ground& ground) {
  if (workflow.goal && !workflow.head.goal_is_edge) {
    ground.invariants.push_back({*workflow.goal, kFalse | kUnknown});
  }
  for (std::size_t i = 0; i < workflow.head.suppress.size(); ++i) {
    Expr member = make_boolean(ExprOp::in_list, suppress[i].span, {});
    member.a = workflow.head.suppress[i];
    ground.invariants.push_back({std::move(member), kFalse});
  }
}

/// Is it the one workflow that writes some property?
bool owns_properties(const Context& context, std::uint32_t object, std::uint32_t workflow) {
  if (object == kNone || workflow == kNone) return false;
  const auto& properties = context.schema.objects[object].properties;
  return std::any_of(properties.begin(), properties.end(),
                     [&](const schema::PropertyInfo& p) { return p.owner == workflow; });
}

class WorkflowCheck {
 public:
  WorkflowCheck(Context& context, const ast::WorkflowDecl& decl, Workflow& out)
      : context_(context), decl_(decl), out_(out) {
    scope_.object = out.head.object;
  }

  void run() {
    if (scope_.object == kNone) return;
    if (decl_.owner) out_.head.owner = check_owner(context_, *decl_.owner, "a workflow");
    out_.head.suppress = check_suppress(context_, decl_.suppress);
    for (const ast::Path& path : decl_.suppress) out_.suppress_spans.push_back(path.span);
    out_.triggers = check_triggers(context_, scope_, decl_);
    out_.unless = check_conditions(context_, scope_, decl_.unless, ExprOp::or_);
    out_.cancel = check_conditions(context_, scope_, decl_.cancel, ExprOp::or_);
    check_goal();
    check_reenroll();
    out_.windows = check_windows(context_, scope_, decl_.windows);
    check_meeting();
    check_pauses();
    for (const ast::Field& field : decl_.other) check_other(field);
    check_plain_headers(context_, decl_, out_);
    check_documentation(context_, decl_);
    check_entry(context_, out_);
    check_body(context_, scope_, {decl_.steps, decl_.suppress, kNone, own_index()}, out_);
    check_own_goal(context_, out_);
    check_times(context_, out_);
  }

 private:
  std::uint32_t own_index() const {
    return decl_.is_sequence ? kNone : context_.schema.find(ResourceKind::workflow, decl_.name.text);
  }

  void check_goal() {
    if (!decl_.goal) return;
    const auto* becomes = std::get_if<ast::Becomes>(&decl_.goal->node);
    if (!becomes) {
      out_.goal = check_condition(context_, scope_, *decl_.goal);
      return;
    }
    auto left = check_value(context_, scope_, *becomes->left);
    if (!left) return;
    auto value = check_operand(context_, scope_, *left, *becomes->value);
    if (!value) return;
    std::vector<Expr> args;
    args.push_back(std::move(*left));
    args.push_back(std::move(*value));
    out_.goal = make_boolean(ExprOp::eq, decl_.goal->span, std::move(args));
    out_.head.goal_is_edge = true;
  }

  void check_reenroll() {
    if (!decl_.reenroll) return;
    const ast::Reenroll& source = *decl_.reenroll;
    bytecode::Reenroll& head = out_.head.reenroll;
    head.restart = source.restart;
    if (source.mode == ast::Reenroll::Mode::every_time) head.mode = bytecode::ReenrollMode::every_time;
    if (source.at_most_once_per) {
      const auto gap = check_duration(context_, *source.at_most_once_per, source.span, true);
      if (gap) head.at_most_once_per = *gap;
    }
    if (source.mode != ast::Reenroll::Mode::each_key || !source.key) return;
    head.mode = bytecode::ReenrollMode::each_key;
    if (schema::path_text(*source.key) == "event") {
      head.key_is_event = true;
      check_event_key(source.key->span);
    } else {
      out_.reenroll_key = resolve_path(context_, scope_, *source.key);
    }
  }

  void check_event_key(Span span) {
    const auto is_event = [](const Trigger& t) { return t.head.kind == bytecode::TriggerKind::event; };
    if (out_.triggers.empty() || std::any_of(out_.triggers.begin(), out_.triggers.end(), is_event)) return;
    auto& d = context_.sink.report(Code::misplaced, span, "no event enrols in this workflow");
    d.notes.push_back("`reenroll each event` means once for each event that enrols");
  }

  /// The workflow's windows must meet, also outside of the quiet hours.
  void check_meeting() {
    if (out_.windows.empty()) return;
    std::vector<WindowUse> all = out_.windows;
    all.insert(all.end(), context_.quiet.begin(), context_.quiet.end());
    sema::check_meeting(context_, all, decl_.windows.back().span);
  }

  void check_pauses() {
    if (decl_.pauses.empty()) return;
    auto zone = check_zone(context_, scope_, decl_.pause_zone);
    if (zone && zone->dynamic) {
      context_.sink.report(Code::misplaced, decl_.pause_zone->span, "a pause is in one zone for all")
          .primary.text = "expected a time zone in quotes";
    }
    if (zone) out_.head.pause_zone = zone->zone;
    for (const ast::PauseClause& pause : decl_.pauses) {
      if (pause.to < pause.from) {
        context_.sink.report(Code::out_of_range, pause.span, "this pause ends before it begins");
        continue;
      }
      out_.head.pauses.push_back({pause.from, pause.to});
    }
    merge_pauses(out_.head.pauses);
  }

  static void merge_pauses(std::vector<bytecode::Pause>& pauses) {
    std::sort(pauses.begin(), pauses.end(),
              [](const bytecode::Pause& a, const bytecode::Pause& b) { return a.from < b.from; });
    std::vector<bytecode::Pause> merged;
    for (const bytecode::Pause& pause : pauses) {
      if (merged.empty() || pause.from > merged.back().to) {
        merged.push_back(pause);
      } else {
        merged.back().to = std::max(merged.back().to, pause.to);
      }
    }
    pauses = std::move(merged);
  }

  void check_other(const ast::Field& field) {
    if (is_plain_header(field.name.text)) return;
    context_.sink.report(Code::not_available, field.name.span,
                         "`" + field.name.text + "` is not available in this version");
  }

  Context& context_;
  const ast::WorkflowDecl& decl_;
  Workflow& out_;
  Scope scope_;
};

}  // namespace

std::string check_owner(Context& context, const ast::Path& path, const std::string& what) {
  const auto reference = schema::reference_of(path);
  const bool person =
      reference && (reference->kind == ResourceKind::user || reference->kind == ResourceKind::team);
  if (!person) {
    context.sink.report(Code::type_mismatch, path.span, "the owner of " + what + " is a user or a team")
        .primary.text = "expected `user.name` or `team.name`";
    return "";
  }
  return resolve_resource(context, reference->kind, *reference->name) == kNone ? "" : schema::path_text(path);
}

std::vector<std::uint32_t> check_suppress(Context& context, const std::vector<ast::Path>& paths) {
  std::vector<std::uint32_t> lists;
  for (const ast::Path& path : paths) {
    const auto reference = schema::reference_of(path);
    if (!reference || reference->kind != ResourceKind::list) {
      context.sink.report(Code::type_mismatch, path.span, "`suppress` names lists").primary.text =
          "expected `list.name`";
      continue;
    }
    const std::uint32_t list = resolve_resource(context, ResourceKind::list, *reference->name);
    if (list != kNone) lists.push_back(list);
  }
  return lists;
}

std::vector<WindowUse> check_windows(Context& context, const Scope& scope,
                                     const std::vector<ast::WindowClause>& clauses) {
  std::vector<WindowUse> windows;
  for (const ast::WindowClause& clause : clauses) check_window(context, scope, clause, windows);
  return windows;
}

void check_body(Context& context, const Scope& outer, const BodySource& source, Workflow& out) {
  WorkflowState state;
  state.index = source.workflow;
  state.workflow = &out;
  state.ground = std::make_unique<Ground>(Ground{Terms(context, outer.object, source.workflow), {}});
  if (owns_properties(context, outer.object, source.workflow)) {
    std::set<std::string> restless;
    collect_distant_writes(source.steps, false, restless);
    state.ground->terms.set_restless(std::move(restless));
  }
  add_invariants(out, source.suppress, *state.ground);
  Flow flow(*state.ground);
  state.name = out.head.name;
  state.has_windows = !out.windows.empty();
  state.has_goal = out.goal.has_value();
  state.campaign = source.campaign;
  Scope scope = outer;
  scope.workflow = &state;
  scope.flow = &flow;
  collect_sends(context, scope, source.steps);
  out.body = check_block(context, scope, source.steps);
  report_self_triggers(context, scope);
  assign_labels(state, out.body);
  out.locals = state.locals;
  out.verdicts = std::move(state.verdicts);
  for (const LabelName& label : state.labels) {
    if (label.used) continue;
    context.sink.report(Code::unused, label.span, "the label `" + label.name + "` is never used");
  }
  for (const ReplyName& reply : state.replies) {
    // Outcomes without a look at the answer are use enough.
    if (reply.used || context.catalogue().webhooks[reply.webhook].returns.empty()) continue;
    context.sink.report(Code::unused, reply.span, "the answer `" + reply.name + "` is never read");
  }
  if (state.locals > bytecode::kMaxLocals) {
    context.sink.report(Code::out_of_range, out.span,
                        "the workflow needs more than " + std::to_string(bytecode::kMaxLocals) + " locals");
  }
}

Workflow check_workflow(Context& context, std::uint32_t index) {
  return check_declared(context, *context.schema.workflows[index], context.schema.workflow_objects[index]);
}

Workflow check_declared(Context& context, const ast::WorkflowDecl& decl, std::uint32_t object) {
  Workflow workflow;
  workflow.head.name = (decl.is_sequence ? "sequence." : "") + decl.name.text;
  workflow.head.title = decl.title.value_or("");
  workflow.head.object = object;
  workflow.span = decl.name.span;
  if (!decl.on) {
    const std::string word = decl.is_sequence ? "sequence" : "workflow";
    auto& d = context.sink.report(Code::missing_field, decl.name.span,
                                  "the " + word + " `" + decl.name.text + "` does not say whose it is");
    d.helps.push_back("write `" + word + " " + decl.name.text + " on contact { … }`");
  }
  WorkflowCheck(context, decl, workflow).run();
  check_limits(context, workflow);
  return workflow;
}

}  // namespace wf::sema
