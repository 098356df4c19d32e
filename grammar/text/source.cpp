#include "grammar/text/source.hpp"

#include <algorithm>

#include "grammar/text/render.hpp"
#include "grammar/text/result.hpp"

namespace wf::text {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::uint32_t kTabWidth = 4;

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

std::uint32_t cells(std::string_view piece) {
  std::uint32_t width = 0;
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
}

Position SourceFile::position(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(content_.size()));
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  Position place;
  place.line = static_cast<std::uint32_t>(next - starts_.begin());
  place.byte = offset;
  std::string_view before(content_);
  before = before.substr(*(next - 1), offset - *(next - 1));
  if (place.line == 1 && before.starts_with(kBom)) before.remove_prefix(kBom.size());
  std::uint32_t code_points = 0;
  count_units(before, code_points, place.utf16);
  place.column = code_points + 1;
  place.display = cells(before);
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

std::string_view SourceSet::text(Span span) const {
  const std::string_view all = files_[span.file].content();
  const std::size_t begin = std::min<std::size_t>(span.begin, all.size());
  return all.substr(begin, span.end > span.begin ? span.end - span.begin : 0);
}

}  // namespace wf::text
