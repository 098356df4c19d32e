// Neighbouring lines that are alike, in columns.
#pragma once

#include <string>
#include <vector>

#include "grammar/format/lines.hpp"

namespace wf::format {

/// The text of each line behind its indentation, with comments.
std::vector<std::string> align_lines(const std::vector<Token>& tokens, const std::vector<Line>& lines);

}  // namespace wf::format
