#include "grammar/liquid/lexer.hpp"

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

/// The name at the start: `#`, or letters, digits and underscores.
std::string_view tag_name(std::string_view markup) {
  if (markup.starts_with('#')) return markup.substr(0, 1);
  std::size_t size = 0;
  while (size < markup.size() && markup[size] != '-' && continues_name(markup[size])) ++size;
  return markup.substr(0, size);
}

Piece tag_of(std::string_view whole, std::string_view inside) {
  inside = strip_end(strip_start(inside));
  const std::string_view name = tag_name(inside);
  if (name.empty()) throw Fault{"expected the name of a tag", whole};
  return {Piece::Kind::tag, whole, name, strip_start(inside.substr(name.size()))};
}

Token::Kind single(char c) {
  switch (c) {
    case '|':
      return Token::Kind::pipe;
    case '.':
      return Token::Kind::dot;
    case ':':
      return Token::Kind::colon;
    case ',':
      return Token::Kind::comma;
    case '[':
      return Token::Kind::open_square;
    case ']':
      return Token::Kind::close_square;
    case '(':
      return Token::Kind::open_round;
    case ')':
      return Token::Kind::close_round;
    case '=':
      return Token::Kind::equals;
    case '<':
    case '>':
      return Token::Kind::comparison;
    default:
      return Token::Kind::end;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    do {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      tokens.push_back(at_ == text_.size() ? Token{Token::Kind::end, text_.substr(at_)} : token());
    } while (tokens.back().kind != Token::Kind::end);
    return tokens;
  }

 private:
  Token token() {
    const char c = text_[at_];
    if (starts_name(c)) return name();
    if (is_digit(c) || (c == '-' && is_digit(peek(1)))) return number();
    if (c == '\'' || c == '"') return quoted(c);
    const std::string_view pair = text_.substr(at_, 2);
    if (pair == "..") return take(Token::Kind::dots, 2);
    if (pair == "==" || pair == "!=" || pair == "<>" || pair == "<=" || pair == ">=")
      return take(Token::Kind::comparison, 2);
    const Token::Kind kind = single(c);
    if (kind == Token::Kind::end) unexpected();
    return take(kind, 1);
  }

  Token name() {
    std::size_t size = 1;
    while (continues_name(peek(size))) ++size;
    if (peek(size) == '?') ++size;
    return take(Token::Kind::name, size);
  }

  Token number() {
    std::size_t size = 1;
    while (is_digit(peek(size))) ++size;
    if (peek(size) == '.' && is_digit(peek(size + 1))) {
      ++size;
      while (is_digit(peek(size))) ++size;
    }
    return take(Token::Kind::number, size);
  }

  Token quoted(char quote) {
    const std::size_t close = text_.find(quote, at_ + 1);
    if (close == text_.npos)
      throw Fault{std::string("the text that starts with `") + quote + "` is never closed",
                  text_.substr(at_, 1)};
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return {Token::Kind::text, inside};
  }

  [[noreturn]] void unexpected() const {
    const std::string_view character = text_.substr(at_, 1);
    throw Fault{"unexpected `" + std::string(character) + "`", character};
  }

  Token take(Token::Kind kind, std::size_t size) {
    at_ += size;
    return {kind, text_.substr(at_ - size, size)};
  }
  char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return starts_name(c) || is_digit(c) || c == '-';
}

Piece Pieces::next() {
  if (lines_) return next_line();
  if (at_ == text_.size()) return {Piece::Kind::end, text_.substr(at_)};
  std::size_t open = text_.find('{', at_);
  while (open != text_.npos &&
         (open + 1 == text_.size() || (text_[open + 1] != '{' && text_[open + 1] != '%')))
    open = text_.find('{', open + 1);
  if (open == text_.npos) return text_piece(text_.size());
  if (open > at_) return text_piece(open);
  return text_[at_ + 1] == '{' ? delimited(Piece::Kind::output, output_end())
                               : delimited(Piece::Kind::tag, tag_end());
}

Piece Pieces::text_piece(std::size_t end) {
  std::string_view text = text_.substr(at_, end - at_);
  if (trim_next_) text = strip_start(text);
  trim_next_ = false;
  if (end + 2 < text_.size() && text_[end + 2] == '-') text = strip_end(text);
  at_ = end;
  return {Piece::Kind::text, text};
}

/// Where the output at the cursor has its `}}`.
std::size_t Pieces::output_end() const {
  const std::string_view open = text_.substr(at_, 2);
  std::size_t close = text_.find_first_of("{}", at_ + 2);
  while (close != text_.npos && text_[close] == '{' && text_.substr(close, 2) != "{%")
    close = text_.find_first_of("{}", close + 1);
  if (close == text_.npos || text_[close] == '{') throw Fault{"`{{` is never closed", open};
  if (text_.substr(close, 2) != "}}") throw Fault{"`{{` is closed by a single `}`", text_.substr(close, 1)};
  return close;
}

std::size_t Pieces::tag_end() const {
  const std::size_t close = text_.find("%}", at_ + 2);
  if (close == text_.npos) throw Fault{"`{%` is never closed", text_.substr(at_, 2)};
  return close;
}

Piece Pieces::delimited(Piece::Kind kind, std::size_t close) {
  const std::string_view whole = text_.substr(at_, close + 2 - at_);
  std::string_view inside = whole.substr(2, whole.size() - 4);
  if (inside.starts_with('-')) inside.remove_prefix(1);
  trim_next_ = inside.ends_with('-');
  if (trim_next_) inside.remove_suffix(1);
  at_ = close + 2;
  if (kind == Piece::Kind::tag) return tag_of(whole, inside);
  return {kind, whole, {}, inside};
}

Piece Pieces::next_line() {
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = strip_end(strip_start(text_.substr(at_, end - at_)));
    at_ = std::min(end + 1, text_.size());
    if (!line.empty()) return tag_of(line, line);
  }
  return {Piece::Kind::end, text_.substr(at_)};
}

void Pieces::skip_comment(std::string_view open) {
  std::size_t depth = 1;
  while (depth > 0) {
    if (at_ == text_.size()) throw Fault{"`comment` is never closed", open};
    std::string_view name, whole;
    if (lines_) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      name = tag_name(strip_start(text_.substr(at_, end - at_)));
      at_ = std::min(end + 1, text_.size());
    } else {
      const std::size_t start = text_.find("{%", at_);
      const std::size_t close = start == text_.npos ? start : text_.find("%}", start + 2);
      if (close == text_.npos) throw Fault{"`comment` is never closed", open};
      whole = text_.substr(start, close + 2 - start);
      std::string_view inside = whole.substr(2, whole.size() - 4);
      trim_next_ = inside.ends_with('-');
      if (inside.starts_with('-')) inside.remove_prefix(1);
      name = tag_name(strip_start(inside));
      at_ = close + 2;
    }
    if (name == "comment") ++depth;
    if (name == "endcomment") --depth;
    if (name == "raw" && !lines_) raw(whole);
  }
}

void Pieces::skip_doc(std::string_view open) {
  if (!lines_) {
    if (until_end_tag(open, "enddoc").find("{% doc") != text_.npos) throw Fault{"`doc` inside `doc`", open};
    return;
  }
  for (Piece line = next_line(); line.name != "enddoc"; line = next_line()) {
    if (line.kind == Piece::Kind::end) throw Fault{"`doc` is never closed", open};
  }
}

std::string_view Pieces::raw(std::string_view open) {
  if (lines_) throw Fault{"`raw` cannot stand in a `liquid` tag", open};
  return until_end_tag(open, "endraw");
}

std::string_view Pieces::until_end_tag(std::string_view open, std::string_view end_name) {
  const std::size_t begin = at_;
  for (std::size_t i = text_.find("{%", at_); i != text_.npos; i = text_.find("{%", i + 2)) {
    std::string_view rest = text_.substr(i + 2);
    if (rest.starts_with('-')) rest.remove_prefix(1);
    rest = strip_start(rest);
    if (tag_name(rest) != end_name) continue;
    const std::size_t close = rest.find("%}");
    if (close == rest.npos) break;
    trim_next_ = close > 0 && rest[close - 1] == '-';
    at_ = static_cast<std::size_t>(rest.data() - text_.data()) + close + 2;
    return text_.substr(begin, i - begin);
  }
  throw Fault{"`" + std::string(end_name.substr(3)) + "` is never closed", open};
}

std::vector<Token> tokens_of(std::string_view markup) {
  return Lexer(markup).run();
}

}  // namespace wf::liquid
