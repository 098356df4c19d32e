// A whole file: declarations one after another, and how reading goes on after a broken one.
#pragma once

#include "grammar/wf/campaign.hpp"
#include "grammar/wf/declaration.hpp"
#include "grammar/wf/test.hpp"
#include "grammar/wf/workflow.hpp"

namespace wf::grammar {
namespace rules {

struct stray_brace_message : peg::failure {};
struct stray_brace : peg::if_must<peg::at<peg::one<'}'>>, stray_brace_message> {};

struct declaration : peg::sor<workflow_decl, object_decl, extend_decl, event_decl, segment_decl, test_decl,
                              scoring_decl, campaign_decl, sequence_decl, stray_brace, resource_decl> {};

/// One declaration; after a mistake reading goes on at the next line that opens one.
struct guarded_declaration {
  using rule_t = guarded_declaration;
  using subs_t = peg::type_list<declaration, line_end>;
  template <apply_mode A, rewind_mode, template <class...> class Action, template <class...> class Control,
            class In>
  static bool match(In& in, State& st) {
    const State::Marks marks = st.marks();
    const char* start = in.current();
    bool stray = false;
    try {
      return Control<peg::must<declaration, line_end>>::template match<A, rewind_mode::dontcare, Action,
                                                                       Control>(in, st);
    } catch (const ItemAbort&) {
      stray = *start == '}';
    } catch (const DeclarationAbort&) {
    }
    st.cut(marks);
    st.braces.clear();
    // Behind a stray brace the rest of the file may be fine.
    const char* next = stray ? start + 1 : next_declaration(std::max(st.failed_at, start), st.end);
    st.leave_gap(start, next);
    in.bump(static_cast<std::size_t>(next - in.current()));
    return true;
  }
};

struct byte_order_mark : peg::string<'\xEF', '\xBB', '\xBF'> {};
struct separators {
  using rule_t = separators;
  using subs_t = peg::empty_list;
  template <apply_mode, rewind_mode, template <class...> class, template <class...> class, class In>
  static bool match(In& in, State& st) {
    skip_separators(in, st);
    return true;
  }
};
struct file : peg::seq<peg::opt<byte_order_mark>, separators,
                       peg::star<peg::not_at<peg::eof>, guarded_declaration, separators>> {};

}  // namespace rules

template <>
struct action<rules::declaration> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.decl.span = st.span_from(in.begin());
    st.file.decls.push_back(std::move(st.decl));
    st.decl = {};
  }
};

}  // namespace wf::grammar

namespace TAO_PEGTL_NAMESPACE {

template <class Name>
struct analyze_traits<Name, wf::grammar::rules::guarded_declaration>
    : analyze_seq_traits<wf::grammar::rules::declaration, wf::grammar::rules::line_end> {};
template <class Name>
struct analyze_traits<Name, wf::grammar::rules::separators> : analyze_opt_traits<> {};

}  // namespace TAO_PEGTL_NAMESPACE
