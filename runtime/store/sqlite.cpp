#include "runtime/store/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "runtime/store/log_format.hpp"
#include "runtime/store/page_check.hpp"

namespace wf::store {

namespace {

constexpr int kBusyMilliseconds = 5000;

int last_cause(sqlite3* db, int which_file) {
  sqlite3_file* file = nullptr;
  int cause = 0;
  if (sqlite3_file_control(db, "main", which_file, &file) == SQLITE_OK && file && file->pMethods)
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause);
  return cause;
}

// SQLite tells a full disk only from ENOSPC; a quota or a file size limit arrives as an I/O error.
bool out_of_space(sqlite3* db) {
  for (int which_file : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    const int cause = last_cause(db, which_file);
    if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) return true;
  }
  return false;
}

ErrorCode code_of(sqlite3* db, int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::full;
    case SQLITE_IOERR:
      if (result == SQLITE_IOERR_DATA) return ErrorCode::corrupt;
      return out_of_space(db) ? ErrorCode::full : ErrorCode::io;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::conflict;
    case SQLITE_TOOBIG:
      return ErrorCode::limit;
    default:
      return ErrorCode::io;
  }
}

// The check tells of a page that could not be read as of one that is damaged.
bool is_unreadable(std::string_view finding) {
  if (finding.find("failed to get page") != finding.npos) return true;
  constexpr std::string_view kCode = "error code=";
  const std::size_t at = finding.find(kCode);
  if (at == finding.npos) return false;
  return (std::atoi(std::string(finding.substr(at + kCode.size())).c_str()) & 0xff) == SQLITE_IOERR;
}

struct CloseBlob {
  void operator()(sqlite3_blob* blob) const { sqlite3_blob_close(blob); }
};

}  // namespace

Connection::~Connection() {
  // Closing moves the log into the file.
  mark_log();
  sqlite3_close_v2(handle_);
}

Result<void> Connection::open(const std::filesystem::path& path, Role role, int cache_kib,
                              const std::string& vfs, Pages pages) {
  name_ = path.filename().string();
  const std::string checking = page_check_vfs(vfs);
  if (checking.empty()) return Error{ErrorCode::io, "there is no SQLite VFS " + vfs};
  if (role == Role::writer)
    if (Result<void> sound = check_log(path, vfs); !sound)
      return Error{sound.error().code, name_ + ": " + sound.error().message};
  // A reader also opens for writing: it has to take its place in the shared index of the log.
  const int create = role == Role::writer ? SQLITE_OPEN_CREATE : 0;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_URI | create;
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, checking.c_str()) != SQLITE_OK) {
    Error failed = error();
    failed.message = "cannot open " + path.string() + ": " + failed.message;
    return failed;
  }
  int reserved = pages == Pages::checked ? kPageChecksumSize : 0;
  if (role == Role::writer) sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  Result<void> configured = configure(role, cache_kib);
  if (configured) return {};
  Error failed = configured.error();
  if (!failed.message.starts_with(name_)) failed.message = name_ + ": " + failed.message;
  return failed;
}

Result<void> Connection::configure(Role role, int cache_kib) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  const auto pragmas = role == Role::writer
                           ? "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                             "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
                           : "PRAGMA query_only=1; PRAGMA wal_autocheckpoint=0;";
  const std::string cache = "PRAGMA cache_size=-" + std::to_string(cache_kib);
  const std::array<const char*, 3> steps = {
      pragmas,
      "PRAGMA mmap_size=0; PRAGMA cell_size_check=1; PRAGMA trusted_schema=0; PRAGMA temp_store=MEMORY;",
      cache.c_str()};
  for (const char* step : steps)
    if (Result<void> done = exec(step); !done) return done;
  if (role == Role::reader) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return {};
  }
  const auto note_pages = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<Connection*>(self)->log_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, note_pages, this);
  return {};
}

Result<void> Connection::exec(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<std::int64_t> Connection::number(const char* sql) {
  Statement query;
  if (Result<void> prepared = query.prepare(*this, sql); !prepared) return prepared.error();
  Result<bool> row = query.step();
  if (!row) return row.error();
  return *row ? query.number(0) : 0;
}

Result<void> Connection::quick_check() {
  return check_pages("PRAGMA quick_check(1)");
}

Result<void> Connection::integrity_check() {
  return check_pages("PRAGMA integrity_check(1)");
}

Result<void> Connection::copy_into(const std::filesystem::path& path, Pages pages) {
  const bool checked = pages == Pages::checked || has_page_checksums();
  // What open() has asked for is forgotten with PRAGMA page_size.
  int reserved = checked ? kPageChecksumSize : 0;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  Statement copy;
  if (Result<void> prepared = copy.prepare(*this, "VACUUM INTO ?1"); !prepared) return prepared;
  const std::string target = uri_of_new_file(std::filesystem::absolute(path), checked);
  return copy.bind_text(1, target).run();
}

Result<void> Connection::check_pages(const char* sql) {
  Statement query;
  if (Result<void> prepared = query.prepare(*this, sql); !prepared) return prepared;
  Result<bool> row = query.step();
  if (!row) return row.error();
  if (!*row || query.blob(0) == "ok") return {};
  const std::string finding(query.blob(0));
  if (const std::string damage = found_damage(handle_); !damage.empty())
    return Error{ErrorCode::corrupt, name_ + ": " + damage};
  return Error{is_unreadable(finding) ? ErrorCode::io : ErrorCode::corrupt, name_ + ": " + finding};
}

void Connection::stop_when(std::function<bool()> stop) {
  constexpr int kInstructions = 10'000;
  stop_ = std::move(stop);
  const auto ask = [](void* self) { return static_cast<Connection*>(self)->stop_() ? 1 : 0; };
  sqlite3_progress_handler(handle_, kInstructions, ask, this);
}

void Connection::rollback() {
  const int last = sqlite3_errcode(handle_);
  doubtful_ |= last != SQLITE_OK && last != SQLITE_ROW && last != SQLITE_DONE;
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

/// A full disk does not stop the checkpoint, which may make room.
void Connection::mark_log() {
  if (mark_.empty() || log_pages_ == 0 || doubtful_) return;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  const bool padded = file == nullptr ||
                      (file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0;
  for (int n = padded ? 2 : 1; n > 0; --n) {
    if (!exec(mark_.c_str())) return rollback();
  }
}

Result<void> Connection::checkpoint() {
  mark_log();
  const int result = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Busy: a reader stands in the way; the rest goes with the next checkpoint.
  if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY) {
    doubtful_ = true;
    return error();
  }
  log_pages_ = 0;
  return {};
}

Result<void> Connection::settle_log() {
  if (!doubtful_) return {};
  const int result = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  if (result != SQLITE_OK) return error();
  doubtful_ = false;
  log_pages_ = 0;
  return {};
}

int Connection::changes() const {
  return sqlite3_changes(handle_);
}

bool Connection::has_page_checksums() const {
  return wf::store::has_page_checksums(handle_);
}

Error Connection::error() {
  if (handle_ == nullptr) return Error{ErrorCode::io, "out of memory"};
  Error out{code_of(handle_, sqlite3_extended_errcode(handle_)), sqlite3_errmsg(handle_)};
  if (out.code != ErrorCode::corrupt) return out;
  const std::string found = found_damage(handle_);
  out.message = name_ + ": " + (found.empty() ? out.message : found);
  if (!damage_) damage_ = out;
  return out;
}

Result<std::string> Connection::read_blob(const char* table, const char* column, std::int64_t row,
                                          std::size_t offset, std::size_t size) {
  sqlite3_blob* handle = nullptr;
  const int opened = sqlite3_blob_open(handle_, "main", table, column, row, 0, &handle);
  const std::unique_ptr<sqlite3_blob, CloseBlob> blob(handle);
  if (opened == SQLITE_ERROR) return Error{ErrorCode::not_found, "no such row"};
  if (opened != SQLITE_OK) return error();
  const auto length = static_cast<std::size_t>(sqlite3_blob_bytes(handle));
  if (offset >= length) return Error{ErrorCode::corrupt, "a read starts beyond the end of a blob"};
  size = std::min(size, length - offset);
  std::string out(size, '\0');
  if (sqlite3_blob_read(handle, out.data(), static_cast<int>(size), static_cast<int>(offset)) != SQLITE_OK)
    return error();
  return out;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Result<void> Statement::prepare(Connection& connection, const char* sql) {
  connection_ = &connection;
  if (sqlite3_prepare_v3(connection.handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) !=
      SQLITE_OK)
    return connection.error();
  return {};
}

Statement& Statement::bind(int index, std::int64_t n) {
  sqlite3_bind_int64(handle_, index, n);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  // A null pointer would bind NULL instead of an empty blob.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(handle_, index, data, bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  sqlite3_bind_text64(handle_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(handle_, index);
  return *this;
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return connection_->error();
}

Result<void> Statement::run() {
  Result<bool> row = step();
  reset();
  if (!row) return row.error();
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

std::int64_t Statement::number(int column) {
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::blob(int column) {
  const void* data = sqlite3_column_blob(handle_, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

}  // namespace wf::store
