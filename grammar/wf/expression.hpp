// Conditions, values and event phrases: rules.
#pragma once

#include "grammar/wf/lexical.hpp"

namespace wf::grammar {
namespace rules {

/// `A and B and …` or `A or B or …`; leaves one expression.
template <class Condition>
struct logic {
  using rule_t = logic;
  using subs_t = peg::type_list<Condition>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    if (!Control<Condition>::template match<A, M, Action, Control>(in, st)) return false;
    std::vector<bool> conjunctions;
    for (;;) {
      const bool conjunction = Control<word<"and">>::template match<A, M, Action, Control>(in, st);
      if (!conjunction && !Control<word<"or">>::template match<A, M, Action, Control>(in, st)) break;
      conjunctions.push_back(conjunction);
      (void)Control<peg::must<Condition>>::template match<A, M, Action, Control>(in, st);
    }
    if constexpr (A == apply_mode::action) st.combine_logic(conjunctions);
    return true;
  }
};
struct condition;
struct expr : logic<condition> {};
template <>
inline constexpr const char* behind_item<expr> = "`)`";
struct sum;

// ---- operands ----

struct group_expr : parens<expr> {};
struct event_where : peg::if_must<word<"where">, parens<expr>> {};
struct count_where : peg::if_must<word<"where">, parens<expr>> {};

/// Words behind a path that are never an event's verb.
struct no_verb
    : peg::sor<word<"at">, word<"within">, word<"since">, word<"ever">, word<"as">, word<"by">, word<"to">,
               word<"from">, word<"then">, word<"before">, word<"after">, word<"exactly">, word<"over">> {};
/// Words that make `PATH WORD` a condition instead of an event.
struct condition_word : peg::sor<word<"between">, word<"contains">, peg::seq<word<"starts">, word<"with">>,
                                 peg::seq<word<"ends">, word<"with">>, word<"matches">, word<"has">,
                                 word<"becomes">, word<"changes">> {};
struct verb : peg::seq<peg::not_at<no_verb>, name> {};
/// `in contact.timezone` is a zone, `enrolled in workflow.x` an event.
struct in_resource
    : peg::seq<word<"in">, peg::at<peg::sor<TAO_PEGTL_STRING("workflow."), TAO_PEGTL_STRING("sequence."),
                                            TAO_PEGTL_STRING("campaign.")>>> {};
struct preposition : peg::sor<word<"to">, word<"from">, in_resource, word<"into">, word<"with">, word<"on">,
                              word<"of">, word<"for">> {};

// `event NAME`, `added to list.x`, `PATH verb`
struct generic_name : name {};
struct generic_event : peg::seq<word<"event">, peg::not_at<peg::sor<condition_word, no_verb>>, generic_name> {
};
struct verb_first : name {};
struct preposition_name {
  using rule_t = preposition_name;
  using subs_t = peg::type_list<preposition>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    const char* from = in.current();
    if (!Control<preposition>::template match<A, M, Action, Control>(in, st)) return false;
    if constexpr (A == apply_mode::action) {
      const char* to = name_end(from, st.end);
      st.events.back().preposition = ast::Name{std::string(from, to), st.span(from, to)};
    }
    return true;
  }
};
struct event_subject : path {};
struct behind_verb_event
    : peg::seq<peg::at<name, preposition, dotted_path>, verb_first, preposition_name, event_subject> {};
struct path_subject : path {};
struct event_verb : verb {};
struct subject_event : peg::seq<peg::at<path, peg::not_at<condition_word>, verb>, path_subject, event_verb> {
};
struct event_head : peg::sor<generic_event, behind_verb_event, subject_event> {};

struct times_count : whole_number {};
struct at_least_times : peg::seq<word<"at">, word<"least">, times_count, word<"times">> {};
struct at_most_times : peg::seq<word<"at">, word<"most">, times_count, word<"times">> {};
struct exactly_times : peg::if_must<word<"exactly">, times_count, word<"times">> {};
struct event_within : peg::seq<word<"within">, peg::must<word<"last">, duration>> {};
struct step_name : name {};
struct event_since : peg::seq<word<"since">, peg::must<word<"step">, step_name>> {};
struct event_ever : word<"ever"> {};
struct refinement : peg::sor<at_least_times, at_most_times, exactly_times, event_within, event_since,
                             event_ever, event_where> {};
struct event_phrase : peg::seq<event_head, peg::star<refinement>> {};

struct counted_event : event_phrase {};
struct counted_path : path {};
struct counted : peg::sor<counted_event, peg::seq<counted_path, peg::opt<count_where>>> {};
struct count_call : peg::seq<word<"count">, parens<counted>> {};

struct literal_expr : literal {};
struct no_function : peg::not_at<peg::one<'('>> {};
struct path_expr : peg::seq<path, peg::must<no_function>> {};
struct negated_expr;
struct primary : peg::sor<group_expr, literal_expr, negated_expr, count_call, path_expr> {};
struct negated_expr : peg::if_must<sym<'-'>, nested<primary>> {};

// ---- arithmetic ----

template <ast::ArithOp Op, char Sign, class Operand>
struct arith : peg::if_must<sym<Sign>, Operand> {};
/// `First { More }`; the chain is as deep as it is long, so its length is limited like any nesting.
template <class First, class More>
struct chain {
  using rule_t = chain;
  using subs_t = peg::type_list<First, More>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    if (!Control<First>::template match<A, M, Action, Control>(in, st)) return false;
    int length = 0;
    while (Control<More>::template match<A, rewind_mode::required, Action, Control>(in, st)) {
      if (++length > kMaxDepth) st.fail_too_deep(in.current());
    }
    return true;
  }
};
struct product
    : chain<primary,
            peg::sor<arith<ast::ArithOp::mul, '*', primary>, arith<ast::ArithOp::div, '/', primary>>> {};
struct sum : chain<product,
                   peg::sor<arith<ast::ArithOp::add, '+', product>, arith<ast::ArithOp::sub, '-', product>>> {
};

// ---- comparisons ----

struct list_value : sum {};
struct value_items : comma_list<list_value> {};
struct value_list : parens<value_items> {};

template <ast::CompareOp Op>
struct compared : sum {};
struct not_any_words : peg::seq<word<"any">, word<"of">> {};
struct any_words : peg::seq<word<"any">, word<"of">> {};
struct none_words : peg::seq<word<"none">, word<"of">> {};
struct is_not_any_of : peg::seq<not_any_words, peg::must<value_list>> {};
struct is_any_of : peg::seq<any_words, peg::must<value_list>> {};
struct is_none_of : peg::seq<none_words, peg::must<value_list>> {};
struct not_known : word<"known"> {};
struct not_unknown : word<"unknown"> {};
struct is_known : word<"known"> {};
struct is_unknown : word<"unknown"> {};
struct behind_is_not : peg::sor<is_not_any_of, not_known, not_unknown, compared<ast::CompareOp::is_not>> {};
struct is_not : peg::if_must<word<"not">, behind_is_not> {};
template <ast::AgeOp Op>
struct aged : duration {};
struct ago : word<"ago"> {};
struct is_more_than : peg::seq<word<"more">, word<"than">, peg::must<aged<ast::AgeOp::more_than_ago>, ago>> {
};
struct is_less_than : peg::seq<word<"less">, word<"than">, peg::must<aged<ast::AgeOp::less_than_ago>, ago>> {
};
struct last_or_next : peg::sor<peg::if_must<word<"last">, aged<ast::AgeOp::within_last>>,
                               peg::if_must<word<"next">, aged<ast::AgeOp::within_next>>> {};
struct is_within : peg::if_must<word<"within">, last_or_next> {};
struct is_at_least : peg::seq<word<"at">, word<"least">, peg::must<compared<ast::CompareOp::is_at_least>>> {};
struct is_at_most : peg::seq<word<"at">, word<"most">, peg::must<compared<ast::CompareOp::is_at_most>>> {};
struct behind_is : peg::sor<is_not, is_any_of, is_none_of, is_known, is_unknown, is_more_than, is_less_than,
                            is_within, is_at_least, is_at_most, compared<ast::CompareOp::is>> {};
struct is_tail : peg::if_must<word<"is">, behind_is> {};

struct low : sum {};
struct high : sum {};
struct between_tail : peg::if_must<word<"between">, low, word<"and">, high> {};
template <ast::TextOp Op>
struct text_operand : sum {};
struct text_tail
    : peg::sor<peg::if_must<word<"contains">, text_operand<ast::TextOp::contains>>,
               peg::seq<word<"starts">, word<"with">, peg::must<text_operand<ast::TextOp::starts_with>>>,
               peg::seq<word<"ends">, word<"with">, peg::must<text_operand<ast::TextOp::ends_with>>>,
               peg::if_must<word<"matches">, text_operand<ast::TextOp::matches>>> {};
struct ever_value : sum {};
struct ever_tail : peg::if_must<word<"has">, word<"ever">, word<"been">, ever_value> {};
struct becomes_value : sum {};
struct becomes_tail : peg::if_must<word<"becomes">, becomes_value> {};
struct changes_tail : word<"changes"> {};
struct double_equals : sym<'=', '='> {};
template <ast::CompareOp Op, char... C>
struct relation : peg::if_must<sym<C...>, compared<Op>> {};
struct relation_tail
    : peg::sor<peg::seq<double_equals, peg::must<compared<ast::CompareOp::eq>>>,
               relation<ast::CompareOp::eq, '='>, relation<ast::CompareOp::ne, '!', '='>,
               relation<ast::CompareOp::le, '<', '='>, relation<ast::CompareOp::ge, '>', '='>,
               relation<ast::CompareOp::lt, '<'>, relation<ast::CompareOp::gt, '>'>> {};

/// Only a path can be the subject of an event.
struct after_path {
  using rule_t = after_path;
  using subs_t = peg::empty_list;
  template <apply_mode A, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In&, State& st) {
    if constexpr (A == apply_mode::nothing) return true;
    return !st.exprs.empty() && std::holds_alternative<ast::PathExpr>(st.exprs.back()->node);
  }
};
struct tail_verb : verb {};
struct event_tail : peg::seq<after_path, tail_verb, peg::star<refinement>> {};
struct comparison_tail : peg::sor<is_tail, relation_tail, between_tail, text_tail, ever_tail, becomes_tail,
                                  changes_tail, event_tail> {};
struct comparison : peg::seq<sum, peg::opt<comparison_tail>> {};

// ---- conditions that begin with a word ----

struct member_set : path {};
struct not_member_set : path {};
struct in_set : peg::if_must<word<"in">, member_set> {};
struct not_in_set : peg::if_must<word<"in">, not_member_set> {};
struct not_operand : nested<condition> {};
struct behind_not : peg::sor<not_in_set, not_operand> {};
struct not_condition : peg::if_must<word<"not">, behind_not> {};

struct group_item : expr {};
struct all_items;
struct any_items;
struct all_word : word<"all"> {};
struct any_word : word<"any"> {};
struct logic_group : peg::seq<peg::sor<all_word, any_word>, block<group_item>> {};
struct braced_group : peg::seq<peg::at<peg::sor<all_word, any_word>, peg::one<'{'>>, logic_group> {};

struct tag_name : name {};
struct has_tag : peg::seq<word<"has">, word<"tag">, peg::must<tag_name>> {};

struct related_path : path {};
struct none_related_path : path {};
struct some_related : peg::seq<peg::at<word<"some">, name>, word<"some">,
                               peg::must<related_path, word<"where">, parens<expr>>> {};
struct no_related : peg::seq<none_related_path, word<"where">, peg::must<parens<expr>>> {};
struct no_event_item : event_phrase {};
struct no_event_list : comma_list<peg::must<no_event_item>> {};
struct no_event_duration : duration {};
struct no_events
    : peg::seq<peg::sor<parens<no_event_list>, no_event_item>, peg::must<word<"for">, no_event_duration>> {};
struct behind_no : peg::sor<peg::seq<peg::at<path, word<"where">>, no_related>, no_events> {};
struct no_condition : peg::seq<peg::at<word<"no">, peg::sor<peg::one<'('>, free_name>>,
                               peg::not_at<word<"no">, condition_word>, word<"no">, peg::must<behind_no>> {};

struct lone_created : word<"created"> {};
struct event_condition
    : peg::seq<peg::at<peg::sor<generic_event, peg::seq<name, preposition, dotted_path>>>, event_phrase> {};

struct condition : peg::sor<not_condition, in_set, braced_group, has_tag, some_related, no_condition,
                            event_condition, lone_created, comparison> {};

}  // namespace rules

}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name>
struct analyze_traits<Name, wf::grammar::rules::after_path> : analyze_opt_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::preposition_name> : analyze_any_traits<> {};
template <class Name, class First, class More>
struct analyze_traits<Name, wf::grammar::rules::chain<First, More>>
    : analyze_traits<Name, typename seq<First, star<More>>::rule_t> {};
template <class Name, class Condition>
struct analyze_traits<Name, wf::grammar::rules::logic<Condition>>
    : analyze_traits<Name,
                     typename seq<Condition, star<wf::grammar::rules::word<"and">, Condition>>::rule_t> {};

}  // namespace TAO_PEGTL_NAMESPACE
