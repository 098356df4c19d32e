#include "runtime/store/page_check.hpp"

#include <sqlite3.h>

#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>

#include "runtime/store/checksum.hpp"
#include "runtime/store/log_format.hpp"

namespace wf::store {

namespace {

constexpr std::size_t kSmallestPage = 512, kLargestPage = 65536;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kReservedAt = 20, kMarkAt = 68, kHeaderSize = 100;
constexpr const char* kCheckedParameter = "checksums";
constexpr int kAskDamage = 0x77664401, kAskChecked = 0x77664402;

/// A VFS of ours, and the name of the one below.
struct Shim {
  std::string name, below;
  sqlite3_vfs vfs{};
};

/// In SQLite's memory; the file below lies right behind it.
struct CheckedFile {
  sqlite3_file base;
  CheckedFile* database;  // of a log; else itself
  bool is_log;
  bool checked;        // the pages carry checksums
  bool in_checkpoint;  // set at the database
  bool written;        // of a log: this connection writes
  char damage[96];     // set at the database
};
static_assert(sizeof(CheckedFile) % alignof(sqlite3_int64) == 0, "the file below lies behind it");

CheckedFile& of(sqlite3_file* file) {
  return *reinterpret_cast<CheckedFile*>(file);
}
sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(&of(file) + 1);
}
sqlite3_vfs* below(sqlite3_vfs* vfs) {
  const std::string& name = static_cast<Shim*>(vfs->pAppData)->below;
  return sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
}

bool is_page(int size, sqlite3_int64 offset) {
  const auto bytes = static_cast<std::size_t>(size);
  return bytes >= kSmallestPage && bytes <= kLargestPage && std::has_single_bit(bytes) && offset % size == 0;
}

/// A page that landed in another page's place fails as well.
std::uint64_t sum_of_page(const char* page, int size, sqlite3_int64 offset) {
  const auto number = static_cast<std::uint64_t>(offset / size) + 1;
  const auto covered = static_cast<std::size_t>(size - kPageChecksumSize);
  return checksum({page, covered}) ^ number * 0x9e3779b97f4a7c15ULL;
}

int damaged(CheckedFile& file, const char* what, sqlite3_int64 number) {
  CheckedFile& database = *file.database;
  if (database.damage[0] == '\0')
    sqlite3_snprintf(sizeof database.damage, database.damage,
                     "%s %lld is damaged: its checksum does not match", what, number);
  return SQLITE_IOERR_DATA;
}

/// Page 1 tells twice whether pages are checked, so that no damage to one mark turns the check off.
void look_at_header(CheckedFile& file, const void* bytes, int size, sqlite3_int64 offset) {
  if (offset != 0 || static_cast<std::size_t>(size) < kHeaderSize) return;
  const std::string_view header(static_cast<const char*>(bytes), kHeaderSize);
  if (!header.starts_with(kMagic)) return;
  std::uint32_t mark = 0;
  for (std::size_t i = 0; i < 4; ++i) mark = mark << 8 | static_cast<std::uint8_t>(header[kMarkAt + i]);
  file.checked |= header[kReservedAt] == kPageChecksumSize || mark == kPageChecksumMark;
}

/// Frames that are committed do not change any more. A connection that writes may read ones that are not.
int verify_frame(sqlite3_file* file, const char* page, int size, sqlite3_int64 offset) {
  CheckedFile& log = of(file);
  const sqlite3_int64 frame_size = size + static_cast<sqlite3_int64>(kLogFrameHeader);
  const sqlite3_int64 start = offset - static_cast<sqlite3_int64>(kLogFrameHeader);
  const sqlite3_int64 first = kLogHeader;
  if (log.written && !log.database->in_checkpoint) return SQLITE_OK;
  if (!is_page(size, 0) || start < first || (start - first) % frame_size != 0) return SQLITE_OK;
  std::array<char, kLogFrameHeader> header;
  std::array<char, 8> before;
  const sqlite3_int64 sum_before = start == first ? first - 8 : start - size - 8;
  sqlite3_file* real = below(file);
  if (const int failed = real->pMethods->xRead(real, header.data(), kLogFrameHeader, start)) return failed;
  if (const int failed = real->pMethods->xRead(real, before.data(), 8, sum_before)) return failed;
  LogSum sum = stored_sum({before.data(), before.size()});
  sum = add_to(sum, {header.data(), kLogSummed});
  sum = add_to(sum, {page, static_cast<std::size_t>(size)});
  if (sum == stored_sum({header.data(), header.size()})) return SQLITE_OK;
  return damaged(log, "the write-ahead log's frame", (start - first) / frame_size + 1);
}

// ---- files

int close_file(sqlite3_file* file) {
  sqlite3_file* real = below(file);
  return real->pMethods->xClose(real);
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  sqlite3_file* real = below(file);
  if (const int failed = real->pMethods->xRead(real, to, size, offset)) return failed;
  CheckedFile& self = of(file);
  const char* page = static_cast<const char*>(to);
  if (self.is_log) return verify_frame(file, page, size, offset);
  look_at_header(self, to, size, offset);
  if (!self.checked || !is_page(size, offset)) return SQLITE_OK;
  std::uint64_t stored = 0;
  std::memcpy(&stored, page + size - kPageChecksumSize, kPageChecksumSize);
  if (stored == sum_of_page(page, size, offset)) return SQLITE_OK;
  return damaged(self, "page", offset / size + 1);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  sqlite3_file* real = below(file);
  CheckedFile& self = of(file);
  self.written = true;
  if (!self.is_log) look_at_header(self, from, size, offset);
  if (self.is_log || !self.checked || !is_page(size, offset))
    return real->pMethods->xWrite(real, from, size, offset);
  thread_local std::array<char, kLargestPage> page;
  std::memcpy(page.data(), from, static_cast<std::size_t>(size - kPageChecksumSize));
  const std::uint64_t sum = sum_of_page(page.data(), size, offset);
  std::memcpy(page.data() + size - kPageChecksumSize, &sum, kPageChecksumSize);
  return real->pMethods->xWrite(real, page.data(), size, offset);
}

int control_file(sqlite3_file* file, int what, void* argument) {
  CheckedFile& self = of(file);
  switch (what) {
    case kAskDamage:
      *static_cast<std::string*>(argument) = self.database->damage;
      return SQLITE_OK;
    case kAskChecked:
      *static_cast<bool*>(argument) = self.database->checked;
      return SQLITE_OK;
    case SQLITE_FCNTL_CKPT_START:
      self.database->in_checkpoint = true;
      break;
    case SQLITE_FCNTL_CKPT_DONE:
      self.database->in_checkpoint = false;
      break;
    default:
      break;
  }
  sqlite3_file* real = below(file);
  return real->pMethods->xFileControl(real, what, argument);
}

// ---- files: passed on as they are

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return below(file)->pMethods->xTruncate(below(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  return below(file)->pMethods->xSync(below(file), flags);
}
int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return below(file)->pMethods->xFileSize(below(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return below(file)->pMethods->xLock(below(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int is_reserved(sqlite3_file* file, int* out) {
  return below(file)->pMethods->xCheckReservedLock(below(file), out);
}
int sector_size(sqlite3_file* file) {
  return below(file)->pMethods->xSectorSize(below(file));
}
int characteristics(sqlite3_file* file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return below(file)->pMethods->xShmMap(below(file), region, size, extend, out);
}
int lock_shared(sqlite3_file* file, int first, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), first, count, flags);
}
void shared_barrier(sqlite3_file* file) {
  below(file)->pMethods->xShmBarrier(below(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

/// Version 2: a log, but no reads past us through mapped memory.
constexpr sqlite3_io_methods kMethods = {
    2,           close_file,     read_file,    write_file,   truncate_file, sync_file,       size_of_file,
    lock_file,   unlock_file,    is_reserved,  control_file, sector_size,   characteristics, map_shared,
    lock_shared, shared_barrier, unmap_shared, nullptr,      nullptr};

// ---- the VFS

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  file->pMethods = nullptr;
  sqlite3_vfs* real_vfs = below(vfs);
  if (real_vfs == nullptr) return SQLITE_CANTOPEN;
  // Journals and temporary files live for one transaction; they stay those of the VFS below.
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
    return real_vfs->xOpen(real_vfs, name, file, flags, out);
  auto* self = new (file) CheckedFile{};
  self->is_log = (flags & SQLITE_OPEN_WAL) != 0;
  self->checked = !self->is_log && sqlite3_uri_boolean(name, kCheckedParameter, 0) != 0;
  self->database = self->is_log ? &of(sqlite3_database_file_object(name)) : self;
  sqlite3_file* real = below(file);
  real->pMethods = nullptr;
  const int opened = real_vfs->xOpen(real_vfs, name, real, flags, out);
  if (opened == SQLITE_OK) {
    file->pMethods = &kMethods;
  } else if (real->pMethods != nullptr) {
    real->pMethods->xClose(real);
  }
  return opened;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  return below(vfs)->xDelete(below(vfs), name, sync_directory);
}
int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return below(vfs)->xAccess(below(vfs), name, flags, out);
}
int full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return below(vfs)->xFullPathname(below(vfs), name, size, out);
}
int random_bytes(sqlite3_vfs* vfs, int size, char* out) {
  return below(vfs)->xRandomness(below(vfs), size, out);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) {
  return below(vfs)->xSleep(below(vfs), microseconds);
}
int current_time(sqlite3_vfs* vfs, double* out) {
  return below(vfs)->xCurrentTime(below(vfs), out);
}
int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return below(vfs)->xGetLastError(below(vfs), size, out);
}

std::unique_ptr<Shim> make_shim(const std::string& name, const sqlite3_vfs& real) {
  auto shim = std::make_unique<Shim>();
  shim->name = "checked:" + name;
  shim->below = name;
  sqlite3_vfs& vfs = shim->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(CheckedFile)) + real.szOsFile;
  vfs.mxPathname = real.mxPathname;
  vfs.zName = shim->name.c_str();
  vfs.pAppData = shim.get();
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  return shim;
}

}  // namespace

std::string page_check_vfs(const std::string& name) {
  static std::mutex mutex;
  static auto& shims = *new std::map<std::string, std::unique_ptr<Shim>>;  // SQLite holds on to them
  const std::lock_guard lock(mutex);
  std::unique_ptr<Shim>& shim = shims[name];
  if (shim) return shim->name;
  // Counting its memory costs a lock for each allocation. Refused, and no matter, once SQLite is in use.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const sqlite3_vfs* real = sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
  if (real == nullptr) return {};
  shim = make_shim(name, *real);
  sqlite3_vfs_register(&shim->vfs, 0);
  return shim->name;
}

std::string uri_of_new_file(const std::string& path, bool checked) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c != '%' && c != '?' && c != '#') {
      uri += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return uri + (checked ? std::string("?") + kCheckedParameter + "=1" : "");
}

bool has_page_checksums(sqlite3* db) {
  bool out = false;
  sqlite3_file_control(db, "main", kAskChecked, &out);
  return out;
}

std::string found_damage(sqlite3* db) {
  std::string out;
  sqlite3_file_control(db, "main", kAskDamage, &out);
  return out;
}

}  // namespace wf::store
