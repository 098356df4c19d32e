// Source files, spans and line tables.
//
// Everything that has a place in a source file carries a Span of byte offsets; lines and columns are computed
// only when a place is printed. Not thread-safe while files are added; read-only afterwards.
#pragma once

#include <cstdint>
#include <deque>
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

class SourceFile {
 public:
  SourceFile(std::string path, std::string content);

  const std::string& path() const { return path_; }
  std::string_view content() const { return content_; }
  /// Place of a byte offset; offsets beyond the end give the end.
  Position position(std::uint32_t offset) const;
  /// Text of a 1-based line without its line end (LF or CRLF).
  std::string_view line(std::uint32_t number) const;
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  /// A place on the line of `offset` from which that is a few hundred bytes away at most, or the line's
  /// start.
  std::uint32_t place_before(std::uint32_t offset) const;

 private:
  /// A place within a long line and what is counted up to it, so that no place takes long to find.
  struct Mark {
    std::uint32_t offset, code_points, utf16, display;
  };
  void mark_long_line(std::uint32_t begin, std::uint32_t end);
  /// The last mark of the line that begins at `line` up to `offset`; the line's own start without one.
  Mark nearest(std::uint32_t line, std::uint32_t offset) const;

  std::string path_;
  std::string content_;
  std::vector<std::uint32_t> starts_;
  std::vector<Mark> marks_;
};

/// Owns the files of one compilation. References stay valid while the set lives.
class SourceSet {
 public:
  FileId add(std::string path, std::string content);
  const SourceFile& file(FileId id) const { return files_[id]; }
  std::size_t size() const { return files_.size(); }
  std::string_view text(Span span) const;

 private:
  std::deque<SourceFile> files_;
};

}  // namespace wf::text
