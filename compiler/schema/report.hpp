// Findings that several checks report in the same way.
#pragma once

#include <string>
#include <vector>

#include "grammar/text/diagnostic.hpp"

namespace wf::schema {

/// "`x` is not declared": labels the place with "did you mean …?" among `candidates` (names of the right kind
/// in scope) and offers the replacement when there is exactly one. `prefix` is put before a suggestion in the
/// label.
text::Diagnostic& report_unknown(text::DiagnosticSink& sink, text::Code code, text::Span span,
                                 std::string message, const std::string& name,
                                 const std::vector<std::string>& candidates, const std::string& prefix = "");

/// "`x` is declared twice", pointing at both places.
text::Diagnostic& report_duplicate(text::DiagnosticSink& sink, text::Span again, text::Span first,
                                   const std::string& what, const std::string& name);

/// "`a`, `b` or `c`".
std::string one_of(const std::vector<std::string>& names);

/// "an e-mail", "a list": the article for a word.
std::string with_article(const std::string& word);

}  // namespace wf::schema
