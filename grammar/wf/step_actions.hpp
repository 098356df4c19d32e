// Moments, waits and all other steps of a workflow: actions.
#pragma once

#include "grammar/wf/step.hpp"

namespace wf::grammar {

// ---- actions: moments ----

template <>
struct action<rules::zone_text> {
  static void apply0(State& st) {
    st.zone.zone = st.text;
    st.zone.span = st.text_span;
  }
};
template <>
struct action<rules::zone_property> {
  static void apply0(State& st) {
    st.zone.property = st.path;
    st.zone.zone.reset();
  }
};
template <>
struct action<rules::zone_value> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.zone.span = st.span_from(in.begin());
    if (*in.begin() == '"') st.zone.property.reset();
  }
};

template <>
struct action<rules::begin_moment> {
  static void apply0(State& st) {
    st.moment = {};
    st.if_past.reset();
    st.anchor.reset();
  }
};
template <>
struct action<rules::next_day> {
  static void apply0(State& st) { st.moment.next_weekday = st.name; }
};
template <>
struct action<rules::anchor_path> {
  static void apply0(State& st) { st.moment.anchor = st.path; }
};
template <>
struct action<rules::anchor_literal> {
  static void apply0(State& st) {
    // `wait until 09:00` is the next 09:00: a time without a date.
    const auto* time = std::get_if<ast::TimeOfDay>(&st.literal.value);
    if (time)
      st.moment.at = time->minutes;
    else
      st.moment.anchor = st.literal;
  }
};
template <>
struct action<rules::moment_offset> {
  static void apply0(State& st) { st.moment.offset = st.duration; }
};
template <>
struct action<rules::before_word> {
  static void apply0(State& st) { st.moment.before = true; }
};
template <>
struct action<rules::after_word> {
  static void apply0(State& st) { st.moment.before = false; }
};
template <>
struct action<rules::moment_time> {
  static void apply0(State& st) { st.moment.at = st.minutes; }
};
template <>
struct action<rules::moment_zone> {
  static void apply0(State& st) { st.moment.zone = st.zone; }
};
template <>
struct action<rules::moment> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.moment.span = st.span_from(in.begin());
  }
};

template <>
struct action<rules::past_start> {
  static void apply0(State& st) { st.if_past.emplace(); }
};
template <>
struct action<rules::past_within> {
  static void apply0(State& st) { st.if_past->within = st.duration; }
};
template <>
struct action<rules::past_skip> {
  static void apply0(State& st) { st.if_past->then = ast::IfPast::Then::skip; }
};
template <>
struct action<rules::past_continue> {
  static void apply0(State& st) { st.if_past->then = ast::IfPast::Then::continue_; }
};
template <>
struct action<rules::past_stop> {
  static void apply0(State& st) { st.if_past->then = ast::IfPast::Then::stop; }
};
template <>
struct action<rules::past_enroll> {
  static void apply0(State& st) { st.if_past->then = ast::IfPast::Then::enroll_now; }
};
template <>
struct action<rules::if_past_given> {
  template <class In>
  static void apply(const In& in, State& st) {
    const char* from = skip_spaces(in.begin() + 1, st.end);
    st.if_past->span = st.span_from(from);
  }
};
template <>
struct action<rules::if_past_missing> {
  static void apply0(State& st) {
    // The next 09:00 or Monday is never in the past.
    const bool always_ahead = std::holds_alternative<std::monostate>(st.moment.anchor);
    if (!always_ahead) st.report_missing_if_past(st.moment.span);
  }
};

inline ast::AnchorPolicy& open_anchor(State& st) {
  if (!st.anchor) st.anchor.emplace();
  return *st.anchor;
}
template <>
struct action<rules::unknown_skip> {
  static void apply0(State& st) { open_anchor(st).if_unknown = ast::IfPast::Then::skip; }
};
template <>
struct action<rules::unknown_continue> {
  static void apply0(State& st) { open_anchor(st).if_unknown = ast::IfPast::Then::continue_; }
};
template <>
struct action<rules::unknown_stop> {
  static void apply0(State& st) { open_anchor(st).if_unknown = ast::IfPast::Then::stop; }
};
template <>
struct action<rules::frozen> {
  static void apply0(State& st) { open_anchor(st).frozen = true; }
};
template <>
struct action<rules::anchor_option> {
  template <class In>
  static void apply(const In& in, State& st) {
    open_anchor(st).span = st.span_from(skip_spaces(in.begin() + 1, st.end));
  }
};

// ---- actions: schedules ----

template <>
struct action<rules::begin_schedule> {
  static void apply0(State& st) { st.schedule = {}; }
};
template <>
struct action<rules::weekly> {
  static void apply0(State& st) { st.schedule.every = ast::Schedule::Every::week; }
};
template <>
struct action<rules::monthly> {
  static void apply0(State& st) { st.schedule.every = ast::Schedule::Every::month; }
};
template <>
struct action<rules::yearly> {
  static void apply0(State& st) { st.schedule.every = ast::Schedule::Every::year; }
};
template <>
struct action<rules::schedule_first_day> {
  static void apply0(State& st) { st.schedule.weekdays.push_back({st.name, st.name}); }
};
template <>
struct action<rules::schedule_last_day> {
  static void apply0(State& st) { st.schedule.weekdays.back().to = st.name; }
};
template <>
struct action<rules::schedule_nth> {
  template <class In>
  static void apply(const In& in, State& st) {
    constexpr std::string_view kOrdinals[] = {"first", "second", "third", "fourth"};
    st.schedule.nth = -1;
    for (int i = 0; i < 4; ++i) {
      if (in.string_view().starts_with(kOrdinals[i])) st.schedule.nth = i + 1;
    }
  }
};
template <>
struct action<rules::last_day_of_month> {
  static void apply0(State& st) { st.schedule.day = 31; }
};
template <>
struct action<rules::day_number> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.schedule.day =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(st.number.micros / value::kMicro, 0, 99));
    if (st.schedule.day >= 1 && st.schedule.day <= 31) return;
    st.report(text::Code::invalid_literal, st.span_from(in.begin()), "no month has such a day");
  }
};
template <>
struct action<rules::month_day_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    const std::string_view spelt = in.string_view();
    const std::size_t dash = spelt.find('-');
    const auto number = [](std::string_view digits) { return std::stoi(std::string(digits)); };
    st.schedule.month = number(spelt.substr(0, dash));
    st.schedule.day = number(spelt.substr(dash + 1));
    // Any leap year will do.
    const bool exists = value::to_days(2000, static_cast<std::uint32_t>(st.schedule.month),
                                       static_cast<std::uint32_t>(st.schedule.day))
                            .has_value();
    if (exists) return;
    st.report(text::Code::invalid_literal, text_span(in, st),
              "`" + std::string(spelt) + "` is no day of a year; write the month first, as in 04-01");
  }
};
template <>
struct action<rules::schedule_property> {
  static void apply0(State& st) { st.schedule.property = st.path; }
};
template <>
struct action<rules::schedule_time> {
  static void apply0(State& st) { st.schedule.at = st.minutes; }
};
template <>
struct action<rules::schedule_zone> {
  static void apply0(State& st) { st.schedule.zone = st.zone; }
};
template <>
struct action<rules::schedule> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.schedule.span = st.span_from(in.begin());
  }
};

template <>
struct action<rules::begin_block> {
  static void apply0(State& st) { st.blocks.emplace_back(); }
};

// ---- actions: waits ----

template <>
struct action<rules::wait_duration> {
  static void apply0(State& st) { st.open.push_back({ast::WaitFor{st.duration, {}, {}}, {}}); }
};
template <>
struct action<rules::wait_time> {
  static void apply0(State& st) { st.open_node<ast::WaitFor>().at = st.minutes; }
};
template <>
struct action<rules::wait_zone> {
  static void apply0(State& st) { st.open_node<ast::WaitFor>().zone = st.zone; }
};
template <>
struct action<rules::until_moment> {
  static void apply0(State& st) { st.open.push_back({ast::WaitUntil{st.moment, st.if_past, st.anchor}, {}}); }
};
template <>
struct action<rules::wait_event> {
  static void apply0(State& st) {
    ast::WaitEvent wait;
    wait.event = st.pop_event();
    st.open.push_back({std::move(wait), {}});
  }
};
template <>
struct action<rules::limit_duration> {
  static void apply0(State& st) { st.open_node<ast::WaitEvent>().at_most = st.duration; }
};
template <>
struct action<rules::limit_calendar> {
  static void apply0(State& st) { st.open_node<ast::WaitEvent>().limit_calendar = st.zone; }
};
template <>
struct action<rules::limit_without_comma> {
  static void apply0(State& st) {
    const std::uint32_t place = st.open_node<ast::WaitEvent>().event.span.end;
    const text::Span where{st.file.id, place, place};
    text::Diagnostic& d = st.report(text::Code::syntax, where, "expected `,` before `at most`");
    d.fixes.push_back({"add the comma", text::Applicability::machine, {{where, ","}}});
  }
};
template <>
struct action<rules::limit_missing> {
  static void apply0(State& st) { st.report_missing_limit(st.open_node<ast::WaitEvent>().event.span); }
};
template <>
struct action<rules::wait_head> {
  static void apply0(State& st) { st.open.back().span.end = st.last_end; }
};
template <>
struct action<rules::happened_block> {
  static void apply0(State& st) { st.open_node<ast::WaitEvent>().happened = st.pop_block(); }
};
template <>
struct action<rules::timed_out_block> {
  static void apply0(State& st) { st.open_node<ast::WaitEvent>().timed_out = st.pop_block(); }
};
template <>
struct action<rules::outcomes> {
  static void apply0(State& st) { st.open_node<ast::WaitEvent>().has_blocks = true; }
};
template <>
struct action<rules::wait_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

template <>
struct action<rules::at_head> {
  static void apply0(State& st) {
    st.open.push_back({ast::AtBlock{st.moment, st.if_past, {}, st.anchor}, {st.file.id, 0, st.last_end}});
  }
};
template <>
struct action<rules::at_body> {
  static void apply0(State& st) { st.open_node<ast::AtBlock>().body = st.pop_block(); }
};
template <>
struct action<rules::at_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

// ---- actions: branches ----

template <>
struct action<rules::begin_if> {
  static void apply0(State& st) { st.open.push_back({ast::If{}, {}}); }
};
template <>
struct action<rules::condition_of_if> {
  static void apply0(State& st) {
    ast::ExprPtr condition = st.pop_expr();
    const text::Span where = condition->span;
    if (st.open_node<ast::If>().arms.empty()) st.open.back().span.end = st.last_end;
    st.open_node<ast::If>().arms.push_back({std::move(condition), {}, where});
  }
};
template <>
struct action<rules::arm_body> {
  static void apply0(State& st) { st.open_node<ast::If>().arms.back().body = st.pop_block(); }
};
template <>
struct action<rules::else_body> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::Block body = st.pop_block();
    if (st.open_node<ast::If>().otherwise) {
      st.report(text::Code::syntax, st.span(in.begin(), in.begin() + 1), "this `if` already has an `else`");
    }
    st.open_node<ast::If>().otherwise = std::move(body);
  }
};
template <>
struct action<rules::else_if> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (!st.open_node<ast::If>().otherwise) return;
    st.report(text::Code::syntax, st.span(in.begin(), in.begin() + 2),
              "`else if` stands before the last `else`");
  }
};
template <>
struct action<rules::if_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

template <>
struct action<rules::match_subject> {
  static void apply0(State& st) {
    ast::ExprPtr subject = st.pop_expr();
    st.open.push_back({ast::Match{std::move(subject), {}}, {st.file.id, 0, st.last_end}});
  }
};
template <>
struct action<rules::begin_arm> {
  static void apply0(State& st) { st.arms.emplace_back(); }
};
template <>
struct action<rules::arm_else> {
  static void apply0(State& st) { st.arms.back().is_else = true; }
};
template <>
struct action<rules::arm_unknown> {
  static void apply0(State& st) { st.arms.back().is_unknown = true; }
};
template <>
struct action<rules::arm_value> {
  static void apply0(State& st) { st.arms.back().values.push_back(st.pop_expr()); }
};
template <>
struct action<rules::match_arm_body> {
  static void apply0(State& st) { st.arms.back().body = st.pop_block(); }
};
template <>
struct action<rules::arm_head> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.arms.back().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::match_arm> {
  static void apply0(State& st) {
    ast::Match::Arm arm = std::move(st.arms.back());
    st.arms.pop_back();
    st.open_node<ast::Match>().arms.push_back(std::move(arm));
  }
};
template <>
struct action<rules::match_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

// ---- actions: the others ----

template <>
struct action<rules::set_target> {
  static void apply0(State& st) { st.open.push_back({ast::Set{st.path, nullptr}, {}}); }
};
template <>
struct action<rules::set_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.open_node<ast::Set>().value = st.pop_expr();
    st.finish_step(in.begin());
  }
};
template <>
struct action<rules::let_name> {
  static void apply0(State& st) { st.open.push_back({ast::Let{st.name, nullptr}, {}}); }
};
template <>
struct action<rules::let_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.open_node<ast::Let>().value = st.pop_expr();
    st.finish_step(in.begin());
  }
};
template <>
struct action<rules::stop_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.add_step(ast::Stop{}, in.begin());
  }
};

template <>
struct action<rules::loop_path> {
  static void apply0(State& st) {
    ast::ForEach loop;
    loop.association = st.path;
    st.open.push_back({std::move(loop), {}});
  }
};
template <>
struct action<rules::loop_name> {
  static void apply0(State& st) { st.open_node<ast::ForEach>().name = st.name; }
};
template <>
struct action<rules::loop_where> {
  static void apply0(State& st) { st.open_node<ast::ForEach>().where = st.pop_expr(); }
};
template <>
struct action<rules::loop_count> {
  static void apply0(State& st) { st.open_node<ast::ForEach>().at_most = st.number.micros / value::kMicro; }
};
template <>
struct action<rules::loop_limit_missing> {
  static void apply0(State& st) {
    const text::Span place{st.file.id, st.last_end, st.last_end};
    text::Diagnostic& d = st.report(text::Code::missing_limit, st.open_node<ast::ForEach>().association.span,
                                    "a loop needs a limit: `at most` is missing");
    d.primary.text = "there may be any number of them";
    d.fixes.push_back({"take at most 10", text::Applicability::has_placeholders, {{place, ", at most 10"}}});
  }
};
template <>
struct action<rules::loop_head> {
  static void apply0(State& st) { st.open.back().span.end = st.last_end; }
};
template <>
struct action<rules::loop_body> {
  static void apply0(State& st) { st.open_node<ast::ForEach>().body = st.pop_block(); }
};
template <>
struct action<rules::for_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

template <>
struct action<rules::action_head> {
  static void apply0(State& st) {
    st.open.push_back({ast::Action{st.pop_row(), std::nullopt, std::nullopt}, {st.file.id, 0, st.last_end}});
  }
};
template <>
struct action<rules::begin_failure> {
  static void apply0(State& st) { st.open_node<ast::Action>().on_failure.emplace(); }
};
template <>
struct action<rules::failure_retries> {
  static void apply0(State& st) {
    st.open_node<ast::Action>().on_failure->retries = st.number.micros / value::kMicro;
  }
};
template <>
struct action<rules::failure_over> {
  static void apply0(State& st) { st.open_node<ast::Action>().on_failure->over = st.duration; }
};
template <>
struct action<rules::failure_block> {
  static void apply0(State& st) { st.open_node<ast::Action>().on_failure->then = st.pop_block(); }
};
template <>
struct action<rules::on_failure> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.open_node<ast::Action>().on_failure->span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::begin_reply> {
  static void apply0(State& st) { st.open_node<ast::Action>().reply.emplace(); }
};
template <class In>
void take_outcome(const In& in, State& st, ast::Rare<ast::Block>& into, const char* name) {
  ast::Block body = st.pop_block();
  if (into) {
    st.report(text::Code::syntax, st.span(in.begin(), in.begin() + 1),
              std::string("this call already has a block `") + name + "`");
  }
  into = std::move(body);
}
template <>
struct action<rules::reply_answered> {
  template <class In>
  static void apply(const In& in, State& st) {
    take_outcome(in, st, st.open_node<ast::Action>().reply->answered, "answered");
  }
};
template <>
struct action<rules::reply_failed> {
  template <class In>
  static void apply(const In& in, State& st) {
    take_outcome(in, st, st.open_node<ast::Action>().reply->failed, "failed");
  }
};
template <>
struct action<rules::reply_timed_out> {
  template <class In>
  static void apply(const In& in, State& st) {
    take_outcome(in, st, st.open_node<ast::Action>().reply->timed_out, "timed_out");
  }
};
template <>
struct action<rules::reply_blocks> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.open_node<ast::Action>().reply->span = st.span(in.begin(), in.begin() + 1);
  }
};

// ---- actions: experiments ----

template <>
struct action<rules::experiment_start> {
  template <class In>
  static void apply(const In&, State& st) {
    ast::Experiment experiment;
    experiment.name = st.name;
    st.open.push_back({std::move(experiment), {}});
  }
};
template <>
struct action<rules::experiment_key> {
  static void apply0(State& st) {
    ast::ExprPtr key = st.pop_expr();
    st.open_node<ast::Experiment>().key = std::move(key);
    st.open.back().span.end = st.last_end;
  }
};
template <>
struct action<rules::begin_variant> {
  static void apply0(State& st) { st.variant = {}; }
};
template <>
struct action<rules::arm_name> {
  static void apply0(State& st) { st.variant.name = st.name; }
};
template <>
struct action<rules::holdout_word> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.variant.name = {"holdout", st.span_from(in.begin())};
    st.variant.is_holdout = true;
  }
};
template <>
struct action<rules::arm_share> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.variant.share = st.number;
    st.variant.span = st.span_from(in.begin());
    // The arm is in its place before its body, in which there may be other experiments.
    st.open_node<ast::Experiment>().arms.push_back(std::move(st.variant));
    st.variant = {};
  }
};
template <>
struct action<rules::experiment_body> {
  static void apply0(State& st) {
    ast::Block body = st.pop_block();
    st.open_node<ast::Experiment>().arms.back().body = std::move(body);
  }
};
template <>
struct action<rules::winner_metric> {
  static void apply0(State& st) {
    auto& experiment = st.open_node<ast::Experiment>();
    if (experiment.rest) {
      st.report(text::Code::syntax, st.name.span, "this experiment already has a `rest`");
    }
    experiment.rest = ast::Experiment::Rest{st.name, {}, st.name.span};
  }
};
template <>
struct action<rules::winner_after> {
  static void apply0(State& st) { st.open_node<ast::Experiment>().rest->after = st.duration; }
};
template <>
struct action<rules::experiment_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

template <>
struct action<rules::action_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

}  // namespace wf::grammar
