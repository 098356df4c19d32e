// Template text to a template: literal text as it stands, and the outputs between `{{` and `}}`.
//
// One mistake gives one diagnostic per output; the output is left out and reading goes on behind its `}}`.
#include <algorithm>
#include <charconv>
#include <optional>

#include "grammar/liquid/filters.hpp"
#include "grammar/liquid/template.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::liquid {
namespace {

using text::Code;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) {
  // Names may be written in any script; the schema decides later which ones exist.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
  return starts_name(c) || is_digit(c);
}

void strip_end(std::string& text) {
  while (!text.empty() && is_space(text.back())) text.pop_back();
}

class Parser {
 public:
  Parser(text::FileId file, std::uint32_t offset, std::string_view text, text::DiagnosticSink& diagnostics)
      : file_(file), offset_(offset), text_(text), diagnostics_(diagnostics) {}

  Template run() {
    while (at_ < text_.size()) {
      std::size_t open = next_open();
      literal(open);
      if (open == text_.size()) break;
      if (text_[open + 1] == '%') {
        tag();
      } else {
        output();
      }
    }
    flush();
    return std::move(result_);
  }

 private:
  std::size_t next_open() const {
    for (std::size_t i = text_.find('{', at_); i != text_.npos; i = text_.find('{', i + 1)) {
      if (i + 1 == text_.size()) break;
      if (text_[i + 1] == '{' || text_[i + 1] == '%') return i;
    }
    return text_.size();
  }

  void literal(std::size_t end) {
    while (strip_next_ && at_ < end && is_space(text_[at_])) ++at_;
    if (at_ < end) strip_next_ = false;
    pending_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  void flush() {
    if (!pending_.empty()) result_.parts.emplace_back(std::move(pending_));
    pending_.clear();
  }

  void tag() {
    std::size_t begin = at_;
    std::size_t close = text_.find("%}", begin + 2);
    if (close == text_.npos) {
      report(Code::unclosed, begin, begin + 2, "`{%` is never closed");
      at_ = text_.size();
      return;
    }
    at_ = close + 2;
    report(Code::syntax, begin, at_, "tags like `{% if … %}` cannot be used in a template")
        .helps.push_back(
            "decide in the workflow, and write only outputs like `{{ contact.firstname }}` here");
  }

  void output() {
    open_ = at_;
    strip_next_ = false;
    at_ += 2;
    if (accept('-')) strip_end(pending_);
    flush();
    std::optional<Output> output = read_output();
    if (output) {
      result_.parts.emplace_back(std::move(*output));
      strip_next_ = accept('-');
      at_ += 2;
    } else {
      skip_output();
    }
  }

  std::optional<Output> read_output() {
    Output output;
    if (!read_path(output)) return std::nullopt;
    while (true) {
      skip_spaces();
      if (at_close()) return output;
      if (!accept('|')) return unexpected("`|` or `}}`");
      std::optional<Filter> next = read_filter();
      if (!next) return std::nullopt;
      output.filters.push_back(std::move(*next));
    }
  }

  bool read_path(Output& output) {
    skip_spaces();
    output.begin = place(at_);
    do {
      std::string name = read_name();
      if (name.empty()) {
        unexpected("a name like `contact.firstname`");
        return false;
      }
      output.path.push_back(std::move(name));
    } while (accept('.'));
    output.end = place(at_);
    return true;
  }

  std::optional<Filter> read_filter() {
    skip_spaces();
    Filter filter;
    std::size_t begin = at_;
    filter.name = read_name();
    if (filter.name.empty()) return unexpected("the name of a filter");
    std::size_t name_end = at_;
    std::size_t end = at_;
    skip_spaces();
    if (accept(':')) {
      do {
        skip_spaces();
        std::optional<value::Value> argument = read_argument();
        if (!argument) return std::nullopt;
        filter.arguments.push_back(std::move(*argument));
        end = at_;
        skip_spaces();
      } while (accept(','));
    }
    filter.begin = place(begin);
    filter.end = place(end);
    if (!check(filter, begin, name_end, end)) return std::nullopt;
    return filter;
  }

  bool check(const Filter& filter, std::size_t begin, std::size_t name_end, std::size_t end) {
    const FilterInfo* known = find_filter(filter.name);
    if (!known) {
      auto& finding = report(Code::unknown_name, begin, name_end, "there is no filter `" + filter.name + "`");
      std::string hint = text::did_you_mean(filter.name, filter_names());
      if (!hint.empty()) finding.helps.push_back(hint);
      return false;
    }
    if (filter.arguments.size() == known->arguments) return true;
    std::string wanted = known->arguments == 0 ? "no argument" : "one argument";
    report(Code::syntax, begin, end, "the filter `" + filter.name + "` takes " + wanted);
    return false;
  }

  std::optional<value::Value> read_argument() {
    char c = peek();
    if (c == '"' || c == '\'') return read_text(c);
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return read_number();
    return unexpected("a text or a number");
  }

  std::optional<value::Value> read_text(char quote) {
    std::size_t close = text_.find(quote, at_ + 1);
    if (close == text_.npos || text_.find('\n', at_) < close) {
      report(Code::unclosed, at_, at_ + 1,
             std::string("the text that starts with `") + quote + "` is never closed");
      return std::nullopt;
    }
    value::Value argument = value::Value::text(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    return argument;
  }

  std::optional<value::Value> read_number() {
    std::size_t begin = at_++;
    while (is_digit(peek()) || peek() == '.') ++at_;
    std::string_view digits = text_.substr(begin, at_ - begin);
    std::int64_t number = 0;
    if (digits.find('.') != digits.npos) {
      if (value::parse_decimal(digits, number)) return value::Value::decimal(number);
    } else if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc()) {
      return value::Value::integer(number);
    }
    report(Code::invalid_literal, begin, at_,
           "`" + std::string(digits) + "` is not a number that can be held")
        .notes.push_back("a number has at most 6 decimal places");
    return std::nullopt;
  }

  std::string read_name() {
    if (!starts_name(peek())) return {};
    std::size_t begin = at_;
    while (continues_name(peek())) ++at_;
    return text::nfc(text_.substr(begin, at_ - begin));
  }

  /// Reports what stands here instead of `wanted`; an output that never ends is reported as such.
  std::nullopt_t unexpected(std::string_view wanted) {
    std::size_t close = text_.find("}}", at_);
    bool unclosed = close == text_.npos || text_.find("{{", at_) < close;
    if (unclosed) {
      report(Code::unclosed, open_, open_ + 2, "`{{` is never closed")
          .helps.push_back("close the output with `}}`");
      return std::nullopt;
    }
    std::size_t end = at_close() ? close + 2 : at_ + character_length();
    report(Code::syntax, at_, end, "expected " + std::string(wanted) + " in the output");
    return std::nullopt;
  }

  /// After a mistake: behind the `}}` of this output, or before the output that starts earlier.
  void skip_output() {
    std::size_t close = text_.find("}}", at_);
    std::size_t next = text_.find("{{", at_);
    at_ = std::min({close == text_.npos ? close : close + 2, next, text_.size()});
  }

  std::size_t character_length() const {
    std::size_t length = 1;
    while (at_ + length < text_.size() && (static_cast<unsigned char>(text_[at_ + length]) & 0xc0) == 0x80)
      ++length;
    return length;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (is_space(peek())) ++at_;
  }
  bool at_close() const {
    std::string_view rest = text_.substr(at_);
    return rest.starts_with("}}") || rest.starts_with("-}}");
  }

  std::uint32_t place(std::size_t at) const { return offset_ + static_cast<std::uint32_t>(at); }
  text::Diagnostic& report(Code code, std::size_t begin, std::size_t end, std::string message) {
    return diagnostics_.report(code, {file_, place(begin), place(end)}, std::move(message));
  }

  text::FileId file_;
  std::uint32_t offset_;
  std::string_view text_;
  text::DiagnosticSink& diagnostics_;
  std::size_t at_ = 0;
  std::size_t open_ = 0;  // of the output that is being read
  bool strip_next_ = false;
  std::string pending_;
  Template result_;
};

}  // namespace

Template parse(const text::SourceSet&, text::FileId file, std::uint32_t offset, std::string_view text,
               text::DiagnosticSink& diagnostics) {
  return Parser(file, offset, text, diagnostics).run();
}

}  // namespace wf::liquid
