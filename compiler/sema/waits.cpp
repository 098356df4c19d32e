#include "compiler/sema/waits.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"
#include "compiler/sema/calendars.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/witness.hpp"

namespace wf::sema {
namespace {

using Node = decltype(Step::node);
using Then = ast::IfPast::Then;

const char* word_of(Then then) {
  switch (then) {
    case Then::skip:
      return "skip";
    case Then::continue_:
      return "continue";
    case Then::stop:
      return "stop";
    case Then::enroll_now:
      break;
  }
  return "enroll now";
}

bool check_choice(Context& context, Then then, std::initializer_list<Then> allowed, Span span,
                  const std::string& place) {
  if (std::find(allowed.begin(), allowed.end(), then) != allowed.end()) return true;
  std::vector<std::string> words;
  for (const Then word : allowed) words.emplace_back(word_of(word));
  context.sink
      .report(Code::misplaced, span, "`" + std::string(word_of(then)) + "` has no meaning in " + place)
      .primary.text = "expected " + schema::one_of(words);
  return false;
}

void report_no_calendar_unit(Context& context, const ast::WaitFor& wait, Span span) {
  const std::string unit = wait.duration.unit == ast::Unit::month ? "month" : "year";
  auto& d = context.sink.report(Code::month_needs_calendar, span, "a " + unit + " has no fixed length");
  const std::string count = std::to_string(wait.duration.count);
  const std::string plural = wait.duration.count == 1 ? "" : "s";
  const std::string text = "wait " + count + " calendar " + unit + plural;
  d.primary.text = "write `" + text + "`";
  d.fixes.push_back({"count on the calendar", text::Applicability::maybe_incorrect, {{span, text}}});
}

std::optional<Node> check_wait_for(Context& context, const Scope& scope, const ast::WaitFor& wait,
                                   Span span) {
  const bool long_unit = wait.duration.unit == ast::Unit::month || wait.duration.unit == ast::Unit::year;
  if (long_unit && !wait.duration.calendar && !wait.duration.business && !wait.at) {
    report_no_calendar_unit(context, wait, span);
    forget(*scope.flow);
    return std::nullopt;
  }
  std::optional<Node> node;
  if (wait.duration.calendar || wait.duration.business || wait.at) {
    auto moment = check_calendar_wait(context, scope, wait, span);
    if (moment) node = WaitUntil{std::move(moment->instant), IfPast{}, {}};
    may_forget(*scope.flow);
    return node;
  } else if (const auto length = check_duration(context, wait.duration, span, false)) {
    node = WaitFor{make_duration(*length, span)};
    forget(*scope.flow, {Pause::Kind::delay, *length, nullptr});
    return node;
  }
  forget(*scope.flow);
  return node;
}

/// `if unknown` and `frozen` need an anchor that can be unknown, or can change.
bool check_anchor_policy(Context& context, const ast::Rare<ast::AnchorPolicy>& written,
                         const std::optional<CheckedMoment>& moment, std::initializer_list<Then> allowed) {
  if (!written) return true;
  const ast::AnchorPolicy& policy = *written;
  if (policy.if_unknown && !check_choice(context, *policy.if_unknown, allowed, policy.span, "this wait")) {
    return false;
  }
  if (!moment) return true;
  const bool useless = (policy.if_unknown && !moment->instant.type.nullable) ||
                       (policy.frozen && moment->anchors.empty() && moment->anchors_elsewhere.empty());
  if (!useless) return true;
  const std::string what = policy.frozen ? "`frozen`" : "`if unknown`";
  auto& d = context.sink.report(Code::misplaced, policy.span, what + " has no meaning here");
  d.primary.text =
      policy.frozen ? "this moment reads no property that could change" : "this moment is always known";
  return false;
}

template <class Wait>
void take_anchor_policy(const ast::Rare<ast::AnchorPolicy>& policy, Wait& wait) {
  if (!policy) return;
  if (policy->if_unknown) wait.if_unknown = *policy->if_unknown;
  if (!policy->frozen) return;
  wait.anchors.clear();
  wait.anchors_elsewhere.clear();
}

std::optional<Node> check_wait_until(Context& context, const Scope& scope, const ast::WaitUntil& wait) {
  auto moment = check_moment(context, scope, wait.moment);
  auto past = check_if_past(context, wait.if_past, {Then::continue_, Then::stop}, "a `wait until`");
  const bool anchored = check_anchor_policy(context, wait.anchor, moment, {Then::continue_, Then::stop});
  const bool always = past && past->then == Then::stop && !(wait.anchor && wait.anchor->if_unknown);
  always ? forget(*scope.flow) : may_forget(*scope.flow);
  if (!moment || !past || !anchored) return std::nullopt;
  WaitUntil result{std::move(moment->instant), *past, std::move(moment->anchors),
                   std::move(moment->anchors_elsewhere)};
  take_anchor_policy(wait.anchor, result);
  return result;
}

std::optional<Node> check_at(Context& context, const Scope& scope, const ast::AtBlock& at) {
  auto moment = check_moment(context, scope, at.moment);
  auto past = check_if_past(context, at.if_past, {Then::skip, Then::continue_, Then::stop}, "an `at` block");
  const bool anchored =
      check_anchor_policy(context, at.anchor, moment, {Then::skip, Then::continue_, Then::stop});
  AtBlock block;
  const auto if_unknown = at.anchor ? at.anchor->if_unknown : std::nullopt;
  const auto may = [&](Then then) { return !past || past->then == then || if_unknown == then; };
  Flow skipped = *scope.flow;
  skipped.ended = skipped.ended || !may(Then::skip);
  may(Then::continue_) ? may_forget(*scope.flow) : forget(*scope.flow);
  block.body = check_block(context, scope, at.body);
  *scope.flow = joined(*scope.flow, skipped);
  if (!moment || !past || !anchored) return std::nullopt;
  block.moment = std::move(moment->instant);
  block.if_past = *past;
  block.anchors = std::move(moment->anchors);
  block.anchors_elsewhere = std::move(moment->anchors_elsewhere);
  take_anchor_policy(at.anchor, block);
  return block;
}

/// An event of a wait may have come since the send that it reacts to.
void check_since(Context& context, const Scope& scope, const ast::EventPhrase& phrase, const EventUse& use,
                 WaitEvent& wait, Block& before) {
  auto since = send_instant(scope, use, phrase);
  if (!since) return;
  wait.since_counter = counter_for(context, scope.object, use.match, 0);
  if (since->op == ExprOp::local) {
    wait.since_local = since->a;
    return;
  }
  wait.since_local = scope.workflow->locals++;
  Step step;
  step.node = Let{wait.since_local, std::move(*since)};
  step.label = label_of(context.sources, phrase.span);
  step.span = phrase.span;
  before.push_back(std::move(step));
}

bool check_waited_phrase(Context& context, const ast::EventPhrase& phrase) {
  if (as_list_change(context, phrase)) {
    context.sink.report(Code::not_available, phrase.span,
                        "waiting for a change of a list is not available in this version");
    return false;
  }
  const bool refined =
      phrase.times != ast::EventPhrase::Times::any || phrase.within_last || phrase.since_step;
  if (!refined) return true;
  auto& d = context.sink.report(Code::misplaced, phrase.span, "a wait ends with the next such event");
  d.notes.push_back("only `where (…)` and `ever` refine it");
  return false;
}

/// As a duration: business time ends at an instant, from which now is taken.
std::optional<Expr> check_limit(Context& context, const ast::WaitEvent& source, Span span) {
  auto end = check_due(context, *source.at_most, source.limit_calendar, span);
  if (!end) return std::nullopt;
  if (!source.at_most->business) return std::move(end->args[1]);
  std::vector<Expr> args;
  args.push_back(std::move(*end));
  args.push_back(make(ExprOp::now, type_of(value::Kind::instant), span));
  return make(ExprOp::sub, type_of(value::Kind::duration), span, std::move(args));
}

/// WF318: with `ever` only an event from now on ends the wait; a reaction to an earlier send may have come.
void report_lost(Context& context, const Scope& scope, const ast::EventPhrase& phrase, const EventUse& use) {
  if (!phrase.ever || use.email == kNone || !scope.flow->reachable() || scope.flow->uncertain) return;
  const auto sent = scope.flow->sent_before.find(use.email);
  if (sent == scope.flow->sent_before.end()) return;
  auto& d =
      context.sink.report(Code::lost_event, phrase.span, "what comes before this wait begins is not seen");
  d.witness = find_witness(
      context, scope, *scope.flow,
      {{step_line(context, sent->second), context.catalogue().events[use.match.event].name, "waits until"},
       use.match,
       {}});
  d.secondary.push_back({sent->second, "sent here, and time has passed since"});
  d.helps.push_back("without `ever` a reaction since the send counts");
}

/// The paths that do not wait; no witness goes them.
Flow passed_over(Flow flow) {
  for (Path& path : flow.paths) path.vague = true;
  return flow;
}

std::optional<Node> check_wait_event(Context& context, const Scope& scope, const ast::WaitEvent& source,
                                     Span span, Block& before) {
  WaitEvent wait;
  bool ok = check_waited_phrase(context, source.event);
  if (ok) {
    const auto use = resolve_event(context, scope, source.event);
    ok = use.has_value();
    if (use) {
      report_lost(context, scope, source.event, *use);
      check_since(context, scope, source.event, *use, wait, before);
      wait.match = use->match;
    }
  }
  if (source.at_most) {
    auto limit = check_limit(context, source, span);
    ok = ok && limit;
    if (limit) wait.at_most = std::move(*limit);
  }
  Flow timed_out = *scope.flow;
  const Flow at_once = *scope.flow;
  const bool constant = source.at_most && wait.at_most.op == ExprOp::constant;
  const std::int64_t limit = constant ? wait.at_most.constant.as_duration() : 0;
  forget(*scope.flow, {Pause::Kind::happened, 0, std::make_shared<EventMatch>(wait.match)});
  forget(timed_out, {Pause::Kind::timed_out, limit, nullptr});
  // An event that has come since the send ends the wait before it begins.
  if (wait.since_counter != kNone) *scope.flow = joined(*scope.flow, passed_over(at_once));
  // What reacts to a mail that was not sent times out at once.
  if (wait.since_local != kNone) timed_out = joined(timed_out, passed_over(at_once));
  if (source.happened) wait.happened = check_block(context, scope, *source.happened);
  Scope other = scope;
  other.flow = &timed_out;
  if (source.timed_out) wait.timed_out = check_block(context, other, *source.timed_out);
  *scope.flow = joined(*scope.flow, timed_out);
  if (!ok) {
    *scope.flow = at_once;
    forget(*scope.flow);
    scope.flow->uncertain = true;
  }
  if (!ok || !source.at_most) return std::nullopt;
  return wait;
}

}  // namespace

std::optional<IfPast> check_if_past(Context& context, const std::optional<ast::IfPast>& source,
                                    std::initializer_list<Then> allowed, const std::string& place) {
  if (!source) return IfPast{};
  if (!check_choice(context, source->then, allowed, source->span, place)) return std::nullopt;
  IfPast result;
  result.then = source->then;
  result.span = source->span;
  if (source->within) {
    const auto within = check_duration(context, *source->within, source->span, true);
    if (!within) return std::nullopt;
    result.within = *within;
  }
  return result;
}

bool allow_wait(Context& context, const Scope& scope, Span span) {
  if (!scope.workflow->waits_allowed) {
    context.sink.report(Code::misplaced, span, "there are no waits after `on failure`");
  }
  return scope.workflow->waits_allowed;
}

std::optional<Node> check_wait(Context& context, const Scope& scope, const ast::Step& step, Block& before) {
  if (!allow_wait(context, scope, step.span)) return std::nullopt;
  if (auto* n = std::get_if<ast::WaitFor>(&step.node)) return check_wait_for(context, scope, *n, step.span);
  if (auto* n = std::get_if<ast::WaitUntil>(&step.node)) return check_wait_until(context, scope, *n);
  if (auto* n = std::get_if<ast::AtBlock>(&step.node)) return check_at(context, scope, *n);
  return check_wait_event(context, scope, std::get<ast::WaitEvent>(step.node), step.span, before);
}

}  // namespace wf::sema
