#include "compiler/sema/time_checks.hpp"

#include <algorithm>
#include <limits>

#include "compiler/sema/calendars.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/zone_changes.hpp"
#include "runtime/bytecode/moment.hpp"

namespace wf::sema {
namespace {

using value::Value;
using Then = ast::IfPast::Then;

/// What is known of the time at one place of a workflow's path.
struct Clock {
  std::int64_t not_before = std::numeric_limits<std::int64_t>::min();  ///< an instant
  std::optional<Span> since;  ///< the wait that tells it; nothing: that it is not before today
  std::int64_t longest = 0;   ///< most time since the enrolment, as far as it is known
  bool ended = false;
};

Clock joined(const Clock& a, const Clock& b) {
  if (a.ended) return b;
  if (b.ended) return a;
  Clock both = a.not_before <= b.not_before ? a : b;
  both.longest = std::max(a.longest, b.longest);
  return both;
}

std::string instant_text(std::int64_t instant, const std::string& zone) {
  return value::format_instant(instant, zone).substr(0, 16);
}

/// Does a step go on behind its wait when the moment is past?
bool goes_on(const IfPast& policy) {
  return policy.then != Then::skip;
}

/// Empty when hours in the zone of the record and in a fixed one mix: those may meet for some records.
std::vector<value::ZonedWindow> comparable(const std::vector<WindowUse>& windows) {
  const auto is_dynamic = [](const WindowUse& use) { return use.dynamic_zone.has_value(); };
  const bool any_dynamic = std::any_of(windows.begin(), windows.end(), is_dynamic);
  std::vector<value::ZonedWindow> all;
  for (const WindowUse& use : windows) {
    if (any_dynamic && (!is_dynamic(use) || use.zone != windows.front().zone)) return {};
    all.push_back({use.hours, use.zone});
  }
  return all;
}

class TimeChecks {
 public:
  TimeChecks(Context& context, const Workflow& workflow, const std::optional<Period>& period)
      : context_(context), workflow_(workflow), period_(period) {
    if (context.today) begins_ = value::to_instant(*context.today, 0, context.zone());
  }

  void run() {
    for (const Trigger& trigger : workflow_.triggers) check_trigger(trigger);
    Clock clock = beginning();
    block(workflow_.body, clock);
  }

 private:
  Clock beginning() const {
    Clock clock;
    if (begins_) clock.not_before = *begins_;
    if (period_ && period_->begins > clock.not_before) {
      clock.not_before = period_->begins;
      clock.since = period_->span;
    }
    return clock;
  }

  const bytecode::Moment& table(const Expr& moment) const { return context_.module.moments[moment.a]; }

  /// Calls `visit` for every moment of an expression.
  template <class Visit>
  void each_moment(const Expr& e, Visit visit) {
    walk(e, [&](const Expr& part) {
      if (part.op == ExprOp::moment) visit(part);
    });
  }

  const Expr* anchor(const Expr& moment) const {
    return table(moment).has_anchor ? &moment.args.front() : nullptr;
  }
  /// The instant of a moment that is the same for every record and at any time.
  std::optional<std::int64_t> fixed(const Expr& moment) const {
    if (moment.op == ExprOp::constant && moment.constant.kind() == value::Kind::instant) {
      return moment.constant.as_instant();
    }
    if (moment.op != ExprOp::moment) return std::nullopt;
    const Expr* from = anchor(moment);
    if (!from || from->op != ExprOp::constant || table(moment).dynamic_zone) return std::nullopt;
    return bytecode::resolve(table(moment), context_.catalogue(), from->constant, Value(), 0);
  }

  void check_trigger(const Trigger& trigger) {
    if (!trigger.condition) return;
    const bool at_moment = trigger.head.kind == bytecode::TriggerKind::moment;
    if (!at_moment && trigger.head.kind != bytecode::TriggerKind::schedule) return;
    const Clock clock = beginning();
    each_moment(*trigger.condition, [&](const Expr& moment) { check_moment(moment, clock); });
    if (at_moment && !trigger.head.late_ok) check_past(*trigger.condition, clock, "nobody is enrolled");
  }

  // ---- one moment ----

  void check_moment(const Expr& moment, const Clock& clock) {
    check_daylight_saving(moment);
    check_calendar(moment, clock);
  }

  void check_past(const Expr& moment, const Clock& clock, const std::string& consequence) {
    if (before_creation(moment)) {
      report_past(moment, "a record is enrolled after it was created: " + consequence);
      return;
    }
    const auto at = fixed(moment);
    if (!at) return;
    const std::string& zone = moment.op == ExprOp::moment ? table(moment).zone : context_.zone();
    if (*at >= clock.not_before) return;
    auto& d = report_past(moment, instant_text(*at, zone) + ": " + consequence);
    if (clock.since) {
      d.secondary.push_back({*clock.since, "behind this it is " + instant_text(clock.not_before, zone)});
    } else {
      d.notes.push_back("it is " + instant_text(clock.not_before, zone) + " then, or later");
    }
  }

  text::Diagnostic& report_past(const Expr& moment, std::string label) {
    auto& d = context_.sink.report(Code::until_past, moment.span, "this moment is past from the start");
    d.primary.text = std::move(label);
    return d;
  }

  /// `1 day before created_at`, and `created_at` itself.
  bool before_creation(const Expr& moment) const {
    if (moment.op == ExprOp::created_at) return true;
    if (moment.op != ExprOp::moment) return false;
    const Expr* from = anchor(moment);
    if (!from || from->op != ExprOp::created_at) return false;
    const bytecode::Moment& m = table(moment);
    if (m.recurs.every != value::Schedule::Every::none) return false;
    const bool days = m.offset_days < 0 || m.offset_months < 0 || m.business_days < 0;
    const bool nothing = m.offset_days == 0 && m.offset_months == 0 && m.business_days == 0 &&
                         m.business <= 0 && m.offset <= 0 && m.at < 0;
    return days || nothing;
  }

  /// WF374.
  void check_daylight_saving(const Expr& moment) {
    const bytecode::Moment& m = table(moment);
    const bool recurs = m.recurs.every != value::Schedule::Every::none;
    const std::int32_t at = recurs ? m.recurs.at : m.at;
    if (!begins_ || (!recurs && m.at < 0)) return;
    const auto on = fixed(moment);
    std::optional<value::LocalChange> skipped, repeated;
    for (const auto& change : value::local_changes(*begins_, *begins_ + kTwoYears, m.zone)) {
      const bool hit = (at >= change.from && at < change.to) || at + 24 * 60 < change.to;
      if (!hit || (on && value::local_date(*on, m.zone) != change.day)) continue;
      auto& first = change.skipped ? skipped : repeated;
      if (!first) first = change;
    }
    if (!skipped && !repeated) return;
    const std::string time = value::format_time_of_day(at);
    std::string what;
    if (skipped) what = "does not exist on " + value::format_date(skipped->day);
    if (repeated)
      what += (skipped ? " and occurs twice on " : "occurs twice on ") + value::format_date(repeated->day);
    auto& d = context_.sink.report(Code::daylight_saving, moment.span, time + " " + what);
    d.primary.text = "in " + m.zone;
    if (skipped) d.notes.push_back("a time that does not exist is the first instant after the gap");
    if (repeated) d.notes.push_back("of a time that occurs twice the earlier one counts");
  }

  /// WF375.
  void check_calendar(const Expr& moment, const Clock& clock) {
    const bytecode::Moment& m = table(moment);
    if (m.calendar == kNone) return;
    const Expr* from = anchor(moment);
    std::optional<std::int64_t> reached = fixed(moment);
    if (begins_ && from && from->op == ExprOp::now) {
      const std::int64_t latest = value::add_saturating(*begins_, clock.longest);
      reached = bytecode::resolve(m, context_.catalogue(), Value::instant(latest), Value(), latest);
    }
    const bytecode::Calendar& calendar = context_.catalogue().calendars[m.calendar];
    if (!reached || value::local_date(*reached, calendar.hours.zone) <= calendar.known_until) return;
    auto& d = context_.sink.report(Code::calendar_gap, moment.span,
                                   "the holidays of `calendar." + calendar.name + "` are known until " +
                                       value::format_date(calendar.known_until));
    d.primary.text = "this reaches " + instant_text(*reached, calendar.hours.zone).substr(0, 10);
    const ast::ResourceDecl* decl = context_.schema.resource(ResourceKind::calendar, m.calendar).decl;
    for (const ast::Field& field : decl->fields) {
      if (field.name.text == "holidays") d.secondary.push_back({field.span, "they are read from here"});
    }
  }

  // ---- steps ----

  void block(const Block& steps, Clock& clock) {
    for (const Step& step : steps) {
      std::visit([&](const auto& node) { visit(node, clock); }, step.node);
    }
  }

  template <class Node>
  void visit(const Node&, Clock&) {}

  void visit(const CreateTask& task, Clock& clock) {
    if (task.due) each_moment(*task.due, [&](const Expr& moment) { check_moment(moment, clock); });
  }
  void visit(const CallWebhook& call, Clock& clock) {
    Clock later = clock;
    block(call.on_failure, later);
  }
  void visit(const Stop&, Clock& clock) { clock.ended = true; }

  void visit(const WaitFor& wait, Clock& clock) {
    if (wait.duration.op != ExprOp::constant) return;
    const std::int64_t length = wait.duration.constant.as_duration();
    clock.longest = value::add_saturating(clock.longest, length);
    if (clock.not_before == Clock().not_before) return;
    clock.not_before = value::add_saturating(clock.not_before, length);
  }

  void visit(const WaitUntil& wait, Clock& clock) { arrive(wait, clock, "the wait is over at once"); }
  void visit(const AtBlock& at, Clock& clock) {
    Clock inside = clock;
    arrive(at, inside, goes_on(at.if_past) ? "the block runs at once" : "the block never runs");
    block(at.body, inside);
    clock = joined(clock, inside);
  }

  template <class Wait>
  void arrive(const Wait& wait, Clock& clock, const std::string& consequence) {
    each_moment(wait.moment, [&](const Expr& moment) { check_moment(moment, clock); });
    check_past(wait.moment, clock, consequence);
    const auto at = fixed(wait.moment);
    if (at && *at > clock.not_before) {
      clock.not_before = *at;
      clock.since = wait.moment.span;
    }
    lengthen_to(wait.moment, clock);
  }

  /// `wait 2 business days`, `wait 1 calendar month`.
  void lengthen_to(const Expr& moment, Clock& clock) {
    if (!begins_ || moment.op != ExprOp::moment) return;
    const Expr* from = anchor(moment);
    if (from && from->op != ExprOp::now) return;
    const std::int64_t latest = value::add_saturating(*begins_, clock.longest);
    const auto at =
        bytecode::resolve(table(moment), context_.catalogue(), Value::instant(latest), Value(), latest);
    if (at) clock.longest = value::add_saturating(clock.longest, *at - latest);
  }

  void visit(const WaitEvent& wait, Clock& clock) {
    each_moment(wait.at_most, [&](const Expr& moment) {
      check_moment(moment, clock);
      lengthen_to(moment, clock);
    });
    if (wait.at_most.op == ExprOp::constant) {
      clock.longest = value::add_saturating(clock.longest, wait.at_most.constant.as_duration());
    }
    Clock other = clock;
    block(wait.happened, clock);
    block(wait.timed_out, other);
    clock = joined(clock, other);
  }

  void visit(const If& choice, Clock& clock) {
    Clock after;
    after.ended = true;
    for (const If::Arm& arm : choice.arms) {
      Clock inside = clock;
      block(arm.body, inside);
      after = joined(after, inside);
    }
    Clock otherwise = clock;
    block(choice.otherwise, otherwise);
    clock = joined(after, otherwise);
  }

  static constexpr std::int64_t kTwoYears = 2 * 366 * value::kDay;

  Context& context_;
  const Workflow& workflow_;
  const std::optional<Period>& period_;
  std::optional<std::int64_t> begins_;  ///< today's midnight
};

}  // namespace

void check_times(Context& context, const Workflow& workflow, const std::optional<Period>& period) {
  TimeChecks(context, workflow, period).run();
  if (!period || period->begins >= period->ends) return;
  check_outlives(context, workflow.body, *period);
  const auto windows = comparable(workflow.windows);
  if (windows.empty()) return;
  const auto opening = value::next_open(windows, period->begins);
  if (!opening || *opening < period->ends) return;
  auto& d = context.sink.report(Code::empty_window, period->span, "no window is open in this time");
  d.primary.text = "what waits for one never goes out";
}

void check_meeting(Context& context, const std::vector<WindowUse>& windows, Span span) {
  const auto all = comparable(windows);
  const std::int32_t from = context.today.value_or(*value::to_days(2026, 1, 1));
  if (all.empty() || value::next_open(all, value::to_instant(from, 0, "UTC"))) return;
  auto& d = context.sink.report(Code::empty_window, span, "these windows are never open together");
  d.primary.text = "what waits for them never goes out";
}

}  // namespace wf::sema
