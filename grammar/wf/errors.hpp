// Every message of the grammar: what was expected where a `must` rule did not match, in plain words.
// It completes "expected …, found `…`".
#pragma once

#include <array>

#include "grammar/wf/file.hpp"

namespace wf::grammar {

namespace detail {

template <Chars S>
inline constexpr auto kQuotedWord = [] {
  constexpr std::size_t size = S.view().size();
  std::array<char, size + 3> out{};
  out[0] = '`';
  for (std::size_t i = 0; i < size; ++i) out[i + 1] = S.view()[i];
  out[size + 1] = '`';
  return out;
}();

template <char... C>
inline constexpr char kQuotedSign[] = {'`', C..., '`', 0};

inline constexpr Expectation kName{"a name", true};
inline constexpr Expectation kValue{"a value", false};
inline constexpr Expectation kCondition{"a condition", false};
inline constexpr Expectation kDuration{"a duration such as `2 days`", false};
inline constexpr Expectation kTime{"a time of day such as `09:00`", false};
inline constexpr Expectation kPath{"a name such as `owner` or `list.vip`", true};
inline constexpr Expectation kText{"a text in quotes", false};
inline constexpr Expectation kBlock{"`{`", false};
inline constexpr Expectation kNumber{"a whole number", false};

}  // namespace detail

template <Chars S>
inline constexpr Expectation expected<rules::word<S>>{detail::kQuotedWord<S>.data()};
template <char... C>
inline constexpr Expectation expected<rules::sym<C...>>{detail::kQuotedSign<C...>};

// These never fail, so their message is never seen.
template <class... R>
inline constexpr Expectation expected<peg::opt<R...>>{"more"};
template <class... R>
inline constexpr Expectation expected<peg::star<R...>>{"more"};

#define WF_EXPECT(rule, ...) \
  template <>                \
  inline constexpr Expectation expected<rules::rule> = __VA_ARGS__;

using detail::kBlock;
using detail::kCondition;
using detail::kDuration;
using detail::kName;
using detail::kNumber;
using detail::kPath;
using detail::kText;
using detail::kTime;
using detail::kValue;

// ---- expressions ----
WF_EXPECT(condition, kCondition)
WF_EXPECT(expr, kCondition)
WF_EXPECT(sum, kValue)
WF_EXPECT(product, kValue)
WF_EXPECT(primary, kValue)
WF_EXPECT(nested<rules::primary>, kValue)
WF_EXPECT(behind_not, kCondition)
WF_EXPECT(behind_is, {"a value, `not`, `any of`, `none of`, `known` or `unknown`"})
WF_EXPECT(value_items, kValue)
WF_EXPECT(value_list, {"a list in parentheses"})
WF_EXPECT(parens<rules::expr>, {"a condition in parentheses"})
WF_EXPECT(low, kValue)
WF_EXPECT(high, kValue)
WF_EXPECT(ever_value, kValue)
WF_EXPECT(becomes_value, kValue)
WF_EXPECT(last_or_next, {"`last` or `next`"})
WF_EXPECT(ago, {"`ago`"})
WF_EXPECT(duration, kDuration)
WF_EXPECT(times_count, kNumber)
WF_EXPECT(step_name, {"the name of a step", true})
WF_EXPECT(counted, {"an event or an association to count"})
WF_EXPECT(no_function, {"an operator; only `count(…)` is written with parentheses"})
WF_EXPECT(member_set, {"a list, segment or campaign such as `list.vip`", true})
WF_EXPECT(not_member_set, {"a list, segment or campaign such as `list.vip`", true})
WF_EXPECT(tag_name, {"the name of a tag", true})
WF_EXPECT(related_path, {"the name of an association", true})
WF_EXPECT(behind_no, {"events in parentheses and `for`, or an association and `where`"})
WF_EXPECT(no_event_list, {"an event such as `email.welcome opened`"})
WF_EXPECT(no_event_item, {"an event such as `email.welcome opened`"})
WF_EXPECT(no_event_duration, kDuration)
WF_EXPECT(group_item, kCondition)
template <ast::CompareOp Op>
inline constexpr Expectation expected<rules::compared<Op>> = kValue;
template <ast::TextOp Op>
inline constexpr Expectation expected<rules::text_operand<Op>> = kValue;
template <ast::AgeOp Op>
inline constexpr Expectation expected<rules::aged<Op>> = kDuration;
WF_EXPECT(behind_is_not, kValue)

// ---- atoms and fields ----
WF_EXPECT(range_end_name, kName)
WF_EXPECT(list_item, {"a word, a reference or a value"})
WF_EXPECT(list_value, kValue)
WF_EXPECT(list_items, {"a word, a reference or a value"})
WF_EXPECT(atom_primary, {"a name, a reference or a value"})
WF_EXPECT(field, {"the name of a field", true})
WF_EXPECT(line_end, {"the end of the line"})
WF_EXPECT(comma_or_line_end, {"`,` or the end of the line"})
WF_EXPECT(no_separator, {"the next item"})

// ---- steps ----
WF_EXPECT(step, {"a step such as `send email.welcome`, `wait 2 days` or `if …`"})
WF_EXPECT(loop_path, {"what a record is associated with, such as `contacts`", true})
WF_EXPECT(loop_name, kName)
WF_EXPECT(loop_where, {"a condition in parentheses"})
WF_EXPECT(loop_count, kNumber)
WF_EXPECT(loop_body, kBlock)
WF_EXPECT(zone_text, {"a time zone in quotes such as \"Asia/Tokyo\""})
WF_EXPECT(zone_value, {"a time zone in quotes, a property or a calendar", true})
WF_EXPECT(before_or_after, {"`before` or `after`"})
WF_EXPECT(moment_anchor, {"a date property or a date", true})
WF_EXPECT(moment_time, kTime)
WF_EXPECT(past_choice, {"`skip`, `continue`, `stop` or `enroll now`"})
WF_EXPECT(unknown_choice, {"`skip`, `continue` or `stop`"})
WF_EXPECT(schedule_weekdays, {"a weekday such as `mon`", true})
WF_EXPECT(schedule_days, {"a weekday such as `mon`", true})
WF_EXPECT(nth_day, {"a weekday such as `tue`", true})
WF_EXPECT(schedule_last_day, {"a weekday such as `fri`", true})
WF_EXPECT(day_of_month, {"a day such as `15`, `last day` or `second tue`"})
WF_EXPECT(day_of_year, {"a day such as `04-01`, or a date property", true})
WF_EXPECT(schedule_time, kTime)
WF_EXPECT(wait_what, {"`until` or a duration such as `2 days`"})
WF_EXPECT(until_what, {"an event such as `email.welcome opened` or a moment", true})
WF_EXPECT(no_condition_here, {"an event such as `email.welcome opened` or a moment, not a condition"})
WF_EXPECT(wait_time, kTime)
WF_EXPECT(limit_duration, kDuration)
WF_EXPECT(outcome, {"`happened` or `timed_out`"})
WF_EXPECT(happened_block, kBlock)
WF_EXPECT(timed_out_block, kBlock)
WF_EXPECT(at_head, {"a moment such as `1 day before contract_end`", true})
WF_EXPECT(at_body, kBlock)
WF_EXPECT(condition_of_if, kCondition)
WF_EXPECT(arm_body, kBlock)
WF_EXPECT(behind_else, {"`{` or `if`"})
WF_EXPECT(match_subject, {"what to match"})
WF_EXPECT(match_arms, {"`{` and the arms"})
WF_EXPECT(match_arm, {"values, `else` or `unknown`"})
WF_EXPECT(arm_item, kValue)
WF_EXPECT(match_arm_body, {"`,` or `{`"})
WF_EXPECT(set_target, {"the property to set", true})
WF_EXPECT(set_value, kValue)
WF_EXPECT(let_name, kName)
WF_EXPECT(let_value, kValue)
WF_EXPECT(failure_plan, {"`retry N times` or `then { … }`"})
WF_EXPECT(failure_retries, {"a whole number above 0", false})
WF_EXPECT(failure_over, kDuration)
WF_EXPECT(failure_block, kBlock)
WF_EXPECT(reply_answered, kBlock)
WF_EXPECT(reply_failed, kBlock)
WF_EXPECT(reply_timed_out, kBlock)
WF_EXPECT(reply_outcome, {"`answered`, `failed` or `timed_out`"})
WF_EXPECT(experiment_key, {"what decides the variant, such as `contact`", true})
WF_EXPECT(experiment_items, {"`{` and the variants"})
WF_EXPECT(experiment_item, {"`variant`, `holdout` or `rest winner by …`"})
WF_EXPECT(arm_name, {"the name of the variant", true})
WF_EXPECT(arm_share, {"a share such as `10%`"})
WF_EXPECT(experiment_body, kBlock)
WF_EXPECT(winner_metric, {"`clicks`, `opens` or `goal`", true})
WF_EXPECT(winner_after, kDuration)

// ---- declarations ----
WF_EXPECT(declaration, {"a declaration such as `workflow NAME on contact { … }` or `email NAME { … }`"})
WF_EXPECT(stray_brace_message, {"a declaration; no block is open here"})
WF_EXPECT(enum_value, {"a value's name", true})
WF_EXPECT(enum_values, {"a value's name", true})
WF_EXPECT(type_name, {"the name of an object", true})
WF_EXPECT(many_path, {"an association such as `contact.company`", true})
WF_EXPECT(property, {"the name of a property", true})
WF_EXPECT(property_type, {"a type such as `text?` or `-> company`", true})
WF_EXPECT(property_initial, kValue)
WF_EXPECT(flag, {"a property's flag such as `unique`", true})
WF_EXPECT(object_name, {"the object's name", true})
WF_EXPECT(extended_name, {"the object's name", true})
WF_EXPECT(properties, kBlock)
WF_EXPECT(event_name, {"the event's name", true})
WF_EXPECT(event_on, {"the name of an object", true})
WF_EXPECT(parameter, {"the name of a parameter", true})
WF_EXPECT(parameter_type, {"a type such as `text?` or `form`", true})
WF_EXPECT(parameters, {"`on` or `{`"})
WF_EXPECT(phrase_text, kText)
WF_EXPECT(segment_name, {"the segment's name", true})
WF_EXPECT(segment_on, {"the name of an object", true})
WF_EXPECT(segment_item, kCondition)
WF_EXPECT(segment_body, kBlock)
WF_EXPECT(resource_name, {"a name behind the kind of the declaration", true})
WF_EXPECT(resource_fields, {"`{` and the fields"})

// ---- workflows ----
WF_EXPECT(workflow_name, {"the workflow's name", true})
WF_EXPECT(workflow_on, {"the name of an object", true})
WF_EXPECT(workflow_body, {"`on` or `{`"})
WF_EXPECT(workflow_item, {"a header or a step"})
WF_EXPECT(enroll_condition, {"an event such as `form.ebook submitted` or a condition"})
WF_EXPECT(single_enroll_moment, {"a moment such as `60 days before contract_end`", true})
WF_EXPECT(trigger_at, {"a moment such as `60 days before contract_end`", true})
WF_EXPECT(trigger_item, {"an event such as `form.ebook submitted` or a condition"})
WF_EXPECT(guard_condition, kCondition)
WF_EXPECT(suppress_path, {"a list such as `list.customers`", true})
WF_EXPECT(suppress_list, {"a list such as `list.customers`", true})
WF_EXPECT(unless_condition, kCondition)
WF_EXPECT(reenroll_mode, {"`never`, `every time` or `each` and a key"})
WF_EXPECT(reenroll_key, {"`event` or a property", true})
WF_EXPECT(reenroll_option, {"`at most once per …` or `if enrolled …`"})
WF_EXPECT(once_per, kDuration)
WF_EXPECT(restart_or_ignore, {"`restart` or `ignore`"})
WF_EXPECT(goal_condition, kCondition)
WF_EXPECT(cancel_condition, kCondition)
WF_EXPECT(pause_ranges, {"dates such as `2026-12-29..2027-01-03`"})
WF_EXPECT(pause_range, {"dates such as `2026-12-29..2027-01-03`"})
WF_EXPECT(pause_last, {"a date such as `2027-01-03`"})
WF_EXPECT(window_last_day, {"a weekday such as `fri`"})
WF_EXPECT(window_from, {"hours such as `09:00..18:00`"})
WF_EXPECT(dots, {"`..`"})
WF_EXPECT(window_to, kTime)
WF_EXPECT(workflow_title, kText)
WF_EXPECT(workflow_owner, kPath)

// ---- scorings, campaigns and sequences ----
WF_EXPECT(scoring_name, {"the scoring's name", true})
WF_EXPECT(scoring_on, {"the name of an object", true})
WF_EXPECT(scoring_title_text, kText)
WF_EXPECT(hot_points, {"the points from which on a record is HOT"})
WF_EXPECT(band_condition, kCondition)
WF_EXPECT(scoring_item, {"`hot at 100`, or points such as `+30 when department is it`"})
WF_EXPECT(scoring_body, kBlock)
WF_EXPECT(campaign_name, {"the campaign's name", true})
WF_EXPECT(campaign_on, {"the name of an object", true})
WF_EXPECT(campaign_body, kBlock)
WF_EXPECT(campaign_item,
          {"`runs`, `audience`, `scoring`, `story`, `when becomes hot` or another part of a campaign"})
WF_EXPECT(campaign_title_text, kText)
WF_EXPECT(campaign_owner_path, kPath)
WF_EXPECT(on_or_off, {"`on` or `off`"})
WF_EXPECT(runs_from, {"a date such as `2026-10-01`"})
WF_EXPECT(runs_to, {"a date such as `2026-12-31`"})
WF_EXPECT(audience_source, {"a segment or list such as `segment.it_managers`", true})
WF_EXPECT(audience_joining, {"`add new members automatically` or `propose new members`"})
WF_EXPECT(campaign_scoring_path, {"a scoring such as `scoring.hot_lead`", true})
WF_EXPECT(report, {"`daily at 09:00 to …` or `weekly on sun at 09:00 to …`"})
WF_EXPECT(report_day, {"a day of the week such as `sun`", true})
WF_EXPECT(report_at, kTime)
WF_EXPECT(report_to, {"a user or team such as `team.sales`", true})
WF_EXPECT(story_name, {"the story's name", true})
WF_EXPECT(story_starts, {"a moment such as `2026-10-05T10:00`", true})
WF_EXPECT(story_body, kBlock)
WF_EXPECT(edge_status, {"`hot` or `responded`", true})
WF_EXPECT(edge_body, kBlock)
WF_EXPECT(sequence_name, {"the sequence's name", true})

// ---- tests ----
WF_EXPECT(start_local, {"a date and time such as `2026-03-02T09:00`"})
WF_EXPECT(start_zone, {"a time zone in quotes such as \"Asia/Tokyo\""})
WF_EXPECT(given_name, {"a name for the record", true})
WF_EXPECT(answer, {"an answer such as `200`"})
WF_EXPECT(answers, {"an answer such as `200`"})
WF_EXPECT(one_answer, {"an answer such as `200` or `200 { score 5 }`"})
WF_EXPECT(given_variant, {"`variant NAME of experiment.name` or `holdout of experiment.name`"})
WF_EXPECT(given_arm, {"the name of the variant", true})
WF_EXPECT(given_experiment, {"an experiment such as `experiment.subject_line`", true})
WF_EXPECT(given_what, {"an object and a name, or a webhook and `answers`", true})
WF_EXPECT(occurs_by, {"the name of a record", true})
WF_EXPECT(change_target, {"a property such as `taro.lead_score`", true})
WF_EXPECT(change_value, kValue)
WF_EXPECT(member_list, {"a list such as `list.vip`", true})
WF_EXPECT(expect_count, kNumber)
WF_EXPECT(expect_record, {"the name of a record", true})
WF_EXPECT(expect_window, kDuration)
WF_EXPECT(expect_what, {"something to expect, such as `sent email.welcome to taro`"})
WF_EXPECT(test_offset, {"an offset such as `+4d6h`"})
WF_EXPECT(test_what, {"`expect`, an event, or a change"})
WF_EXPECT(test_line, {"`start`, `given`, `at +…`, `finally` or `allow others`"})
WF_EXPECT(test_title, {"the test's title in quotes"})
WF_EXPECT(test_body, kBlock)

#undef WF_EXPECT

}  // namespace wf::grammar
