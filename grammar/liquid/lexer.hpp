// Template text to pieces (text, outputs, tags), and what stands inside an output or tag to tokens. Internal.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wf::liquid {

struct Piece {
  enum class Kind : std::uint8_t { text, output, tag, end };
  Kind kind = Kind::end;
  std::string_view whole;   ///< with its delimiters; a text without the space that a neighbour trims
  std::string_view name;    ///< of a tag
  std::string_view markup;  ///< what stands behind the name, or inside the output
};

/// The pieces of a template, or of the lines of a `liquid` tag, one by one. Throws Fault. Views into the
/// text.
class Pieces {
 public:
  static Pieces of_template(std::string_view text) { return Pieces(text, false); }
  static Pieces of_lines(std::string_view lines) { return Pieces(lines, true); }

  Piece next();
  /// Behind the tag that was read last: goes behind its end, over whatever stands between. `open` is the
  /// whole tag.
  void skip_comment(std::string_view open);
  void skip_doc(std::string_view open);
  /// The same for `raw`; gives what stands between, as it is.
  std::string_view raw(std::string_view open);

 private:
  Pieces(std::string_view text, bool lines) : text_(text), lines_(lines) {}
  Piece next_line();
  Piece text_piece(std::size_t end);
  Piece delimited(Piece::Kind kind, std::size_t close);
  std::size_t output_end() const;
  std::size_t tag_end() const;
  std::string_view until_end_tag(std::string_view open, std::string_view end_name);

  std::string_view text_;
  bool lines_;
  bool trim_next_ = false;
  std::size_t at_ = 0;
};

struct Token {
  enum class Kind : std::uint8_t {
    name,
    text,
    number,
    comparison,
    equals,
    pipe,
    dot,
    dots,
    colon,
    comma,
    open_square,
    close_square,
    open_round,
    close_round,
    end
  };
  Kind kind = Kind::end;
  std::string_view text;  ///< as written; of a text what stands between the quotes
};

/// Ends with a token `end`, whose text is empty and stands behind the last character. Throws Fault.
std::vector<Token> tokens_of(std::string_view markup);

/// May a name start with this, go on with it? Names may be written in any script.
bool starts_name(char c);
bool continues_name(char c);

}  // namespace wf::liquid
