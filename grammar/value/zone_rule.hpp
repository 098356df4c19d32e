// The yearly rule of a time zone in POSIX form: "EST5EDT,M3.2.0,M11.1.0". Internal to the calendar.
#pragma once

#include <string_view>
#include <vector>

#include "grammar/value/zone.hpp"

namespace wf::value {

/// The changes that the rule makes from first_year to last_year, in order of time; empty when the rule has no
/// daylight saving or is malformed. Dates in the form "Mm.w.d" only: the database has no other.
std::vector<Zone::Span> changes_by_rule(std::string_view rule, int first_year, int last_year);

}  // namespace wf::value
