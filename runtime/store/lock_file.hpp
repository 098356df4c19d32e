// LockFile: at most one process owns a store directory.
#pragma once

#include <filesystem>

#include "grammar/text/result.hpp"

namespace wf::store {

/// Holds the lock until destroyed or until the process ends, however it ends.
class LockFile {
 public:
  LockFile() = default;
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  /// Errors: conflict (someone else holds it), io.
  Result<void> take(const std::filesystem::path& path);

 private:
  int file_ = -1;
};

}  // namespace wf::store
