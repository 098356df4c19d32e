#include "grammar/format/lines.hpp"

#include <algorithm>

namespace wf::format {
namespace {

constexpr std::uint32_t kStep = 2;

bool opens_block(const Token& token) {
  return token.kind == Kind::open && token.is("{");
}
bool closes_block(const Token& token) {
  return token.kind == Kind::close && token.is("}");
}
bool ends_value(const Token& token) {
  return token.kind == Kind::word || token.kind == Kind::number || token.kind == Kind::text ||
         token.kind == Kind::close;
}

/// `-5` and `+4d`: the sign belongs to what is behind it.
bool is_sign(const std::vector<Token>& tokens, std::uint32_t i) {
  const Token& token = tokens[i];
  if (!token.is("-") && !token.is("+")) return false;
  if (i + 1 >= tokens.size() || !tokens[i + 1].attached) return false;
  return i == 0 || tokens[i].breaks > 0 || !token.attached || !ends_value(tokens[i - 1]);
}

bool blank_around_dots(const std::vector<Token>& tokens, std::uint32_t i) {
  const Token& before = tokens[i - 1];
  const Token& here = tokens[i];
  // `range ..100` and `range 0.. title`: the range has one end only.
  if (here.is("..")) {
    const bool no_start = before.kind != Kind::number && before.kind != Kind::word;
    const bool word_before = before.kind == Kind::word && i + 1 < tokens.size() &&
                             (tokens[i + 1].kind == Kind::number || tokens[i + 1].is("-"));
    return no_start || word_before;
  }
  const bool word_start = i >= 2 && tokens[i - 2].kind == Kind::word;
  return here.kind == Kind::word && !word_start;
}

bool blank_before(const std::vector<Token>& tokens, std::uint32_t i) {
  const Token& before = tokens[i - 1];
  const Token& here = tokens[i];
  if (here.kind == Kind::comma || here.kind == Kind::semicolon || here.is(")") || here.is("?") ||
      here.is(":"))
    return false;
  if (before.is("(")) return false;
  if (opens_block(before) && closes_block(here)) return false;
  if (here.is("(")) return !(before.is("enum") || before.is("count"));
  if (here.is("..") || before.is("..")) return blank_around_dots(tokens, i);
  if (is_sign(tokens, i - 1)) return false;
  // Whether `a-5` is one value or two only the grammar knows.
  const bool tight = here.is("-") ? ends_value(before) && i + 1 < tokens.size() && tokens[i + 1].attached
                                  : before.is("-") && before.attached;
  if (tight && here.attached) return false;
  return true;
}

class Splitter {
 public:
  explicit Splitter(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::vector<Line> split() {
    for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == Kind::comment)
        add_comment(i);
      else
        add_token(i);
    }
    return std::move(lines_);
  }

 private:
  struct Level {
    std::uint32_t open;
    std::uint32_t indent;  ///< of the statement that opens it
    std::uint32_t line;
  };

  bool is_block() const { return levels_.empty() || opens_block(tokens_[levels_.back().open]); }
  std::uint32_t content_indent() const { return levels_.empty() ? 0 : levels_.back().indent + kStep; }

  bool joins_brace(std::uint32_t i) const {
    if (i == 0 || !tokens_[i].is("else") || !closes_block(tokens_[i - 1])) return false;
    return tokens_[statement_of(tokens_, tokens_[i - 1].partner)].is("if");
  }

  bool starts_line(std::uint32_t i) const {
    if (i == 0) return true;
    const Token& before = tokens_[i - 1];
    if (before.kind == Kind::comment) return true;
    if (opens_block(before) && closes_block(tokens_[i])) return false;
    if ((opens_block(before) && before.tall) || (closes_block(tokens_[i]) && tokens_[i].tall)) return true;
    return tokens_[i].breaks > 0 && !joins_brace(i);
  }

  /// The statement of the line before goes on at token i, which starts a line.
  bool continues(std::uint32_t i) const {
    if (lines_.empty() || !is_block()) return false;
    std::uint32_t before = i;
    while (before > 0 && tokens_[before - 1].kind == Kind::comment) --before;
    if (before == 0) return false;
    const Token& last = tokens_[before - 1];
    const Token& here = tokens_[i];
    if (opens_block(last) || here.kind == Kind::close) return false;
    if (last.kind == Kind::comma) return !in_parameters();
    if (here.is("on")) return i + 1 < tokens_.size() && tokens_[i + 1].is("failure");
    if (here.is("else")) return !closes_block(last);
    return here.is("with") || here.is("using") || here.is("and") || here.is("or");
  }

  /// Commas separate lines there.
  bool in_parameters() const {
    return levels_.size() == 1 && tokens_[statement_of(tokens_, levels_.back().open)].is("event");
  }

  void add_comment(std::uint32_t i) {
    const bool alone = tokens_[i].breaks > 0 || lines_.empty() || i == 0;
    if (!alone && !lines_.back().comment) {
      lines_.back().comment = i;
      return;
    }
    Line line;
    line.first = line.last = i;
    line.comment = i;
    line.indent = content_indent() + (next_continues(i) ? kStep : 0);
    line.blank_before = wants_blank(i);
    set_block(line);
    lines_.push_back(line);
  }

  bool next_continues(std::uint32_t i) const {
    while (i < tokens_.size() && tokens_[i].kind == Kind::comment) ++i;
    return i < tokens_.size() && continues(i);
  }

  void open_level(std::uint32_t i) {
    levels_.push_back({i, base_, static_cast<std::uint32_t>(lines_.size() - 1)});
  }

  /// `outer`: so many levels further out than the innermost.
  void set_block(Line& line, std::size_t outer = 0) const {
    if (levels_.size() <= outer) return;
    const Level& level = levels_[levels_.size() - 1 - outer];
    line.block = level.open;
    line.parent = level.line;
  }

  /// Empty lines stay between statements, not at the ends of a block.
  bool wants_blank(std::uint32_t i) const {
    if (lines_.empty() || tokens_[i].breaks < 2) return false;
    if (!is_block()) return false;
    const Token& before = tokens_[i - 1];
    return !opens_block(before);
  }

  void start_line(std::uint32_t i) {
    Line line;
    line.first = i;
    line.continues = continues(i);
    const bool closes = tokens_[i].kind == Kind::close && !levels_.empty();
    line.indent = closes ? levels_.back().indent : content_indent() + (line.continues ? kStep : 0);
    line.blank_before = wants_blank(i) && !closes && !line.continues;
    set_block(line, closes ? 1 : 0);
    lines_.push_back(line);
    base_ = line.indent;
  }

  void add_token(std::uint32_t i) {
    if (starts_line(i)) start_line(i);
    const Token& token = tokens_[i];
    if (token.kind == Kind::close && !levels_.empty()) {
      base_ = std::min(base_, levels_.back().indent);
      levels_.pop_back();
    }
    if (token.kind == Kind::open && token.partner != i) open_level(i);
    lines_.back().last = i + 1;
  }

  const std::vector<Token>& tokens_;
  std::vector<Level> levels_;
  std::vector<Line> lines_;
  std::uint32_t base_ = 0;  ///< how far blocks are indented that the line opens
};

}  // namespace

std::uint32_t statement_of(const std::vector<Token>& tokens, std::uint32_t open) {
  std::uint32_t i = open;
  while (i > 0) {
    const Token& before = tokens[i - 1];
    const bool chain = tokens[i].is("else") && closes_block(before);
    if (before.kind == Kind::comment || before.kind == Kind::semicolon || before.kind == Kind::open) break;
    if (tokens[i].breaks > 0 && !chain && i != open) break;
    i = before.kind == Kind::close ? before.partner : i - 1;
    if (tokens[i].kind == Kind::close) break;  // has no partner
  }
  return i;
}

std::vector<Line> split_lines(const std::vector<Token>& tokens) {
  return Splitter(tokens).split();
}

std::string join_tokens(const std::vector<Token>& tokens, std::uint32_t first, std::uint32_t last) {
  std::string out;
  for (std::uint32_t i = first; i < last; ++i) {
    if (!out.empty() && blank_before(tokens, i)) out += ' ';
    out += tokens[i].text;
  }
  return out;
}

}  // namespace wf::format
