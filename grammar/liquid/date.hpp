// Dates as the filter `date` reads and shows them. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/liquid/datum.hpp"

namespace wf::liquid {

struct Moment {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00Z
  std::int32_t nanoseconds = 0;
  std::int32_t offset = 0;  ///< seconds east of UTC
  std::string_view zone = "UTC";
};

/// From seconds since 1970 as a number or as digits, `now`, `today`, or a text with a date in one of the
/// usual forms
/// (`2026-03-14T09:00:00+09:00`, `March 14, 2026`, `14 Mar 2026 9:00 pm`, `2026/3/14`); a text with a time
/// only is today's. Nothing for anything else. `now` is in seconds since 1970.
std::optional<Moment> moment_of(const Datum& v, std::int64_t now);

/// As strftime() of C and Ruby, with flags (`%-d`, `%^b`, `%:z`) and widths; an unknown directive stays as it
/// is.
std::string formatted(const Moment& moment, std::string_view format);

}  // namespace wf::liquid
