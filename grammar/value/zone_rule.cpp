#include "grammar/value/zone_rule.hpp"

#include <algorithm>
#include <cctype>

#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;

struct Change {
  int month = 1;
  int week = 1;                // 5 is the last one of the month
  int weekday = 0;             // 0 is Sunday
  std::int32_t at = 2 * 3600;  // seconds after local midnight, may be negative or beyond a day
};

/// A cursor over the rule; after the first mismatch `ok` stays false.
struct RuleScanner {
  std::string_view rest;
  bool ok = true;

  char peek() const { return rest.empty() ? '\0' : rest.front(); }
  bool accept(char c) {
    if (peek() != c || rest.empty()) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }

  int number(int min, int max) {
    int n = 0;
    ok = ok && at_digit();
    for (; at_digit() && n <= max; rest.remove_prefix(1)) n = n * 10 + (peek() - '0');
    ok = ok && n >= min && n <= max;
    return n;
  }

  void abbreviation() {
    bool quoted = accept('<');
    std::size_t end = 0;
    auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
    while (end < rest.size() && (quoted ? rest[end] != '>' : letter(rest[end]))) ++end;
    rest.remove_prefix(end);
    ok = ok && end > 0 && (!quoted || accept('>'));
  }

  /// [+-]hh[:mm[:ss]] in seconds.
  std::int32_t time() {
    bool negative = accept('-');
    if (!negative) accept('+');
    std::int32_t seconds = number(0, 167) * 3600;
    if (accept(':')) seconds += number(0, 59) * 60;
    if (accept(':')) seconds += number(0, 59);
    return negative ? -seconds : seconds;
  }

  Change change() {
    Change change;
    ok = ok && accept(',') && accept('M');
    change.month = number(1, 12);
    ok = ok && accept('.');
    change.week = number(1, 5);
    ok = ok && accept('.');
    change.weekday = number(0, 6);
    if (accept('/')) change.at = time();
    return change;
  }
};

/// Seconds since 1970 in the local time that holds before the change.
std::int64_t local_seconds(const Change& change, int year) {
  auto month = static_cast<std::uint32_t>(change.month);
  std::int32_t first = *to_days(year, month, 1);
  int first_weekday = (weekday(first) + 1) % 7;
  std::int32_t day = first + (change.weekday - first_weekday + 7) % 7 + (change.week - 1) * 7;
  if (day >= add_months(first, 1)) day -= 7;
  return day * kSecondsPerDay + change.at;
}

}  // namespace

std::vector<Zone::Span> changes_by_rule(std::string_view rule, int first_year, int last_year) {
  RuleScanner in{rule};
  in.abbreviation();
  std::int32_t standard = -in.time();  // POSIX counts westwards
  if (in.rest.empty()) return {};
  in.abbreviation();
  std::int32_t daylight = in.peek() == ',' ? standard + 3600 : -in.time();
  Change start = in.change();
  Change end = in.change();
  if (!in.ok || !in.rest.empty()) return {};

  std::vector<Zone::Span> changes;
  for (int year = first_year; year <= last_year; ++year) {
    changes.push_back({local_seconds(start, year) - standard, daylight});
    changes.push_back({local_seconds(end, year) - daylight, standard});
  }
  std::sort(changes.begin(), changes.end(),
            [](const Zone::Span& a, const Zone::Span& b) { return a.begin < b.begin; });
  return changes;
}

}  // namespace wf::value
