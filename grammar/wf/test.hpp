// `test` blocks: rules and actions.
#pragma once

#include "grammar/wf/step_actions.hpp"

namespace wf::grammar {
namespace rules {

struct test_data : fields {};

// ---- what is given ----

struct start_local : peg::seq<datetime_literal> {};
struct start_zone : text {};
struct test_start : peg::if_must<word<"start">, start_local, peg::opt<peg::if_must<word<"in">, start_zone>>> {
};
struct given_object : name {};
struct given_name : name {};
struct given_record : peg::seq<given_object, peg::must<given_name>, peg::opt<test_data>> {};
struct answering : path {};
struct answer : literal {};
struct answer_body : fields {};
struct one_answer : peg::seq<answer, peg::opt<answer_body>> {};
struct answers : comma_list<peg::must<one_answer>> {};
struct given_answers : peg::seq<answering, word<"answers">, peg::must<answers>> {};
struct in_variant : name {};
struct given_arm : name {};
struct given_experiment : path {};
struct given_holdout : word<"holdout"> {};
struct given_variant
    : peg::seq<peg::sor<given_holdout, peg::seq<word<"variant">, given_arm>>, word<"of">, given_experiment> {
};
struct given_in : peg::seq<in_variant, word<"in">, peg::must<given_variant>> {};
struct given_what : peg::sor<given_answers, given_in, given_record> {};
struct test_given : peg::if_must<word<"given">, given_what> {};

// ---- what happens ----

struct occurring : event_phrase {};
struct occurs_by : name {};
struct test_occurs : peg::seq<peg::at<peg::sor<generic_event, peg::seq<dotted_path, verb>>>, occurring,
                              peg::opt<peg::if_must<word<"by">, occurs_by>>, peg::opt<test_data>> {};
struct change_target : path {};
struct change_value : expr {};
struct test_set : peg::if_must<word<"set">, change_target, word<"to">, change_value> {};
struct member_record : name {};
struct member_list : path {};
struct test_add : peg::seq<peg::at<word<"add">, name, word<"to">>, word<"add">, member_record, word<"to">,
                           peg::must<member_list>> {};
struct test_remove : peg::seq<peg::at<word<"remove">, name, word<"from">>, word<"remove">, member_record,
                              word<"from">, peg::must<member_list>> {};
struct test_action : peg::seq<peg::at<free_name>, begin_row, atoms> {};

// ---- what is expected ----

struct expect_count : whole_number {};
struct expect_record : name {};
struct expect_window : duration {};
struct expect_limit : peg::seq<word<"at">, word<"most">,
                               peg::must<expect_count, word<"emails">, word<"to">, expect_record, word<"in">,
                                         word<"any">, expect_window>> {};
struct operator_ahead
    : peg::sor<word<"is">, condition_word, peg::one<'=', '!', '<', '>', '+', '-', '*', '/'>> {};
struct has_tag_words : peg::seq<word<"has">, word<"tag">> {};
struct condition_start : peg::sor<peg::one<'('>, peg::seq<word<"count">, peg::one<'('>>,
                                  peg::seq<path, peg::not_at<has_tag_words>, operator_ahead>> {};
struct expect_condition : expr {};
struct expect_that : peg::seq<peg::at<peg::opt<word<"not">>, condition_start>, expect_condition> {};
/// `expect not taro enrolled in …` and `expect taro not enrolled in …`.
struct expect_no : peg::sor<word<"not">, word<"no">> {};
struct expect_not : word<"not"> {};
struct begin_expect_atoms : peg::success {};
struct expect_words : peg::seq<begin_row, atoms, peg::opt<expect_not, atoms>> {};
struct expect_atoms : peg::seq<begin_expect_atoms, peg::opt<expect_no>, expect_words> {};
struct expect_what : peg::sor<expect_limit, expect_that, expect_atoms> {};
struct test_expect : peg::if_must<word<"expect">, expect_what> {};

// ---- lines ----

struct offset_chars : peg::seq<peg::one<'+'>, peg::plus<peg::alnum>> {};
struct test_offset : token<offset_chars> {};
struct test_what : peg::sor<test_expect, test_occurs, test_set, test_add, test_remove, test_action> {};
struct at_line : peg::if_must<word<"at">, test_offset, test_what> {};
struct finally_word : word<"finally"> {};
struct finally_line : peg::if_must<finally_word, test_what> {};
struct begin_line : peg::success {};
struct test_line
    : peg::seq<begin_line, peg::sor<at_line, finally_line, test_start, test_given, test_action>> {};
struct test_title : text {};
struct test_body : block<test_line> {};
struct test_decl : peg::if_must<word<"test">, test_title, test_body> {};

}  // namespace rules

// ---- actions ----

template <>
struct action<rules::begin_line> {
  static void apply0(State& st) { st.line = {}; }
};
template <>
struct action<rules::test_data> {
  static void apply0(State& st) {
    ast::TestData data{st.pop_fields()};
    if (auto* given = std::get_if<ast::TestGiven>(&st.line.node))
      given->data = std::move(data);
    else
      std::get<ast::TestOccurs>(st.line.node).data = std::move(data);
  }
};

template <>
struct action<rules::start_local> {
  static void apply0(State& st) {
    st.line.node = ast::TestStart{std::get<ast::LocalDateTime>(st.literal.value).civil, std::nullopt};
  }
};
template <>
struct action<rules::start_zone> {
  static void apply0(State& st) { std::get<ast::TestStart>(st.line.node).zone = st.text; }
};
template <>
struct action<rules::given_object> {
  static void apply0(State& st) { st.line.node = ast::TestGiven{st.name, {}, {}}; }
};
template <>
struct action<rules::given_name> {
  static void apply0(State& st) { std::get<ast::TestGiven>(st.line.node).name = st.name; }
};
template <>
struct action<rules::answering> {
  static void apply0(State& st) { st.line.node = ast::TestAnswers{st.path, {}, {}}; }
};
template <>
struct action<rules::answer> {
  static void apply0(State& st) {
    auto& given = std::get<ast::TestAnswers>(st.line.node);
    given.answers.push_back(st.literal);
    given.bodies.emplace_back();
  }
};
template <>
struct action<rules::answer_body> {
  static void apply0(State& st) {
    std::get<ast::TestAnswers>(st.line.node).bodies.back() = ast::TestData{st.pop_fields()};
  }
};
template <>
struct action<rules::in_variant> {
  static void apply0(State& st) { st.line.node = ast::TestVariant{st.name, {}, {}}; }
};
template <>
struct action<rules::given_arm> {
  static void apply0(State& st) { std::get<ast::TestVariant>(st.line.node).variant = st.name; }
};
template <>
struct action<rules::given_holdout> {
  template <class In>
  static void apply(const In& in, State& st) {
    std::get<ast::TestVariant>(st.line.node).variant = {"holdout", st.span_from(in.begin())};
  }
};
template <>
struct action<rules::given_experiment> {
  static void apply0(State& st) { std::get<ast::TestVariant>(st.line.node).experiment = st.path; }
};

template <>
struct action<rules::occurring> {
  static void apply0(State& st) { st.line.node = ast::TestOccurs{st.pop_event(), std::nullopt, {}}; }
};
template <>
struct action<rules::occurs_by> {
  static void apply0(State& st) { std::get<ast::TestOccurs>(st.line.node).by = st.name; }
};
template <>
struct action<rules::change_target> {
  static void apply0(State& st) { st.line.node = ast::TestChange{st.path, nullptr}; }
};
template <>
struct action<rules::change_value> {
  static void apply0(State& st) { std::get<ast::TestChange>(st.line.node).value = st.pop_expr(); }
};
template <>
struct action<rules::member_record> {
  static void apply0(State& st) { st.line.node = ast::TestMembership{true, st.name, {}}; }
};
template <>
struct action<rules::member_list> {
  static void apply0(State& st) { std::get<ast::TestMembership>(st.line.node).list = st.path; }
};
template <>
struct action<rules::test_remove> {
  static void apply0(State& st) { std::get<ast::TestMembership>(st.line.node).add = false; }
};
template <>
struct action<rules::test_action> {
  static void apply0(State& st) { st.line.node = ast::Action{st.pop_row(), std::nullopt}; }
};

template <>
struct action<rules::expect_count> {
  static void apply0(State& st) {
    st.line.node = ast::TestExpectLimit{st.number.micros / value::kMicro, {}, {}};
  }
};
template <>
struct action<rules::expect_record> {
  static void apply0(State& st) { std::get<ast::TestExpectLimit>(st.line.node).record = st.name; }
};
template <>
struct action<rules::expect_window> {
  static void apply0(State& st) { std::get<ast::TestExpectLimit>(st.line.node).window = st.duration; }
};
template <>
struct action<rules::expect_condition> {
  static void apply0(State& st) { st.line.node = ast::TestExpectThat{st.pop_expr()}; }
};
template <>
struct action<rules::begin_expect_atoms> {
  static void apply0(State& st) { st.line.node = ast::TestExpectAtoms{}; }
};
template <>
struct action<rules::expect_no> {
  static void apply0(State& st) { std::get<ast::TestExpectAtoms>(st.line.node).negated = true; }
};
template <>
struct action<rules::expect_not> : action<rules::expect_no> {};
template <>
struct action<rules::expect_words> {
  static void apply0(State& st) { std::get<ast::TestExpectAtoms>(st.line.node).atoms = st.pop_row(); }
};

template <>
struct action<rules::offset_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    const auto offset = value::parse_compact_duration(in.string_view().substr(1));
    if (!offset) {
      st.report(text::Code::invalid_literal, text_span(in, st),
                "`" + std::string(in.string_view()) + "` is not an offset; write `+4d6h`");
    }
    st.line.offset = offset.value_or(0);
    st.line.when = ast::TestLine::When::at;
  }
};
template <>
struct action<rules::test_what> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.line.what = st.span_from(in.begin());
  }
};
template <>
struct action<rules::finally_word> {
  static void apply0(State& st) { st.line.when = ast::TestLine::When::finally; }
};
template <>
struct action<rules::test_line> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.line.span = st.span_from(in.begin());
    if (st.line.what.end == 0) st.line.what = st.line.span;
    st.declared<ast::TestDecl>().lines.push_back(std::move(st.line));
  }
};
template <>
struct action<rules::test_title> {
  static void apply0(State& st) { st.decl.node = ast::TestDecl{st.text, st.text_span, {}}; }
};

}  // namespace wf::grammar
