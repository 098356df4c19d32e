#include "runtime/store/upgrade.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "runtime/store/backup.hpp"
#include "runtime/store/lock_file.hpp"
#include "runtime/store/page_check.hpp"
#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/sync.hpp"

namespace wf::store {

namespace {

namespace fs = std::filesystem;

constexpr int kCacheKib = 4096;
constexpr const Schema* kFiles[] = {&kJournalSchema, &kStateSchema};

Result<int> format_of_file(const fs::path& path, const Schema& schema, int known) {
  if (!fs::exists(path)) return Error{ErrorCode::not_found, "there is no " + path.string()};
  Connection file;
  if (Result<void> opened = file.open(path, Connection::Role::reader, kCacheKib); !opened)
    return opened.error();
  if (Result<void> fits = check_format(file, schema, known); !fits) return fits.error();
  Result<std::int64_t> format = file.number("SELECT version FROM schema");
  if (!format) return format.error();
  return static_cast<int>(*format);
}

void remove_database(const fs::path& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path.string() + suffix, ignored);
}

/// A log that stays would be taken for the one of the file that takes the name.
Result<void> is_closed(const fs::path& path) {
  std::error_code none;
  const auto size = fs::file_size(path.string() + "-wal", none);
  if (none || size == 0) return {};
  return Error{ErrorCode::conflict, "somebody reads " + path.string() + ": try again when nobody does"};
}

/// Whoever may use the old file may use the new one, also when another user raises it.
Result<void> keep_owner(const fs::path& old, const fs::path& fresh) {
  struct stat is {};
  if (::stat(old.c_str(), &is) == 0 && ::chown(fresh.c_str(), is.st_uid, is.st_gid) == 0 &&
      ::chmod(fresh.c_str(), is.st_mode & 07777) == 0)
    return {};
  return Error{ErrorCode::io, "cannot give " + fresh.string() +
                                  " the owner of the old file: " + std::generic_category().message(errno)};
}

/// All of a file of format 1, with room for checksums in each page.
Result<void> write_anew(const fs::path& from, const fs::path& to) {
  Connection source;
  if (Result<void> opened = source.open(from, Connection::Role::writer, kCacheKib); !opened) return opened;
  if (Result<void> settled = source.settle_log(); !settled) return settled;
  return source.copy_into(to, Connection::Pages::checked);
}

Result<void> set_format(const fs::path& path, int format) {
  Connection file;
  if (Result<void> opened = file.open(path, Connection::Role::writer, kCacheKib); !opened) return opened;
  const std::string sql = "BEGIN IMMEDIATE; UPDATE schema SET version = " + std::to_string(format) +
                          "; PRAGMA application_id = " + std::to_string(kPageChecksumMark) + "; COMMIT";
  if (Result<void> done = file.exec(sql.c_str()); !done) {
    file.rollback();
    return done;
  }
  return file.settle_log();
}

/// Reads all of it: pages with their checksums, rows and indexes.
Result<void> verify(const fs::path& path, const Schema& schema) {
  Connection file;
  if (Result<void> opened = file.open(path, Connection::Role::reader, kCacheKib); !opened) return opened;
  if (Result<void> fits = check_format(file, schema, kNewestFormat); !fits) return fits;
  if (Result<void> sound = file.integrity_check(); !sound) return sound;
  if (!file.has_page_checksums())
    return Error{ErrorCode::io, path.string() + ": its pages were written without checksums"};
  return {};
}

class Finalize {
 public:
  Finalize(const fs::path& directory, const FinalizeOptions& options)
      : directory_(directory), options_(options) {}

  Result<void> run() {
    if (const auto format = format_of(directory_); !format || *format == kNewestFormat)
      return format ? Result<void>() : format.error();
    LockFile lock;
    if (Result<void> taken = lock.take(directory_ / "wfd.lock"); !taken) return taken;
    for (const Schema* schema : kFiles) remove_database(beside(*schema));  // of an attempt before this one
    if (Result<void> kept = keep_copy(); !kept) return kept;
    for (const Schema* schema : kFiles) {
      Result<void> done = raise(*schema);
      if (done) continue;
      remove_database(beside(*schema));
      return done;
    }
    return {};
  }

 private:
  fs::path beside(const Schema& schema) const { return directory_ / (std::string(schema.file) + ".new"); }

  Result<void> next(const std::string& step) const {
    return options_.before ? options_.before(step) : Result<void>();
  }

  Result<bool> is_untouched() const {
    for (const Schema* schema : kFiles) {
      const auto format = format_of_file(directory_ / schema->file, *schema, kNewestFormat);
      if (!format) return format.error();
      if (*format == kNewestFormat) return false;
    }
    return true;
  }

  Result<void> keep_copy() const {
    if (options_.copy.empty()) return {};
    const Result<bool> untouched = is_untouched();
    if (!untouched || !*untouched) return untouched ? Result<void>() : untouched.error();
    if (Result<void> go = next("copying the store to " + options_.copy.string()); !go) return go;
    const fs::path part = options_.copy.string() + ".part";
    std::error_code failed;
    fs::remove_all(part, failed);
    fs::create_directory(part, failed);
    fs::permissions(part, fs::perms::owner_all, failed);
    if (failed) return Error{ErrorCode::io, "cannot create " + part.string() + ": " + failed.message()};
    if (Result<void> copied = backup(directory_, part); !copied) {
      fs::remove_all(part, failed);
      return copied;
    }
    fs::remove_all(options_.copy, failed);
    fs::rename(part, options_.copy, failed);
    if (failed)
      return Error{ErrorCode::io, "cannot create " + options_.copy.string() + ": " + failed.message()};
    return sync_to_disk(options_.copy.parent_path());
  }

  Result<void> raise(const Schema& schema) const {
    const fs::path old = directory_ / schema.file, fresh = beside(schema);
    const std::string name = schema.file;
    const auto format = format_of_file(old, schema, kNewestFormat);
    if (!format) return format.error();
    if (*format == kNewestFormat) return {};
    Result<void> done = next("writing " + name + " anew");
    if (done) done = write_anew(old, fresh);
    if (done) done = next("marking the new " + name);
    if (done) done = set_format(fresh, kNewestFormat);
    if (done) done = next("verifying the new " + name);
    if (done) done = verify(fresh, schema);
    if (done) done = next("replacing " + name);
    if (done) done = replace(old, fresh);
    if (done) done = next(name + " has format " + std::to_string(kNewestFormat));
    return done;
  }

  /// That the logs are gone is on the disk before the new name is.
  Result<void> replace(const fs::path& old, const fs::path& fresh) const {
    for (const fs::path& path : {old, fresh}) {
      if (Result<void> closed = is_closed(path); !closed) return closed;
      for (const char* suffix : {"-wal", "-shm"}) {
        std::error_code ignored;
        fs::remove(path.string() + suffix, ignored);
      }
    }
    if (Result<void> kept = keep_owner(old, fresh); !kept) return kept;
    if (Result<void> synced = sync_to_disk(fresh); !synced) return synced;
    if (Result<void> synced = sync_to_disk(directory_); !synced) return synced;
    std::error_code failed;
    fs::rename(fresh, old, failed);
    if (failed) return Error{ErrorCode::io, "cannot replace " + old.string() + ": " + failed.message()};
    return sync_to_disk(directory_);
  }

  const fs::path directory_;
  const FinalizeOptions& options_;
};

}  // namespace

Result<int> format_of(const fs::path& directory, int known) {
  int lowest = known;
  for (const Schema* schema : kFiles) {
    const auto format = format_of_file(directory / schema->file, *schema, known);
    if (!format) return format;
    lowest = std::min(lowest, *format);
  }
  return lowest;
}

std::uint64_t space_to_finalize(const fs::path& directory, bool with_copy) {
  std::uint64_t all = 0, largest = 0;
  for (const Schema* schema : kFiles) {
    const fs::path path = directory / schema->file;
    std::uint64_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) {
      std::error_code none;
      const auto size = fs::file_size(path.string() + suffix, none);
      if (!none) bytes += size;
    }
    all += bytes;
    largest = std::max(largest, bytes);
  }
  constexpr std::uint64_t kSlack = 1 << 20;  // logs of the new files, and what checksums add
  const std::uint64_t added = all / 256;
  return largest + added + (with_copy ? all : 0) + kSlack;
}

Result<void> finalize(const fs::path& directory, const FinalizeOptions& options) {
  return Finalize(directory, options).run();
}

}  // namespace wf::store
