// Scorings, campaigns and sequences: rules and actions.
#pragma once

#include "grammar/wf/workflow.hpp"

namespace wf::grammar {
namespace rules {

// ---- scorings ----

struct scoring_name : name {};
struct scoring_on : name {};
struct scoring_title_text : text {};
struct scoring_title : peg::if_must<word<"title">, scoring_title_text> {};
struct hot_points : whole_number {};
struct hot_at : peg::if_must<word<"hot">, word<"at">, hot_points> {};
struct band_points_chars : peg::seq<peg::one<'+', '-'>, peg::plus<peg::digit>, peg::opt<joined_letters>> {};
struct band_points : token<band_points_chars> {};
struct band_condition : expr {};
struct band : peg::if_must<band_points, word<"when">, band_condition> {};
struct scoring_item : peg::sor<scoring_title, hot_at, band> {};
struct scoring_body : block<scoring_item> {};
struct scoring_decl : peg::if_must<word<"scoring">, scoring_name, word<"on">, scoring_on, scoring_body> {};

// ---- campaigns: headers ----

struct campaign_title_text : text {};
struct campaign_title : peg::if_must<word<"title">, campaign_title_text> {};
struct campaign_owner_path : path {};
struct campaign_owner : peg::if_must<word<"owner">, campaign_owner_path> {};
struct status_on : word<"on"> {};
struct status_off : word<"off"> {};
struct on_or_off : peg::sor<status_on, status_off> {};
struct campaign_status : peg::if_must<word<"status">, on_or_off> {};

struct runs_literal : peg::sor<datetime_literal, date_literal> {};
struct runs_from : runs_literal {};
struct runs_to : runs_literal {};
struct campaign_runs : peg::if_must<word<"runs">, word<"from">, runs_from, word<"to">, runs_to> {};

struct audience_source : path {};
struct join_automatic : peg::if_must<word<"add">, word<"new">, word<"members">, word<"automatically">> {};
struct join_proposed : peg::if_must<word<"propose">, word<"new">, word<"members">> {};
struct audience_joining : peg::sor<join_automatic, join_proposed> {};
struct campaign_audience
    : peg::if_must<word<"audience">, audience_source, peg::opt<peg::if_must<comma, audience_joining>>> {};

struct campaign_scoring_path : path {};
struct campaign_scoring : peg::if_must<word<"scoring">, campaign_scoring_path> {};

struct begin_report : peg::success {};
struct report_day : name {};
struct report_daily : word<"daily"> {};
struct report_weekly : peg::if_must<word<"weekly">, word<"on">, report_day> {};
struct report_when : peg::sor<report_daily, report_weekly> {};
struct report_at : time {};
struct report_to : path {};
struct report : peg::seq<begin_report, report_when, peg::must<word<"at">, report_at, word<"to">, report_to>> {
};
struct campaign_digest : peg::if_must<word<"digest">, report> {};
struct campaign_summary : peg::if_must<word<"summary">, report> {};

// ---- campaigns: what happens ----

struct story_name : name {};
struct story_starts : peg::seq<moment> {};
struct story_head
    : peg::seq<word<"story">, peg::must<story_name>, peg::opt<peg::if_must<word<"starts">, story_starts>>> {};
struct story_body : step_block {};
struct story : peg::seq<story_head, peg::must<story_body>> {};
struct edge_status : name {};
struct edge_head : peg::seq<word<"when">, peg::must<word<"becomes">, edge_status>> {};
struct edge_body : step_block {};
struct edge : peg::seq<edge_head, peg::must<edge_body>> {};

struct campaign_item
    : peg::sor<campaign_title, campaign_owner, campaign_status, campaign_runs, campaign_audience,
               campaign_scoring, campaign_digest, campaign_summary, suppress, window_header, story, edge> {};
struct campaign_name : name {};
struct campaign_on : name {};
struct campaign_body : block<campaign_item> {};
struct campaign_decl : peg::if_must<word<"campaign">, campaign_name, word<"on">, campaign_on, campaign_body> {
};

// ---- sequences ----

struct sequence_name : name {};
struct sequence_decl : peg::if_must<word<"sequence">, sequence_name,
                                    peg::opt<peg::if_must<word<"on">, workflow_on>>, workflow_body> {};

}  // namespace rules

// ---- actions: scorings ----

inline ast::ScoringDecl& scoring(State& st) {
  return st.declared<ast::ScoringDecl>();
}

template <>
struct action<rules::scoring_name> {
  static void apply0(State& st) {
    ast::ScoringDecl decl;
    decl.name = st.name;
    st.decl.node = std::move(decl);
  }
};
template <>
struct action<rules::scoring_on> {
  static void apply0(State& st) { scoring(st).on = st.name; }
};
template <>
struct action<rules::scoring_title> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (scoring(st).title) report_repeated(in, st, "title", "scoring");
    scoring(st).title = st.text;
  }
};
template <>
struct action<rules::hot_at> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (scoring(st).hot) report_repeated(in, st, "hot at", "scoring");
    scoring(st).hot = st.number.micros / value::kMicro;
    scoring(st).hot_span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::band_points_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    std::string_view digits = in.string_view();
    if (digits[0] == '+') digits.remove_prefix(1);
    digits = digits.substr(0, std::min(digits.find_first_not_of("0123456789-"), digits.size()));
    ast::ScoringDecl::Band band;
    band.points = number_micros(digits, text_span(in, st), st) / value::kMicro;
    scoring(st).bands.push_back(std::move(band));
  }
};
template <>
struct action<rules::band_condition> {
  static void apply0(State& st) { scoring(st).bands.back().condition = st.pop_expr(); }
};
template <>
struct action<rules::band> {
  template <class In>
  static void apply(const In& in, State& st) {
    scoring(st).bands.back().span = st.span_from(in.begin());
  }
};

// ---- actions: campaigns ----

inline ast::CampaignDecl& campaign(State& st) {
  return st.declared<ast::CampaignDecl>();
}

template <>
struct action<rules::campaign_name> {
  static void apply0(State& st) {
    ast::CampaignDecl decl;
    decl.name = st.name;
    st.decl.node = std::move(decl);
  }
};
template <>
struct action<rules::campaign_on> {
  static void apply0(State& st) { campaign(st).on = st.name; }
};
template <>
struct action<rules::campaign_title> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (campaign(st).title) report_repeated(in, st, "title", "campaign");
    campaign(st).title = st.text;
  }
};
template <>
struct action<rules::campaign_owner> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (campaign(st).owner) report_repeated(in, st, "owner", "campaign");
    campaign(st).owner = st.path;
  }
};
template <>
struct action<rules::on_or_off> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (campaign(st).status) report_repeated(in, st, "status", "campaign");
    const text::Span where = st.span_from(in.begin());
    campaign(st).status = ast::Name{std::string(in.begin(), st.begin + where.end), where};
  }
};

template <>
struct action<rules::runs_from> {
  static void apply0(State& st) {
    // A second `runs` is reported when it is complete.
    if (!campaign(st).runs) campaign(st).runs.emplace();
    campaign(st).runs->from = st.literal;
  }
};
template <>
struct action<rules::runs_to> {
  static void apply0(State& st) { campaign(st).runs->to = st.literal; }
};
template <>
struct action<rules::campaign_runs> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (campaign(st).runs->span.end != 0) report_repeated(in, st, "runs", "campaign");
    campaign(st).runs->span = st.span_from(in.begin());
  }
};

template <>
struct action<rules::audience_source> {
  static void apply0(State& st) {
    ast::Audience audience;
    audience.source = st.path;
    campaign(st).audience.push_back(std::move(audience));
  }
};
template <>
struct action<rules::join_automatic> {
  static void apply0(State& st) { campaign(st).audience.back().joining = ast::Audience::Joining::automatic; }
};
template <>
struct action<rules::join_proposed> {
  static void apply0(State& st) { campaign(st).audience.back().joining = ast::Audience::Joining::proposed; }
};
template <>
struct action<rules::campaign_audience> {
  template <class In>
  static void apply(const In& in, State& st) {
    campaign(st).audience.back().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::campaign_scoring> {
  template <class In>
  static void apply(const In& in, State& st) {
    if (campaign(st).scoring) report_repeated(in, st, "scoring", "campaign");
    campaign(st).scoring = st.path;
  }
};

template <>
struct action<rules::begin_report> {
  static void apply0(State& st) { st.report_clause = {}; }
};
template <>
struct action<rules::report_day> {
  static void apply0(State& st) { st.report_clause.weekday = st.name; }
};
template <>
struct action<rules::report_at> {
  static void apply0(State& st) { st.report_clause.at = st.minutes; }
};
template <>
struct action<rules::report_to> {
  static void apply0(State& st) { st.report_clause.to = st.path; }
};
template <class In>
void take_report(const In& in, State& st, std::optional<ast::Report>& into, const char* header) {
  if (into) report_repeated(in, st, header, "campaign");
  st.report_clause.span = st.span_from(in.begin());
  into = std::move(st.report_clause);
}
template <>
struct action<rules::campaign_digest> {
  template <class In>
  static void apply(const In& in, State& st) {
    take_report(in, st, campaign(st).digest, "digest");
  }
};
template <>
struct action<rules::campaign_summary> {
  template <class In>
  static void apply(const In& in, State& st) {
    take_report(in, st, campaign(st).summary, "summary");
  }
};

template <>
struct action<rules::story_name> {
  static void apply0(State& st) {
    ast::Story story;
    story.name = st.name;
    campaign(st).stories.push_back(std::move(story));
  }
};
template <>
struct action<rules::story_starts> {
  static void apply0(State& st) { campaign(st).stories.back().starts = st.moment; }
};
template <>
struct action<rules::story_head> {
  template <class In>
  static void apply(const In& in, State& st) {
    campaign(st).stories.back().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::story_body> {
  static void apply0(State& st) { campaign(st).stories.back().steps = st.pop_block(); }
};
template <>
struct action<rules::edge_status> {
  static void apply0(State& st) {
    ast::StatusBlock edge;
    edge.status = st.name;
    campaign(st).edges.push_back(std::move(edge));
  }
};
template <>
struct action<rules::edge_head> {
  template <class In>
  static void apply(const In& in, State& st) {
    campaign(st).edges.back().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::edge_body> {
  static void apply0(State& st) { campaign(st).edges.back().steps = st.pop_block(); }
};

// ---- actions: sequences ----

template <>
struct action<rules::sequence_name> {
  static void apply0(State& st) {
    ast::WorkflowDecl decl;
    decl.name = st.name;
    decl.is_sequence = true;
    st.decl.node = std::move(decl);
  }
};

}  // namespace wf::grammar
