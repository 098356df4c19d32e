// Names, paths, texts, numbers, dates, times, durations, ranges: rules and actions.
#pragma once

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/value.hpp"
#include "grammar/wf/rules.hpp"

namespace wf::grammar {
namespace rules {

/// Characters of any name, reserved or not.
struct name_chars {
  using rule_t = name_chars;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    const char* behind = name_end(in.current(), st.end);
    if (behind == in.current()) return false;
    in.bump(static_cast<std::size_t>(behind - in.current()));
    return true;
  }
};

/// Characters of a name that is no reserved word.
struct free_name {
  using rule_t = free_name;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    const char* behind = name_end(in.current(), st.end);
    const auto size = static_cast<std::size_t>(behind - in.current());
    if (size == 0 || is_reserved({in.current(), size})) return false;
    in.bump(size);
    return true;
  }
};

struct simple_name : peg::seq<free_name, peg::not_at<peg::one<'.'>, name_chars>> {};
struct name : token<simple_name> {};

// `email.welcome`: behind the dot every word is a name.
struct path_first : free_name {};
struct path_next : name_chars {};
struct path_chars : peg::seq<path_first, peg::star<peg::one<'.'>, path_next>> {};
struct path : token<path_chars> {};
struct dotted_path : token<peg::seq<free_name, peg::plus<peg::one<'.'>, name_chars>>> {};
/// Exactly `contact.company`.
struct dotted_name_chars : peg::seq<path_first, peg::one<'.'>, path_next> {};
struct dotted_name : token<dotted_name_chars> {};

/// `"…"` on one line; raises when it is not closed.
struct quoted {
  using rule_t = quoted;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    const char* open = in.current();
    if (in.empty() || *open != '"') return false;
    const char* at = open + 1;
    while (at < st.end && *at != '"' && *at != '\n')
      at += *at == '\\' && at + 1 < st.end && at[1] != '\n' ? 2 : 1;
    if (at >= st.end || *at == '\n') st.fail_unclosed_text(open, std::min(at, st.end));
    in.bump(static_cast<std::size_t>(at + 1 - open));
    return true;
  }
};
struct text : token<quoted> {};

// Numbers. `30d` is neither a number nor a name.
struct joined_letters : name_chars {};
struct digits : peg::plus<peg::digit> {};
struct number_chars : peg::seq<peg::opt<peg::one<'-'>>, digits, peg::opt<peg::one<'.'>, digits>,
                               peg::opt<peg::one<'%'>>, peg::opt<joined_letters>> {};
struct number : token<number_chars> {};
struct whole_digits : digits {};
struct whole_number : token<peg::seq<whole_digits, peg::opt<joined_letters>>> {};

// Loose forms: a wrong date is reported as a date, not as arithmetic.
struct date_chars : peg::seq<peg::rep<4, peg::digit>, peg::one<'-'>, peg::rep_min_max<1, 2, peg::digit>,
                             peg::one<'-'>, peg::rep_min_max<1, 2, peg::digit>> {};
struct datetime_chars : peg::seq<date_chars, peg::one<'T'>, peg::plus<peg::sor<peg::digit, peg::one<':'>>>,
                                 peg::opt<joined_letters>> {};
struct time_chars : peg::seq<peg::rep_min_max<1, 2, peg::digit>, peg::one<':'>, peg::plus<peg::digit>> {};
struct date : token<peg::seq<date_chars, peg::opt<joined_letters>>> {};
struct datetime : token<datetime_chars> {};
struct time : token<time_chars> {};
struct dots : sym<'.', '.'> {};

struct unit_chars {
  using rule_t = unit_chars;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    const char* behind = name_end(in.current(), st.end);
    const auto size = static_cast<std::size_t>(behind - in.current());
    if (size == 0 || !unit_of({in.current(), size})) return false;
    in.bump(size);
    return true;
  }
};
struct business_unit : word<"business"> {};
struct calendar_unit : word<"calendar"> {};
/// `days`, `business hours`, `calendar month` behind a number.
struct unit : peg::seq<peg::opt<peg::sor<business_unit, calendar_unit>>, token<unit_chars>> {};
struct duration : peg::seq<number, unit> {};

struct true_word : word<"true"> {};
struct false_word : word<"false"> {};
struct date_literal : date {};
struct datetime_literal : datetime {};
struct time_literal : time {};
struct number_literal : number {};
struct unit_literal : unit {};  ///< turns the number before it into a duration
struct text_literal : text {};
struct bool_literal : peg::sor<true_word, false_word> {};
struct dated_literal : peg::sor<datetime_literal, date_literal, time_literal> {};
struct literal : peg::sor<peg::seq<peg::at<peg::digit>,
                                   peg::sor<dated_literal, peg::seq<number_literal, peg::opt<unit_literal>>>>,
                          text_literal, peg::seq<number_literal, peg::opt<unit_literal>>, bool_literal> {};

}  // namespace rules

// ---- actions ----

/// The micros of a number's digits; reports what cannot be represented.
inline std::int64_t number_micros(std::string_view digits, text::Span where, State& st) {
  std::int64_t micros = 0;
  if (!value::parse_decimal(digits, micros)) {
    st.report(text::Code::invalid_literal, where,
              "`" + std::string(digits) + "` is too large or has more than 6 digits behind the point");
  }
  return micros;
}

template <>
struct action<rules::simple_name> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.name = {text::nfc(in.string_view()), text_span(in, st)};
  }
};

inline void add_path_part(std::string_view part, text::Span where, State& st) {
  st.path.parts.push_back({text::nfc(part), where});
}

template <>
struct action<rules::path_first> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.path.parts.clear();
    add_path_part(in.string_view(), text_span(in, st), st);
  }
};
template <>
struct action<rules::path_next> {
  template <class In>
  static void apply(const In& in, State& st) {
    add_path_part(in.string_view(), text_span(in, st), st);
  }
};
template <>
struct action<rules::path_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.path.span = text_span(in, st);
  }
};

template <>
struct action<rules::quoted> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.text.clear();
    st.text_span = text_span(in, st);
    const char* end = in.end() - 1;
    for (const char* at = in.begin() + 1; at < end; ++at) {
      if (*at != '\\') {
        st.text += *at;
        continue;
      }
      ++at;
      switch (*at) {
        case '"':
        case '\\':
          st.text += *at;
          break;
        case 'n':
          st.text += '\n';
          break;
        case 't':
          st.text += '\t';
          break;
        default:
          st.report(text::Code::invalid_literal, st.span(at - 1, at + 1),
                    "unknown escape in a text; there are `\\\"`, `\\\\`, `\\n` and `\\t`");
      }
    }
  }
};

template <>
struct action<rules::joined_letters> {
  template <class In>
  static void apply(const In& in, State& st) {
    const char* from = in.begin();
    while (from > st.begin && (std::isalnum(static_cast<unsigned char>(from[-1])) || from[-1] == '.')) --from;
    const std::string spelt(from, in.end());
    text::Diagnostic& d = st.report(text::Code::invalid_literal, st.span(from, in.end()),
                                    "`" + spelt + "` is neither a number nor a name");
    d.helps.push_back("write a unit as a word behind a blank: `2 days`");
    // What it was meant to be nobody can say, so nothing behind it on its line can be judged.
    st.give_up_item_at(in.end());
  }
};

template <>
struct action<rules::number_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    std::string_view spelt = in.string_view();
    const std::size_t size = std::min(spelt.find_first_not_of("0123456789.-"), spelt.size());
    st.number.percent = size < spelt.size() && spelt[size] == '%';
    spelt = spelt.substr(0, size);
    st.number.has_point = spelt.find('.') != std::string_view::npos;
    st.number.micros = number_micros(spelt, text_span(in, st), st);
    st.duration = {};
    st.literal = {st.number, text_span(in, st)};
  }
};

template <>
struct action<rules::whole_digits> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.number = {};
    st.number.micros = number_micros(in.string_view(), text_span(in, st), st);
  }
};

template <>
struct action<rules::business_unit> {
  static void apply0(State& st) { st.duration.business = true; }
};
template <>
struct action<rules::calendar_unit> {
  static void apply0(State& st) { st.duration.calendar = true; }
};
template <>
struct action<rules::unit_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.duration.unit = *unit_of(in.string_view());
    st.duration.count = st.number.micros / value::kMicro;
    const bool whole = st.number.micros % value::kMicro == 0 && !st.number.percent && st.number.micros >= 0;
    if (!whole) {
      st.report(text::Code::invalid_literal, text::join(st.literal.span, text_span(in, st)),
                "a duration counts whole units");
    }
  }
};
template <>
struct action<rules::unit_literal> {
  static void apply0(State& st) {
    st.literal.value = st.duration;
    st.literal.span.end = st.last_end;
  }
};

template <>
struct action<rules::date_literal> {
  template <class In>
  static void apply(const In& in, State& st) {
    const text::Span where = st.span_from(in.begin());
    const std::string_view spelt(in.begin(), where.end - where.begin);
    const auto days = value::parse_date(spelt);
    if (!days) {
      st.report(text::Code::invalid_literal, where,
                "`" + std::string(spelt) + "` is not a date; write 2026-03-02");
    }
    st.literal = {ast::Date{days.value_or(0)}, where};
  }
};
template <>
struct action<rules::datetime_literal> {
  template <class In>
  static void apply(const In& in, State& st) {
    const text::Span where = st.span_from(in.begin());
    const std::string_view spelt(in.begin(), where.end - where.begin);
    const auto local = value::parse_local(spelt);
    if (!local) {
      st.report(text::Code::invalid_literal, where,
                "`" + std::string(spelt) + "` is not a date and time; write 2026-03-02T09:00");
    }
    st.literal = {ast::LocalDateTime{local.value_or(value::Civil{})}, where};
  }
};
template <>
struct action<rules::time_chars> {
  template <class In>
  static void apply(const In& in, State& st) {
    const auto minutes = value::parse_time_of_day(in.string_view());
    if (!minutes) {
      st.report(text::Code::invalid_literal, text_span(in, st),
                "`" + std::string(in.string_view()) + "` is not a time of day; write 09:00");
    }
    st.minutes = minutes.value_or(0);
    st.literal = {ast::TimeOfDay{st.minutes}, text_span(in, st)};
  }
};
template <>
struct action<rules::text_literal> {
  static void apply0(State& st) { st.literal = {ast::Text{st.text}, st.text_span}; }
};
template <>
struct action<rules::true_word> {
  static void apply0(State& st) { st.literal.value = ast::Bool{true}; }
};
template <>
struct action<rules::false_word> {
  static void apply0(State& st) { st.literal.value = ast::Bool{false}; }
};
template <>
struct action<rules::bool_literal> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.literal.span = st.span_from(in.begin());
  }
};

}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name>
struct analyze_traits<Name, wf::grammar::rules::name_chars> : analyze_any_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::free_name> : analyze_any_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::quoted> : analyze_any_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::unit_chars> : analyze_any_traits<> {};

}  // namespace TAO_PEGTL_NAMESPACE
