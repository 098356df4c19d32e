// Moments and schedules: actions.
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

}  // namespace wf::grammar
