// Characters and lines of the text notation: names, blanks, line continuation, where to go on after a
// mistake.
//
// Plain functions over bytes [at, end) of valid UTF-8; they know no grammar rules and keep no state.
#pragma once

#include <optional>
#include <string_view>

#include "grammar/ast/ast.hpp"

namespace wf::grammar {

/// End of the name that starts at `at`, or `at` when none starts there.
const char* name_end(const char* at, const char* end);
/// Words that can never be names.
bool is_reserved(std::string_view word);
/// `day`, `days`, … to their unit.
std::optional<ast::Unit> unit_of(std::string_view word);

/// Behind blanks and tabs.
const char* skip_spaces(const char* at, const char* end);
/// Behind blanks, comments and line ends.
const char* skip_lines(const char* at, const char* end);
/// Behind blanks; also behind the line end when the next line continues this one (`on failure`, `with`,
/// `else` …).
const char* skip_in_statement(const char* at, const char* end);

/// True when the line that starts at `at` opens a declaration: `workflow x`, `extend object x`, `KIND NAME
/// {`.
bool starts_declaration(const char* at, const char* end);
/// The first line from the one behind `at` on that opens a declaration, or `end`.
const char* next_declaration(const char* at, const char* end);
/// True when `open` parentheses are closed behind `at` before any brace.
bool closes_parens(const char* at, const char* end, int open);
/// Where parsing goes on after a mistake at `at` inside a statement: its line end, `;` or closing brace.
/// Blocks that the rest of the statement opens are passed over; `open_parens` lists are closed first when
/// that works out.
const char* statement_end(const char* at, const char* end, int open_parens);

}  // namespace wf::grammar
