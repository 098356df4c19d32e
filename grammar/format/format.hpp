// The canonical layout of the text notation (*.wf). There are no options.
//
// * Two blanks a level; one statement a line in a block of several lines, whose braces end and begin lines.
// * A block that stood on one line stays on one line; statements are never joined or broken anew.
// * Columns of neighbouring lines are aligned: fields, properties, one-line declarations, arms, lines of
// tests,
//   and comments behind them. An empty line ends a group.
// * At most one empty line, none at the ends of blocks; lines end in LF; no blanks at their ends, no BOM.
//
// Comments keep their place. Formatting twice changes nothing, and the tokens stay the same but for `;` at
// the ends of lines, so the tree does too.
#pragma once

#include <string>
#include <string_view>

namespace wf::format {

/// The canonical form of a file that parses without errors. For another file the result is of no use, but
/// nothing else happens. Thread-safe.
std::string format_wf(std::string_view source);

}  // namespace wf::format
