// DiskGuard: notices that the disk of a folder fills up, before a write fails.
//
// Below the low mark nothing new is to be accepted, and a reserve file is given up, so that what was accepted
// can be worked off; above the high mark everything goes on, and the reserve is set aside again.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace wf::wfd {

struct DiskOptions {
  double low_percent = 5;                           ///< free space of the file system; 0: never low
  std::uint64_t most_low = 2ULL << 30;              ///< no more than this is asked to be free
  std::uint64_t reserve = std::uint64_t{64} << 20;  ///< at most an eighth of the file system
};

class DiskGuard {
 public:
  DiskGuard(std::string folder, DiskOptions options);

  /// Looks at the disk. One thread.
  void check();
  bool is_low() const;
  /// "" while there is enough. Any thread.
  std::string text() const;

 private:
  void set_aside(std::uint64_t bytes) const;
  bool has_reserve() const;

  const std::string folder_, reserve_;
  const DiskOptions options_;
  mutable std::mutex mutex_;
  bool low_ = false;
  std::uint64_t free_ = 0;
};

}  // namespace wf::wfd
