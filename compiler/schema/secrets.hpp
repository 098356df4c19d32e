// Secrets in files (WF400): what is known by its form, and what looks like one.
#pragma once

#include <string>
#include <string_view>

#include "grammar/text/diagnostic.hpp"

namespace wf::schema {

/// Tokens of known services and private keys, wherever they stand in a file; comments are no better place.
void report_tokens(text::FileId file, std::string_view content, text::DiagnosticSink& sink);

/// A password or key in an address, and, as a warning, a part of it that looks made by chance. `literal`: the
/// text of the address with its quotes.
void report_secret_address(std::string_view address, text::Span literal, text::DiagnosticSink& sink);

}  // namespace wf::schema
