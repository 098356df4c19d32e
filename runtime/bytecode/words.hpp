// Conditions, triggers and settings of a program in the words of the language, as far as the code tells: for
// people who compare two versions. Not exact: compare with canonical.hpp.
#pragma once

#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// "lifecycle_stage is lead and country is known"; "" without a function.
std::string expression_words(const Program& program, std::uint32_t function);
/// "form_submitted (form = form.ebook)"
std::string match_words(const Program& program, const EventMatch& match);
std::string trigger_words(const Program& program, const Workflow& workflow, const Trigger& trigger);
std::string reenroll_words(const Program& program, const Reenroll& reenroll);
/// The text, and those of its partials behind it.
std::string template_words(const Template& source);
/// A type with the values of an enum: "enum(new, old)?".
std::string type_words(const Catalogue& catalogue, const Type& type);
std::string value_words(const Program& program, const value::Value& v);

}  // namespace wf::bytecode
