#include "grammar/liquid/calendar_fields.hpp"

namespace wf::liquid {
namespace {

constexpr std::int64_t kDay = 86'400;

bool is_leap(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int weeks_in(std::int64_t year) {
  const auto weekday_of_last = [](std::int64_t y) {
    const std::int64_t days = days_of(y, 12, 31);
    return ((days + 4) % 7 + 7) % 7;
  };
  return weekday_of_last(year) == 4 || weekday_of_last(year - 1) == 3 ? 53 : 52;
}

}  // namespace

/// Counted in years that begin in March and eras of 400 of them, so that the leap day is the last of its
/// year.
std::int64_t days_of(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int days_in_month(std::int64_t year, int month) {
  static constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kLengths[static_cast<std::size_t>(month - 1)];
}

Fields fields_of(std::int64_t seconds) {
  Fields f;
  std::int64_t days = seconds / kDay;
  std::int64_t rest = seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  f.hour = static_cast<int>(rest / 3600);
  f.minute = static_cast<int>(rest / 60 % 60);
  f.second = static_cast<int>(rest % 60);
  f.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t of_era = shifted - era * 146'097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * of_year + 2) / 153;
  f.day = static_cast<int>(of_year - (153 * month_from_march + 2) / 5 + 1);
  f.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  f.year = year_of_era + era * 400 + (f.month <= 2 ? 1 : 0);
  f.day_of_year = static_cast<int>(days - days_of(f.year, 1, 1)) + 1;
  return f;
}

IsoWeek iso_week(const Fields& fields) {
  const int weekday = fields.weekday == 0 ? 7 : fields.weekday;
  const int week = (fields.day_of_year - weekday + 10) / 7;
  if (week < 1) return {fields.year - 1, weeks_in(fields.year - 1)};
  if (week > weeks_in(fields.year)) return {fields.year + 1, 1};
  return {fields.year, week};
}

}  // namespace wf::liquid
