#include "grammar/wf/clean.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdio>

#include "grammar/wf/parse.hpp"

namespace wf::grammar {
namespace {

using text::Applicability;
using text::Code;
using text::Diagnostic;
using text::Span;

/// The ASCII character that a full-width or typographic one stands for; 0 when it stands for none.
char ascii_twin(UChar32 c) {
  if (c >= 0xFF01 && c <= 0xFF5E && !u_isalpha(c)) return static_cast<char>(c - 0xFF01 + '!');
  switch (c) {
    case 0x3000:
    case 0x00A0:
      return ' ';
    case 0x3001:
      return ',';
    case 0x3002:
      return '.';
    case 0x201C:
    case 0x201D:
    case 0x201E:
      return '"';
    case 0x2018:
    case 0x2019:
      return '\'';
    case 0x2212:
    case 0x2010:
    case 0x2011:
      return '-';
    default:
      return 0;
  }
}

bool is_bidi_control(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL);
}

bool is_invisible(UChar32 c) {
  return c == 0xAD || c == 0x180E || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         u_charType(c) == U_FORMAT_CHAR;
}

std::string code_point_text(UChar32 c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "U+%04X", static_cast<unsigned>(c));
  return buffer;
}

class Cleaner {
 public:
  Cleaner(std::string_view content, text::FileId file, text::DiagnosticSink& sink, CleanText& result)
      : content_(content), file_(file), sink_(sink), result_(result) {}

  void run() {
    result_.text = content_;
    if (content_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < content_.size() && findings_ < kMaxSyntaxErrors && result_.readable) step();
    if (!result_.copy.empty()) result_.text = result_.copy;
  }

 private:
  enum class Where : std::uint8_t { code, string, comment };

  void step() {
    const auto c = static_cast<unsigned char>(content_[at_]);
    if (c >= 0x80) return wide();
    switch (c) {
      case '\n':
        where_ = Where::code;
        line_ = at_ + 1;
        break;
      case '"':
        quote();
        typographic_ = false;
        break;
      case '#':
        if (where_ == Where::code) where_ = Where::comment;
        break;
      case '\\':
        if (where_ == Where::string && next_is_ascii()) ++at_;
        break;
      case '\t':
        break;
      case '\r':
        if (at_ + 1 < content_.size() && content_[at_ + 1] != '\n') control(c);
        break;
      default:
        if (c < 0x20 || c == 0x7F) control(c);
    }
    ++at_;
  }

  bool next_is_ascii() const {
    return at_ + 1 < content_.size() && static_cast<unsigned char>(content_[at_ + 1]) - 0x20U < 0x5FU;
  }

  void quote() {
    if (where_ == Where::code)
      where_ = Where::string;
    else if (where_ == Where::string)
      where_ = Where::code;
  }

  void control(unsigned char c) {
    report(1, "control character " + code_point_text(c) + " in the source");
    replace(1, ' ');
  }

  void wide() {
    auto next = static_cast<std::int32_t>(0);
    UChar32 c = 0;
    const auto rest = static_cast<std::int32_t>(std::min<std::size_t>(content_.size() - at_, 4));
    U8_NEXT(content_.data() + at_, next, rest, c);
    if (c < 0) return invalid_encoding();
    const auto size = static_cast<std::size_t>(next);
    if (where_ != Where::string || typographic_) suspicious(c, size);
    at_ += size;
  }

  void invalid_encoding() {
    result_.readable = false;
    char byte[8];
    std::snprintf(byte, sizeof byte, "0x%02X",
                  static_cast<unsigned>(static_cast<unsigned char>(content_[at_])));
    Diagnostic& d = sink_.report(Code::invalid_utf8, span(1), "the file is not valid UTF-8");
    d.primary.text = std::string("byte ") + byte + " cannot stand here";
    d.helps.push_back("save the file as UTF-8");
  }

  void suspicious(UChar32 c, std::size_t size) {
    if (is_bidi_control(c) || is_invisible(c)) {
      const char* what = is_bidi_control(c) ? "bidirectional control " : "invisible character ";
      Diagnostic& d = report(size, what + code_point_text(c) + " outside a string");
      add_fix(d, "remove the character", size, "");
      return replace(size, ' ');
    }
    if (where_ == Where::comment) return;
    const char twin = ascii_twin(c);
    if (twin == 0 || (where_ == Where::string && (twin != '"' || !typographic_))) return;
    if (twin == '"') {
      quote();
      typographic_ = where_ == Where::string;
    }
    if (is_digit_in_name(c)) return;
    const std::string spelt(content_.substr(at_, size));
    const std::string better = twin == ' ' ? "a blank" : "`" + std::string(1, twin) + "`";
    Diagnostic& d =
        report(size, (twin == ' ' ? code_point_text(c) : "`" + spelt + "`") + " is not " + better);
    add_fix(d, twin == ' ' ? "use an ordinary blank" : "use the ASCII character " + better, size,
            std::string(1, twin));
    replace(size, twin);
  }

  /// A full-width digit inside a name is part of the name.
  bool is_digit_in_name(UChar32 c) const {
    if (c < 0xFF10 || c > 0xFF19 || at_ == line_) return false;
    const char before = content_[at_ - 1];
    return static_cast<unsigned char>(before) >= 0x80 || before == '_' ||
           u_isalnum(static_cast<UChar32>(before));
  }

  Span span(std::size_t size) const {
    return {file_, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + size)};
  }

  Diagnostic& report(std::size_t size, std::string message) {
    ++findings_;
    const auto line = static_cast<std::uint32_t>(line_);
    if (result_.broken_lines.empty() || result_.broken_lines.back() != line)
      result_.broken_lines.push_back(line);
    return sink_.report(Code::invalid_character, span(size), std::move(message));
  }

  void add_fix(Diagnostic& d, std::string title, std::size_t size, std::string text) const {
    d.fixes.push_back({std::move(title), Applicability::machine, {{span(size), std::move(text)}}});
  }

  void replace(std::size_t size, char with) {
    if (result_.copy.empty()) result_.copy = content_;
    std::fill_n(result_.copy.begin() + static_cast<std::ptrdiff_t>(at_), size, ' ');
    result_.copy[at_] = with;
  }

  std::string_view content_;
  text::FileId file_;
  text::DiagnosticSink& sink_;
  CleanText& result_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t findings_ = 0;
  Where where_ = Where::code;
  bool typographic_ = false;  ///< the open string began with a full-width or typographic quote
};

}  // namespace

void clean(std::string_view content, text::FileId file, text::DiagnosticSink& diagnostics,
           CleanText& result) {
  Cleaner(content, file, diagnostics, result).run();
}

}  // namespace wf::grammar
