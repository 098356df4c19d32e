// Workflows: headers and body.
#pragma once

#include "grammar/wf/step_actions.hpp"

namespace wf::grammar {
namespace rules {

// ---- enrolment ----

struct begin_trigger : peg::success {};
struct trigger_condition : expr {};
struct guard_condition : expr {};
struct trigger_guard : peg::seq<comma, peg::must<word<"if">, guard_condition>> {};
struct trigger_when : peg::seq<trigger_condition, peg::opt<trigger_guard>> {};
struct trigger_at : peg::seq<moment, if_past> {};
struct trigger_item_at : peg::if_must<word<"at">, trigger_at, peg::opt<trigger_guard>> {};
struct trigger_schedule : peg::seq<schedule> {};
struct scheduled : peg::seq<trigger_schedule, peg::opt<trigger_guard>> {};
struct trigger_item_schedule : peg::seq<schedule_ahead, scheduled> {};
struct trigger_item
    : peg::seq<begin_trigger, peg::sor<trigger_item_at, trigger_item_schedule, trigger_when>> {};
struct trigger_items : block<trigger_item> {};
struct any_triggers : peg::seq<peg::at<word<"any">, peg::one<'{'>>, word<"any">, trigger_items> {};
struct all_triggers : peg::seq<peg::at<word<"all">, peg::one<'{'>>, trigger_item> {};
struct enroll_condition : peg::sor<any_triggers, all_triggers, trigger_item> {};
struct enroll_moment : peg::seq<begin_trigger, trigger_at, peg::opt<trigger_guard>> {};
struct single_enroll_moment : enroll_moment {};
struct single_enroll_schedule : peg::seq<begin_trigger, scheduled> {};
/// `enroll weekly in workflow.x` is a step.
struct enroll_schedule_ahead
    : peg::at<peg::sor<word<"daily">, word<"weekly">, word<"monthly">, word<"yearly">>,
              peg::not_at<word<"in">>> {};
struct enroll_schedule : peg::seq<word<"enroll">, enroll_schedule_ahead, single_enroll_schedule> {};
struct enroll_when : peg::seq<word<"enroll">, word<"when">, peg::must<enroll_condition>> {};
struct enroll_at : peg::seq<word<"enroll">, word<"at">, peg::must<single_enroll_moment>> {};

struct suppress_path : path {};
struct suppress_list : comma_list<suppress_path> {};
struct suppress : peg::if_must<word<"suppress">, suppress_list> {};
struct unless_condition : expr {};
struct unless : peg::if_must<word<"unless">, unless_condition> {};

struct reenroll_never : word<"never"> {};
struct reenroll_always : peg::if_must<word<"every">, word<"time">> {};
struct reenroll_key : path {};
struct reenroll_each : peg::if_must<word<"each">, reenroll_key> {};
struct reenroll_mode : peg::sor<reenroll_never, reenroll_always, reenroll_each> {};
struct once_per : duration {};
struct reenroll_once : peg::seq<word<"at">, peg::must<word<"most">, word<"once">, word<"per">, once_per>> {};
struct enrolled_restart : word<"restart"> {};
struct enrolled_ignore : word<"ignore"> {};
struct restart_or_ignore : peg::sor<enrolled_restart, enrolled_ignore> {};
struct reenroll_enrolled : peg::if_must<word<"if">, word<"enrolled">, restart_or_ignore> {};
struct reenroll_option : peg::sor<reenroll_once, reenroll_enrolled> {};
struct begin_reenroll : peg::success {};
struct reenroll : peg::seq<word<"reenroll">, begin_reenroll, peg::must<reenroll_mode>,
                           peg::star<peg::if_must<comma, reenroll_option>>> {};

// ---- the other headers ----

struct goal_condition : expr {};
struct goal : peg::if_must<word<"goal">, goal_condition> {};
struct cancel_condition : expr {};
struct cancel : peg::seq<word<"cancel">, word<"when">, peg::must<cancel_condition>> {};

struct window_first_day : name {};
struct window_last_day : name {};
struct window_days : peg::seq<window_first_day, peg::opt<peg::if_must<dots, window_last_day>>> {};
struct window_from : time {};
struct window_to : time {};
struct window_zone : zone_clause {};
struct begin_window : peg::success {};
struct window_header : peg::seq<word<"window">, begin_window, peg::opt<window_days>,
                                peg::must<window_from, dots, window_to>, peg::opt<window_zone>> {};

struct pause_first : peg::seq<date_literal> {};
struct pause_last : peg::seq<date_literal> {};
struct pause_range : peg::seq<pause_first, peg::opt<peg::if_must<dots, pause_last>>> {};
struct pause_ranges : comma_list<pause_range> {};
struct pause_zone : zone_clause {};
struct pause_header : peg::seq<word<"pause">, word<"dates">, peg::must<pause_ranges>, peg::opt<pause_zone>> {
};

struct workflow_title : text {};
struct title_header : peg::if_must<word<"title">, workflow_title> {};
struct workflow_owner : path {};
struct owner_header : peg::if_must<word<"owner">, workflow_owner> {};

/// Headers that only later stages understand.
struct other_words
    : peg::sor<word<"priority">, peg::seq<word<"exclusive">, word<"group">>,
               peg::seq<word<"enroll">, word<"existing">>, peg::seq<word<"enroll">, word<"manually">>,
               peg::seq<word<"when">, word<"blocked">>, peg::seq<word<"on">, word<"late">>,
               peg::seq<word<"allow">, word<"loop">>, peg::seq<word<"on">, word<"deploy">>, word<"kpi">,
               word<"reviewed">> {};
struct other_name : other_words {};
struct other_stop : word<"stop"> {};
struct other_value : peg::plus<peg::sor<row_atom, other_stop>, peg::opt<comma>> {};
struct other_atoms : peg::seq<begin_row, peg::opt<other_value>> {};
struct other_header : peg::seq<other_name, other_atoms> {};

struct header : peg::sor<enroll_when, enroll_at, enroll_schedule, suppress, unless, reenroll, goal, cancel,
                         window_header, pause_header, title_header, owner_header, other_header> {};
struct workflow_item : peg::sor<header, step> {};
struct workflow_name : name {};
struct workflow_on : name {};
struct workflow_body : peg::seq<peg::at<peg::one<'{'>>, begin_block, block<workflow_item>> {};
struct workflow_decl : peg::if_must<word<"workflow">, workflow_name,
                                    peg::opt<peg::if_must<word<"on">, workflow_on>>, workflow_body> {};

}  // namespace rules

// ---- actions: enrolment ----

inline ast::WorkflowDecl& workflow(State& st) {
  return st.declared<ast::WorkflowDecl>();
}
/// Of the workflow or campaign that is being read.
inline std::vector<ast::Path>& suppressed(State& st) {
  if (auto* campaign = std::get_if<ast::CampaignDecl>(&st.decl.node)) return campaign->suppress;
  return workflow(st).suppress;
}
inline std::vector<ast::WindowClause>& windows(State& st) {
  if (auto* campaign = std::get_if<ast::CampaignDecl>(&st.decl.node)) return campaign->windows;
  return workflow(st).windows;
}

template <>
struct action<rules::begin_trigger> {
  static void apply0(State& st) { st.trigger = {}; }
};
template <>
struct action<rules::trigger_condition> {
  static void apply0(State& st) { st.trigger.when = st.pop_expr(); }
};
template <>
struct action<rules::guard_condition> {
  static void apply0(State& st) { st.trigger.guard = st.pop_expr(); }
};
template <>
struct action<rules::trigger_at> {
  static void apply0(State& st) {
    st.trigger.at = st.moment;
    st.trigger.if_past = st.if_past;
  }
};
template <>
struct action<rules::trigger_schedule> {
  static void apply0(State& st) { st.trigger.schedule = st.schedule; }
};
template <class In>
void add_trigger(const In& in, State& st) {
  st.trigger.span = st.span_from(in.begin());
  workflow(st).triggers.push_back(std::move(st.trigger));
}
template <>
struct action<rules::trigger_item> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_trigger(in, st);
  }
};
template <>
struct action<rules::single_enroll_moment> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_trigger(in, st);
  }
};
template <>
struct action<rules::single_enroll_schedule> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_trigger(in, st);
  }
};
template <>
struct action<rules::all_triggers> {
  static void apply0(State& st) { workflow(st).triggers_all = true; }
};

template <>
struct action<rules::suppress_path> {
  static void apply0(State& st) { suppressed(st).push_back(st.path); }
};
template <>
struct action<rules::unless_condition> {
  static void apply0(State& st) { workflow(st).unless.push_back(st.pop_expr()); }
};

template <>
struct action<rules::begin_reenroll> {
  static void apply0(State& st) { st.reenroll = {}; }
};
template <>
struct action<rules::reenroll_never> {
  static void apply0(State& st) { st.reenroll.mode = ast::Reenroll::Mode::never; }
};
template <>
struct action<rules::reenroll_always> {
  static void apply0(State& st) { st.reenroll.mode = ast::Reenroll::Mode::every_time; }
};
template <>
struct action<rules::reenroll_key> {
  static void apply0(State& st) {
    st.reenroll.mode = ast::Reenroll::Mode::each_key;
    st.reenroll.key = st.path;
  }
};
template <>
struct action<rules::once_per> {
  static void apply0(State& st) { st.reenroll.at_most_once_per = st.duration; }
};
template <>
struct action<rules::enrolled_restart> {
  static void apply0(State& st) { st.reenroll.restart = true; }
};

/// A header that may stand only once.
template <class In>
void report_repeated(const In& in, State& st, const char* header, const char* declaration = "workflow") {
  st.report(text::Code::syntax, st.span_from(in.begin()),
            std::string("`") + header + "` is given twice in this " + declaration);
}
template <>
struct action<rules::reenroll> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (workflow(st).reenroll) report_repeated(in, st, "reenroll");
    st.reenroll.span = st.span_from(in.begin());
    workflow(st).reenroll = std::move(st.reenroll);
  }
};

// ---- actions: the other headers ----

template <>
struct action<rules::goal> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (workflow(st).goal) report_repeated(in, st, "goal");
    workflow(st).goal = st.pop_expr();
  }
};
template <>
struct action<rules::cancel_condition> {
  static void apply0(State& st) { workflow(st).cancel.push_back(st.pop_expr()); }
};

template <>
struct action<rules::begin_window> {
  static void apply0(State& st) { st.window = {}; }
};
template <>
struct action<rules::window_first_day> {
  static void apply0(State& st) { st.window.day = st.name; }
};
template <>
struct action<rules::window_last_day> {
  static void apply0(State& st) {
    st.window.days = ast::NameRange{*st.window.day, st.name};
    st.window.day.reset();
  }
};
template <>
struct action<rules::window_from> {
  static void apply0(State& st) { st.window.hours.from = st.minutes; }
};
template <>
struct action<rules::window_to> {
  static void apply0(State& st) { st.window.hours.to = st.minutes; }
};
template <>
struct action<rules::window_zone> {
  static void apply0(State& st) { st.window.zone = st.zone; }
};
template <>
struct action<rules::window_header> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.window.span = st.span_from(in.begin());
    windows(st).push_back(std::move(st.window));
  }
};

inline std::int32_t literal_date(const State& st) {
  const auto* date = std::get_if<ast::Date>(&st.literal.value);
  return date ? date->days : 0;
}
template <>
struct action<rules::pause_first> {
  static void apply0(State& st) { st.pause.from = st.pause.to = literal_date(st); }
};
template <>
struct action<rules::pause_last> {
  static void apply0(State& st) { st.pause.to = literal_date(st); }
};
template <>
struct action<rules::pause_range> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.pause.span = st.span_from(in.begin());
    workflow(st).pauses.push_back(st.pause);
  }
};
template <>
struct action<rules::pause_zone> {
  static void apply0(State& st) { workflow(st).pause_zone = st.zone; }
};

template <>
struct action<rules::title_header> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (workflow(st).title) report_repeated(in, st, "title");
    workflow(st).title = st.text;
  }
};
template <>
struct action<rules::owner_header> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (workflow(st).owner) report_repeated(in, st, "owner");
    workflow(st).owner = st.path;
  }
};

/// The words joined by one blank: `when blocked`.
template <>
struct action<rules::other_name> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.other_name = {{}, st.span_from(in.begin())};
    std::string& words = st.other_name.text;
    for (const char* at = in.begin(); at < st.begin + st.last_end;) {
      const char* stop = name_end(at, st.end);
      if (!words.empty()) words += ' ';
      words.append(at, stop);
      at = skip_lines(stop, st.end);
    }
  }
};
template <>
struct action<rules::other_stop> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_word_atom(st, "stop", st.span_from(in.begin()));
  }
};
template <>
struct action<rules::other_header> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::Field field;
    field.span = st.span_from(in.begin());
    field.name = st.other_name;
    field.atoms = st.pop_row();
    workflow(st).other.push_back(std::move(field));
  }
};

template <>
struct action<rules::header> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (st.blocks.back().empty()) return;
    const char* stop = name_end(in.begin(), st.end);
    st.report(text::Code::syntax, st.span(in.begin(), stop),
              "the header `" + std::string(in.begin(), stop) + "` stands before the first step");
  }
};

template <>
struct action<rules::workflow_name> {
  static void apply0(State& st) {
    ast::WorkflowDecl decl;
    decl.name = st.name;
    st.decl.node = std::move(decl);
  }
};
template <>
struct action<rules::workflow_on> {
  static void apply0(State& st) { workflow(st).on = st.name; }
};
template <>
struct action<rules::workflow_body> {
  static void apply0(State& st) { workflow(st).steps = st.pop_block(); }
};

}  // namespace wf::grammar
