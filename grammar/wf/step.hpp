// Moments, waits and all other steps of a workflow: rules.
#pragma once

#include "grammar/wf/atom.hpp"

namespace wf::grammar {
namespace rules {

struct step;

// ---- moments ----

struct zone_text : text {};
struct zone_property : path {};
struct zone_value
    : peg::sor<zone_text, peg::seq<zone_property, peg::opt<peg::if_must<word<"else">, zone_text>>>> {};
struct zone_clause : peg::if_must<word<"in">, zone_value> {};

struct weekday
    : peg::sor<word<"mon">, word<"tue">, word<"wed">, word<"thu">, word<"fri">, word<"sat">, word<"sun">> {};
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

/// `, if unknown skip` and `, frozen`.
struct unknown_skip : word<"skip"> {};
struct unknown_continue : word<"continue"> {};
struct unknown_stop : word<"stop"> {};
struct unknown_choice : peg::sor<unknown_skip, unknown_continue, unknown_stop> {};
struct if_unknown : peg::seq<word<"if">, word<"unknown">, peg::must<unknown_choice>> {};
struct frozen : word<"frozen"> {};
struct anchor_option_ahead : peg::at<comma, peg::sor<peg::seq<word<"if">, word<"unknown">>, frozen>> {};
struct anchor_option : peg::seq<anchor_option_ahead, comma, peg::sor<if_unknown, frozen>> {};
struct anchor_options : peg::star<anchor_option> {};

// ---- schedules ----

struct schedule_first_day : name {};
struct schedule_last_day : name {};
/// The time may be all that is there.
struct no_time_yet : peg::not_at<word<"at">> {};
struct schedule_days
    : peg::seq<no_time_yet, schedule_first_day, peg::opt<peg::if_must<dots, schedule_last_day>>> {};
struct schedule_weekdays : comma_list<schedule_days> {};
struct ordinal : peg::sor<word<"first">, word<"second">, word<"third">, word<"fourth">, word<"last">> {};
struct schedule_nth : ordinal {};
struct last_day_of_month : peg::seq<word<"last">, word<"day">> {};
struct nth_day : peg::seq<no_time_yet, schedule_first_day> {};
struct nth_weekday : peg::seq<schedule_nth, peg::must<nth_day>> {};
struct day_number : whole_number {};
struct day_of_month : peg::sor<last_day_of_month, nth_weekday, day_number> {};
struct month_day_chars
    : peg::seq<peg::rep_min_max<1, 2, peg::digit>, peg::one<'-'>, peg::rep_min_max<1, 2, peg::digit>> {};
struct month_day : token<month_day_chars> {};
struct schedule_property : path {};
struct day_of_year : peg::sor<month_day, schedule_property> {};
struct daily : word<"daily"> {};
struct weekly : peg::seq<word<"weekly">, peg::must<word<"on">, schedule_weekdays>> {};
struct monthly : peg::seq<word<"monthly">, peg::must<word<"on">, day_of_month>> {};
struct yearly : peg::seq<word<"yearly">, peg::must<word<"on">, day_of_year>> {};
struct schedule_every : peg::sor<daily, weekly, monthly, yearly> {};
struct schedule_time : time {};
struct schedule_zone : zone_clause {};
struct begin_schedule : peg::success {};
struct schedule : peg::seq<begin_schedule, schedule_every, peg::must<word<"at">, schedule_time>,
                           peg::opt<schedule_zone>> {};
/// A property may have any of these names.
struct schedule_ahead
    : peg::at<peg::sor<peg::seq<word<"daily">, word<"at">>,
                       peg::seq<peg::sor<word<"weekly">, word<"monthly">, word<"yearly">>, word<"on">>>> {};

// ---- blocks ----

struct begin_block : peg::success {};
struct step_block : peg::seq<peg::at<peg::one<'{'>>, begin_block, block<step>> {};

// ---- waits ----

struct wait_time : time {};
struct wait_zone : zone_clause {};
struct wait_duration : duration {};
struct wait_for
    : peg::seq<wait_duration, peg::opt<peg::if_must<word<"at">, wait_time>>, peg::opt<wait_zone>> {};

/// `PATH verb`, `event NAME`, `added to list.x`; `contract_end at 09:00` is a moment.
struct event_ahead : peg::at<peg::not_at<word<"next">, weekday>, event_head> {};
struct wait_event : event_phrase {};
struct limit_duration : duration {};
struct limit_calendar : zone_clause {};
struct limit_given : peg::seq<comma, word<"at">, peg::must<word<"most">, limit_duration>> {};
struct limit_without_comma : peg::seq<word<"at">, word<"most">, peg::must<limit_duration>> {};
struct limit_missing : peg::success {};
struct limit : peg::seq<peg::sor<limit_given, limit_without_comma, limit_missing>, peg::opt<limit_calendar>> {
};
struct happened_block : step_block {};
struct timed_out_block : step_block {};
struct outcome : peg::sor<peg::if_must<word<"happened">, happened_block>,
                          peg::if_must<word<"timed_out">, timed_out_block>> {};
struct outcomes : block<outcome, no_separator> {};
struct wait_head : peg::seq<wait_event, limit> {};
struct until_event : peg::seq<event_ahead, wait_head, peg::opt<outcomes>> {};
struct until_moment : peg::seq<moment, if_past, anchor_options> {};
struct condition_ahead : peg::at<path, peg::sor<word<"is">, condition_word, peg::one<'=', '!', '<', '>'>>> {};
struct no_condition_here : peg::failure {};
struct until_what : peg::sor<until_event, peg::if_must<condition_ahead, no_condition_here>, until_moment> {};
struct wait_until : peg::if_must<word<"until">, until_what> {};
struct wait_what : peg::sor<wait_until, wait_for> {};
struct wait_step : peg::if_must<word<"wait">, wait_what> {};

struct at_head : peg::seq<moment, if_past, anchor_options> {};
struct at_body : step_block {};
struct at_step : peg::seq<word<"at">, peg::must<at_head, at_body>> {};

// ---- branches ----

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
struct if_step : peg::seq<word<"if">, begin_if, peg::must<condition_of_if, arm_body>, peg::star<else_part>> {
};

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

// ---- the others ----

struct set_target : path {};
struct set_value : expr {};
struct set_step : peg::if_must<word<"set">, set_target, word<"to">, set_value> {};
struct let_name : name {};
struct let_value : expr {};
struct let_step : peg::if_must<word<"let">, let_name, sym<'='>, let_value> {};
struct stop_step : word<"stop"> {};

struct loop_path : path {};
struct loop_name : name {};
struct loop_where : parens<expr> {};
struct loop_count : whole_number {};
struct loop_limit_given : peg::seq<comma, word<"at">, peg::must<word<"most">, loop_count>> {};
struct loop_limit_missing : peg::success {};
struct loop_limit : peg::sor<loop_limit_given, loop_limit_missing> {};
struct loop_head : peg::seq<peg::must<word<"each">, loop_path, word<"as">, loop_name>,
                            peg::opt<peg::if_must<word<"where">, loop_where>>, loop_limit> {};
struct loop_body : step_block {};
struct for_step : peg::seq<word<"for">, loop_head, peg::must<loop_body>> {};

struct failure_retries : peg::seq<peg::not_at<peg::one<'0'>>, whole_number> {};
struct failure_over : duration {};
struct failure_retry : peg::if_must<word<"retry">, failure_retries, word<"times">,
                                    peg::opt<peg::if_must<word<"over">, failure_over>>> {};
struct failure_block : step_block {};
struct failure_then : peg::if_must<word<"then">, failure_block> {};
struct failure_plan : peg::sor<peg::seq<failure_retry, peg::opt<failure_then>>, failure_then> {};
struct begin_failure : peg::success {};
struct on_failure : peg::seq<on_failure_words, begin_failure, peg::must<failure_plan>> {};
struct action_head : peg::seq<peg::at<free_name>, begin_row, atoms> {};
/// `{` and the first outcome of a call that waits for its answer.
struct reply_ahead {
  using rule_t = reply_ahead;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    if (in.empty() || *in.current() != '{') return false;
    const char* at = skip_lines(in.current() + 1, st.end);
    const std::string_view first(at, static_cast<std::size_t>(name_end(at, st.end) - at));
    return first == "answered" || first == "failed" || first == "timed_out";
  }
};
struct reply_answered : step_block {};
struct reply_failed : step_block {};
struct reply_timed_out : step_block {};
struct reply_outcome
    : peg::sor<peg::if_must<word<"answered">, reply_answered>, peg::if_must<word<"failed">, reply_failed>,
               peg::if_must<word<"timed_out">, reply_timed_out>> {};
struct begin_reply : peg::success {};
struct reply_blocks : peg::seq<reply_ahead, begin_reply, block<reply_outcome, no_separator>> {};
struct action_step : peg::seq<action_head, peg::opt<on_failure>, peg::opt<reply_blocks>> {};

// ---- experiments ----

struct experiment_name : name {};
struct experiment_key : sum {};
struct arm_name : name {};
struct arm_share : number {};
struct experiment_body : step_block {};
struct begin_variant : peg::success {};
struct variant_arm
    : peg::seq<begin_variant, word<"variant">, peg::must<arm_name, arm_share, experiment_body>> {};
struct holdout_word : word<"holdout"> {};
struct holdout_arm : peg::seq<begin_variant, holdout_word, peg::must<arm_share>, peg::opt<experiment_body>> {
};
struct winner_metric : name {};
struct winner_after : duration {};
struct rest_arm
    : peg::if_must<word<"rest">, word<"winner">, word<"by">, winner_metric, word<"after">, winner_after> {};
struct experiment_item : peg::sor<variant_arm, holdout_arm, rest_arm> {};
struct experiment_items : block<experiment_item, no_separator> {};
struct experiment_start : peg::seq<word<"experiment">, experiment_name, word<"split">> {};
struct experiment_step : peg::seq<experiment_start, peg::must<word<"by">, experiment_key, experiment_items>> {
};

struct step : peg::sor<wait_step, if_step, match_step, set_step, let_step, stop_step, at_step, for_step,
                       experiment_step, action_step> {};

}  // namespace rules

}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name>
struct analyze_traits<Name, wf::grammar::rules::else_ahead> : analyze_opt_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::reply_ahead> : analyze_opt_traits<> {};

}  // namespace TAO_PEGTL_NAMESPACE
