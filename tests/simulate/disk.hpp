// Disk: files in memory behind a SQLite VFS, that fail as disks, file systems and machines do.
//
// Each file has what survives a loss of power, what processes see, and the list of writes between the two.
// A sync moves the list over. At a loss of power each sector of the list survives or not, in any order, and
// the one that was being written may be torn. A name that was made or removed survives only once its
// directory was synced, as it is for files of ext4 and xfs.
//
// It promises SQLite nothing (device characteristics 0). Everything depends on the seed only. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/reference/generator/rng.hpp"

struct sqlite3_vfs;

namespace wf::simulate {

using reference::Rng;

enum class DiskCall : std::uint8_t { read, write, truncate, sync, remove, open };
inline constexpr std::size_t kDiskCalls = 6;

struct DiskOptions {
  std::size_t sector = 512;  ///< 512 or 4096: what is written whole or not at all
  bool torn = false;         ///< of a sector that is being written only a part may survive
  bool lying = false;        ///< syncs do nothing
};

/// How often something was made to fail.
struct DiskFigures {
  std::uint64_t calls = 0, syncs = 0;
  std::uint64_t power_losses = 0, kills = 0;
  std::uint64_t sectors_lost = 0, sectors_kept = 0, sectors_torn = 0, names_lost = 0;
  std::uint64_t failed[kDiskCalls] = {};
  std::uint64_t full = 0;

  void add(const DiskFigures& other);
};

class Disk {
 public:
  explicit Disk(std::uint64_t seed, DiskOptions options = {});
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// For OpenOptions::vfs.
  const std::string& vfs() const { return name_; }
  DiskOptions& options() { return options_; }

  // ---- what is to go wrong
  /// The n-th call from now (1: the next) fails with a SQLite result; so do all after it if `lasting`.
  void fail_call(std::uint64_t n, bool lasting);
  /// Every call of this kind fails until heal().
  void fail_all(DiskCall kind) { broken_ |= 1u << static_cast<unsigned>(kind); }
  /// A failed sync also forgets what it should have written: the pages count as clean.
  void forget_on_failed_sync(bool forget) { forget_ = forget; }
  /// From the n-th call on nothing works: the machine or the process is dying. See power_loss() and kill().
  void die_at(std::uint64_t n);
  bool dead() const { return dead_; }
  /// No file grows beyond this many bytes in all.
  void limit(std::uint64_t bytes) { limit_ = bytes; }
  std::uint64_t used() const;
  /// Takes back all of the above.
  void heal();

  // ---- what goes wrong now; handles that are open belong to a process that is gone and fail from now on
  void power_loss();
  void kill();

  // ---- behind the back of everybody
  bool exists(const std::string& file) const { return files_.contains(file); }
  std::uint64_t size(const std::string& file) const;
  void lose(const std::string& file);
  void swap(const std::string& one, const std::string& other);
  void flip_bit(const std::string& file, std::uint64_t bit);

  const DiskFigures& figures() const { return figures_; }
  std::uint64_t calls() const { return figures_.calls; }

 private:
  friend struct DiskVfs;
  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncate = false;
  };
  struct Handle;
  struct File {
    std::string durable, seen;
    std::vector<Write> unsynced;
    std::shared_ptr<std::vector<std::unique_ptr<char[]>>> shared;  // the index of the log
    std::vector<Handle*> open;
    std::uint64_t failed_syncs = 0;
  };
  struct Handle {
    Disk* disk = nullptr;
    std::shared_ptr<File> file;
    std::shared_ptr<std::vector<std::unique_ptr<char[]>>> shared;
    std::uint64_t generation = 0;
    std::uint64_t failed_syncs = 0;  // of the file, that it was told of
    bool syncs_directory = false;    // the first sync of a new log or journal
    int lock = 0;
    unsigned shared_locks = 0, exclusive_locks = 0;
  };

  /// SQLITE_OK, or what the call fails with.
  int begin(DiskCall kind);
  bool alive(const Handle& handle) const { return !dead_ && handle.generation == generation_; }
  void settle_write(File& file, const Write& write);
  void sync_directory();
  void end_processes();

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  Rng rng_;
  DiskOptions options_;
  std::map<std::string, std::shared_ptr<File>> files_, durable_names_;
  std::uint64_t generation_ = 1;
  std::uint64_t limit_ = UINT64_MAX, fail_at_ = 0, die_at_ = 0;
  unsigned broken_ = 0;
  bool lasting_ = false, dead_ = false, forget_ = false;
  DiskFigures figures_;
};

}  // namespace wf::simulate
