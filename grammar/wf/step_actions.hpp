// All other steps of a workflow: actions.
#pragma once

#include "grammar/wf/wait_actions.hpp"

namespace wf::grammar {

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
