// Rows of atoms and fields: what actions, resources and headers without a grammar of their own are made of.
#pragma once

#include "grammar/wf/expression_actions.hpp"

namespace wf::grammar {
namespace rules {

struct row_atom;

// `09:00..18:00`, `0..`, `-1000..1000`, `mon..fri`: the atom before the dots becomes the range's start.
struct range_end_time : time {};
struct range_end_number : number {};
struct range_end_name : name {};
struct open_range : dots {};
struct value_range : peg::seq<open_range, peg::opt<peg::sor<range_end_time, range_end_number>>> {};
struct word_range : peg::if_must<dots, range_end_name> {};
struct range_start : peg::at<dots, number> {};
struct range_to : peg::seq<range_start, dots, number> {};

struct literal_atom : literal {};
struct path_atom : path {};
/// Reserved words that may be literal words of a phrase.
struct word_atom : peg::sor<word<"for">, word<"in">> {};
/// `int?` in a webhook's `returns` is a word and a question mark.
struct question_atom : sym<'?'> {};

struct begin_row : peg::success {};
struct list_item_start : peg::success {};
struct list_item : peg::seq<list_item_start, peg::plus<row_atom>> {};
struct list_items : peg::seq<begin_row, peg::sor<peg::at<peg::one<')'>>, comma_list<peg::must<list_item>>>> {
};
struct atom_list : parens<list_items> {};
struct atom_primary : peg::sor<peg::seq<literal_atom, peg::opt<value_range>>, atom_list, range_to,
                               peg::seq<path_atom, peg::opt<word_range>>> {};
struct else_atom : peg::if_must<word<"else">, atom_primary> {};
struct on_failure_words : peg::seq<word<"on">, word<"failure">> {};
struct row_atom : peg::sor<peg::seq<peg::not_at<on_failure_words>, chain<atom_primary, else_atom>>, word_atom,
                           question_atom> {};
/// Atoms, with commas between them or not.
struct atoms : peg::plus<row_atom, peg::opt<comma>> {};

struct field;
struct begin_fields : peg::success {};
struct fields : peg::seq<peg::at<peg::one<'{'>>, begin_fields, block<field>> {};
struct field_name : name {};
struct field_atoms : peg::seq<begin_row, peg::opt<atoms>> {};
struct field_body : fields {};
struct field : peg::seq<field_name, field_atoms, peg::opt<field_body>> {};

}  // namespace rules

// ---- actions ----

template <class Node>
void add_atom(State& st, Node node, text::Span where) {
  st.row().push_back(ast::Atom{std::move(node), where});
}
inline void add_word_atom(State& st, std::string_view word, text::Span where) {
  add_atom(st, ast::Path{{{std::string(word), where}}, where}, where);
}

template <>
struct action<rules::begin_row> {
  static void apply0(State& st) { st.rows.emplace_back(); }
};
template <>
struct action<rules::list_item_start> {
  static void apply0(State& st) { st.rows.emplace_back(); }
};
template <>
struct action<rules::literal_atom> {
  static void apply0(State& st) { add_atom(st, st.literal, st.literal.span); }
};
template <>
struct action<rules::path_atom> {
  static void apply0(State& st) {
    const text::Span where = st.path.span;
    add_atom(st, std::move(st.path), where);
  }
};
template <>
struct action<rules::word_atom> {
  template <class In>
  static void apply(const In& in, State& st) {
    const text::Span where = st.span_from(in.begin());
    add_word_atom(st, {in.begin(), where.end - where.begin}, where);
  }
};
template <>
struct action<rules::question_atom> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_word_atom(st, "?", st.span_from(in.begin()));
  }
};

/// What stands before `..`: a number or a time starts a range, nothing else.
template <>
struct action<rules::open_range> {
  static void apply0(State& st) {
    ast::Atom& from = st.row().back();
    const ast::Literal& literal = std::get<ast::Literal>(from.value);
    const text::Span where{from.span.file, from.span.begin, st.last_end};
    if (const auto* number = std::get_if<ast::Number>(&literal.value)) {
      from.value = ast::NumberRange{number->micros, std::nullopt};
    } else if (const auto* time = std::get_if<ast::TimeOfDay>(&literal.value)) {
      from.value = ast::TimeRange{time->minutes, 24 * 60};
    } else {
      st.report(text::Code::syntax, where, "a range goes from a number, a time of day or a name");
    }
    from.span = where;
  }
};
inline void report_mixed_range(State& st) {
  st.report(text::Code::syntax, st.row().back().span, "the two ends of a range are of different kinds");
}
template <>
struct action<rules::range_end_time> {
  static void apply0(State& st) {
    ast::Atom& range = st.row().back();
    range.span.end = st.last_end;
    if (auto* times = std::get_if<ast::TimeRange>(&range.value))
      times->to = st.minutes;
    else
      report_mixed_range(st);
  }
};
template <>
struct action<rules::range_end_number> {
  static void apply0(State& st) {
    ast::Atom& range = st.row().back();
    range.span.end = st.last_end;
    if (auto* numbers = std::get_if<ast::NumberRange>(&range.value))
      numbers->to = st.number.micros;
    else
      report_mixed_range(st);
  }
};
template <>
struct action<rules::range_to> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_atom(st, ast::NumberRange{std::nullopt, st.number.micros}, st.span_from(in.begin()));
  }
};
template <>
struct action<rules::range_end_name> {
  static void apply0(State& st) {
    ast::Atom& range = st.row().back();
    const ast::Path from = std::get<ast::Path>(range.value);
    range.span.end = st.last_end;
    if (from.parts.size() == 1)
      range.value = ast::NameRange{from.parts.front(), st.name};
    else
      report_mixed_range(st);
  }
};

template <>
struct action<rules::list_item> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::AtomList item{st.pop_row()};
    // Several words are a list of their own: `(email required, firstname)`.
    if (item.items.size() == 1)
      st.row().push_back(std::move(item.items.front()));
    else
      add_atom(st, std::move(item), st.span_from(in.begin()));
  }
};
template <>
struct action<rules::atom_list> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::AtomList list{st.pop_row()};
    add_atom(st, std::move(list), st.span_from(in.begin()));
  }
};
template <>
struct action<rules::else_atom> {
  static void apply0(State& st) {
    auto second = std::make_unique<ast::Atom>(std::move(st.row().back()));
    st.row().pop_back();
    auto first = std::make_unique<ast::Atom>(std::move(st.row().back()));
    st.row().pop_back();
    const text::Span where = text::join(first->span, second->span);
    add_atom(st, ast::ElseAtom{std::move(first), std::move(second)}, where);
  }
};

template <>
struct action<rules::begin_fields> {
  static void apply0(State& st) { st.fields.emplace_back(); }
};
// A field is complete before it is added, so that a broken one leaves nothing behind.
template <>
struct action<rules::field_name> {
  static void apply0(State& st) {
    st.open_fields.push_back({});
    st.open_fields.back().name = st.name;
  }
};
template <>
struct action<rules::field_atoms> {
  static void apply0(State& st) { st.open_fields.back().atoms = st.pop_row(); }
};
template <>
struct action<rules::field_body> {
  static void apply0(State& st) {
    st.open_fields.back().block = st.pop_fields();
    st.open_fields.back().has_block = true;
  }
};
template <>
struct action<rules::field> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::Field done = std::move(st.open_fields.back());
    st.open_fields.pop_back();
    done.span = st.span_from(in.begin());
    st.fields.back().push_back(std::move(done));
  }
};

}  // namespace wf::grammar
