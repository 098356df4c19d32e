// Dates that people and programs write.
#include <algorithm>
#include <array>

#include "grammar/liquid/calendar_fields.hpp"
#include "grammar/liquid/date.hpp"

namespace wf::liquid {
namespace {

constexpr std::size_t kMaxText = 128;
constexpr std::int64_t kMaxSeconds = 253'402'300'799 * 10;  // years of five digits

struct Zone {
  std::string_view name, shown;
  std::int32_t hours;
};
constexpr Zone kZones[] = {{"z", "UTC", 0},    {"utc", "UTC", 0},  {"gmt", "UTC", 0},  {"jst", "JST", 9},
                           {"est", "EST", -5}, {"edt", "EDT", -4}, {"cst", "CST", -6}, {"cdt", "CDT", -5},
                           {"mst", "MST", -7}, {"mdt", "MDT", -6}, {"pst", "PST", -8}, {"pdt", "PDT", -7}};

/// A number, a word in lower case, or one other character.
struct Item {
  std::string_view text;
  bool is_number = false, is_word = false;
  std::int64_t value = 0;

  bool is(char c) const { return text.size() == 1 && text.front() == c; }
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<Item> items_of(std::string_view text) {
  std::vector<Item> items;
  while (!text.empty()) {
    std::size_t size = 1;
    Item item;
    item.is_number = is_digit(text.front());
    item.is_word = is_letter(text.front());
    if (item.is_number) {
      for (size = 0; size < text.size() && is_digit(text[size]); ++size)
        item.value = std::min<std::int64_t>(item.value * 10 + (text[size] - '0'), 99'999'999'999);
    }
    while (item.is_word && size < text.size() && is_letter(text[size])) ++size;
    item.text = text.substr(0, size);
    items.push_back(item);
    text.remove_prefix(size);
  }
  return items;
}

/// The month of a word such as `mar` or `march`; 0 for none.
int month_of(std::string_view word) {
  if (word.size() < 3) return 0;
  for (std::size_t n = 0; n < kMonths.size(); ++n) {
    std::string name(kMonths[n]);
    name[0] = lower(name[0]);
    if (name.starts_with(word) || (word == "sept" && n == 8)) return static_cast<int>(n) + 1;
  }
  return 0;
}

std::int64_t full_year(const Item& item) {
  if (item.text.size() > 2) return item.value;
  return item.value + (item.value < 69 ? 2000 : 1900);
}

class DateReader {
 public:
  DateReader(std::string_view text, std::int64_t now) : items_(items_of(text)), today_(fields_of(now)) {}

  std::optional<Moment> run() {
    const bool has_time = time();
    const bool has_date = date();
    if (!has_date && !has_time) return {};
    if (!has_date) {
      year_ = today_.year;
      month_ = today_.month;
      day_ = today_.day;
    }
    const bool valid = month_ >= 1 && month_ <= 12 && day_ >= 1 && year_ <= 99'999 &&
                       day_ <= days_in_month(year_, static_cast<int>(month_)) && hour_ <= 24 &&
                       minute_ < 60 && second_ <= 60;
    if (!valid) return {};
    const std::int64_t days = days_of(year_, static_cast<int>(month_), static_cast<int>(day_));
    moment_.seconds = days * 86'400 + hour_ * 3600 + minute_ * 60 + second_ - moment_.offset;
    return moment_;
  }

 private:
  const Item& at(std::size_t n) const {
    static const Item none;
    return n < items_.size() ? items_[n] : none;
  }
  void skip_spaces(std::size_t& n) const {
    while (at(n).is(' ')) ++n;
  }

  /// `9:00`, `09:00:30.5`, `9 pm`, with a zone; taken out of the items.
  bool time() {
    for (std::size_t n = 0; n < items_.size(); ++n) {
      if (!at(n).is_number) continue;
      std::size_t end = n + 1;
      const bool has_minutes = at(n + 1).is(':') && at(n + 2).is_number;
      if (has_minutes) {
        minute_ = at(n + 2).value;
        end = n + 3;
        seconds(end);
      }
      const bool has_half = half_of_day(end, at(n).value);
      if (!has_minutes && !has_half) continue;
      if (!has_half) hour_ = at(n).value;
      zone(end);
      const bool after_t = n > 0 && (at(n - 1).text == "t" || at(n - 1).is(' '));
      const std::size_t begin = after_t ? n - 1 : n;
      items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(begin),
                   items_.begin() + static_cast<std::ptrdiff_t>(end));
      return true;
    }
    return compact_time();
  }

  /// `20260314t090000z`.
  bool compact_time() {
    for (std::size_t n = 1; n + 1 < items_.size(); ++n) {
      const bool is_time = at(n).text == "t" && at(n - 1).is_number && at(n + 1).text.size() == 6;
      if (!is_time || !at(n + 1).is_number) continue;
      hour_ = at(n + 1).value / 10'000;
      minute_ = at(n + 1).value / 100 % 100;
      second_ = at(n + 1).value % 100;
      std::size_t end = n + 2;
      zone(end);
      items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(n),
                   items_.begin() + static_cast<std::ptrdiff_t>(end));
      return true;
    }
    return false;
  }

  void seconds(std::size_t& end) {
    if (!at(end).is(':') || !at(end + 1).is_number) return;
    second_ = at(end + 1).value;
    end += 2;
    if ((!at(end).is('.') && !at(end).is(',')) || !at(end + 1).is_number) return;
    std::string digits(at(end + 1).text.substr(0, 9));
    digits.resize(9, '0');
    moment_.nanoseconds = static_cast<std::int32_t>(std::stol(digits));
    end += 2;
  }

  bool half_of_day(std::size_t& end, std::int64_t hour) {
    std::size_t n = end;
    skip_spaces(n);
    const std::string_view word = at(n).text;
    if ((word != "am" && word != "pm") || hour < 1 || hour > 12) return false;
    hour_ = hour % 12 + (word == "pm" ? 12 : 0);
    end = n + 1;
    return true;
  }

  void zone(std::size_t& end) {
    std::size_t n = end;
    skip_spaces(n);
    for (const Zone& zone : kZones) {
      if (at(n).text != zone.name) continue;
      moment_.zone = zone.shown;
      moment_.offset = zone.hours * 3600;
      end = ++n;
      break;
    }
    const bool is_east = at(n).is('+');
    if ((!is_east && !at(n).is('-')) || !at(n + 1).is_number) return;
    const Item& digits = at(n + 1);
    const bool parted = digits.text.size() <= 2 && at(n + 2).is(':') && at(n + 3).is_number;
    if (digits.text.size() != 4 && digits.text.size() > 2) return;
    const std::int64_t hours = digits.text.size() == 4 ? digits.value / 100 : digits.value;
    const std::int64_t minutes = digits.text.size() == 4 ? digits.value % 100 : parted ? at(n + 3).value : 0;
    if (hours > 24 || minutes > 59) return;
    moment_.offset = static_cast<std::int32_t>((hours * 3600 + minutes * 60) * (is_east ? 1 : -1));
    if (moment_.offset != 0 || !moment_.zone.starts_with("UTC")) moment_.zone = "";
    end = n + (parted ? 4 : 2);
  }

  bool date() {
    for (std::size_t n = 0; n < items_.size(); ++n) {
      const int month = at(n).is_word ? month_of(at(n).text) : 0;
      if (month != 0) return with_month_name(n, month);
    }
    for (std::size_t n = 0; n < items_.size(); ++n) {
      if (at(n).is_number) return in_numbers(n);
    }
    return false;
  }

  /// The numbers beside the month's name: a day and a year, in the order that their sizes say.
  bool with_month_name(std::size_t, int month) {
    month_ = month;
    std::vector<const Item*> numbers;
    for (const Item& item : items_) {
      if (item.is_number) numbers.push_back(&item);
    }
    const auto is_year = [](const Item& item) { return item.text.size() > 2; };
    year_ = today_.year;
    day_ = 1;
    if (numbers.empty() || numbers.size() > 2) return numbers.empty();
    const bool year_first = is_year(*numbers.front());
    if (numbers.size() == 1) {
      (year_first ? year_ : day_) = numbers.front()->value;
      return true;
    }
    day_ = numbers[year_first ? 1 : 0]->value;
    year_ = full_year(*numbers[year_first ? 0 : 1]);
    return true;
  }

  /// `2026-03-14`, `2026/3/14`, `14/3/2026`, `14.3.2026`, `20260314`, `2026年3月14日`, `2026-03`.
  bool in_numbers(std::size_t n) {
    const Item& first = at(n);
    if (first.text.size() == 8) {
      year_ = first.value / 10'000;
      month_ = first.value / 100 % 100;
      day_ = first.value % 100;
      return true;
    }
    const std::string_view mark = at(n + 1).text;
    const bool parted = mark == "-" || mark == "/" || mark == "." || mark == "年";
    if (!parted || !at(n + 2).is_number) return false;
    const std::string_view second_mark = mark == "年" ? "月" : mark;
    const bool has_third = at(n + 3).text == second_mark && at(n + 4).is_number;
    if (!has_third && (mark == "." || first.text.size() < 3)) return false;
    const Item& third = at(n + 4);
    const bool year_last = has_third && third.text.size() > 2;
    year_ = year_last ? third.value : full_year(first);
    month_ = at(n + 2).value;
    day_ = !has_third ? 1 : year_last ? first.value : third.value;
    return true;
  }

  std::vector<Item> items_;
  Fields today_;
  Moment moment_;
  std::int64_t year_ = 0, month_ = 0, day_ = 0, hour_ = 0, minute_ = 0, second_ = 0;
};

std::optional<Moment> at_second(Wide seconds) {
  if (seconds > kMaxSeconds || seconds < -kMaxSeconds) return {};
  Moment moment;
  moment.seconds = static_cast<std::int64_t>(seconds);
  return moment;
}

}  // namespace

std::optional<Moment> moment_of(const Datum& v, std::int64_t now) {
  if (v.is(Type::integer)) return at_second(v.as_integer());
  if (!v.is(Type::text) || v.as_text().empty() || v.as_text().size() > kMaxText) return {};
  std::string text(v.as_text());
  std::transform(text.begin(), text.end(), text.begin(), lower);
  if (text == "now" || text == "today") return at_second(now);
  if (std::all_of(text.begin(), text.end(), is_digit))
    return at_second(text.size() > 18 ? kMaxSeconds + 1 : std::stoll(text));
  return DateReader(text, now).run();
}

}  // namespace wf::liquid
