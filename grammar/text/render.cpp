#include "grammar/text/render.hpp"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "grammar/text/result.hpp"

namespace wf::text {
namespace {

// ---- width ----

/// Characters that would disturb a terminal; U+FFFD is shown for them.
bool is_replaced(UChar32 c) {
  return c < 0 || c < 0x20 || (c >= 0x7F && c < 0xA0) || u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL);
}

std::uint32_t code_point_width(UChar32 c, int ambiguous_width) {
  if (is_replaced(c)) return 1;
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  switch (u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH)) {
    case U_EA_WIDE:
    case U_EA_FULLWIDTH:
      return 2;
    case U_EA_AMBIGUOUS:
      return static_cast<std::uint32_t>(ambiguous_width);
    default:
      return 1;
  }
}

std::uint32_t cluster_width(std::string_view cluster, int ambiguous_width) {
  std::uint32_t width = 0;
  const auto size = static_cast<std::int32_t>(cluster.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(cluster.data(), i, size, c);
    width += code_point_width(c, ambiguous_width);
  }
  return std::min(width, 2U);
}

/// Grapheme boundaries; opening an iterator is slow, so each thread keeps one.
icu::BreakIterator& graphemes() {
  thread_local const std::unique_ptr<icu::BreakIterator> iterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    WF_ASSERT(U_SUCCESS(status));
    return made;
  }();
  return *iterator;
}

std::uint32_t wide_width(std::string_view utf8, int ambiguous_width) {
  UErrorCode status = U_ZERO_ERROR;
  UText* text = utext_openUTF8(nullptr, utf8.data(), static_cast<std::int64_t>(utf8.size()), &status);
  WF_ASSERT(U_SUCCESS(status));
  icu::BreakIterator& iterator = graphemes();
  iterator.setText(text, status);
  std::uint32_t width = 0;
  std::int32_t from = iterator.first();
  for (std::int32_t to = iterator.next(); to != icu::BreakIterator::DONE; from = to, to = iterator.next()) {
    width += cluster_width(utf8.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)),
                           ambiguous_width);
  }
  utext_close(text);
  return width;
}

// ---- text ----

constexpr std::uint32_t kTabWidth = 4;
/// Longer lines are shown in part.
constexpr std::uint32_t kMostCells = 160;
constexpr std::uint32_t kCellsBeforeMark = 60;
/// Of a line with more bytes only those around the mark are looked at.
constexpr std::uint32_t kLongLine = 4096, kBytesBehindMark = 2048;

void append_shown(std::string& out, std::string_view piece) {
  const auto size = static_cast<std::int32_t>(piece.size());
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t from = i;
    UChar32 c = 0;
    U8_NEXT(piece.data(), i, size, c);
    if (is_replaced(c))
      out += "\xEF\xBF\xBD";
    else
      out.append(piece, static_cast<std::size_t>(from), static_cast<std::size_t>(i - from));
  }
}

/// A line, or its part from cell `cells` on, as a terminal can show it: tabs expanded, control characters
/// replaced.
std::string shown_line(std::string_view line, std::uint32_t cells = 0) {
  std::string out;
  std::size_t from = 0;
  for (;;) {
    const std::size_t tab = line.find('\t', from);
    const std::string_view piece = line.substr(from, tab - from);
    append_shown(out, piece);
    cells += display_width(piece);
    if (tab == std::string_view::npos) return out;
    from = tab + 1;
    const std::uint32_t blanks = kTabWidth - cells % kTabWidth;
    out.append(blanks, ' ');
    cells += blanks;
  }
}

/// The part of a shown line from cell `first` on, at most kMostCells wide, with `…` where something is left
/// out.
std::string clipped(const std::string& line, std::uint32_t first, int ambiguous_width) {
  std::string out = first > 0 ? "…" : "";
  std::uint32_t cells = 0;
  const auto size = static_cast<std::int32_t>(line.size());
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t from = i;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(line.data(), i, size, c);
    cells += code_point_width(c, ambiguous_width);
    if (cells <= first) continue;
    if (cells > first + kMostCells) return out + "…";
    out.append(line, static_cast<std::size_t>(from), static_cast<std::size_t>(i - from));
  }
  return out;
}

struct Mark {
  const Label* label;
  bool primary;
};

class TextRenderer {
 public:
  TextRenderer(const Diagnostic& diagnostic, const SourceSet& sources, const RenderOptions& options)
      : d_(as_written(diagnostic, sources)), sources_(sources), options_(options) {}

  std::string run() {
    collect();
    header();
    bool first = true;
    for (const FileId file : files_) {
      place(file, first);
      first = false;
      snippet(file);
    }
    tail();
    return std::move(out_);
  }

 private:
  void collect() {
    add({&d_.primary, true});
    for (const Label& label : d_.secondary) add({&label, false});
    gutter_ = std::to_string(highest_line_).size();
  }

  void add(const Mark& mark) {
    const Span& span = mark.label->span;
    const std::uint32_t line = source_of(span.file).position(span.begin).line;
    if (std::find(files_.begin(), files_.end(), span.file) == files_.end()) files_.push_back(span.file);
    lines_[span.file][line].push_back(mark);
    highest_line_ = std::max(highest_line_, line);
  }

  const SourceFile& source_of(FileId file) const { return sources_.file(file).written(); }

  std::string paint(const char* sgr, const std::string& text) const {
    return options_.color ? std::string("\x1b[") + sgr + "m" + text + "\x1b[0m" : text;
  }
  const char* severity_color() const {
    switch (d_.severity) {
      case Severity::error:
        return "1;31";
      case Severity::warning:
        return "1;33";
      case Severity::info:
        return "1;36";
    }
    return "1";
  }
  std::string frame(const char* sign) const { return paint("34", sign); }
  std::string gutter(const std::string& number = {}) const {
    return paint("34", number + std::string(gutter_ - number.size(), ' '));
  }

  void header() {
    constexpr const char* kNames[] = {"error", "warning", "info"};
    std::string head = options_.head;
    if (head.empty()) {
      head = std::string(kNames[static_cast<std::size_t>(d_.severity)]) + "[" + code_text(d_.code) + " " +
             info(d_.code).name + "]";
    }
    out_ += paint(severity_color(), head) + ": " + paint("1", d_.message) + "\n";
  }

  void place(FileId file, bool first) {
    const auto& marks = first ? d_.primary.span : lines_[file].begin()->second.front().label->span;
    const Position at = source_of(file).position(marks.begin);
    out_ += gutter() + " " + frame("┌─") + " " + source_of(file).path() + ":" + std::to_string(at.line) +
            ":" + std::to_string(at.column) + "\n";
  }

  /// What is looked at of a line, and the cell where it begins: all of it, unless it is long.
  struct Window {
    std::string_view text;
    std::uint32_t begin = 0;
  };
  static Window window_of(const SourceFile& source, std::uint32_t number, const Span& mark) {
    const std::string_view line = source.line(number);
    if (line.size() <= kLongLine) return {line, 0};
    const std::uint32_t begin = source.place_before(mark.begin);
    const auto line_end = static_cast<std::uint32_t>(line.data() + line.size() - source.content().data());
    std::uint32_t end = std::min(mark.begin + kBytesBehindMark, line_end);
    while (end < line_end && (static_cast<unsigned char>(source.content()[end]) & 0xC0) == 0x80) ++end;
    return {source.content().substr(begin, end - begin), source.position(begin).display};
  }

  void snippet(FileId file) {
    std::uint32_t previous = 0;
    for (const auto& [number, marks] : lines_[file]) {
      if (previous != 0 && number > previous + 1) out_ += gutter() + " " + frame("…") + "\n";
      previous = number;
      const Window window = window_of(source_of(file), number, marks.front().label->span);
      std::string source = shown_line(window.text, window.begin);
      const std::uint32_t cells = window.begin + display_width(source, options_.ambiguous_width);
      std::uint32_t first = 0;
      if (cells > kMostCells) {
        const std::uint32_t mark = source_of(file).position(marks.front().label->span.begin).display;
        first = std::max(mark > kCellsBeforeMark ? mark - kCellsBeforeMark : 0, window.begin);
        source = clipped(source, first - window.begin, options_.ambiguous_width);
        if (first > 0 && first == window.begin) source.insert(0, "…");
      }
      out_ += gutter(std::to_string(number)) + " " + frame("│") + (source.empty() ? "" : " " + source) + "\n";
      for (const Mark& mark : marks) carets(file, number, mark, first, cells);
    }
  }

  /// `first` is the leftmost cell shown, `cells` the width of the whole line.
  void carets(FileId file, std::uint32_t number, const Mark& mark, std::uint32_t first, std::uint32_t cells) {
    const SourceFile& source = source_of(file);
    const Span& span = mark.label->span;
    const std::uint32_t from = source.position(span.begin).display;
    const Position end = source.position(span.end);
    // The mark of a span over several lines ends with its first one.
    const std::uint32_t to = end.line == number ? end.display : cells;
    const std::uint32_t hidden = first > 0 ? first - 1 : 0;  // `…` takes one cell
    const std::uint32_t indent = from > hidden ? from - hidden : 0;
    const std::uint32_t width = std::min(to > from ? to - from : 1U, kMostCells);
    const std::string signs(std::max(width, 1U), mark.primary ? '^' : '-');
    out_ += gutter() + " " + frame("│") + " " + std::string(std::min(indent, first + kMostCells), ' ');
    out_ += paint(mark.primary ? severity_color() : "34",
                  signs + (mark.label->text.empty() ? "" : " ") + mark.label->text);
    out_ += "\n";
  }

  void tail() {
    if (d_.notes.empty() && d_.helps.empty() && d_.fixes.empty()) return;
    out_ += gutter() + " " + frame("│") + "\n";
    for (const std::string& note : d_.notes) remark("note", note);
    for (const std::string& help : d_.helps) remark("help", help);
    for (const Fix& fix : d_.fixes) remark("fix", fix.title);
  }
  void remark(const char* kind, const std::string& text) {
    out_ += gutter() + " " + frame("=") + " " + kind + ": " + text + "\n";
  }

  const Diagnostic d_;
  const SourceSet& sources_;
  const RenderOptions& options_;
  std::string out_;
  std::vector<FileId> files_;
  std::map<FileId, std::map<std::uint32_t, std::vector<Mark>>> lines_;
  std::uint32_t highest_line_ = 1;
  std::size_t gutter_ = 1;
};

// ---- JSON ----

void member(std::string& out, const char* key, std::string_view text) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
}
void member(std::string& out, const char* key, std::uint32_t number) {
  append_json_string(out, key);
  out += ':' + std::to_string(number);
}

void json_position(std::string& out, const char* key, const Position& at) {
  append_json_string(out, key);
  out += ":{";
  member(out, "byte", at.byte);
  out += ',';
  member(out, "line", at.line);
  out += ',';
  member(out, "column", at.column);
  out += ',';
  member(out, "utf16", at.utf16);
  out += '}';
}

void json_label(std::string& out, const Label& label, const SourceSet& sources) {
  const SourceFile& file = sources.file(label.span.file).written();
  out += '{';
  member(out, "file", file.path());
  out += ',';
  json_position(out, "start", file.position(label.span.begin));
  out += ',';
  json_position(out, "end", file.position(label.span.end));
  out += ',';
  member(out, "label", label.text);
  out += '}';
}

void json_edit(std::string& out, const Edit& edit, const SourceSet& sources) {
  out += '{';
  member(out, "file", sources.file(edit.span.file).path());
  out += ',';
  member(out, "byte_start", edit.span.begin);
  out += ',';
  member(out, "byte_end", edit.span.end);
  out += ',';
  member(out, "text", edit.text);
  out += '}';
}

template <class T, class F>
void json_array(std::string& out, const char* key, const std::vector<T>& items, F print) {
  out += ',';
  append_json_string(out, key);
  out += ":[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    print(items[i]);
  }
  out += ']';
}

void json_fix(std::string& out, const Fix& fix, const SourceSet& sources) {
  constexpr const char* kNames[] = {"machine", "maybe_incorrect", "has_placeholders"};
  out += '{';
  member(out, "title", fix.title);
  out += ',';
  member(out, "applicability", kNames[static_cast<std::size_t>(fix.applicability)]);
  json_array(out, "edits", fix.edits, [&](const Edit& edit) { json_edit(out, edit, sources); });
  out += '}';
}

void json_witness(std::string& out, const Witness& witness) {
  out += ",\"witness\":{";
  member(out, "object", witness.object);
  out += ',';
  member(out, "at", witness.at);
  out += ",\"record\":{";
  for (std::size_t i = 0; i < witness.record.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, witness.record[i].first);
    out += ':' + witness.record[i].second;
  }
  out += '}';
  json_array(out, "events", witness.events, [&](const std::string& event) { out += event; });
  json_array(out, "shows", witness.shows, [&](const std::string& line) { append_json_string(out, line); });
  out += '}';
}

}  // namespace

std::uint32_t display_width(std::string_view utf8, int ambiguous_width) {
  const bool ascii = std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  return ascii ? static_cast<std::uint32_t>(utf8.size()) : wide_width(utf8, ambiguous_width);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    const std::int32_t from = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), i, size, c);
    if (c < 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
      out += buffer;
    } else {
      out.append(text, static_cast<std::size_t>(from), static_cast<std::size_t>(i - from));
    }
  }
  out += '"';
}

std::string render_text(const Diagnostic& diagnostic, const SourceSet& sources,
                        const RenderOptions& options) {
  return TextRenderer(diagnostic, sources, options).run();
}

std::string render_json(const Diagnostic& found, const SourceSet& sources) {
  const Diagnostic diagnostic = as_written(found, sources);
  constexpr const char* kSeverities[] = {"error", "warning", "info"};
  std::string out = "{";
  member(out, "format_version", "1.0");
  out += ',';
  member(out, "code", code_text(diagnostic.code));
  out += ',';
  member(out, "name", info(diagnostic.code).name);
  out += ',';
  member(out, "severity", kSeverities[static_cast<std::size_t>(diagnostic.severity)]);
  out += ',';
  member(out, "message", diagnostic.message);
  out += ",\"primary\":";
  json_label(out, diagnostic.primary, sources);
  const auto text = [&](const std::string& s) { append_json_string(out, s); };
  json_array(out, "secondary", diagnostic.secondary, [&](const Label& l) { json_label(out, l, sources); });
  json_array(out, "notes", diagnostic.notes, text);
  json_array(out, "helps", diagnostic.helps, text);
  json_array(out, "fixes", diagnostic.fixes, [&](const Fix& fix) { json_fix(out, fix, sources); });
  if (diagnostic.witness) json_witness(out, *diagnostic.witness);
  out += ',';
  member(out, "fingerprint", code_text(diagnostic.code) + ":" + diagnostic.path);
  return out + "}";
}

}  // namespace wf::text
