// log_format: what SQLite's write-ahead log looks like on disk, as far as its checksums go.
// https://www.sqlite.org/fileformat2.html#walformat
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::store {

/// Of everything in a log up to some frame: each frame's sum continues the one before it.
struct LogSum {
  std::uint32_t first = 0, second = 0;
  friend bool operator==(const LogSum&, const LogSum&) = default;
};

inline constexpr std::size_t kLogHeader = 32;
inline constexpr std::size_t kLogFrameHeader = 24;
/// What a frame's sum covers of its header.
inline constexpr std::size_t kLogSummed = 8;

/// Continues `sum` over `bytes`, a multiple of 8 of them.
LogSum add_to(LogSum sum, std::string_view bytes);
/// The sum that stands at the end of the header of a log or of a frame.
LogSum stored_sum(std::string_view header);

/// Tells damage in a log at rest from what a loss of power leaves. SQLite takes a frame that fails its
/// checksum for the end of the log. That is right for the last transaction only: each one was synced before
/// the next was written. Damage in the last one looks like a write that was cut short; nothing can tell them
/// apart. `path`: of the database. Nobody may write to it meanwhile. Errors: corrupt, io.
Result<void> check_log(const std::string& path, const std::string& vfs);

}  // namespace wf::store
