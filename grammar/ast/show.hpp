// What the leaves of a syntax tree look like in a dump. Private to this folder.
#pragma once

#include "grammar/ast/ast.hpp"

namespace wf::ast {

std::string quoted(const std::string& text);
std::string show(const Path& path);
std::string show(const Duration& duration);
std::string show(const value::Civil& local);
std::string show_time(std::int32_t minutes);
std::string show(const Number& number);
std::string show(const Text& text);
std::string show(const Bool& value);
std::string show(const Date& date);
std::string show(const LocalDateTime& local);
std::string show(const TimeOfDay& time);
std::string show(const TimeRange& range);
std::string show(const NameRange& range);
std::string show(const NumberRange& range);
std::string show(const Literal& literal);
std::string show(const std::vector<Atom>& row, const char* separator = " ");
std::string show(const AtomList& list);
std::string show(const ElseAtom& either);
std::string show(const Atom& atom);
std::string show(const ZoneClause& zone);
std::string show(const Moment& moment);
std::string show(const IfPast& if_past);
std::string show(const AnchorPolicy& anchor);
std::string show(const Schedule& schedule);
std::string show(const TypeRef& type);

}  // namespace wf::ast
