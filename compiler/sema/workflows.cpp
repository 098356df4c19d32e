#include "compiler/sema/workflows.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/weekdays.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/reads.hpp"
#include "compiler/sema/relations.hpp"
#include "compiler/sema/steps.hpp"

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
    collect_exit_reads();
    check_reenroll();
    for (const ast::WindowClause& window : decl_.windows) check_window(window);
    check_pauses();
    for (const ast::Field& field : decl_.other) check_other(field);
    check_body();
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
    if (is_related_edge(*decl_.goal)) {
      out_.goal_edge = check_related_edge(context_, scope_, std::get<ast::Related>(decl_.goal->node));
      return;
    }
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

  void collect_exit_reads() {
    for (const std::optional<Expr>* exit : {&out_.goal, &out_.cancel}) {
      if (!*exit) continue;
      Reads reads = reads_of(context_, scope_.object, **exit);
      for (bytecode::RelatedRead& read : reads.elsewhere) out_.head.exits_read.push_back(std::move(read));
    }
  }

  void check_reenroll() {
    if (!decl_.reenroll) return;
    const auto by_event = [](const Trigger& t) { return t.head.kind == bytecode::TriggerKind::event; };
    // A workflow without triggers is enrolled in by hand: each time counts as an event of its own.
    const bool event = out_.triggers.empty() || std::any_of(out_.triggers.begin(), out_.triggers.end(), by_event);
    auto checked = check_reenrolment(context_, scope_, *decl_.reenroll, event);
    out_.head.reenroll = checked.head;
    out_.reenroll_key = std::move(checked.key);
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
    const bool limited =
        after && (choice == "skip" || choice == "hold") && schema::word_of(atoms[1]) && *schema::word_of(atoms[1]) == "after";
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
    if (field.name.text == "enroll existing") return check_existing(field);
    if (field.name.text == "enroll manually") {
      out_.head.manual = true;
      if (!field.atoms.empty()) report_unreadable(field, "nothing behind it");
      return;
    }
    if (field.name.text != "priority") {
      context_.sink.report(Code::not_available, field.name.span,
                           "`" + field.name.text + "` is not available in this version");
      return;
    }
    const auto* literal =
        field.atoms.size() == 1 ? std::get_if<ast::Literal>(&field.atoms[0].value) : nullptr;
    const auto* number = literal ? std::get_if<ast::Number>(&literal->value) : nullptr;
    if (!number || number->has_point || number->percent) {
      context_.sink.report(Code::invalid_field, field.span, "`priority` cannot be read").primary.text =
          "expected a whole number";
      return;
    }
    const std::int64_t limit = 1'000'000;
    out_.head.priority = static_cast<std::int32_t>(std::clamp(number->micros / value::kMicro, -limit, limit));
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

  void report_unreadable(const ast::Field& field, const std::string& expected) {
    context_.sink.report(Code::invalid_field, field.span, "`" + field.name.text + "` cannot be read")
        .primary.text = "expected " + expected;
  }

  void check_existing(const ast::Field& field) {
    const std::string* word = field.atoms.size() == 1 ? schema::word_of(field.atoms[0]) : nullptr;
    if (!word || (*word != "yes" && *word != "no")) return report_unreadable(field, "`yes` or `no`");
    out_.head.existing = *word == "yes";
    const auto can_match = [](const Trigger& t) {
      using bytecode::TriggerKind;
      return t.head.kind == TriggerKind::condition || t.head.kind == TriggerKind::becomes ||
             t.head.kind == TriggerKind::list_added || t.head.kind == TriggerKind::moment;
    };
    const bool any = std::any_of(out_.triggers.begin(), out_.triggers.end(), can_match);
    if (!out_.head.existing || any || out_.triggers.size() < decl_.triggers.size()) return;
    auto& d = context_.sink.report(Code::existing_never_matches, field.span,
                                   "no existing record can match: every trigger is something that happens");
    d.notes.push_back("a condition, `becomes`, `added to list.x` and `enroll at` can be true of existing records");
  }

  void check_body() {
    WorkflowState state;
    state.ground = std::make_unique<Ground>(Ground{Terms(context_, scope_.object), {}});
    add_invariants(*state.ground);
    Flow flow(*state.ground);
    state.has_windows = !decl_.windows.empty();
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
  return workflow;
}

}  // namespace wf::sema
