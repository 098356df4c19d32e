#include "runtime/store/sync.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wf::store {

Result<void> sync_to_disk(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int cause = errno;
  if (file >= 0) ::close(file);
  if (synced) return {};
  return Error{ErrorCode::io, "cannot sync " + path.string() + ": " + std::generic_category().message(cause)};
}

}  // namespace wf::store
