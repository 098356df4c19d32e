// Source files, spans and line tables.
//
// Everything that has a place in a source file carries a Span of byte offsets; lines and columns are computed
// only when a place is printed. Not thread-safe while files are added; read-only afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wf::text {

using FileId = std::uint32_t;

/// A half-open range of bytes [begin, end) of one file.
struct Span {
  FileId file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// The smallest span that covers both; both must be of one file.
Span join(Span first, Span last);

/// A place as people and editors count it. All 1-based, except `byte` and `utf16`.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;   ///< in code points: what text output shows
  std::uint32_t utf16 = 0;    ///< 0-based UTF-16 units from the start of the line: what LSP counts
  std::uint32_t byte = 0;     ///< 0-based offset in the file
  std::uint32_t display = 0;  ///< 0-based terminal cells before the place, tabs expanded
};

/// Bytes of a generated text and where they come from.
struct Piece {
  std::uint32_t begin = 0;   ///< in the generated text; it ends where the next one begins
  std::uint32_t source = 0;  ///< in the origin
  bool verbatim = false;     ///< byte for byte; otherwise all of it comes from the one place
};

class SourceFile {
 public:
  SourceFile(std::string path, std::string content);
  /// A text that was made from `origin`; the pieces are in order, the first begins at 0.
  SourceFile(std::string path, std::string origin, std::string content, std::vector<Piece> pieces);

  const std::string& path() const { return path_; }
  std::string_view content() const { return content_; }
  /// Place of a byte offset; offsets beyond the end give the end. In a generated text: its place in the
  /// origin.
  Position position(std::uint32_t offset) const;
  /// Text of a 1-based line without its line end (LF or CRLF).
  std::string_view line(std::uint32_t number) const;
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  /// A place on the line of `offset` from which that is a few hundred bytes away at most, or the line's
  /// start.
  std::uint32_t place_before(std::uint32_t offset) const;
  /// What a person wrote: the origin of a generated text, else this file.
  const SourceFile& written() const { return origin_ ? *origin_ : *this; }
  /// Where a span comes from in `written()`.
  Span original(Span span) const;
  /// Do all bytes of the span stand in the origin as they are, one behind another?
  bool is_verbatim(Span span) const;

 private:
  /// A place within a long line and what is counted up to it, so that no place takes long to find.
  struct Mark {
    std::uint32_t offset, code_points, utf16, display;
  };
  void mark_long_line(std::uint32_t begin, std::uint32_t end);
  /// The last mark of the line that begins at `line` up to `offset`; the line's own start without one.
  Mark nearest(std::uint32_t line, std::uint32_t offset) const;

  const Piece& piece_at(std::uint32_t offset) const;

  std::string path_;
  std::string content_;
  std::shared_ptr<const SourceFile> origin_;
  std::vector<Piece> pieces_;
  std::vector<std::uint32_t> starts_;
  std::vector<Mark> marks_;
};

/// Owns the files of one compilation. References stay valid while the set lives.
class SourceSet {
 public:
  FileId add(std::string path, std::string content);
  /// A text that was made from another.
  FileId add_generated(std::string path, std::string origin, std::string content, std::vector<Piece> pieces);
  const SourceFile& file(FileId id) const { return files_[id]; }
  std::size_t size() const { return files_.size(); }
  std::string_view text(Span span) const;
  /// As SourceFile::original, of the span's file.
  Span original(Span span) const { return files_[span.file].original(span); }

 private:
  std::deque<SourceFile> files_;
};

}  // namespace wf::text
