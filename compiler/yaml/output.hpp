// Internal to lower(): a text that is put together from pieces of a file.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/yaml/tree.hpp"
#include "grammar/text/source.hpp"

namespace wf::yaml {

class Output {
 public:
  Output(std::string_view source, const std::vector<Comment>& comments)
      : source_(source), comments_(comments) {
    pieces_.push_back({0, 0, false});
  }

  /// Text that is not in the file; it counts as standing at `place`.
  void put(std::string_view words, std::uint32_t place) {
    add({size(), place, false});
    text_ += words;
    last_ = std::max(last_, place);
  }
  /// The same; it counts as standing at the end of what was written last.
  void put_here(std::string_view words) { put(words, last_); }
  /// Text that stands in the file at `place`.
  void copy(std::string_view words, std::uint32_t place) {
    add({size(), place, true});
    text_ += words;
    last_ = std::max(last_, place + static_cast<std::uint32_t>(words.size()));
  }
  /// Ends a line with the comments that stand behind it in the file.
  void end_line() {
    const std::size_t line_end = std::min(source_.find('\n', last_), source_.size());
    while (next_ < comments_.size() && comments_[next_].begin < line_end) {
      comments_[next_].alone ? void(text_ += '\n') : put("  ", last_);
      comment();
    }
    text_ += '\n';
  }
  /// Writes what stands alone before `place`.
  void comments_before(std::uint32_t place) {
    while (next_ < comments_.size() && comments_[next_].begin < place) {
      comment();
      text_ += '\n';
    }
  }
  /// An empty line of the file before `place` stays one.
  void keep_blank_line(std::uint32_t place) {
    const std::uint32_t first = next_ < comments_.size() ? std::min(place, comments_[next_].begin) : place;
    const std::size_t line = source_.rfind('\n', first == 0 ? 0 : first - 1);
    if (line == source_.npos || line == 0 || text_.empty()) return;
    const std::size_t before = source_.find_last_not_of(" \t\r", line - 1);
    if (before != source_.npos && source_[before] == '\n') text_ += '\n';
  }

  /// Are the lines from here on within a declaration?
  void within(bool is) { within_ = is; }

  std::string take_text() { return std::move(text_); }
  std::vector<text::Piece> take_pieces() { return std::move(pieces_); }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(text_.size()); }
  void comment() {
    const Comment& c = comments_[next_++];
    copy(source_.substr(c.begin, c.end - c.begin), c.begin);
  }
  void add(text::Piece piece) {
    // In the first column a line could be taken for a declaration.
    if (within_ && text_.ends_with('\n')) {
      push({size(), piece.source, false});
      text_ += "  ";
      piece.begin = size();
    }
    push(piece);
  }
  void push(text::Piece piece) {
    if (pieces_.back().begin == piece.begin) pieces_.pop_back();
    pieces_.push_back(piece);
  }

  std::string_view source_;
  const std::vector<Comment>& comments_;
  std::size_t next_ = 0;
  std::uint32_t last_ = 0;  ///< the furthest place in the file so far
  bool within_ = false;
  std::string text_;
  std::vector<text::Piece> pieces_;
};

}  // namespace wf::yaml
