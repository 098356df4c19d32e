#include "runtime/wfd/disk_guard.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/log/log.hpp"

namespace wf::wfd {

DiskGuard::DiskGuard(std::string folder, DiskOptions options)
    : folder_(std::move(folder)), reserve_(folder_ + "/reserve"), options_(options) {}

void DiskGuard::check() {
  struct statvfs disk {};
  if (options_.low_percent <= 0 || ::statvfs(folder_.c_str(), &disk) != 0) return;
  const std::uint64_t total = disk.f_blocks * disk.f_frsize, free = disk.f_bavail * disk.f_frsize;
  const auto low = std::min(
      static_cast<std::uint64_t>(static_cast<double>(total) * options_.low_percent / 100), options_.most_low);
  const std::uint64_t reserve = std::min(options_.reserve, total / 8);
  // The room of the reserve that was given up is not for new work.
  const std::uint64_t high = 2 * low, enough = has_reserve() ? high : high + 2 * reserve;
  bool was_low = false, is_low = false;
  {
    const std::lock_guard lock(mutex_);
    was_low = low_;
    free_ = free;
    low_ = is_low = free < low || (low_ && free < enough);
  }
  if (is_low && !was_low) {
    log::error("the disk is nearly full: nothing more is accepted",
               {{"free_bytes", free}, {"folder", folder_}});
  } else if (was_low && !is_low) {
    log::info("there is space on the disk again", {{"free_bytes", free}});
  }
  if (free < low) {
    ::unlink(reserve_.c_str());
  } else if (free > high + 2 * reserve && !has_reserve()) {
    set_aside(reserve);
  }
}

bool DiskGuard::has_reserve() const {
  return ::access(reserve_.c_str(), F_OK) == 0;
}

void DiskGuard::set_aside(std::uint64_t bytes) const {
  const int fd = ::open(reserve_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  const bool done = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0;
  ::close(fd);
  if (!done) ::unlink(reserve_.c_str());
}

bool DiskGuard::is_low() const {
  const std::lock_guard lock(mutex_);
  return low_;
}

std::string DiskGuard::text() const {
  const std::lock_guard lock(mutex_);
  if (!low_) return "";
  return "nearly full: " + std::to_string(free_ >> 20) + " MiB free, nothing is accepted";
}

}  // namespace wf::wfd
