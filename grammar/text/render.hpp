// Diagnostics for people (text with carets) and machines (JSON, one object per line).
#pragma once

#include <string>

#include "grammar/text/diagnostic.hpp"

namespace wf::text {

struct RenderOptions {
  bool color = false;
  int ambiguous_width = 1;
  std::string head;  ///< instead of severity and code, for what is no finding of the compiler
};

/// A finding with its source lines and carets. Columns in code points, carets by display width (wide
/// characters are two cells).
std::string render_text(const Diagnostic& diagnostic, const SourceSet& sources,
                        const RenderOptions& options = {});
/// As a JSON object ("format_version":"1.0"), without line end.
std::string render_json(const Diagnostic& diagnostic, const SourceSet& sources);
/// Appends `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Terminal cells of a UTF-8 text (East Asian Wide 2, combining 0, grapheme clusters capped at 2).
std::uint32_t display_width(std::string_view utf8, int ambiguous_width = 1);

}  // namespace wf::text
