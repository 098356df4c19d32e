#include "runtime/store/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wf::store {

LockFile::~LockFile() {
  if (file_ >= 0) ::close(file_);
}

Result<void> LockFile::take(const std::filesystem::path& path) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0)
    return Error{ErrorCode::io,
                 "cannot open " + path.string() + ": " + std::generic_category().message(errno)};
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK)
    return Error{ErrorCode::conflict, "another process holds the store in " + path.parent_path().string()};
  return Error{ErrorCode::io, "cannot lock " + path.string() + ": " + std::generic_category().message(errno)};
}

}  // namespace wf::store
