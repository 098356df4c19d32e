#include "grammar/liquid/date.hpp"

#include <algorithm>
#include <array>

#include "grammar/liquid/calendar_fields.hpp"

namespace wf::liquid {
namespace {

/// A directive between `%` and its letter.
struct Directive {
  bool no_padding = false, upper = false, swaps_case = false;
  char padding = '\0';  ///< as written
  int width = -1;
  int colons = 0;
  char letter = '\0';
};

constexpr int kMaxWidth = 100;

std::string padded(std::string text, std::size_t width, char with) {
  const bool zeros = with == '0' && text.starts_with('-');
  if (text.size() < width) text.insert(zeros ? 1 : 0, width - text.size(), with);
  return text;
}

std::string number(const Directive& d, std::int64_t v, int width, char padding) {
  std::string text = std::to_string(v);
  if (d.no_padding) return text;
  return padded(std::move(text), static_cast<std::size_t>(d.width >= 0 ? d.width : width),
                d.padding != '\0' ? d.padding : padding);
}

std::string word(const Directive& d, std::string text) {
  const bool is_upper = std::none_of(text.begin(), text.end(), [](char c) { return upper(c) != c; });
  if (d.upper || d.swaps_case)
    std::transform(text.begin(), text.end(), text.begin(), d.swaps_case && is_upper ? lower : upper);
  if (d.no_padding || d.width < 0) return text;
  return padded(std::move(text), static_cast<std::size_t>(d.width), d.padding == '0' ? '0' : ' ');
}

std::string offset_text(const Directive& d, std::int32_t offset) {
  const std::int32_t size = offset < 0 ? -offset : offset;
  const auto two = [](std::int32_t n) { return padded(std::to_string(n), 2, '0'); };
  const std::string colon = d.colons > 0 ? ":" : "";
  std::string text = (offset < 0 ? "-" : "+") + two(size / 3600) + colon + two(size / 60 % 60);
  if (d.colons > 1) text += ":" + two(size % 60);
  return text;
}

/// Milliseconds, or as many digits as the width says.
std::string fraction(const Directive& d, std::int32_t nanoseconds, int digits) {
  if (d.width > 0) digits = d.width;
  std::string text = padded(std::to_string(nanoseconds), 9, '0');
  text.resize(static_cast<std::size_t>(digits), '0');
  return text;
}

class Formatter {
 public:
  explicit Formatter(const Moment& moment)
      : moment_(moment), fields_(fields_of(moment.seconds + moment.offset)) {}

  std::string run(std::string_view format) {
    std::string out;
    while (!format.empty()) {
      const std::size_t percent = std::min(format.find('%'), format.size());
      out += format.substr(0, percent);
      format.remove_prefix(percent);
      if (format.empty()) break;
      std::size_t size = 1;
      const Directive d = directive(format, size);
      const std::optional<std::string> text = shown(d);
      out += text ? *text : std::string(format.substr(0, size));
      format.remove_prefix(size);
    }
    return out;
  }

 private:
  static Directive directive(std::string_view format, std::size_t& at) {
    Directive d;
    for (; at < format.size(); ++at) {
      const char c = format[at];
      if (c == '-') {
        d.no_padding = true;
      } else if (c == '0' && d.width < 0) {
        d.padding = '0';
      } else if (c == '_') {
        d.padding = ' ';
      } else if (c == '^') {
        d.upper = true;
      } else if (c == '#') {
        d.swaps_case = true;
      } else if (c == ':') {
        ++d.colons;
      } else if (is_digit(c)) {
        d.width = std::min(kMaxWidth, std::max(0, d.width) * 10 + (c - '0'));
      } else {
        d.letter = c;
        ++at;
        break;
      }
    }
    return d;
  }

  std::optional<std::string> shown(const Directive& d) const {
    if (auto text = shown_date(d)) return text;
    if (auto text = shown_time(d)) return text;
    return shown_together(d);
  }

  std::optional<std::string> shown_date(const Directive& d) const {
    const Fields& f = fields_;
    switch (d.letter) {
      case 'Y':
        return number(d, f.year, f.year < 0 ? 5 : 4, '0');
      case 'C':
        return number(d, f.year / 100, 2, '0');
      case 'y':
        return number(d, f.year % 100, 2, '0');
      case 'm':
        return number(d, f.month, 2, '0');
      case 'B':
        return word(d, std::string(kMonths[static_cast<std::size_t>(f.month - 1)]));
      case 'b':
      case 'h':
        return word(d, std::string(kMonths[static_cast<std::size_t>(f.month - 1)].substr(0, 3)));
      case 'd':
        return number(d, f.day, 2, '0');
      case 'e':
        return number(d, f.day, 2, ' ');
      case 'j':
        return number(d, f.day_of_year, 3, '0');
      case 'A':
        return word(d, std::string(kDays[static_cast<std::size_t>(f.weekday)]));
      case 'a':
        return word(d, std::string(kDays[static_cast<std::size_t>(f.weekday)].substr(0, 3)));
      case 'u':
        return number(d, f.weekday == 0 ? 7 : f.weekday, 1, '0');
      case 'w':
        return number(d, f.weekday, 1, '0');
      case 'G':
        return number(d, iso_week(f).year, 4, '0');
      case 'g':
        return number(d, iso_week(f).year % 100, 2, '0');
      case 'V':
        return number(d, iso_week(f).week, 2, '0');
      case 'U':
        return number(d, (f.day_of_year + 6 - f.weekday) / 7, 2, '0');
      case 'W':
        return number(d, (f.day_of_year + 6 - (f.weekday + 6) % 7) / 7, 2, '0');
      default:
        return {};
    }
  }

  std::optional<std::string> shown_time(const Directive& d) const {
    const Fields& f = fields_;
    const int twelve = f.hour % 12 == 0 ? 12 : f.hour % 12;
    switch (d.letter) {
      case 'H':
        return number(d, f.hour, 2, '0');
      case 'k':
        return number(d, f.hour, 2, ' ');
      case 'I':
        return number(d, twelve, 2, '0');
      case 'l':
        return number(d, twelve, 2, ' ');
      case 'M':
        return number(d, f.minute, 2, '0');
      case 'S':
        return number(d, f.second, 2, '0');
      case 'L':
        return fraction(d, moment_.nanoseconds, 3);
      case 'N':
        return fraction(d, moment_.nanoseconds, 9);
      case 'p':
        return word(d, f.hour < 12 ? "AM" : "PM");
      case 'P':
        return word(d, f.hour < 12 ? "am" : "pm");
      case 'z':
        return offset_text(d, moment_.offset);
      case 'Z':
        return word(d, std::string(moment_.zone));
      case 's':
        return number(d, moment_.seconds, 1, '0');
      default:
        return {};
    }
  }

  std::optional<std::string> shown_together(const Directive& d) const {
    static constexpr std::pair<char, std::string_view> kTogether[] = {{'c', "%a %b %e %H:%M:%S %Y"},
                                                                      {'D', "%m/%d/%y"},
                                                                      {'x', "%m/%d/%y"},
                                                                      {'F', "%Y-%m-%d"},
                                                                      {'v', "%e-%^b-%Y"},
                                                                      {'X', "%H:%M:%S"},
                                                                      {'T', "%H:%M:%S"},
                                                                      {'r', "%I:%M:%S %p"},
                                                                      {'R', "%H:%M"},
                                                                      {'+', "%a %b %e %H:%M:%S %Z %Y"},
                                                                      {'n', "\n"},
                                                                      {'t', "\t"}};
    if (d.letter == '%') return "%";
    for (const auto& [letter, format] : kTogether) {
      if (letter == d.letter) return word(d, Formatter(moment_).run(format));
    }
    return {};
  }

  const Moment& moment_;
  Fields fields_;
};

}  // namespace

std::string formatted(const Moment& moment, std::string_view format) {
  return Formatter(moment).run(format);
}

}  // namespace wf::liquid
