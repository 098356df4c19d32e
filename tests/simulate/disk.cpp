#include "tests/simulate/disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace wf::simulate {

namespace {

constexpr int kSlots = SQLITE_SHM_NLOCK;

void put(std::string& bytes, std::uint64_t offset, std::string_view what) {
  if (bytes.size() < offset + what.size()) bytes.resize(offset + what.size(), '\0');
  std::memcpy(bytes.data() + offset, what.data(), what.size());
}

/// What stands on a VFS is made once for each name, so names are used again.
std::vector<std::string>& free_names() {
  static std::vector<std::string> names;
  return names;
}

std::string free_name() {
  static std::uint64_t made = 0;
  if (free_names().empty()) return "simulated" + std::to_string(++made);
  std::string name = std::move(free_names().back());
  free_names().pop_back();
  return name;
}

}  // namespace

// The C side: thin functions from SQLite's tables to a Disk.
struct DiskVfs {
  struct OpenFile {
    sqlite3_file base;
    Disk::Handle* handle;
  };
  static Disk::Handle& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->handle; }
  static Disk& disk(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

  static int close(sqlite3_file* file) {
    Disk::Handle* handle = &of(file);
    std::erase(handle->file->open, handle);
    delete handle;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    Disk::Handle& handle = of(file);
    if (!handle.disk->alive(handle)) return SQLITE_IOERR_READ;
    if (const int failed = handle.disk->begin(DiskCall::read)) return failed;
    const std::string& bytes = handle.file->seen;
    const auto want = static_cast<std::size_t>(size), at = static_cast<std::size_t>(offset);
    const std::size_t got = at >= bytes.size() ? 0 : std::min(want, bytes.size() - at);
    std::memcpy(to, bytes.data() + std::min(at, bytes.size()), got);
    std::memset(static_cast<char*>(to) + got, 0, want - got);
    return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    Disk::Handle& handle = of(file);
    Disk& disk = *handle.disk;
    if (!disk.alive(handle)) return SQLITE_IOERR_WRITE;
    const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
    const auto at = static_cast<std::uint64_t>(offset);
    File& target = *handle.file;
    const int failed = disk.begin(DiskCall::write);
    // What dies while it writes may have written.
    if (failed && !(disk.dead_ && disk.rng_.chance(50))) return failed;
    const std::uint64_t end = at + bytes.size();
    const std::uint64_t grows = end > target.seen.size() ? end - target.seen.size() : 0;
    if (!failed && grows > 0 && disk.used() + grows > disk.limit_) {
      ++disk.figures_.full;
      return SQLITE_FULL;
    }
    put(target.seen, at, bytes);
    target.unsynced.push_back({at, std::string(bytes), false});
    return failed;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Disk::Handle& handle = of(file);
    if (!handle.disk->alive(handle)) return SQLITE_IOERR_TRUNCATE;
    if (const int failed = handle.disk->begin(DiskCall::truncate)) return failed;
    handle.file->seen.resize(static_cast<std::size_t>(size), '\0');
    handle.file->unsynced.push_back({static_cast<std::uint64_t>(size), {}, true});
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    Disk::Handle& handle = of(file);
    Disk& disk = *handle.disk;
    if (!disk.alive(handle)) return SQLITE_IOERR_FSYNC;
    File& target = *handle.file;
    if (const int failed = disk.begin(DiskCall::sync)) {
      if (disk.forget_ && !disk.dead_) target.unsynced.clear();
      handle.failed_syncs = ++target.failed_syncs;
      return failed;
    }
    // As Linux does: everybody who has the file open is told once, whoever's sync it was.
    if (std::exchange(handle.failed_syncs, target.failed_syncs) != target.failed_syncs)
      return SQLITE_IOERR_FSYNC;
    ++disk.figures_.syncs;
    if (disk.options_.lying) return SQLITE_OK;
    for (const Disk::Write& write : target.unsynced) disk.settle_write(target, write);
    target.unsynced.clear();
    if (std::exchange(handle.syncs_directory, false)) disk.sync_directory();
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    Disk::Handle& handle = of(file);
    if (!handle.disk->alive(handle)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.file->seen.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    Disk::Handle& handle = of(file);
    for (const Disk::Handle* other : handle.file->open) {
      if (other == &handle || other->generation != handle.generation) continue;
      const bool clash = level == SQLITE_LOCK_SHARED      ? other->lock >= SQLITE_LOCK_PENDING
                         : level == SQLITE_LOCK_EXCLUSIVE ? other->lock >= SQLITE_LOCK_SHARED
                                                          : other->lock >= SQLITE_LOCK_RESERVED;
      if (clash) return SQLITE_BUSY;
    }
    handle.lock = std::max(handle.lock, level);
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int level) {
    of(file).lock = std::min(of(file).lock, level);
    return SQLITE_OK;
  }
  static int reserved(sqlite3_file* file, int* out) {
    *out = 0;
    for (const Disk::Handle* other : of(file).file->open) *out |= other->lock >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector(sqlite3_file* file) { return static_cast<int>(of(file).disk->options_.sector); }
  static int characteristics(sqlite3_file*) { return 0; }

  static int shared_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    Disk::Handle& handle = of(file);
    *out = nullptr;
    if (!handle.disk->alive(handle)) return SQLITE_IOERR_SHMMAP;
    if (!handle.shared) {
      if (!handle.file->shared)
        handle.file->shared = std::make_shared<std::vector<std::unique_ptr<char[]>>>();
      handle.shared = handle.file->shared;
    }
    auto& regions = *handle.shared;
    const auto index = static_cast<std::size_t>(region);
    if (regions.size() <= index && !extend) return SQLITE_OK;
    while (regions.size() <= index)
      regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    *out = regions[index].get();
    return SQLITE_OK;
  }

  static int shared_lock(sqlite3_file* file, int first, int count, int flags) {
    Disk::Handle& handle = of(file);
    if (!handle.disk->alive(handle)) return SQLITE_IOERR_SHMLOCK;
    const unsigned mask = ((1u << count) - 1) << first;
    if (flags & SQLITE_SHM_UNLOCK) {
      handle.shared_locks &= ~mask;
      handle.exclusive_locks &= ~mask;
      return SQLITE_OK;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const Disk::Handle* other : handle.file->open) {
      if (other == &handle || other->generation != handle.generation) continue;
      if ((other->exclusive_locks | (exclusive ? other->shared_locks : 0u)) & mask) return SQLITE_BUSY;
    }
    (exclusive ? handle.exclusive_locks : handle.shared_locks) |= mask;
    return SQLITE_OK;
  }
  static void shared_barrier(sqlite3_file*) {}
  static int shared_unmap(sqlite3_file* file, int remove) {
    Disk::Handle& handle = of(file);
    handle.shared.reset();
    handle.shared_locks = handle.exclusive_locks = 0;
    if (remove && handle.disk->alive(handle)) handle.file->shared.reset();
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    Disk& self = disk(vfs);
    file->pMethods = nullptr;
    if (self.dead_) return SQLITE_CANTOPEN;
    if (const int failed = self.begin(DiskCall::open))
      return failed == SQLITE_FULL ? failed : SQLITE_CANTOPEN;
    const std::string path = name ? name : "temporary" + std::to_string(self.rng_.next());
    auto found = self.files_.find(path);
    const bool made = found == self.files_.end();
    if (made) {
      if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
      found = self.files_.emplace(path, std::make_shared<File>()).first;
    }
    auto* handle = new Disk::Handle;
    handle->disk = &self;
    handle->file = found->second;
    handle->generation = self.generation_;
    handle->failed_syncs = handle->file->failed_syncs;
    // As the unix VFS has it: with a journal or log that may be new its directory is synced.
    handle->syncs_directory =
        (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    handle->file->open.push_back(handle);
    file->pMethods = &methods;
    reinterpret_cast<OpenFile*>(file)->handle = handle;
    if (out) *out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    Disk& self = disk(vfs);
    if (self.dead_) return SQLITE_IOERR_DELETE;
    if (const int failed = self.begin(DiskCall::remove)) return failed;
    if (self.files_.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_directory && !self.options_.lying) self.sync_directory();
    return SQLITE_OK;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    *out = disk(vfs).files_.contains(name);
    return SQLITE_OK;
  }
  static int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk(vfs).rng_.next());
    return size;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int time(sqlite3_vfs*, double* out) {
    *out = 2461102.5;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }

  using File = Disk::File;
  static const sqlite3_io_methods methods;
};

const sqlite3_io_methods DiskVfs::methods = {2,
                                             close,
                                             read,
                                             write,
                                             truncate,
                                             sync,
                                             file_size,
                                             lock,
                                             unlock,
                                             reserved,
                                             control,
                                             sector,
                                             characteristics,
                                             shared_map,
                                             shared_lock,
                                             shared_barrier,
                                             shared_unmap,
                                             nullptr,
                                             nullptr};
static_assert(kSlots == 8);

Disk::Disk(std::uint64_t seed, DiskOptions options)
    : vfs_(std::make_unique<sqlite3_vfs>()), rng_(seed), options_(options) {
  name_ = free_name();
  *vfs_ = sqlite3_vfs{};
  vfs_->iVersion = 1;
  vfs_->szOsFile = sizeof(DiskVfs::OpenFile);
  vfs_->mxPathname = 512;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = DiskVfs::open;
  vfs_->xDelete = DiskVfs::remove;
  vfs_->xAccess = DiskVfs::access;
  vfs_->xFullPathname = DiskVfs::full_name;
  vfs_->xRandomness = DiskVfs::randomness;
  vfs_->xSleep = DiskVfs::sleep;
  vfs_->xCurrentTime = DiskVfs::time;
  vfs_->xGetLastError = DiskVfs::last_error;
  sqlite3_vfs_register(vfs_.get(), 0);
  // Salts of logs come from SQLite's own generator, which is one for the process.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 0x7fffffff) + 1, nullptr);
}

void DiskFigures::add(const DiskFigures& other) {
  calls += other.calls;
  syncs += other.syncs;
  power_losses += other.power_losses;
  kills += other.kills;
  sectors_lost += other.sectors_lost;
  sectors_kept += other.sectors_kept;
  sectors_torn += other.sectors_torn;
  names_lost += other.names_lost;
  for (std::size_t i = 0; i < kDiskCalls; ++i) failed[i] += other.failed[i];
  full += other.full;
}

Disk::~Disk() {
  sqlite3_vfs_unregister(vfs_.get());
  free_names().push_back(name_);
}

int Disk::begin(DiskCall kind) {
  static constexpr int kResults[kDiskCalls] = {SQLITE_IOERR_READ,  SQLITE_IOERR_WRITE,  SQLITE_IOERR_TRUNCATE,
                                               SQLITE_IOERR_FSYNC, SQLITE_IOERR_DELETE, SQLITE_CANTOPEN};
  const auto index = static_cast<std::size_t>(kind);
  const std::uint64_t call = ++figures_.calls;
  if (die_at_ != 0 && call >= die_at_) {
    dead_ = true;
    return kResults[index];
  }
  const bool now = fail_at_ != 0 && (lasting_ ? call >= fail_at_ : call == fail_at_);
  if (!now && !(broken_ & 1u << index)) return SQLITE_OK;
  ++figures_.failed[index];
  return kResults[index];
}

void Disk::fail_call(std::uint64_t n, bool lasting) {
  fail_at_ = figures_.calls + n;
  lasting_ = lasting;
}

void Disk::die_at(std::uint64_t n) {
  die_at_ = figures_.calls + n;
}

void Disk::heal() {
  fail_at_ = die_at_ = 0;
  lasting_ = forget_ = false;
  broken_ = 0;
  limit_ = UINT64_MAX;
}

std::uint64_t Disk::used() const {
  std::uint64_t total = 0;
  for (const auto& [name, file] : files_) total += file->seen.size();
  return total;
}

std::uint64_t Disk::size(const std::string& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? 0 : found->second->seen.size();
}

void Disk::sync_directory() {
  durable_names_ = files_;
}

void Disk::settle_write(File& file, const Write& write) {
  if (write.truncate) {
    file.durable.resize(static_cast<std::size_t>(write.offset), '\0');
  } else {
    put(file.durable, write.offset, write.bytes);
  }
}

void Disk::end_processes() {
  ++generation_;
  heal();
  dead_ = false;
  for (auto& [name, file] : files_) file->shared.reset();
}

void Disk::kill() {
  ++figures_.kills;
  end_processes();
}

void Disk::power_loss() {
  ++figures_.power_losses;
  const int survive = static_cast<int>(rng_.below(5)) * 25;  // all lost, some, all kept
  for (const auto& [name, file] : files_) {
    for (const Write& write : file->unsynced) {
      if (write.truncate) {
        if (rng_.chance(survive)) settle_write(*file, write);
        continue;
      }
      for (std::size_t done = 0; done < write.bytes.size();) {
        const std::uint64_t at = write.offset + done;
        const std::size_t size =
            std::min<std::size_t>(options_.sector - at % options_.sector, write.bytes.size() - done);
        std::string_view part = std::string_view(write.bytes).substr(done, size);
        done += size;
        if (!rng_.chance(survive)) {
          ++figures_.sectors_lost;
          continue;
        }
        if (options_.torn && rng_.chance(10)) {
          part = part.substr(0, rng_.below(part.size() + 1));
          ++figures_.sectors_torn;
        }
        ++figures_.sectors_kept;
        put(file->durable, at, part);
      }
    }
  }
  // A name that was not synced: the old state of its entry or the new one.
  std::map<std::string, std::shared_ptr<File>> after;
  for (const auto& [name, file] : durable_names_) {
    if (files_.contains(name) || !rng_.chance(50)) after[name] = file;
  }
  for (const auto& [name, file] : files_) {
    const auto before = durable_names_.find(name);
    if ((before != durable_names_.end() && before->second == file) || rng_.chance(50)) {
      after[name] = file;
    } else {
      ++figures_.names_lost;
    }
  }
  files_ = durable_names_ = std::move(after);
  for (const auto& [name, file] : files_) {
    file->unsynced.clear();
    file->seen = file->durable;
  }
  end_processes();
}

void Disk::lose(const std::string& file) {
  files_.erase(file);
  durable_names_.erase(file);
}

void Disk::swap(const std::string& one, const std::string& other) {
  for (auto* names : {&files_, &durable_names_}) {
    if (names->contains(one) && names->contains(other)) std::swap((*names)[one], (*names)[other]);
  }
}

void Disk::flip_bit(const std::string& file, std::uint64_t bit) {
  File& target = *files_.at(file);
  for (std::string* bytes : {&target.durable, &target.seen}) {
    if (bit / 8 < bytes->size()) (*bytes)[bit / 8] = static_cast<char>((*bytes)[bit / 8] ^ (1 << bit % 8));
  }
}

}  // namespace wf::simulate
