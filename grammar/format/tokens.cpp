#include "grammar/format/tokens.hpp"

#include <algorithm>

#include "grammar/wf/chars.hpp"

namespace wf::format {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Scanner {
 public:
  explicit Scanner(std::string_view source) : at_(source.data()), end_(source.data() + source.size()) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (source.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
  }

  std::vector<Token> all() {
    std::uint32_t breaks = 0;
    const char* behind = nullptr;
    for (;;) {
      for (; at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n'); ++at_)
        breaks += *at_ == '\n' ? 1 : 0;
      if (at_ == end_) break;
      const char* start = at_;
      const Kind kind = next();
      std::string_view text(start, static_cast<std::size_t>(at_ - start));
      if (kind == Kind::comment) text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
      tokens_.push_back({kind, text, breaks, start == behind, 0, false});
      behind = at_;
      breaks = 0;
    }
    pair_brackets();
    return std::move(tokens_);
  }

  std::vector<Token> without_separators() {
    tokens_ = all();
    drop_separators();
    pair_brackets();
    return std::move(tokens_);
  }

 private:
  char peek(std::ptrdiff_t distance) const { return end_ - at_ > distance ? at_[distance] : '\0'; }

  Kind next() {
    const char c = *at_;
    if (c == '#') return to_line_end();
    if (c == '"') return quoted();
    if (c == ',') return one(Kind::comma);
    if (c == ';') return one(Kind::semicolon);
    if (c == '{' || c == '(') return one(Kind::open);
    if (c == '}' || c == ')') return one(Kind::close);
    if (is_digit(c)) return number();
    if (const char* behind = grammar::name_end(at_, end_); behind != at_) return path(behind);
    return symbol();
  }

  Kind one(Kind kind) {
    ++at_;
    return kind;
  }

  Kind to_line_end() {
    at_ = std::find(at_, end_, '\n');
    return Kind::comment;
  }

  Kind quoted() {
    for (++at_; at_ < end_ && *at_ != '"' && *at_ != '\n'; ++at_) {
      if (*at_ == '\\' && at_ + 1 < end_ && at_[1] != '\n') ++at_;
    }
    if (at_ < end_ && *at_ == '"') ++at_;
    return Kind::text;
  }

  Kind path(const char* behind) {
    at_ = behind;
    while (at_ < end_ && *at_ == '.') {
      behind = grammar::name_end(at_ + 1, end_);
      if (behind == at_ + 1) break;
      at_ = behind;
    }
    return Kind::word;
  }

  /// `5`, `1.5`, `10%`, `09:00`, `2026-03-02T09:00`, `4d6h`, `12-25`.
  Kind number() {
    while (at_ < end_) {
      const bool joins = (*at_ == ':' || *at_ == '-' || *at_ == '.') && is_digit(peek(1));
      if (is_digit(*at_) || joins) {
        ++at_;
        continue;
      }
      const char* behind = grammar::name_end(at_, end_);
      if (behind == at_) break;
      at_ = behind;
    }
    if (at_ < end_ && *at_ == '%') ++at_;
    return Kind::number;
  }

  Kind symbol() {
    constexpr std::string_view kPairs[] = {"..", "->", "<-", "==", "!=", "<=", ">="};
    const char pair[] = {*at_, peek(1)};
    const bool two =
        std::find(std::begin(kPairs), std::end(kPairs), std::string_view(pair, 2)) != std::end(kPairs);
    // `a <-5` compares with a negative number.
    at_ += two && !(pair[0] == '<' && pair[1] == '-' && is_digit(peek(2))) ? 2 : 1;
    return Kind::symbol;
  }

  void pair_brackets() {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> open;  // and the line ends before it
    std::uint32_t breaks = 0;
    for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
      Token& token = tokens_[i];
      token.partner = i;
      breaks += token.breaks;
      if (token.kind == Kind::open) open.emplace_back(i, breaks);
      if (token.kind != Kind::close || open.empty()) continue;
      const auto [other, before] = open.back();
      open.pop_back();
      token.partner = other;
      tokens_[other].partner = i;
      token.tall = tokens_[other].tall = breaks != before;
    }
  }

  void drop_separators() {
    std::vector<Token> kept;
    std::vector<bool> tall = {true};
    std::uint32_t breaks = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      Token token = tokens_[i];
      if (token.kind == Kind::semicolon && is_needless(i, kept, tall.back())) {
        breaks = std::max(breaks + token.breaks, tall.back() ? 1u : 0u);
        continue;
      }
      if (token.kind == Kind::open) tall.push_back(token.tall);
      if (token.kind == Kind::close && tall.size() > 1) tall.pop_back();
      // A comment behind the statement stays there.
      token.breaks = token.kind == Kind::comment && token.breaks == 0 ? 0 : std::max(token.breaks, breaks);
      breaks = 0;
      kept.push_back(token);
    }
    tokens_ = std::move(kept);
  }

  bool is_needless(std::size_t i, const std::vector<Token>& before, bool tall) const {
    if (tall || before.empty() || before.back().kind == Kind::open) return true;
    const bool last = i + 1 == tokens_.size() || tokens_[i + 1].kind == Kind::close;
    return last || tokens_[i + 1].kind == Kind::semicolon;
  }

  const char* at_;
  const char* end_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> scan(std::string_view source) {
  return Scanner(source).all();
}

std::vector<Token> tokenise(std::string_view source) {
  return Scanner(source).without_separators();
}

}  // namespace wf::format
