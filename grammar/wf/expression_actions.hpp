// Conditions, values and event phrases: actions.
#pragma once

#include "grammar/wf/expression.hpp"

namespace wf::grammar {

// ---- actions ----

template <>
struct action<rules::group_expr> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.top_expr().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::literal_expr> {
  static void apply0(State& st) { st.push_expr(st.literal, st.literal.span); }
};
template <>
struct action<rules::path_expr> {
  static void apply0(State& st) {
    const text::Span where = st.path.span;
    st.push_expr(ast::PathExpr{std::move(st.path)}, where);
  }
};
template <>
struct action<rules::negated_expr> {
  template <class In>
  static void apply(const In& in, State& st) {
    ast::ExprPtr operand = st.pop_expr();
    st.push_expr(ast::Negate{std::move(operand)}, st.span_from(in.begin()));
  }
};

/// Left and right operand become one node with `make`.
template <class Make>
void join_top_two(State& st, Make make) {
  ast::ExprPtr right = st.pop_expr();
  ast::ExprPtr left = st.pop_expr();
  const text::Span where = text::join(left->span, right->span);
  st.push_expr(make(std::move(left), std::move(right)), where);
}

template <ast::ArithOp Op, char Sign, class Operand>
struct action<rules::arith<Op, Sign, Operand>> {
  static void apply0(State& st) {
    join_top_two(st, [](auto left, auto right) { return ast::Arith{Op, std::move(left), std::move(right)}; });
  }
};
template <ast::CompareOp Op>
struct action<rules::compared<Op>> {
  static void apply0(State& st) {
    join_top_two(st, [](auto left, auto right) {
      return ast::Compare{Op, std::move(left), std::move(right)};
    });
  }
};
template <ast::TextOp Op>
struct action<rules::text_operand<Op>> {
  static void apply0(State& st) {
    join_top_two(st, [](auto left, auto right) {
      return ast::TextTest{Op, std::move(left), std::move(right)};
    });
  }
};
template <>
struct action<rules::ever_value> {
  static void apply0(State& st) {
    join_top_two(st, [](auto left, auto right) { return ast::EverBeen{std::move(left), std::move(right)}; });
  }
};
template <>
struct action<rules::becomes_value> {
  static void apply0(State& st) {
    join_top_two(st, [](auto left, auto right) { return ast::Becomes{std::move(left), std::move(right)}; });
  }
};
template <>
struct action<rules::between_tail> {
  static void apply0(State& st) {
    ast::ExprPtr high = st.pop_expr();
    ast::ExprPtr low = st.pop_expr();
    st.wrap_top(ast::Between{st.take_top(), std::move(low), std::move(high)});
  }
};
template <>
struct action<rules::changes_tail> {
  static void apply0(State& st) { st.wrap_top(ast::Changes{st.take_top()}); }
};
template <ast::AgeOp Op>
struct action<rules::aged<Op>> {
  static void apply0(State& st) { st.wrap_top(ast::AgeTest{Op, st.take_top(), st.duration}); }
};
template <>
struct action<rules::ago> {
  static void apply0(State& st) { st.top_expr().span.end = st.last_end; }
};

inline void begin_one_of(State& st, bool negated) {
  st.wrap_top(ast::OneOf{negated, st.take_top(), {}});
}

template <>
struct action<rules::any_words> {
  static void apply0(State& st) { begin_one_of(st, false); }
};
template <>
struct action<rules::none_words> {
  static void apply0(State& st) { begin_one_of(st, true); }
};
template <>
struct action<rules::not_any_words> {
  template <class In>
  static void apply(const In& in, State& st) {
    const char* is = in.begin();
    // Back over `not` and `is`, which stand before.
    for (int words = 0; words < 2; ++words) {
      while (is > st.begin && !std::isalpha(static_cast<unsigned char>(is[-1]))) --is;
      while (is > st.begin && std::isalpha(static_cast<unsigned char>(is[-1]))) --is;
    }
    st.report_not_any_of(st.span_from(is));
    begin_one_of(st, true);
  }
};
template <>
struct action<rules::list_value> {
  static void apply0(State& st) {
    ast::ExprPtr value = st.pop_expr();
    std::get<ast::OneOf>(st.top_expr().node).values.push_back(std::move(value));
  }
};
template <>
struct action<rules::value_list> {
  static void apply0(State& st) { st.top_expr().span.end = st.last_end; }
};
template <>
struct action<rules::is_known> {
  static void apply0(State& st) { st.wrap_top(ast::Known{false, st.take_top()}); }
};
template <>
struct action<rules::is_unknown> {
  static void apply0(State& st) { st.wrap_top(ast::Known{true, st.take_top()}); }
};

/// `is not known` means `is unknown`, but the language has one way to say it.
inline void report_not_known(State& st, text::Span where, bool unknown) {
  const std::string better = unknown ? "unknown" : "known";
  text::Diagnostic& d = st.report(text::Code::syntax, where, "this is written `is " + better + "`");
  d.fixes.push_back({"write `is " + better + "`", text::Applicability::maybe_incorrect, {{where, better}}});
  st.wrap_top(ast::Known{unknown, st.take_top()});
}
template <>
struct action<rules::not_known> {
  template <class In>
  static void apply(const In& in, State& st) {
    report_not_known(st, st.span_from(in.begin()), true);
  }
};
template <>
struct action<rules::not_unknown> {
  template <class In>
  static void apply(const In& in, State& st) {
    report_not_known(st, st.span_from(in.begin()), false);
  }
};
template <>
struct action<rules::double_equals> {
  template <class In>
  static void apply(const In& in, State& st) {
    const text::Span where = st.span_from(in.begin());
    text::Diagnostic& d = st.report(text::Code::syntax, where, "equality is written `=`");
    d.fixes.push_back({"write `=`", text::Applicability::machine, {{where, "="}}});
  }
};

// ---- event phrases ----

inline ast::EventPhrase& begin_event(State& st, text::Span where) {
  ast::EventPhrase& event = st.events.emplace_back();
  event.span = where;
  return event;
}
template <>
struct action<rules::generic_name> {
  static void apply0(State& st) {
    ast::EventPhrase& event = begin_event(st, st.name.span);
    event.generic = true;
    event.verb = st.name;
  }
};
template <>
struct action<rules::generic_event> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.events.back().span = st.span_from(in.begin());
  }
};
template <>
struct action<rules::verb_first> {
  static void apply0(State& st) { begin_event(st, st.name.span).verb = st.name; }
};
template <>
struct action<rules::event_subject> {
  static void apply0(State& st) {
    st.events.back().subject = st.path;
    st.events.back().span.end = st.last_end;
  }
};
template <>
struct action<rules::path_subject> {
  static void apply0(State& st) { begin_event(st, st.path.span).subject = st.path; }
};
template <>
struct action<rules::event_verb> {
  static void apply0(State& st) {
    st.events.back().verb = st.name;
    st.events.back().span.end = st.last_end;
  }
};
template <>
struct action<rules::tail_verb> {
  static void apply0(State& st) {
    ast::Path subject = std::move(std::get<ast::PathExpr>(st.top_expr().node).path);
    st.exprs.pop_back();
    ast::EventPhrase& event = begin_event(st, text::join(subject.span, st.name.span));
    event.subject = std::move(subject);
    event.verb = st.name;
  }
};

inline void set_times(State& st, ast::EventPhrase::Times times) {
  st.events.back().times = times;
  st.events.back().count = st.number.micros / value::kMicro;
}
template <>
struct action<rules::at_least_times> {
  static void apply0(State& st) { set_times(st, ast::EventPhrase::Times::at_least); }
};
template <>
struct action<rules::at_most_times> {
  static void apply0(State& st) { set_times(st, ast::EventPhrase::Times::at_most); }
};
template <>
struct action<rules::exactly_times> {
  static void apply0(State& st) { set_times(st, ast::EventPhrase::Times::exactly); }
};
template <>
struct action<rules::event_within> {
  static void apply0(State& st) { st.events.back().within_last = st.duration; }
};
template <>
struct action<rules::event_since> {
  static void apply0(State& st) { st.events.back().since_step = st.name; }
};
template <>
struct action<rules::event_ever> {
  static void apply0(State& st) { st.events.back().ever = true; }
};
template <>
struct action<rules::event_where> {
  static void apply0(State& st) {
    ast::ExprPtr where = st.pop_expr();
    st.events.back().where = std::move(where);
  }
};
template <>
struct action<rules::refinement> {
  static void apply0(State& st) { st.events.back().span.end = st.last_end; }
};

inline void push_event_term(State& st) {
  ast::EventPhrase event = st.pop_event();
  const text::Span where = event.span;
  st.push_expr(ast::EventTerm{std::move(event)}, where);
}
template <>
struct action<rules::event_tail> {
  static void apply0(State& st) { push_event_term(st); }
};
template <>
struct action<rules::event_condition> {
  static void apply0(State& st) { push_event_term(st); }
};

template <>
struct action<rules::counted_event> {
  static void apply0(State& st) {
    ast::EventPhrase event = st.pop_event();
    const text::Span where = event.span;
    st.push_expr(ast::Count{std::move(event), nullptr}, where);
  }
};
template <>
struct action<rules::counted_path> {
  static void apply0(State& st) { st.push_expr(ast::Count{st.path, nullptr}, st.path.span); }
};
template <>
struct action<rules::count_where> {
  static void apply0(State& st) {
    ast::ExprPtr where = st.pop_expr();
    std::get<ast::Count>(st.top_expr().node).where = std::move(where);
  }
};
template <>
struct action<rules::count_call> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.top_expr().span = st.span_from(in.begin());
  }
};

// ---- conditions that begin with a word ----

template <>
struct action<rules::not_operand> {
  static void apply0(State& st) { st.wrap_top(ast::Not{st.take_top()}); }
};
template <>
struct action<rules::member_set> {
  static void apply0(State& st) { st.push_expr(ast::Member{false, st.path}, st.path.span); }
};
template <>
struct action<rules::not_member_set> {
  static void apply0(State& st) { st.push_expr(ast::Member{true, st.path}, st.path.span); }
};
template <>
struct action<rules::tag_name> {
  static void apply0(State& st) { st.push_expr(ast::HasTag{st.name}, st.name.span); }
};
template <>
struct action<rules::lone_created> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.push_expr(ast::Created{}, st.span_from(in.begin()));
  }
};

inline void begin_group(State& st, bool conjunction) {
  st.push_expr(ast::Logic{conjunction, {}, true}, text::Span{st.file.id, st.last_end, st.last_end});
}
template <>
struct action<rules::all_word> {
  static void apply0(State& st) { begin_group(st, true); }
};
template <>
struct action<rules::any_word> {
  static void apply0(State& st) { begin_group(st, false); }
};
template <>
struct action<rules::group_item> {
  static void apply0(State& st) {
    ast::ExprPtr item = st.pop_expr();
    std::get<ast::Logic>(st.top_expr().node).operands.push_back(std::move(item));
  }
};

inline void begin_related(State& st, bool none) {
  st.push_expr(ast::Related{none, st.path, nullptr}, st.path.span);
}
inline void end_related(State& st) {
  ast::ExprPtr where = st.pop_expr();
  std::get<ast::Related>(st.top_expr().node).where = std::move(where);
}
template <>
struct action<rules::related_path> {
  static void apply0(State& st) { begin_related(st, false); }
};
template <>
struct action<rules::none_related_path> {
  static void apply0(State& st) { begin_related(st, true); }
};
template <>
struct action<rules::some_related> {
  static void apply0(State& st) { end_related(st); }
};
template <>
struct action<rules::no_related> {
  static void apply0(State& st) { end_related(st); }
};
template <>
struct action<rules::no_event_item> {
  static void apply0(State& st) {
    ast::EventPhrase event = st.pop_event();
    const bool first = st.exprs.empty() || !std::holds_alternative<ast::NoEvents>(st.top_expr().node) ||
                       std::get<ast::NoEvents>(st.top_expr().node).duration.count >= 0;
    // A negative count marks the list that is still being read.
    if (first) {
      ast::NoEvents none;
      none.duration.count = -1;
      st.push_expr(std::move(none), event.span);
    }
    std::get<ast::NoEvents>(st.top_expr().node).events.push_back(std::move(event));
  }
};
template <>
struct action<rules::no_event_duration> {
  static void apply0(State& st) { std::get<ast::NoEvents>(st.top_expr().node).duration = st.duration; }
};
/// Conditions that begin with a word start at that word.
template <>
struct action<rules::condition> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.top_expr().span = text::join(st.top_expr().span, st.span_from(in.begin()));
  }
};

}  // namespace wf::grammar
