// Internal to write_yaml(): a file of the text notation as statements within statements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/format/tokens.hpp"

namespace wf::yaml {

/// Tokens [first, last).
struct Range {
  std::uint32_t first = 0, last = 0;
  bool empty() const { return first >= last; }
};

class Statements {
 public:
  explicit Statements(std::string_view source);

  const std::vector<format::Token>& tokens() const { return tokens_; }
  const format::Token& operator[](std::uint32_t i) const { return tokens_[i]; }
  Range all() const { return {0, static_cast<std::uint32_t>(tokens_.size())}; }
  /// The statements of a range; `commas` too separate them.
  std::vector<Range> split(Range range, bool commas = false) const;
  /// What stands between the bracket at `open` and its other one.
  Range inside(std::uint32_t open) const { return {open + 1, tokens_[open].partner}; }
  /// The first token of the range that opens a block outside of other brackets, or its end.
  std::uint32_t block_of(Range range) const;
  /// The parts of a list, without the commas.
  std::vector<Range> items(Range range) const;
  /// On one line, in the canonical layout.
  std::string text(Range range) const;

  struct Comment {
    std::uint32_t before = 0;  ///< the token behind it
    std::string_view text;
    bool behind = false;  ///< something stands before it on its line
    bool blank_before = false;
  };
  const std::vector<Comment>& comments() const { return comments_; }

 private:
  bool continues(std::uint32_t i, std::uint32_t first) const;

  std::vector<format::Token> tokens_;
  std::vector<Comment> comments_;
};

}  // namespace wf::yaml
