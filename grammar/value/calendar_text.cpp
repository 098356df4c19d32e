// The text forms of the calendar.
#include <array>
#include <charconv>
#include <limits>

#include "grammar/value/calendar.hpp"
#include "grammar/value/value.hpp"
#include "grammar/value/zone.hpp"

namespace wf::value {
namespace {

/// Reads from the front of a text; after the first mismatch `ok` stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool complete() const { return ok_ && rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool accept(char c) {
    if (!ok_ || peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) ok_ = false;
  }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
  /// Exactly `count` digits.
  std::uint32_t digits(int count) {
    std::uint32_t n = 0;
    for (int i = 0; i < count; ++i) n = n * 10 + digit();
    return ok_ ? n : 0;
  }
  std::uint32_t digit() {
    if (!at_digit()) ok_ = false;
    if (!ok_) return 0;
    auto n = static_cast<std::uint32_t>(rest_.front() - '0');
    rest_.remove_prefix(1);
    return n;
  }
  void fail() { ok_ = false; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::int32_t scan_date(Scanner& in, Civil& civil) {
  civil.year = static_cast<std::int32_t>(in.digits(4));
  in.expect('-');
  civil.month = in.digits(2);
  in.expect('-');
  civil.day = in.digits(2);
  std::optional<std::int32_t> days = to_days(civil.year, civil.month, civil.day);
  if (!days) in.fail();
  return days.value_or(0);
}

void scan_hours_minutes(Scanner& in, Civil& civil) {
  civil.hour = in.digits(2);
  in.expect(':');
  civil.minute = in.digits(2);
  if (civil.hour > 23 || civil.minute > 59) in.fail();
}

void scan_seconds(Scanner& in, Civil& civil) {
  civil.second = in.digits(2);
  if (civil.second > 59) in.fail();
}

void scan_fraction(Scanner& in, Civil& civil) {
  if (!in.accept('.')) return;
  std::uint32_t unit = 100'000;
  do {
    civil.micro += in.digit() * unit;
    unit /= 10;
  } while (in.ok() && in.at_digit() && unit > 0);
}

/// Seconds east of UTC.
std::int64_t scan_offset(Scanner& in) {
  if (in.accept('Z') || in.accept('z')) return 0;
  bool west = in.accept('-');
  if (!west) in.expect('+');
  Civil offset;
  scan_hours_minutes(in, offset);
  std::int64_t seconds = offset.hour * 3600 + offset.minute * 60;
  return west ? -seconds : seconds;
}

struct Unit {
  char letter;
  const char* word;
  std::int64_t length;
};
constexpr std::array<Unit, 5> kUnits = {{{'w', "week", 7 * kDay},
                                         {'d', "day", kDay},
                                         {'h', "hour", kHour},
                                         {'m', "minute", kMinute},
                                         {'s', "second", kSecond}}};

/// Fixed width with leading zeros; wider numbers stay whole.
void append_padded(std::string& out, std::int64_t n, int width) {
  char buffer[24];
  const bool negative = n < 0;
  const std::uint64_t size = negative ? ~static_cast<std::uint64_t>(n) + 1 : static_cast<std::uint64_t>(n);
  char* const end = std::to_chars(buffer, buffer + sizeof buffer, size).ptr;
  if (negative) out += '-';
  for (auto written = end - buffer + (negative ? 1 : 0); written < width; ++written) out += '0';
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

void append_date(std::string& out, const Civil& civil) {
  append_padded(out, civil.year, civil.year < 0 ? 5 : 4);
  out += '-';
  append_padded(out, civil.month, 2);
  out += '-';
  append_padded(out, civil.day, 2);
}

void append_clock(std::string& out, const Civil& civil) {
  append_padded(out, civil.hour, 2);
  out += ':';
  append_padded(out, civil.minute, 2);
  out += ':';
  append_padded(out, civil.second, 2);
  if (civil.micro == 0) return;
  std::string places;
  append_padded(places, civil.micro, 6);
  places.erase(places.find_last_not_of('0') + 1);
  out += '.' + places;
}

/// Calls `append(count, unit)` for each unit of days and below that is not zero; seconds come as decimal
/// text.
template <class Append>
void for_each_unit(std::int64_t us, Append append) {
  std::uint64_t rest = static_cast<std::uint64_t>(us);
  if (us < 0) rest = ~rest + 1;
  for (const Unit& unit : kUnits) {
    if (unit.letter == 'w' || unit.letter == 's') continue;
    std::uint64_t length = static_cast<std::uint64_t>(unit.length);
    if (rest >= length) append(std::to_string(rest / length), unit);
    rest %= length;
  }
  if (rest > 0) append(format_decimal(static_cast<std::int64_t>(rest)), kUnits.back());
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  Scanner in(text);
  Civil civil;
  std::int32_t days = scan_date(in, civil);
  if (!in.complete()) return std::nullopt;
  return days;
}

std::optional<std::int32_t> parse_time_of_day(std::string_view text) {
  if (text == "24:00") return 24 * 60;
  Scanner in(text);
  Civil civil;
  scan_hours_minutes(in, civil);
  if (!in.complete()) return std::nullopt;
  return static_cast<std::int32_t>(civil.hour * 60 + civil.minute);
}

std::optional<std::int64_t> parse_instant(std::string_view text) {
  Scanner in(text);
  Civil civil;
  std::int64_t days = scan_date(in, civil);
  if (!in.accept('t')) in.expect('T');
  scan_hours_minutes(in, civil);
  in.expect(':');
  scan_seconds(in, civil);
  scan_fraction(in, civil);
  std::int64_t offset = scan_offset(in);
  if (!in.complete()) return std::nullopt;
  std::int64_t seconds = civil.hour * 3600 + civil.minute * 60 + civil.second - offset;
  return days * kDay + seconds * kSecond + civil.micro;
}

std::optional<Civil> parse_local(std::string_view text) {
  Scanner in(text);
  Civil civil;
  scan_date(in, civil);
  in.expect('T');
  scan_hours_minutes(in, civil);
  if (in.accept(':')) {
    scan_seconds(in, civil);
    scan_fraction(in, civil);
  }
  if (!in.complete()) return std::nullopt;
  return civil;
}

std::optional<std::int64_t> parse_compact_duration(std::string_view text) {
  Scanner in(text);
  std::int64_t total = 0;
  std::size_t next_unit = 0;  // units come from large to small, each at most once
  do {
    std::int64_t count = 0;
    do {
      if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, in.digit(), &count))
        in.fail();
    } while (in.ok() && in.at_digit());
    while (next_unit < kUnits.size() && kUnits[next_unit].letter != in.peek()) ++next_unit;
    if (!in.ok() || next_unit == kUnits.size()) return std::nullopt;
    const Unit& unit = kUnits[next_unit++];
    in.expect(unit.letter);
    if (__builtin_mul_overflow(count, unit.length, &count) || __builtin_add_overflow(total, count, &total)) {
      return std::nullopt;
    }
  } while (!in.complete());
  return total;
}

std::string format_date(std::int32_t days) {
  std::string out;
  append_date(out, from_days(days));
  return out;
}

std::string format_time_of_day(std::int32_t minutes) {
  std::string out;
  append_padded(out, minutes / 60, 2);
  out += ':';
  append_padded(out, minutes % 60, 2);
  return out;
}

std::string format_instant(std::int64_t instant) {
  Civil civil = to_local(instant, "UTC");
  std::string out;
  append_date(out, civil);
  out += 'T';
  append_clock(out, civil);
  return out + 'Z';
}

std::string format_instant(std::int64_t instant, std::string_view zone) {
  Civil civil = to_local(instant, zone);
  std::string out;
  append_date(out, civil);
  out += 'T';
  append_clock(out, civil);
  // RFC 3339 offsets have no seconds; only local mean times before about 1970 would need them.
  std::int64_t minutes = utc_offset(instant, zone) / 60;
  out += minutes < 0 ? '-' : '+';
  return out + format_time_of_day(static_cast<std::int32_t>(minutes < 0 ? -minutes : minutes));
}

std::string format_duration(std::int64_t us) {
  std::string out = us < 0 ? "-" : "";
  for_each_unit(us, [&out](const std::string& count, const Unit& unit) {
    if (!out.empty() && out != "-") out += ' ';
    out += count + ' ' + unit.word;
    if (count != "1") out += 's';
  });
  return us == 0 ? "0 minutes" : out;
}

std::string format_compact_duration(std::int64_t us) {
  std::string out = us < 0 ? "-" : "";
  for_each_unit(us, [&out](const std::string& count, const Unit& unit) { (out += count) += unit.letter; });
  return us == 0 ? "0m" : out;
}

}  // namespace wf::value
