#include "runtime/store/backup.hpp"

#include "runtime/store/sqlite.hpp"
#include "runtime/store/sync.hpp"

namespace wf::store {

namespace {

constexpr int kCacheKib = 4096;

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  Connection source;
  if (Result<void> opened = source.open(from, Connection::Role::reader, kCacheKib); !opened) return opened;
  // It writes the copy only; the source stays as it is.
  if (Result<void> allowed = source.exec("PRAGMA query_only=0"); !allowed) return allowed;
  // Known once something was read.
  if (Result<std::int64_t> read = source.number("SELECT count(*) FROM sqlite_schema"); !read)
    return read.error();
  if (Result<void> copied = source.copy_into(to, Connection::Pages::unchecked); !copied) return copied;
  return sync_to_disk(to);
}

}  // namespace

Result<void> backup(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* name : {"state.db", "journal.db"}) {
    if (!std::filesystem::exists(from / name))
      return Error{ErrorCode::not_found, "there is no " + (from / name).string()};
    if (std::filesystem::exists(to / name))
      return Error{ErrorCode::conflict, (to / name).string() + " is there already"};
  }
  for (const char* name : {"state.db", "journal.db"}) {
    if (Result<void> copied = copy_database(from / name, to / name); !copied) return copied;
  }
  return sync_to_disk(to);
}

}  // namespace wf::store
