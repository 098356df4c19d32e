// Holiday files: any bytes give ascending days within the limits, or a problem inside the file.
#include <algorithm>

#include "compiler/schema/holidays.hpp"
#include "tests/fuzz/target.hpp"

void wf::fuzz::run(std::string_view input) {
  const auto read = schema::read_holidays(input, "Asia/Tokyo");
  if (const auto* problem = std::get_if<schema::HolidayProblem>(&read)) {
    require(problem->begin <= problem->end && problem->end <= input.size(), "the problem is in the file");
    return;
  }
  const auto& days = std::get<schema::Holidays>(read).days;
  require(days.size() <= schema::kMaxHolidays, "no more days than allowed");
  require(std::adjacent_find(days.begin(), days.end(), std::greater_equal<>()) == days.end(), "days ascend");
}
