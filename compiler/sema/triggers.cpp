// Triggers: occurrences, conditions that turn true, and moments.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/reads.hpp"
#include "compiler/sema/relations.hpp"
#include "compiler/sema/retest.hpp"
#include "compiler/sema/waits.hpp"
#include "compiler/sema/workflows.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::sema {
namespace {

using bytecode::TriggerKind;

/// `if past enroll now` without a limit: longer than any record is old.
constexpr std::int64_t kEver = 200 * 366 * value::kDay;

}  // namespace

void collect_reads(const Context& context, std::uint32_t object, const Expr& condition,
                   bytecode::Trigger& head) {
  Reads reads = reads_of(context, object, condition);
  head.reads_properties = std::move(reads.properties);
  head.reads_counters = std::move(reads.counters);
  head.reads_lists = std::move(reads.lists);
  head.reads_tags = reads.tags;
  head.reads_elsewhere = std::move(reads.elsewhere);
}

namespace {

class TriggerCheck {
 public:
  TriggerCheck(Context& context, const Scope& scope, const ast::Trigger& source)
      : context_(context), scope_(scope), source_(source) {
    trigger_.span = source.span;
  }

  std::optional<Trigger> run() {
    const bool ok = source_.schedule ? check_schedule_trigger()
                    : source_.at     ? check_moment_trigger()
                                     : check_occurrence();
    if (!ok || !check_guard()) return std::nullopt;
    check_own_reenroll();
    if (trigger_.condition) collect_reads(context_, scope_.object, *trigger_.condition, trigger_.head);
    if (trigger_.head.kind == TriggerKind::condition) {
      trigger_.retest = retest_of(context_, *trigger_.condition);
    }
    trigger_.span = source_.span;
    return std::move(trigger_);
  }

 private:
  bool check_schedule_trigger() {
    auto moment = check_schedule(context_, scope_, *source_.schedule);
    if (!moment) return false;
    trigger_.head.kind = TriggerKind::schedule;
    trigger_.condition = std::move(moment->instant);
    return true;
  }

  bool check_moment_trigger() {
    auto moment = check_moment(context_, scope_, *source_.at);
    auto past = check_if_past(context_, source_.if_past,
                              {ast::IfPast::Then::skip, ast::IfPast::Then::enroll_now}, "`enroll at`");
    if (!moment || !past) return false;
    const ast::Moment& at = *source_.at;
    if (std::holds_alternative<std::monostate>(at.anchor)) {
      auto& d = context_.sink.report(Code::misplaced, at.span, "this comes again and again");
      d.helps.push_back(at.next_weekday ? "write a schedule, as in `enroll weekly on mon at 09:00`"
                                        : "write a schedule, as in `enroll daily at 09:00`");
      return false;
    }
    trigger_.head.kind = TriggerKind::moment;
    trigger_.condition = std::move(moment->instant);
    trigger_.head.late_ok = source_.if_past && past->then == ast::IfPast::Then::enroll_now;
    trigger_.head.late_within = past->within.value_or(kEver);
    return true;
  }

  bool check_occurrence() {
    const ast::Expr& when = *source_.when;
    if (auto* n = std::get_if<ast::EventTerm>(&when.node)) return check_event(n->event);
    if (auto* n = std::get_if<ast::Becomes>(&when.node)) return check_becomes(*n, when.span);
    if (auto* n = std::get_if<ast::Changes>(&when.node)) return check_changes(*n);
    if (std::holds_alternative<ast::Created>(when.node)) {
      trigger_.head.kind = TriggerKind::created;
      return true;
    }
    if (is_related_edge(when)) {
      trigger_.head.kind = TriggerKind::related;
      trigger_.edge = check_related_edge(context_, scope_, std::get<ast::Related>(when.node));
      return trigger_.edge.has_value();
    }
    report_joined_events(when);
    if (is_misspelt_created(when)) return false;
    trigger_.head.kind = TriggerKind::condition;
    trigger_.condition = check_condition(context_, scope_, when);
    return trigger_.condition.has_value();
  }

  /// Reports a lone name that is no value, but nearly the occurrence.
  bool is_misspelt_created(const ast::Expr& when) {
    const auto* name = std::get_if<ast::PathExpr>(&when.node);
    if (!name || name->path.parts.size() != 1 || scope_.object == kNone) return false;
    const std::string& word = name->path.parts[0].text;
    const auto& broken = context_.schema.objects[scope_.object].broken;
    if (is_value_name(context_, scope_, word) || text::suggest(word, {"created"}).empty()) return false;
    if (std::find(broken.begin(), broken.end(), word) != broken.end()) return false;
    auto names = value_names(context_, scope_);
    names.push_back("created");
    const std::string& object = context_.catalogue().objects[scope_.object].name;
    schema::report_unknown(context_.sink, Code::unknown_property, when.span,
                           "`" + object + "` has no property `" + word + "`", word, names);
    return true;
  }

  bool check_event(const ast::EventPhrase& phrase) {
    if (const auto change = as_list_change(context_, phrase)) {
      trigger_.head.kind = change->added ? TriggerKind::list_added : TriggerKind::list_removed;
      trigger_.head.list = change->list;
      return change->list != kNone;
    }
    auto use = resolve_event(context_, scope_, phrase);
    if (!use) return false;
    trigger_.head.kind = TriggerKind::event;
    event_ = use->match.event;
    trigger_.match = std::move(use->match);
    return check_times(phrase);
  }

  bool check_times(const ast::EventPhrase& phrase) {
    using Times = ast::EventPhrase::Times;
    if (phrase.since_step || phrase.times == Times::at_most) {
      auto& d = context_.sink.report(Code::misplaced, phrase.span, "no occurrence can trigger this");
      d.notes.push_back(phrase.since_step ? "a workflow has no steps before it is enrolled in"
                                          : "`at most` is true from the start: use it as a condition");
      return false;
    }
    std::int64_t window = 0;
    if (phrase.within_last) {
      const auto length = check_duration(context_, *phrase.within_last, phrase.span, true);
      if (!length) return false;
      window = *length;
    }
    if (phrase.times == Times::any) return true;
    trigger_.head.times = static_cast<std::uint32_t>(std::clamp<std::int64_t>(phrase.count, 1, 1'000'000));
    trigger_.head.counter = counter_for(context_, scope_.object, trigger_.match, window);
    return true;
  }

  bool check_becomes(const ast::Becomes& becomes, Span span) {
    auto left = check_value(context_, scope_, *becomes.left);
    if (!left) return false;
    // What a campaign says of its target is computed, and turns like any condition.
    if (!property_of(scope_, *left) && left->op != ExprOp::choose) {
      context_.sink.report(Code::misplaced, left->span, "`becomes` stands behind a property");
      return false;
    }
    auto value = check_operand(context_, scope_, *left, *becomes.value);
    if (!value) return false;
    trigger_.head.kind = left->op == ExprOp::property ? TriggerKind::becomes : TriggerKind::condition;
    trigger_.head.property = left->op == ExprOp::property ? left->a : kNone;
    std::vector<Expr> args;
    args.push_back(std::move(*left));
    args.push_back(std::move(*value));
    trigger_.condition = make_boolean(ExprOp::eq, span, std::move(args));
    return true;
  }

  bool check_changes(const ast::Changes& changes) {
    auto left = check_value(context_, scope_, *changes.left);
    if (!left) return false;
    if (left->op != ExprOp::property) {
      context_.sink.report(Code::misplaced, left->span, "`changes` stands behind a property of the record");
      return false;
    }
    trigger_.head.kind = TriggerKind::changes;
    trigger_.head.property = left->a;
    trigger_.head.reads_properties.push_back(left->a);
    return true;
  }

  /// WF320: `form.x submitted and lifecycle_stage is lead` asks whether it has ever happened.
  void report_joined_events(const ast::Expr& when) {
    const auto* logic = std::get_if<ast::Logic>(&when.node);
    if (!logic || !logic->conjunction || logic->group) return;
    for (std::size_t i = 0; i < logic->operands.size(); ++i) {
      const ast::Expr& operand = *logic->operands[i];
      const auto* term = std::get_if<ast::EventTerm>(&operand.node);
      // "At most 9 times" and "within last 30 days" ask about history.
      const bool history =
          term && (term->event.times == ast::EventPhrase::Times::at_most || term->event.within_last);
      if (!term || history) continue;
      auto& d = context_.sink.report(Code::event_joined, operand.span,
                                     "joined by `and` this event means that it has happened at some time");
      d.primary.text = "as an occurrence it stands alone";
      offer_guard(*logic, i, when.span, d);
      return;
    }
  }

  void offer_guard(const ast::Logic& logic, std::size_t event, Span whole, text::Diagnostic& d) {
    std::string text(context_.sources.text(logic.operands[event]->span));
    text += ", if ";
    bool first = true;
    for (std::size_t i = 0; i < logic.operands.size(); ++i) {
      if (i == event) continue;
      if (!first) text += " and ";
      first = false;
      text += context_.sources.text(logic.operands[i]->span);
    }
    d.helps.push_back("to enrol at the event, write `" + text + "`");
    d.fixes.push_back({"enrol at the event", text::Applicability::maybe_incorrect, {{whole, text}}});
  }

  bool check_guard() {
    if (!source_.guard) return true;
    Scope inside = scope_;
    inside.event = event_;
    trigger_.guard = check_condition(context_, inside, *source_.guard);
    return trigger_.guard.has_value();
  }

  void check_own_reenroll() {
    if (!source_.reenroll) return;
    auto checked = check_reenrolment(context_, scope_, *source_.reenroll, event_ != kNone);
    trigger_.head.own_reenroll = true;
    trigger_.head.reenroll = checked.head;
    trigger_.reenroll_key = std::move(checked.key);
  }

  Context& context_;
  const Scope& scope_;
  const ast::Trigger& source_;
  Trigger trigger_;
  std::uint32_t event_ = kNone;
};

/// `enroll when all { … }`: one condition built of all items.
std::vector<Trigger> check_all(Context& context, const Scope& scope, const ast::WorkflowDecl& decl) {
  Trigger trigger;
  trigger.head.kind = TriggerKind::condition;
  std::vector<Expr> operands;
  bool ok = true;
  for (const ast::Trigger& item : decl.triggers) {
    auto condition = item.when ? check_condition(context, scope, *item.when) : std::nullopt;
    ok = ok && condition;
    if (condition) operands.push_back(std::move(*condition));
    if (item.reenroll) {
      context.sink.report(Code::misplaced, item.reenroll->span, "the items of `all` are one trigger")
          .helps.push_back("write `reenroll` on a line of its own");
    }
  }
  if (!ok || operands.empty()) return {};
  const Span span = text::join(operands.front().span, operands.back().span);
  trigger.span = span;
  trigger.condition = make_logic(ExprOp::and_, std::move(operands), span);
  collect_reads(context, scope.object, *trigger.condition, trigger.head);
  trigger.retest = retest_of(context, *trigger.condition);
  trigger.span = span;
  std::vector<Trigger> result;
  result.push_back(std::move(trigger));
  return result;
}

}  // namespace

Reenrolment check_reenrolment(Context& context, const Scope& scope, const ast::Reenroll& source,
                              bool by_event) {
  Reenrolment result;
  result.head.restart = source.restart;
  if (source.mode == ast::Reenroll::Mode::every_time) result.head.mode = bytecode::ReenrollMode::every_time;
  if (source.at_most_once_per) {
    const auto gap = check_duration(context, *source.at_most_once_per, source.span, true);
    if (gap) result.head.at_most_once_per = *gap;
  }
  if (source.mode != ast::Reenroll::Mode::each_key || !source.key) return result;
  result.head.mode = bytecode::ReenrollMode::each_key;
  if (schema::path_text(*source.key) != "event") {
    result.key = resolve_path(context, scope, *source.key);
    return result;
  }
  result.head.key_is_event = true;
  if (by_event) return result;
  auto& d = context.sink.report(Code::misplaced, source.key->span, "no event enrols in this workflow");
  d.notes.push_back("`reenroll each event` means once for each event that enrols");
  return result;
}

std::vector<Trigger> check_triggers(Context& context, const Scope& scope, const ast::WorkflowDecl& decl) {
  if (decl.triggers_all && decl.triggers.size() > 1) return check_all(context, scope, decl);
  std::vector<Trigger> result;
  for (const ast::Trigger& source : decl.triggers) {
    auto trigger = TriggerCheck(context, scope, source).run();
    if (trigger) result.push_back(std::move(*trigger));
  }
  return result;
}

}  // namespace wf::sema
