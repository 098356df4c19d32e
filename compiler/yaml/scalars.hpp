// Internal to write_yaml(): how values are written in YAML.
#pragma once

#include <string>
#include <string_view>

namespace wf::yaml {

/// A text: without quotes where that reads the same everywhere.
std::string text_scalar(std::string_view value);
/// A text where only quotes make it one.
std::string quoted_scalar(std::string_view value);
/// A piece of the text notation, quoted where YAML needs it.
std::string code_scalar(std::string_view code);
/// The same between `[` and `]`.
std::string code_in_flow(std::string_view code);
/// Can it stand without quotes?
bool is_plain(std::string_view value);
/// The same of a piece of the text notation between `[` and `]`, where quotes would make it a text. `yes` and
/// the like are read here as they are written.
bool is_plain_code(std::string_view code);
/// The value of a text with its quotes and escapes.
std::string unquoted(std::string_view token);

}  // namespace wf::yaml
