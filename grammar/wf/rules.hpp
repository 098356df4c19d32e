// The building blocks of all rules: tokens, words, lists in parentheses, blocks in braces, recovery.
//
// A token eats the blanks behind it, so that every rule starts at a token and `State::last_end` is where the
// rule's text really ends. Only `must` and `if_must` raise mistakes; messages stand in errors.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

#include "grammar/wf/chars.hpp"
#include "grammar/wf/parse.hpp"
#include "grammar/wf/state.hpp"

namespace wf::grammar {

namespace peg = tao::pegtl;
using peg::apply_mode;
using peg::rewind_mode;

/// The message of a rule under `must`; a rule without one does not compile there.
template <class Rule>
inline constexpr Expectation expected{nullptr, false, false};

/// A literal word as a template argument.
template <std::size_t N>
struct Chars {
  char text[N] = {};
  constexpr Chars(const char (&from)[N]) { std::copy_n(from, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

template <class Rule>
struct control : peg::normal<Rule> {
  template <class In>
  [[noreturn]] static void raise(const In& in, State& st) {
    static_assert(expected<Rule>.exists, "a rule under `must` needs a message in errors.hpp");
    st.fail(expected<Rule>, in.current());
  }
};

template <class Rule>
struct action : peg::nothing<Rule> {};

/// What an action of its own needs from the matched text.
template <class In>
text::Span text_span(const In& in, const State& st) {
  return st.span(in.begin(), in.end());
}

/// A counter that is one higher while a rule runs, also when the rule throws.
class Raised {
 public:
  explicit Raised(int& counter) : counter_(counter) { ++counter_; }
  ~Raised() { --counter_; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  int& counter_;
};

template <class T>
class Pushed {
 public:
  Pushed(std::vector<T>& stack, T item) : stack_(stack), size_(stack.size()) { stack.push_back(item); }
  ~Pushed() { stack_.resize(size_); }
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;

 private:
  std::vector<T>& stack_;
  std::size_t size_;
};

template <apply_mode A, class In>
void end_token(In& in, State& st) {
  if constexpr (A == apply_mode::action) st.last_end = st.offset(in.current());
  in.bump(static_cast<std::size_t>(st.skip(in.current()) - in.current()));
}

namespace rules {

/// R and the blanks behind it.
template <class R>
struct token {
  using rule_t = token;
  using subs_t = peg::type_list<R>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    if (!Control<R>::template match<A, rewind_mode::required, Action, Control>(in, st)) return false;
    end_token<A>(in, st);
    return true;
  }
};

/// A literal word; `at.x` and `at_x` are other things.
template <Chars S>
struct word {
  using rule_t = word;
  using subs_t = peg::empty_list;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    constexpr std::string_view text = S.view();
    // Most attempts end at the first character; a call of memcmp for each would cost a tenth of all time.
    if (in.size() < text.size() || *in.current() != text[0]) return false;
    if (std::string_view(in.current(), text.size()) != text) return false;
    const char* behind = in.current() + text.size();
    if (behind < in.end()) {
      const bool dot = *behind == '.' && behind + 1 < in.end() && behind[1] != '.';
      const auto c = static_cast<unsigned char>(*behind);
      const bool joined =
          c == '_' || (c >= '0' && c <= '9') || c >= 0x80 || name_end(behind, in.end()) != behind;
      if (dot || (joined && name_end(in.current(), in.end()) != behind)) return false;
    }
    in.bump(text.size());
    end_token<A>(in, st);
    return true;
  }
};

template <char... C>
struct sym : token<peg::string<C...>> {
  using rule_t = sym;
};

/// `,` and any line ends behind it.
struct comma {
  using rule_t = comma;
  using subs_t = peg::empty_list;
  template <apply_mode A, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    if (in.empty() || *in.current() != ',') return false;
    in.bump(1);
    if constexpr (A == apply_mode::action) st.last_end = st.offset(in.current());
    in.bump(static_cast<std::size_t>(skip_lines(in.current(), st.end) - in.current()));
    return true;
  }
};

/// `R, R, …`; behind a comma an R must follow.
template <class R>
struct comma_list : peg::seq<R, peg::star<comma, peg::must<R>>> {};
template <class R>
struct comma_list<peg::must<R>> : peg::seq<peg::must<R>, peg::star<comma, peg::must<R>>> {};

/// Limits how deep R may contain itself.
template <class R>
struct nested {
  using rule_t = nested;
  using subs_t = peg::type_list<R>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    const Raised deeper(st.depth);
    if (st.depth > kMaxDepth) st.fail_too_deep(in.current());
    return Control<R>::template match<A, M, Action, Control>(in, st);
  }
};

/// What may follow R inside its parentheses.
template <class R>
inline constexpr const char* behind_item = "`,` or `)`";

/// `( R )`; line ends are blanks inside.
template <class R>
struct parens {
  using rule_t = parens;
  using subs_t = peg::type_list<R>;
  template <apply_mode A, rewind_mode M, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    if (in.empty() || *in.current() != '(') return false;
    const char* open = in.current();
    {
      const Raised deeper(st.depth);
      if (st.depth > kMaxDepth) st.fail_too_deep(open);
      const Raised inside(st.parens);
      const Pushed<const char*> opened(st.open_parens, open);
      in.bump(1);
      end_token<A>(in, st);
      if (!Control<R>::template match<A, rewind_mode::dontcare, Action, Control>(in, st)) {
        Control<R>::raise(static_cast<const In&>(in), st);
      }
      if (in.empty() || *in.current() != ')') st.fail_unclosed_list(open, in.current(), behind_item<R>);
      in.bump(1);
    }
    end_token<A>(in, st);
    return true;
  }
};

/// The end of a statement, item or field.
struct line_end {
  using rule_t = line_end;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    if (in.empty() || st.reported_unclosed_at(in.current())) return true;
    const char c = *in.current();
    return c == '\n' || c == ';' || c == '}' || c == '#';
  }
};

/// For items that need nothing between them because each ends with its own block.
struct no_separator : peg::success {};
/// For items that may also stand on one line with commas.
struct comma_or_line_end : peg::sor<comma, line_end> {};

/// Bumps over line ends, comments and `;` between items.
template <class In>
void skip_separators(In& in, State& st) {
  for (;;) {
    const char* next = skip_lines(in.current(), st.end);
    in.bump(static_cast<std::size_t>(next - in.current()));
    if (in.empty() || *next != ';') return;
    in.bump(1);
  }
}

/// One item and its end; after a mistake the item is dropped and reading goes on behind it.
template <class Item, class End>
struct guarded {
  using rule_t = guarded;
  using subs_t = peg::type_list<Item, End>;
  template <apply_mode A, rewind_mode, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    const State::Marks marks = st.marks();
    const char* start = in.current();
    try {
      return Control<peg::must<Item, End>>::template match<A, rewind_mode::dontcare, Action, Control>(in, st);
    } catch (const ItemAbort&) {
      st.cut(marks);
    }
    // Unwinding took the input back to the item's start; the mistake may be lines below.
    const char* from = std::max({st.failed_at, in.current(), start});
    const char* next = statement_end(from, st.end, st.failed_parens);
    st.leave_gap(start, next);
    in.bump(static_cast<std::size_t>(next - in.current()));
    return true;
  }
};

/// `{ Item … }` with one item per line or separated by `;`. Reports a block that is never closed and goes on
/// as if it were.
template <class Item, class End = line_end>
struct block {
  using rule_t = block;
  using subs_t = peg::type_list<Item, End>;
  template <apply_mode A, rewind_mode, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    if (in.empty() || *in.current() != '{') return false;
    const Raised deeper(st.depth);
    if (st.depth > kMaxDepth) st.fail_too_deep(in.current());
    const int outer_parens = std::exchange(st.parens, 0);
    const std::size_t outer_braces = st.braces.size();
    st.open_brace(in.current());
    in.bump(1);
    skip_separators(in, st);
    while (!at_end(in, st)) {
      (void)guarded<Item, End>::template match<A, rewind_mode::dontcare, Action, Control>(in, st);
      skip_separators(in, st);
    }
    const bool closed = !in.empty() && *in.current() == '}';
    if (closed) {
      st.close_brace(in.current());
      in.bump(1);
    } else {
      st.report_unclosed_block(in.current());
    }
    st.braces.resize(outer_braces);
    st.parens = outer_parens;
    if (closed) end_token<A>(in, st);
    return true;
  }

 private:
  template <class In>
  static bool at_end(const In& in, const State& st) {
    if (in.empty() || *in.current() == '}') return true;
    const bool first_column = in.current() == st.begin || in.current()[-1] == '\n';
    return first_column && starts_declaration(in.current(), st.end);
  }
};

}  // namespace rules
}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name, class R>
struct analyze_traits<Name, wf::grammar::rules::token<R>> : analyze_traits<Name, typename seq<R>::rule_t> {};
template <class Name, wf::grammar::Chars S>
struct analyze_traits<Name, wf::grammar::rules::word<S>> : analyze_any_traits<> {};
template <class Name, char... C>
struct analyze_traits<Name, wf::grammar::rules::sym<C...>> : analyze_any_traits<> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::comma> : analyze_any_traits<> {};
template <class Name, class R>
struct analyze_traits<Name, wf::grammar::rules::nested<R>> : analyze_traits<Name, typename seq<R>::rule_t> {};
template <class Name, class R>
struct analyze_traits<Name, wf::grammar::rules::parens<R>>
    : analyze_traits<Name, typename seq<one<'('>, R>::rule_t> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::line_end> : analyze_opt_traits<> {};
template <class Name, class Item, class End>
struct analyze_traits<Name, wf::grammar::rules::guarded<Item, End>> : analyze_seq_traits<Item, End> {};
template <class Name, class Item, class End>
struct analyze_traits<Name, wf::grammar::rules::block<Item, End>>
    : analyze_traits<Name, typename seq<one<'{'>, star<Item, End>, one<'}'>>::rule_t> {};

}  // namespace TAO_PEGTL_NAMESPACE
