// The text notation (*.wf): text to AST.
#pragma once

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::grammar {

/// Most syntax errors reported per file; the rest of the file is then skipped.
inline constexpr std::size_t kMaxSyntaxErrors = 50;
/// Deepest nesting of expressions, blocks and lists.
inline constexpr int kMaxDepth = 100;

/// Parses one file of `sources`. Always returns the declarations that could be read; each syntax error is
/// reported once, at the place where something else was expected. A file with errors must not be compiled
/// further. Thread-safe for different sinks.
ast::File parse_wf(const text::SourceSet& sources, text::FileId file, text::DiagnosticSink& diagnostics);

}  // namespace wf::grammar
