// The pieces of a *.wf file that layout moves around: no grammar, only what stands together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wf::format {

enum class Kind : std::uint8_t {
  word,    ///< a name or path, `contact.company`
  number,  ///< a number, date, time, offset: `5`, `09:00`, `4d6h`, `10%`
  text,    ///< `"…"`
  symbol,  ///< an operator, `..`, `?`, `:`, `->`
  open,    ///< `{` or `(`
  close,   ///< `}` or `)`
  comma,
  semicolon,
  comment,  ///< `# …` without the blanks behind it
};

struct Token {
  Kind kind;
  std::string_view text;
  std::uint32_t breaks = 0;   ///< line ends before it
  bool attached = false;      ///< nothing before it on its line
  std::uint32_t partner = 0;  ///< of a bracket: the index of the other one; its own when there is none
  bool tall = false;          ///< of a bracket: a line ends between it and the other one
  bool is(std::string_view what) const { return text == what; }
};

/// All tokens as they stand there, brackets paired.
std::vector<Token> scan(std::string_view source);

/// Splits a file into tokens that point into it, and pairs the brackets. A `;` is left out where a line ends
/// or nothing follows in its block; between two statements of a tall block it is a line end. Never fails:
/// what is no token of the language is a symbol of one byte.
std::vector<Token> tokenise(std::string_view source);

}  // namespace wf::format
