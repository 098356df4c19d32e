// Values as people read them: in mails, tasks and timelines. And as JSON, for webhooks.
#pragma once

#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::engine {

/// Texts of values that need no catalogue: dates as 2026-03-02, numbers without trailing zeros, lists as
/// "a, b"; unknown and what is a number without the catalogue as "".
std::string text_of(const value::Value& v);
/// Enum values by title (or name), users and teams by title (or name), other resources by name, dates as
/// 2026-03-02.
std::string display(const bytecode::Catalogue& catalogue, const value::Value& v);
/// The value as a template argument: enums and resources as text, everything else as it is.
value::Value plain(const bytecode::Catalogue& catalogue, const value::Value& v);
/// JSON: enum values and resources by name, instants RFC 3339, decimals as numbers, unknown as null.
void append_json(std::string& out, const bytecode::Catalogue& catalogue, const value::Value& v);

}  // namespace wf::engine
