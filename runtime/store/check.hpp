// check: reads everything in a SQLite store and looks whether it is in order. Changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::store {

struct CheckFigures {
  std::uint64_t bytes = 0;  ///< of both files
  std::uint64_t frames = 0, inputs = 0;
  std::uint64_t records = 0, timers = 0, effects = 0;  ///< in the tables
  std::uint64_t idle_timers = 0;        ///< of records that are not there: they do nothing when they fire
  std::vector<std::string> unverified;  ///< files of format 1: their pages have no checksums
};

struct CheckOptions {
  std::string vfs;             ///< as OpenOptions::vfs
  std::function<bool()> stop;  ///< asked now and then; true ends the check. May be none
};

/// A daemon may run meanwhile; then the write-ahead logs are left to the check at its next start. Each table
/// is read in a transaction of its own, so that the logs do not grow for longer than that. Errors: not_found
/// (no store there), corrupt (names the file), unsupported (a newer format), unavailable (stopped), io.
Result<CheckFigures> check(const std::filesystem::path& directory, const CheckOptions& options = {});

/// The files of the store in `directory` whose pages have no checksums. Errors as of check.
Result<std::vector<std::string>> files_without_checksums(const std::filesystem::path& directory);

}  // namespace wf::store
