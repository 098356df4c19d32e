// Objects, events, resources and segments: rules and actions.
#pragma once

#include "grammar/wf/step_actions.hpp"

namespace wf::grammar {
namespace rules {

// ---- types ----

struct enum_title : text {};
struct enum_name : name {};
struct enum_text : text {};
struct enum_value : peg::seq<peg::sor<enum_name, enum_text>, peg::opt<enum_title>> {};
struct enum_values : comma_list<peg::must<enum_value>> {};
struct type_name : name {};
struct nullable : sym<'?'> {};
struct to_one : sym<'-', '>'> {};
struct to_many : sym<'<', '-'> {};
struct many_path : dotted_name {};
struct begin_type : peg::success {};
struct plain_type : peg::seq<type_name, peg::opt<parens<enum_values>>, peg::opt<nullable>> {};
struct one_type : peg::if_must<to_one, type_name, peg::opt<nullable>> {};
struct many_type : peg::if_must<to_many, many_path> {};
struct type : peg::seq<begin_type, peg::sor<one_type, many_type, plain_type>> {};

// ---- objects ----

struct flag_name : name {};
struct flag_arguments : peg::seq<begin_row, peg::star<row_atom>> {};
struct flag : peg::seq<flag_name, flag_arguments> {};
struct flags : comma_list<flag> {};
struct property_name : name {};
struct property_type : peg::seq<type> {};
struct property_initial : sum {};
struct initial : peg::if_must<sym<'='>, property_initial> {};
struct property : peg::seq<property_name, peg::must<property_type>, peg::opt<initial>, peg::opt<flags>> {};
struct object_name : name {};
struct properties : block<property> {};
struct object_decl : peg::if_must<word<"object">, object_name, properties> {};
struct extended_name : name {};
struct extend_decl : peg::if_must<word<"extend">, word<"object">, extended_name, properties> {};

// ---- events ----

struct event_name : name {};
struct event_on : name {};
struct parameter_name : name {};
struct parameter_type : peg::seq<type> {};
struct parameter : peg::seq<parameter_name, peg::must<sym<':'>, parameter_type>> {};
struct parameters : block<parameter, comma_or_line_end> {};
struct phrase_text : text {};
struct phrase_clause : peg::if_must<word<"phrase">, phrase_text> {};
struct event_decl : peg::if_must<word<"event">, event_name, peg::opt<peg::if_must<word<"on">, event_on>>,
                                 parameters, peg::opt<phrase_clause>> {};

// ---- segments and everything else ----

struct segment_name : name {};
struct segment_on : name {};
struct segment_title_text : text {};
struct segment_title : peg::seq<peg::at<word<"title">, peg::one<'"'>>, word<"title">, segment_title_text> {};
struct segment_condition : expr {};
struct segment_item : peg::sor<segment_title, segment_condition> {};
struct segment_body : block<segment_item> {};
struct segment_decl : peg::if_must<word<"segment">, segment_name, word<"on">, segment_on, segment_body> {};

struct resource_kind : name {};
struct resource_name : name {};
struct resource_fields : fields {};
struct resource_decl : peg::seq<resource_kind, peg::must<resource_name, resource_fields>> {};

}  // namespace rules

// ---- actions: types ----

template <>
struct action<rules::begin_type> {
  static void apply0(State& st) { st.type = {}; }
};
template <>
struct action<rules::type_name> {
  static void apply0(State& st) { st.type.name = st.name; }
};
template <>
struct action<rules::enum_name> {
  static void apply0(State& st) { st.type.values.push_back({st.name, std::nullopt}); }
};
template <>
struct action<rules::enum_title> {
  static void apply0(State& st) { st.type.values.back().title = st.text; }
};
template <>
struct action<rules::enum_text> {
  static void apply0(State& st) {
    st.type.values.push_back({{text::nfc(st.text), st.text_span}, std::nullopt});
  }
};
template <>
struct action<rules::nullable> {
  static void apply0(State& st) { st.type.nullable = true; }
};
template <>
struct action<rules::to_one> {
  static void apply0(State& st) { st.type.association = ast::TypeRef::Association::one; }
};
template <>
struct action<rules::many_path> {
  static void apply0(State& st) {
    st.type.association = ast::TypeRef::Association::many;
    st.type.name = st.path.parts[0];
    st.type.inverse = st.path.parts[1];
  }
};
template <>
struct action<rules::type> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.type.span = st.span_from(in.begin());
  }
};

// ---- actions: objects ----

template <>
struct action<rules::object_name> {
  static void apply0(State& st) { st.decl.node = ast::ObjectDecl{st.name, false, {}}; }
};
template <>
struct action<rules::extended_name> {
  static void apply0(State& st) { st.decl.node = ast::ObjectDecl{st.name, true, {}}; }
};
template <>
struct action<rules::property_name> {
  static void apply0(State& st) {
    st.property = {};
    st.property.name = st.name;
  }
};
template <>
struct action<rules::property_type> {
  static void apply0(State& st) { st.property.type = st.type; }
};
template <>
struct action<rules::property_initial> {
  static void apply0(State& st) { st.property.initial = st.pop_expr(); }
};
template <>
struct action<rules::flag_name> {
  static void apply0(State& st) { st.flag.name = st.name; }
};
template <>
struct action<rules::flag> {
  static void apply0(State& st) {
    st.flag.arguments = st.pop_row();
    st.property.flags.push_back(std::move(st.flag));
    st.flag = {};
  }
};
template <>
struct action<rules::property> {
  template <class In>
  static void apply(const In& in, State& st) {
    st.property.span = st.span_from(in.begin());
    st.declared<ast::ObjectDecl>().properties.push_back(std::move(st.property));
  }
};

// ---- actions: events ----

template <>
struct action<rules::event_name> {
  static void apply0(State& st) {
    ast::EventDecl event;
    event.name = st.name;
    st.decl.node = std::move(event);
  }
};
template <>
struct action<rules::event_on> {
  static void apply0(State& st) { st.declared<ast::EventDecl>().on = st.name; }
};
template <>
struct action<rules::parameter_name> {
  static void apply0(State& st) { st.property.name = st.name; }
};
template <>
struct action<rules::parameter> {
  static void apply0(State& st) {
    st.declared<ast::EventDecl>().parameters.push_back({std::move(st.property.name), std::move(st.type)});
  }
};
template <>
struct action<rules::phrase_text> {
  static void apply0(State& st) {
    st.declared<ast::EventDecl>().phrase = st.text;
    st.declared<ast::EventDecl>().phrase_span = st.text_span;
  }
};

// ---- actions: segments and everything else ----

template <>
struct action<rules::segment_name> {
  static void apply0(State& st) {
    ast::SegmentDecl segment;
    segment.name = st.name;
    st.decl.node = std::move(segment);
  }
};
template <>
struct action<rules::segment_on> {
  static void apply0(State& st) { st.declared<ast::SegmentDecl>().on = st.name; }
};
template <>
struct action<rules::segment_title_text> {
  static void apply0(State& st) { st.declared<ast::SegmentDecl>().title = st.text; }
};
template <>
struct action<rules::segment_condition> {
  static void apply0(State& st) { st.declared<ast::SegmentDecl>().conditions.push_back(st.pop_expr()); }
};

template <>
struct action<rules::resource_kind> {
  static void apply0(State& st) {
    ast::ResourceDecl resource;
    resource.kind = st.name;
    st.decl.node = std::move(resource);
  }
};
template <>
struct action<rules::resource_name> {
  static void apply0(State& st) { st.declared<ast::ResourceDecl>().name = st.name; }
};
template <>
struct action<rules::resource_fields> {
  static void apply0(State& st) { st.declared<ast::ResourceDecl>().fields = st.pop_fields(); }
};

}  // namespace wf::grammar
