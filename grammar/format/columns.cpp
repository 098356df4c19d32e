#include "grammar/format/columns.hpp"

#include <algorithm>

#include "grammar/text/render.hpp"
#include "grammar/wf/chars.hpp"

namespace wf::format {
namespace {

/// What lines of one kind have in common; neighbours of the same kind share columns.
enum class Shape : std::uint8_t { plain, field, property, event, resource, test, band, arm };

/// What the lines of a block are.
enum class Content : std::uint8_t { declarations, prose, fields, properties, test, bands, arms };

/// Wider cells stand out instead of moving all others.
constexpr std::uint32_t kWidestCell = 40;
constexpr std::uint32_t kWidestType = 24;

bool is_block_start(const Token& token) {
  return token.kind == Kind::open && token.is("{");
}

Content content_of_declaration(std::string_view kind) {
  if (kind == "object" || kind == "extend") return Content::properties;
  if (kind == "test") return Content::test;
  if (kind == "scoring") return Content::bands;
  constexpr std::string_view kProse[] = {"workflow", "sequence", "campaign", "segment", "event", "policy"};
  const bool prose = std::find(std::begin(kProse), std::end(kProse), kind) != std::end(kProse);
  return prose ? Content::prose : Content::fields;
}

class Shapes {
 public:
  Shapes(const std::vector<Token>& tokens, const std::vector<Line>& lines) : tokens_(tokens) {
    contents_.reserve(lines.size());
    for (const Line& line : lines) contents_.push_back(content_below(line));
  }

  Shape of(const Line& line) const {
    if (line.first == line.last || line.continues || !is_closed(line)) return Shape::plain;
    const Token& first = tokens_[line.first];
    switch (around(line)) {
      case Content::declarations:
        return of_declaration(line);
      case Content::prose:
        return Shape::plain;
      case Content::fields:
        return Shape::field;
      case Content::properties:
        return Shape::property;
      case Content::test:
        if (first.is("given") && has_block(line)) return Shape::arm;
        return first.is("at") || first.is("finally") ? Shape::test : Shape::plain;
      case Content::bands:
        return is_sign(line.first) ? Shape::band : Shape::plain;
      case Content::arms:
        return has_block(line) ? Shape::arm : Shape::plain;
    }
    return Shape::plain;
  }

  /// Where the cells of a line begin, behind the first.
  std::vector<std::uint32_t> cells(const Line& line, Shape shape) const {
    switch (shape) {
      case Shape::plain:
        return {};
      case Shape::field:
      case Shape::band:
        return {line.first + (shape == Shape::band && is_sign(line.first) ? 2 : 1)};
      case Shape::property:
        return property_cells(line);
      case Shape::event:
        return event_cells(line);
      case Shape::resource:
      case Shape::arm:
        return {block_of(line)};
      case Shape::test:
        return {tokens_[line.first].is("at") ? behind_offset(line) : line.first + 1};
    }
    return {};
  }

 private:
  /// What the line itself is among.
  Content around(const Line& line) const {
    if (!line.block) return Content::declarations;
    return is_block_start(tokens_[*line.block]) ? contents_[line.parent] : Content::prose;
  }

  /// What the lines of the block are that the line opens.
  Content content_below(const Line& line) const {
    if (line.first == line.last) return Content::prose;
    const std::string_view head = tokens_[line.first].text;
    switch (around(line)) {
      case Content::declarations:
        return content_of_declaration(head);
      case Content::fields:
      case Content::test:
        return Content::fields;
      default:
        return head == "match" || head == "wait" || head == "experiment" ? Content::arms : Content::prose;
    }
  }

  bool is_sign(std::uint32_t i) const { return tokens_[i].is("+") || tokens_[i].is("-"); }

  /// All that it opens it closes.
  bool is_closed(const Line& line) const {
    for (std::uint32_t i = line.first; i < line.last; ++i) {
      const Token& token = tokens_[i];
      if (token.kind != Kind::open && token.kind != Kind::close) continue;
      if (token.partner < line.first || token.partner >= line.last) return false;
    }
    return true;
  }

  std::uint32_t block_of(const Line& line) const {
    std::uint32_t i = line.first;
    while (i < line.last && !is_block_start(tokens_[i])) ++i;
    return i;
  }
  bool has_block(const Line& line) const { return block_of(line) < line.last; }

  Shape of_declaration(const Line& line) const {
    if (!has_block(line)) return Shape::plain;
    const Token& kind = tokens_[line.first];
    if (kind.is("event")) return Shape::event;
    return block_of(line) == line.first + 2 ? Shape::resource : Shape::plain;
  }

  std::vector<std::uint32_t> property_cells(const Line& line) const {
    const std::uint32_t type = line.first + 1;
    const std::uint32_t flags = behind_initial(behind_type(type, line.last), line.last);
    if (flags >= line.last) return {type};
    return {type, flags};
  }
  std::uint32_t behind_type(std::uint32_t i, std::uint32_t last) const {
    if (i < last && (tokens_[i].is("->") || tokens_[i].is("<-"))) ++i;
    ++i;
    if (i < last && tokens_[i].is("(")) i = tokens_[i].partner + 1;
    if (i < last && tokens_[i].is("?")) ++i;
    return std::min(i, last);
  }
  /// Behind `= 0`, `= 2 days`, `= a + 1`.
  std::uint32_t behind_initial(std::uint32_t i, std::uint32_t last) const {
    if (i >= last || !tokens_[i].is("=")) return i;
    for (++i; i < last; ++i) {
      const Token& token = tokens_[i];
      const bool operand = token.kind == Kind::word || token.kind == Kind::number ||
                           token.kind == Kind::text || token.kind == Kind::open;
      if (!operand) continue;
      i = token.kind == Kind::open ? token.partner : i;
      while (token.kind == Kind::number && i + 1 < last && is_unit(tokens_[i + 1].text)) ++i;
      if (i + 1 >= last || tokens_[i + 1].kind != Kind::symbol) return i + 1;
    }
    return last;
  }
  static bool is_unit(std::string_view word) {
    return word == "business" || word == "calendar" || grammar::unit_of(word);
  }

  std::vector<std::uint32_t> event_cells(const Line& line) const {
    std::vector<std::uint32_t> found;
    const std::uint32_t block = block_of(line);
    if (line.first + 2 < block) found.push_back(line.first + 2);
    found.push_back(block);
    const std::uint32_t behind = tokens_[block].partner + 1;
    if (behind < line.last) found.push_back(behind);
    return found;
  }

  std::uint32_t behind_offset(const Line& line) const {
    const std::uint32_t i = line.first + 1;
    return std::min(i + (i < line.last && is_sign(i) ? 2 : 1), line.last);
  }

  const std::vector<Token>& tokens_;
  std::vector<Content> contents_;  ///< of the block that a line opens
};

class Aligner {
 public:
  Aligner(const std::vector<Token>& tokens, const std::vector<Line>& lines)
      : tokens_(tokens), lines_(lines), shapes_(tokens, lines), texts_(lines.size()) {}

  std::vector<std::string> align() {
    for (std::size_t i = 0; i < lines_.size();) i = align_group(i);
    for (std::size_t i = 0; i < lines_.size();) i = align_comments(i);
    return std::move(texts_);
  }

 private:
  bool is_comment(std::size_t i) const { return lines_[i].first == lines_[i].last; }

  /// Lines from `begin` on that share columns; gives the first behind them.
  std::size_t align_group(std::size_t begin) {
    const Shape shape = shapes_.of(lines_[begin]);
    std::vector<std::size_t> group = {begin};
    std::size_t end = begin + 1;
    for (; shape != Shape::plain && end < lines_.size(); ++end) {
      const Line& line = lines_[end];
      if (line.blank_before || line.indent != lines_[begin].indent) break;
      if (is_comment(end)) continue;
      if (shapes_.of(line) != shape) break;
      group.push_back(end);
    }
    end = group.back() + 1;
    write(group, shape);
    return end;
  }

  void write(const std::vector<std::size_t>& group, Shape shape) {
    std::vector<std::vector<std::string>> rows;
    for (const std::size_t i : group) rows.push_back(cells(lines_[i], shape));
    const std::vector<std::uint32_t> widths = widths_of(rows, shape);
    const std::uint32_t gap = shape == Shape::property ? 2 : 1;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::string& text = texts_[group[r]];
      for (std::size_t c = 0; c < rows[r].size(); ++c) {
        text += rows[r][c];
        if (c + 1 == rows[r].size()) break;
        const std::uint32_t width = text::display_width(rows[r][c]);
        text.append(std::max(widths[c], width) - width + gap, ' ');
      }
    }
  }

  std::vector<std::string> cells(const Line& line, Shape shape) const {
    std::vector<std::string> found;
    std::uint32_t from = line.first;
    for (const std::uint32_t to : shapes_.cells(line, shape)) {
      if (to <= from || to >= line.last) continue;
      found.push_back(join_tokens(tokens_, from, to));
      from = to;
    }
    found.push_back(join_tokens(tokens_, from, line.last));
    return found;
  }

  static std::vector<std::uint32_t> widths_of(const std::vector<std::vector<std::string>>& rows,
                                              Shape shape) {
    std::vector<std::uint32_t> widths;
    for (const auto& row : rows) {
      for (std::size_t c = 0; c + 1 < row.size(); ++c) {
        const std::uint32_t widest = shape == Shape::property && c == 1 ? kWidestType : kWidestCell;
        const std::uint32_t width = text::display_width(row[c]);
        if (widths.size() <= c) widths.resize(c + 1);
        if (width <= widest) widths[c] = std::max(widths[c], width);
      }
    }
    return widths;
  }

  /// Comments behind neighbouring lines begin in one column.
  std::size_t align_comments(std::size_t begin) {
    if (!lines_[begin].comment) return begin + 1;
    if (is_comment(begin)) {
      texts_[begin] = tokens_[*lines_[begin].comment].text;
      return begin + 1;
    }
    std::size_t end = begin;
    std::uint32_t column = 0;
    do {
      column = std::max(column, lines_[end].indent + text::display_width(texts_[end]));
      ++end;
    } while (end < lines_.size() && lines_[end].comment && !is_comment(end) && !lines_[end].blank_before);
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t width = lines_[i].indent + text::display_width(texts_[i]);
      texts_[i].append(column - width + 2, ' ');
      texts_[i] += tokens_[*lines_[i].comment].text;
    }
    return end;
  }

  const std::vector<Token>& tokens_;
  const std::vector<Line>& lines_;
  Shapes shapes_;
  std::vector<std::string> texts_;
};

}  // namespace

std::vector<std::string> align_lines(const std::vector<Token>& tokens, const std::vector<Line>& lines) {
  return Aligner(tokens, lines).align();
}

}  // namespace wf::format
