// The check before the grammar: encoding, and characters that may not stand outside strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/text/diagnostic.hpp"

namespace wf::grammar {

/// The text that the grammar reads: the file itself, or a copy of the same length in which each full-width
/// punctuation mark is its ASCII twin and each invisible character is blanks, so that one such character
/// gives one finding and no follow-ups.
struct CleanText {
  std::string_view text;
  std::string copy;                         ///< owns `text` when something was replaced
  std::vector<std::uint32_t> broken_lines;  ///< starts of lines that already have a finding, ascending
  bool readable = true;                     ///< false: not UTF-8, nothing can be parsed
};

/// Reports invalid UTF-8 (once, then gives up), control characters anywhere, and invisible, bidirectional and
/// full-width characters outside strings. `result.text` may point into `content`.
void clean(std::string_view content, text::FileId file, text::DiagnosticSink& diagnostics, CleanText& result);

}  // namespace wf::grammar
