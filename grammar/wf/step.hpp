// Moments, waits and all other steps of a workflow: rules and actions.
#pragma once

#include "grammar/wf/atom.hpp"

namespace wf::grammar {
namespace rules {

struct step;

// ---- moments --------------------------------------------------------------------------------------------------

struct zone_text : text {};
struct zone_property : path {};
struct zone_value : peg::sor<zone_text, peg::seq<zone_property, peg::opt<peg::if_must<word<"else">, zone_text>>>> {};
struct zone_clause : peg::if_must<word<"in">, zone_value> {};

struct weekday : peg::sor<word<"mon">, word<"tue">, word<"wed">, word<"thu">, word<"fri">, word<"sat">, word<"sun">> {};
struct next_day : name {};
struct next_weekday : peg::seq<peg::at<word<"next">, weekday>, word<"next">, next_day> {};
struct anchor_path : path {};
struct anchor_literal : dated_literal {};
struct moment_anchor : peg::sor<anchor_literal, anchor_path> {};
struct moment_offset : duration {};
struct before_word : word<"before"> {};
struct after_word : word<"after"> {};
struct before_or_after : peg::sor<before_word, after_word> {};
struct from_anchor : peg::seq<moment_offset, peg::must<before_or_after, moment_anchor>> {};
struct moment_time : time {};
struct moment_at : peg::if_must<word<"at">, moment_time> {};
struct moment_zone : zone_clause {};
struct begin_moment : peg::success {};
struct moment : peg::seq<begin_moment, peg::sor<next_weekday, anchor_literal, from_anchor, anchor_path>,
                         peg::opt<moment_at>, peg::opt<moment_zone>> {};

struct past_within : peg::if_must<word<"within">, duration> {};
struct past_skip : word<"skip"> {};
struct past_continue : word<"continue"> {};
struct past_stop : word<"stop"> {};
struct past_enroll : peg::if_must<word<"enroll">, word<"now">> {};
struct past_choice : peg::sor<past_skip, past_continue, past_stop, past_enroll> {};
struct past_start : peg::seq<comma, word<"if">, word<"past">> {};
struct if_past_given : peg::if_must<past_start, peg::opt<past_within>, past_choice> {};
struct if_past_missing : peg::success {};
struct if_past : peg::sor<if_past_given, if_past_missing> {};

// ---- blocks ---------------------------------------------------------------------------------------------------

struct begin_block : peg::success {};
struct step_block : peg::seq<peg::at<peg::one<'{'>>, begin_block, block<step>> {};

// ---- waits ----------------------------------------------------------------------------------------------------

struct wait_time : time {};
struct wait_zone : zone_clause {};
struct wait_duration : duration {};
struct wait_for : peg::seq<wait_duration, peg::opt<peg::if_must<word<"at">, wait_time>>, peg::opt<wait_zone>> {};

/// `PATH verb`, `event NAME`, `added to list.x`; `contract_end at 09:00` is a moment.
struct event_ahead : peg::at<peg::not_at<word<"next">, weekday>, event_head> {};
struct wait_event : event_phrase {};
struct limit_duration : duration {};
struct limit_given : peg::seq<comma, word<"at">, peg::must<word<"most">, limit_duration>> {};
struct limit_without_comma : peg::seq<word<"at">, word<"most">, peg::must<limit_duration>> {};
struct limit_missing : peg::success {};
struct limit : peg::sor<limit_given, limit_without_comma, limit_missing> {};
struct happened_block : step_block {};
struct timed_out_block : step_block {};
struct outcome : peg::sor<peg::if_must<word<"happened">, happened_block>, peg::if_must<word<"timed_out">, timed_out_block>> {
};
struct outcomes : block<outcome, no_separator> {};
struct wait_head : peg::seq<wait_event, limit> {};
struct until_event : peg::seq<event_ahead, wait_head, peg::opt<outcomes>> {};
struct until_moment : peg::seq<moment, if_past> {};
struct condition_ahead
    : peg::at<path, peg::sor<word<"is">, condition_word, peg::one<'=', '!', '<', '>'>>> {};
struct no_condition_here : peg::failure {};
struct until_what
    : peg::sor<until_event, peg::if_must<condition_ahead, no_condition_here>, until_moment> {};
struct wait_until : peg::if_must<word<"until">, until_what> {};
struct wait_what : peg::sor<wait_until, wait_for> {};
struct wait_step : peg::if_must<word<"wait">, wait_what> {};

struct at_head : peg::seq<moment, if_past> {};
struct at_body : step_block {};
struct at_step : peg::seq<word<"at">, peg::must<at_head, at_body>> {};

// ---- branches -------------------------------------------------------------------------------------------------

struct condition_of_if : expr {};
struct arm_body : step_block {};
struct begin_if : peg::success {};
/// `else` may stand on the line behind the closing brace.
struct else_ahead {
  using rule_t = else_ahead;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    constexpr std::string_view kElse = "else";
    const char* at = skip_lines(in.current(), st.end);
    const char* behind = name_end(at, st.end);
    if (std::string_view(at, static_cast<std::size_t>(behind - at)) != kElse) return false;
    in.bump(static_cast<std::size_t>(at - in.current()));
    return true;
  }
};
struct else_if : peg::seq<word<"if">, peg::must<condition_of_if, arm_body>> {};
struct else_body : step_block {};
struct behind_else : peg::sor<else_if, else_body> {};
struct else_part : peg::seq<else_ahead, word<"else">, peg::must<behind_else>> {};
struct if_step : peg::seq<word<"if">, begin_if, peg::must<condition_of_if, arm_body>, peg::star<else_part>> {};

struct match_subject : sum {};
struct arm_value : sum {};
struct arm_else : word<"else"> {};
struct arm_unknown : word<"unknown"> {};
struct arm_item : peg::sor<arm_unknown, arm_value> {};
struct arm_values : comma_list<arm_item> {};
struct begin_arm : peg::success {};
struct arm_head : peg::sor<arm_else, arm_values> {};
struct match_arm_body : step_block {};
struct match_arm : peg::seq<begin_arm, arm_head, peg::must<match_arm_body>> {};
struct match_arms : block<match_arm, no_separator> {};
struct match_step : peg::if_must<word<"match">, match_subject, match_arms> {};

// ---- the others -----------------------------------------------------------------------------------------------

struct set_target : path {};
struct set_value : expr {};
struct set_step : peg::if_must<word<"set">, set_target, word<"to">, set_value> {};
struct let_name : name {};
struct let_value : expr {};
struct let_step : peg::if_must<word<"let">, let_name, sym<'='>, let_value> {};
struct stop_step : word<"stop"> {};

struct failure_retries : whole_number {};
struct failure_over : duration {};
struct failure_retry : peg::if_must<word<"retry">, failure_retries, word<"times">,
                                    peg::opt<peg::if_must<word<"over">, failure_over>>> {};
struct failure_block : step_block {};
struct failure_then : peg::if_must<word<"then">, failure_block> {};
struct failure_plan : peg::sor<peg::seq<failure_retry, peg::opt<failure_then>>, failure_then> {};
struct begin_failure : peg::success {};
struct on_failure : peg::seq<on_failure_words, begin_failure, peg::must<failure_plan>> {};
struct action_head : peg::seq<peg::at<free_name>, begin_row, atoms> {};
struct action_step : peg::seq<action_head, peg::opt<on_failure>> {};

/// Steps of a later version of the language get a message of their own.
struct later_step : peg::sor<peg::seq<word<"for">, word<"each">>, peg::seq<word<"experiment">, name, word<"split">>> {};
struct later_step_message : peg::failure {};
struct refused_step : peg::if_must<peg::at<later_step>, later_step_message> {};

struct step : peg::sor<wait_step, if_step, match_step, set_step, let_step, stop_step, at_step, refused_step, action_step> {};

}  // namespace rules

// ---- actions: moments -----------------------------------------------------------------------------------------

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
    if (time) st.moment.at = time->minutes;
    else st.moment.anchor = st.literal;
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

template <>
struct action<rules::begin_block> {
  static void apply0(State& st) { st.blocks.emplace_back(); }
};

// ---- actions: waits -------------------------------------------------------------------------------------------

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
  static void apply0(State& st) { st.open.push_back({ast::WaitUntil{st.moment, st.if_past}, {}}); }
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
    st.open.push_back({ast::AtBlock{st.moment, st.if_past, {}}, {st.file.id, 0, st.last_end}});
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

// ---- actions: branches ----------------------------------------------------------------------------------------

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
    st.report(text::Code::syntax, st.span(in.begin(), in.begin() + 2), "`else if` stands before the last `else`");
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

// ---- actions: the others --------------------------------------------------------------------------------------

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
struct action<rules::action_head> {
  static void apply0(State& st) {
    st.open.push_back({ast::Action{st.pop_row(), std::nullopt}, {st.file.id, 0, st.last_end}});
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
struct action<rules::action_step> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.finish_step(in.begin());
  }
};

}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name>
struct analyze_traits<Name, wf::grammar::rules::else_ahead> : analyze_opt_traits<> {};

}  // namespace TAO_PEGTL_NAMESPACE
