#include "runtime/store/backup.hpp"

#include "runtime/store/sqlite.hpp"

namespace wf::store {

namespace {

constexpr int kCacheKib = 4096;

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  Connection source;
  if (Result<void> opened = source.open(from, Connection::Role::reader, kCacheKib); !opened) return opened;
  // It writes the copy only; the source stays as it is.
  if (Result<void> allowed = source.exec("PRAGMA query_only=0"); !allowed) return allowed;
  Statement copy;
  if (Result<void> prepared = copy.prepare(source, "VACUUM INTO ?1"); !prepared) return prepared;
  const std::string target = to.string();
  return copy.bind_text(1, target).run();
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
  return {};
}

}  // namespace wf::store
