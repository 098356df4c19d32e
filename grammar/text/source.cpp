#include "grammar/text/source.hpp"

#include <algorithm>

#include "grammar/text/render.hpp"
#include "grammar/text/result.hpp"

namespace wf::text {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::uint32_t kTabWidth = 4;
/// Lines longer than this have marks, so far apart.
constexpr std::uint32_t kLongLine = 1024, kMarkDistance = 512;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Code points and UTF-16 units of a piece of UTF-8; a stray byte counts as one.
void count_units(std::string_view piece, std::uint32_t& code_points, std::uint32_t& utf16) {
  for (const char c : piece) {
    if (is_continuation(c)) continue;
    ++code_points;
    utf16 += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
  }
}

/// Terminal cells up to the end of `piece`, which begins at cell `width`.
std::uint32_t cells(std::string_view piece, std::uint32_t width) {
  while (!piece.empty()) {
    const std::size_t tab = piece.find('\t');
    width += display_width(piece.substr(0, tab));
    if (tab == std::string_view::npos) break;
    width += kTabWidth - width % kTabWidth;
    piece.remove_prefix(tab + 1);
  }
  return width;
}

}  // namespace

Span join(Span first, Span last) {
  return {first.file, std::min(first.begin, last.begin), std::max(first.end, last.end)};
}

SourceFile::SourceFile(std::string path, std::string content)
    : path_(std::move(path)), content_(std::move(content)) {
  starts_.push_back(0);
  for (std::size_t at = content_.find('\n'); at != std::string::npos; at = content_.find('\n', at + 1)) {
    starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : content_.size();
    if (end - starts_[i] > kLongLine) mark_long_line(starts_[i], static_cast<std::uint32_t>(end));
  }
}

SourceFile::SourceFile(std::string path, std::string origin, std::string content, std::vector<Piece> pieces)
    : SourceFile(std::move(path), std::move(content)) {
  WF_ASSERT(!pieces.empty() && pieces.front().begin == 0);
  origin_ = std::make_shared<const SourceFile>(path_, std::move(origin));
  pieces_ = std::move(pieces);
}

const Piece& SourceFile::piece_at(std::uint32_t offset) const {
  const auto next =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](std::uint32_t wanted, const Piece& piece) { return wanted < piece.begin; });
  return *(next - 1);
}

Span SourceFile::original(Span span) const {
  if (!origin_) return span;
  const auto place = [this](std::uint32_t offset) {
    const Piece& piece = piece_at(offset);
    return piece.source + (piece.verbatim ? offset - piece.begin : 0);
  };
  const std::uint32_t begin = place(span.begin);
  // The end belongs to the last byte, not to what stands behind it.
  const Piece& last = piece_at(span.end > span.begin ? span.end - 1 : span.end);
  const std::uint32_t end = last.verbatim ? last.source + (span.end - last.begin) : last.source;
  return {span.file, begin, std::max(begin, end)};
}

bool SourceFile::is_verbatim(Span span) const {
  if (!origin_) return true;
  const Piece& first = piece_at(span.begin);
  return first.verbatim && (span.end == span.begin || &piece_at(span.end - 1) == &first);
}

void SourceFile::mark_long_line(std::uint32_t begin, std::uint32_t end) {
  Mark mark{begin, 0, 0, 0};
  const std::string_view content(content_);
  if (begin == 0 && content.starts_with(kBom)) mark.offset = static_cast<std::uint32_t>(kBom.size());
  for (std::uint32_t at = begin + kMarkDistance; at < end; ++at) {
    // Only before a plain letter or blank does a piece surely begin that is shown by itself.
    if (content[at] < 0x20 || content[at] > 0x7e) continue;
    const std::string_view piece = content.substr(mark.offset, at - mark.offset);
    count_units(piece, mark.code_points, mark.utf16);
    mark.display = cells(piece, mark.display);
    mark.offset = at;
    marks_.push_back(mark);
    at += kMarkDistance - 1;
  }
}

SourceFile::Mark SourceFile::nearest(std::uint32_t line, std::uint32_t offset) const {
  const auto next =
      std::upper_bound(marks_.begin(), marks_.end(), offset,
                       [](std::uint32_t wanted, const Mark& mark) { return wanted < mark.offset; });
  if (next != marks_.begin() && (next - 1)->offset > line) return *(next - 1);
  const bool bom = line == 0 && std::string_view(content_).starts_with(kBom);
  return {bom ? static_cast<std::uint32_t>(kBom.size()) : line, 0, 0, 0};
}

std::uint32_t SourceFile::place_before(std::uint32_t offset) const {
  const std::uint32_t line = *(std::upper_bound(starts_.begin(), starts_.end(), offset) - 1);
  return nearest(line, offset > line + kMarkDistance ? offset - kMarkDistance : line).offset;
}

Position SourceFile::position(std::uint32_t offset) const {
  if (origin_) return origin_->position(original({0, offset, offset}).begin);
  offset = std::min(offset, static_cast<std::uint32_t>(content_.size()));
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  Position place;
  place.line = static_cast<std::uint32_t>(next - starts_.begin());
  place.byte = offset;
  const Mark mark = nearest(*(next - 1), offset);
  const std::string_view before =
      std::string_view(content_).substr(mark.offset, offset > mark.offset ? offset - mark.offset : 0);
  std::uint32_t code_points = mark.code_points;
  place.utf16 = mark.utf16;
  count_units(before, code_points, place.utf16);
  place.column = code_points + 1;
  place.display = cells(before, mark.display);
  return place;
}

std::string_view SourceFile::line(std::uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t begin = starts_[number - 1];
  const std::size_t end = number < starts_.size() ? starts_[number] - 1 : content_.size();
  std::string_view text(content_);
  text = text.substr(begin, end - begin);
  if (number == 1 && text.starts_with(kBom)) text.remove_prefix(kBom.size());
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

FileId SourceSet::add(std::string path, std::string content) {
  WF_ASSERT(content.size() < UINT32_MAX);
  files_.emplace_back(std::move(path), std::move(content));
  return static_cast<FileId>(files_.size() - 1);
}

FileId SourceSet::add_generated(std::string path, std::string origin, std::string content,
                                std::vector<Piece> pieces) {
  WF_ASSERT(content.size() < UINT32_MAX && origin.size() < UINT32_MAX);
  files_.emplace_back(std::move(path), std::move(origin), std::move(content), std::move(pieces));
  return static_cast<FileId>(files_.size() - 1);
}

std::string_view SourceSet::text(Span span) const {
  const std::string_view all = files_[span.file].content();
  const std::size_t begin = std::min<std::size_t>(span.begin, all.size());
  return all.substr(begin, span.end > span.begin ? span.end - span.begin : 0);
}

}  // namespace wf::text
