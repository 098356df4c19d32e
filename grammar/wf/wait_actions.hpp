// Waits and branches: actions.
#pragma once

#include "grammar/wf/moment_actions.hpp"

namespace wf::grammar {

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

}  // namespace wf::grammar
