// A file as lines that are indented and not yet aligned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grammar/format/tokens.hpp"

namespace wf::format {

struct Line {
  std::uint32_t first = 0;  ///< tokens [first, last); none: a line of its own for a comment
  std::uint32_t last = 0;
  std::optional<std::uint32_t> comment;  ///< at its end, or alone
  std::uint32_t indent = 0;              ///< in blanks
  bool blank_before = false;
  bool continues = false;              ///< the statement of the line before
  std::optional<std::uint32_t> block;  ///< the `{` or `(` that it stands in
  std::uint32_t parent = 0;            ///< the line of `block`
};

/// Splits into lines; `tokens` must stay as they are while the lines are used.
std::vector<Line> split_lines(const std::vector<Token>& tokens);

/// Tokens [first, last) with the blanks that belong between them.
std::string join_tokens(const std::vector<Token>& tokens, std::uint32_t first, std::uint32_t last);

/// The first token of the statement that opens the bracket at `open`.
std::uint32_t statement_of(const std::vector<Token>& tokens, std::uint32_t open);

}  // namespace wf::format
