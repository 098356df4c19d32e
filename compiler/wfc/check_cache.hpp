// What `wfc check` learned about a project, kept between runs: a file that has not changed is not read again.
//
// The cache is only ever a help: one that is missing, damaged, or of another build of wfc is not used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check.hpp"
#include "compiler/wfc/project.hpp"
#include "grammar/text/result.hpp"

namespace wf::wfc {

struct CachedFile {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t changed_at = 0;
  std::uint64_t hash = 0;  ///< value::hash64 of the text
  compiler::FileFacts facts;
};

struct CheckCache {
  std::int64_t taken_at = 0;  ///< when the project was read, in nanoseconds since 1970
  std::vector<CachedFile> files;
  std::vector<compiler::OpenedFile> opened;
};

/// Where the cache of a project is kept by itself: below XDG_CACHE_HOME or HOME; nothing without either.
std::optional<std::string> cache_path(const ProjectArguments& arguments);

/// Nothing when there is none that this build wrote for the same day.
std::optional<CheckCache> load_cache(const std::string& path, std::optional<std::int32_t> today);
/// Replaces it at once. Errors: io.
Result<void> save_cache(const std::string& path, const CheckCache& cache, std::optional<std::int32_t> today);

/// As compiler::check over these sources, with the cache at `path` read before and written after.
/// Errors: those of read_source.
Result<compiler::Checked> check_with_cache(std::vector<SourcePath> sources, const std::string& path,
                                           const compiler::CheckOptions& options);

}  // namespace wf::wfc
