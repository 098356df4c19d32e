#include "compiler/sema/workflows.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/weekdays.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/headers.hpp"
#include "compiler/sema/limits.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/time_checks.hpp"

namespace wf::sema {
namespace {

/// A timer is always looked at a little late; `hold` alone means later than this.
constexpr std::int64_t kHeldAfter = value::kHour;

class WorkflowCheck {
 public:
  WorkflowCheck(Context& context, const ast::WorkflowDecl& decl, Workflow& out)
      : context_(context), decl_(decl), out_(out) {
    scope_.object = out.head.object;
  }

  void run() {
    if (scope_.object == kNone) return;
    check_owner();
    check_suppress();
    out_.triggers = check_triggers(context_, scope_, decl_);
    out_.unless = check_conditions(context_, scope_, decl_.unless, ExprOp::or_);
    out_.cancel = check_conditions(context_, scope_, decl_.cancel, ExprOp::or_);
    check_goal();
    check_reenroll();
    for (const ast::WindowClause& window : decl_.windows) check_window(window);
    if (!out_.windows.empty()) check_windows(context_, out_.windows, decl_.windows.back().span);
    check_pauses();
    for (const ast::Field& field : decl_.other) check_other(field);
    check_plain_headers(context_, decl_, out_);
    check_documentation(context_, decl_);
    check_body();
    check_times(context_, out_);
  }

 private:
  void check_owner() {
    if (!decl_.owner) return;
    const auto reference = schema::reference_of(*decl_.owner);
    const bool person =
        reference && (reference->kind == ResourceKind::user || reference->kind == ResourceKind::team);
    if (!person) {
      context_.sink
          .report(Code::type_mismatch, decl_.owner->span, "the owner of a workflow is a user or a team")
          .primary.text = "expected `user.name` or `team.name`";
      return;
    }
    if (resolve_resource(context_, reference->kind, *reference->name) == kNone) return;
    out_.head.owner = schema::path_text(*decl_.owner);
  }

  void check_suppress() {
    for (const ast::Path& path : decl_.suppress) {
      const auto reference = schema::reference_of(path);
      if (!reference || reference->kind != ResourceKind::list) {
        context_.sink.report(Code::type_mismatch, path.span, "`suppress` names lists").primary.text =
            "expected `list.name`";
        continue;
      }
      const std::uint32_t list = resolve_resource(context_, ResourceKind::list, *reference->name);
      if (list != kNone) out_.head.suppress.push_back(list);
    }
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

  void check_window(const ast::WindowClause& source) {
    auto zone = check_zone(context_, scope_, source.zone);
    std::optional<std::uint8_t> days = 0x7f;
    if (source.day) days = schema::weekdays(context_.sink, *source.day, *source.day);
    if (source.days) days = schema::weekdays(context_.sink, source.days->from, source.days->to);
    if (source.hours.from == source.hours.to) {
      context_.sink.report(Code::out_of_range, source.span, "this window is never open");
      return;
    }
    if (!zone || !days) return;
    WindowUse use;
    use.hours = {*days, source.hours.from, source.hours.to};
    use.zone = zone->zone;
    use.dynamic_zone = std::move(zone->dynamic);
    out_.windows.push_back(std::move(use));
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

  /// `on late fire`, `on late skip after 2 days`, `on late hold [after …]`.
  void check_late(const ast::Field& field) {
    const auto& atoms = field.atoms;
    const std::string* word = atoms.empty() ? nullptr : schema::word_of(atoms[0]);
    const std::string choice = word ? *word : "";
    const auto* literal = atoms.size() == 3 ? std::get_if<ast::Literal>(&atoms[2].value) : nullptr;
    const auto* after = literal ? std::get_if<ast::Duration>(&literal->value) : nullptr;
    const bool limited = after && (choice == "skip" || choice == "hold") && schema::word_of(atoms[1]) &&
                         *schema::word_of(atoms[1]) == "after";
    const bool plain = atoms.size() == 1 && (choice == "fire" || choice == "hold");
    if (!plain && !limited) {
      context_.sink.report(Code::invalid_field, field.span, "`on late` cannot be read").primary.text =
          "expected `fire`, `skip after 2 days` or `hold`";
      return;
    }
    using Policy = bytecode::LatePolicy;
    out_.head.late.policy = choice == "fire" ? Policy::fire : choice == "skip" ? Policy::skip : Policy::hold;
    if (choice == "hold") out_.head.late.after = kHeldAfter;
    if (!limited) return;
    if (const auto length = check_duration(context_, *after, atoms[2].span, false)) {
      out_.head.late.after = *length;
    }
  }

  void check_other(const ast::Field& field) {
    if (field.name.text == "on late") return check_late(field);
    if (is_plain_header(field.name.text)) return;
    context_.sink.report(Code::not_available, field.name.span,
                         "`" + field.name.text + "` is not available in this version");
  }

  /// The engine tests these in the transaction of each group of steps.
  void add_invariants(Ground& ground) const {
    if (out_.goal && !out_.head.goal_is_edge) ground.invariants.push_back({*out_.goal, kFalse | kUnknown});
    for (std::size_t i = 0; i < out_.head.suppress.size(); ++i) {
      Expr member = make_boolean(ExprOp::in_list, decl_.suppress[i].span, {});
      member.a = out_.head.suppress[i];
      ground.invariants.push_back({std::move(member), kFalse});
    }
  }

  void check_body() {
    WorkflowState state;
    state.ground = std::make_unique<Ground>(Ground{Terms(context_, scope_.object), {}});
    add_invariants(*state.ground);
    Flow flow(*state.ground);
    state.name = out_.head.name;
    state.has_windows = !decl_.windows.empty();
    state.has_goal = decl_.goal != nullptr;
    Scope scope = scope_;
    scope.workflow = &state;
    scope.flow = &flow;
    collect_sends(context_, scope, decl_.steps);
    out_.body = check_block(context_, scope, decl_.steps);
    assign_labels(state, out_.body);
    out_.locals = state.locals;
    out_.verdicts = std::move(state.verdicts);
    for (const LabelName& label : state.labels) {
      if (label.used) continue;
      context_.sink.report(Code::unused, label.span, "the label `" + label.name + "` is never used");
    }
    for (const ReplyName& reply : state.replies) {
      if (reply.used) continue;
      // Outcomes without a look at the answer are use enough.
      if (context_.catalogue().webhooks[reply.webhook].returns.empty()) continue;
      context_.sink.report(Code::unused, reply.span, "the answer `" + reply.name + "` is never read");
    }
    if (state.locals > bytecode::kMaxLocals) {
      context_.sink.report(
          Code::out_of_range, decl_.name.span,
          "the workflow needs more than " + std::to_string(bytecode::kMaxLocals) + " locals");
    }
  }

  Context& context_;
  const ast::WorkflowDecl& decl_;
  Workflow& out_;
  Scope scope_;
};

}  // namespace

Workflow check_workflow(Context& context, std::uint32_t index) {
  const ast::WorkflowDecl& decl = *context.schema.workflows[index];
  Workflow workflow;
  workflow.head.name = decl.name.text;
  workflow.head.title = decl.title.value_or("");
  workflow.head.object = context.schema.workflow_objects[index];
  workflow.span = decl.name.span;
  if (!decl.on) {
    auto& d = context.sink.report(Code::missing_field, decl.name.span,
                                  "the workflow `" + decl.name.text + "` does not say whose it is");
    d.helps.push_back("write `workflow " + decl.name.text + " on contact { … }`");
  }
  WorkflowCheck(context, decl, workflow).run();
  check_limits(context, workflow);
  return workflow;
}

}  // namespace wf::sema
