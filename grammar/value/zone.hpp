// Offsets of one time zone as a sorted table. Internal to the calendar.
//
// A table is built once per zone and kept for the life of the process; it is immutable and may be read from
// any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace wf::value {

class Zone {
 public:
  /// A stretch of time with one offset: from `begin` (seconds since 1970, UTC) to the next span's begin.
  struct Span {
    std::int64_t begin;
    std::int32_t offset;  ///< seconds to add to UTC
  };

  explicit Zone(std::vector<Span> spans) : spans_(std::move(spans)) {}

  const Span& at(std::int64_t seconds) const { return spans_[index(seconds)]; }
  /// First second after the span that holds `seconds`; the largest number when there is none.
  std::int64_t end_of_span(std::int64_t seconds) const { return end(index(seconds)); }
  /// Seconds UTC of a local time: the earlier one when it happens twice, the end of the gap when it never
  /// does.
  std::int64_t from_local(std::int64_t local_seconds) const;

 private:
  std::size_t index(std::int64_t seconds) const;
  std::int64_t end(std::size_t span) const {
    return span + 1 < spans_.size() ? spans_[span + 1].begin : std::numeric_limits<std::int64_t>::max();
  }

  std::vector<Span> spans_;
};

/// The zone of that name, or null. Fast when asked again. Thread-safe.
const Zone* find_zone(std::string_view name);

/// Seconds between UTC and local time then; the zone must exist.
std::int32_t utc_offset(std::int64_t instant, std::string_view zone);

}  // namespace wf::value
