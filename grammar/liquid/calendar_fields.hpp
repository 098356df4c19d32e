// The calendar of the filter `date`: proleptic Gregorian, without a time zone. Internal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wf::liquid {

inline constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                             "May",       "June",     "July",     "August",
                                                             "September", "October",  "November", "December"};
inline constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                          "Thursday", "Friday", "Saturday"};

struct Fields {
  std::int64_t year = 1970;
  int month = 1, day = 1, day_of_year = 1, weekday = 4;  ///< weekday 0: Sunday
  int hour = 0, minute = 0, second = 0;
};

struct IsoWeek {
  std::int64_t year;
  int week;
};

/// Days since 1970-01-01.
std::int64_t days_of(std::int64_t year, int month, int day);
int days_in_month(std::int64_t year, int month);
Fields fields_of(std::int64_t seconds);
IsoWeek iso_week(const Fields& fields);

}  // namespace wf::liquid
