// sqlite: the thin door to SQLite: connections with the store's settings, prepared statements, errors as
// Result.
//
// A connection and its statements belong to one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace wf::store {

/// Unsigned numbers as SQLite's signed ones, in the same order.
inline std::int64_t to_sql(std::uint64_t n) {
  return static_cast<std::int64_t>(n ^ (std::uint64_t{1} << 63));
}
inline std::uint64_t from_sql(std::int64_t n) {
  return static_cast<std::uint64_t>(n) ^ (std::uint64_t{1} << 63);
}

class Connection {
 public:
  enum class Role : std::uint8_t {
    writer,  ///< creates the file when absent; the only connection that writes and checkpoints
    reader,  ///< query_only, never checkpoints
  };

  Connection() = default;
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Pages : std::uint8_t { checked, unchecked };

  /// `vfs`: of SQLite; "": the file system. `pages`: of a new file; an old one has checksums or not. A writer
  /// also looks through the write-ahead log that was left, in which nobody else may write meanwhile. Errors:
  /// io, corrupt (not a database, a damaged log), full, conflict (locked by another process).
  Result<void> open(const std::filesystem::path& path, Role role, int cache_kib, const std::string& vfs = {},
                    Pages pages = Pages::checked);
  /// Whether a damaged page is noticed. Known once something was read.
  bool has_page_checksums() const;
  /// The first damage that was met.
  const std::optional<Error>& damage() const { return damage_; }
  /// Runs constant SQL text without parameters.
  Result<void> exec(const char* sql);
  /// The single number that a constant query without parameters gives.
  Result<std::int64_t> number(const char* sql);
  /// Reads through all pages and says whether they are in order. Errors: corrupt, io.
  Result<void> quick_check();
  /// The same, and whether indexes and rows agree, which takes longer.
  Result<void> integrity_check();
  /// Writes all of it into a new file, compact; not synced. `pages`: checked gives each page its checksum,
  /// unchecked leaves it to what this file has. Errors: io (the file exists already), corrupt, full.
  Result<void> copy_into(const std::filesystem::path& path, Pages pages);
  void rollback();
  /// Ends statements with an error once `stop` says so; it is asked now and then while they run.
  void stop_when(std::function<bool()> stop);
  /// Moves the write-ahead log into the file as far as readers let it; never waits. What set_mark() was told
  /// is a transaction of its own first.
  Result<void> checkpoint();
  /// SQL that changes one row, and nothing that counts; none when somebody else owns the file. While a
  /// transaction is moved into the file it must not be the last of the log: damage to the last one is taken
  /// for a write that was cut short, and the file would keep a part of it.
  void set_mark(std::string sql) { mark_ = std::move(sql); }
  /// After a failed commit or checkpoint, and after opening: the log may hold bytes that a failed sync has
  /// left in memory and that no later sync will write. Moves everything into the file, so that the log starts
  /// anew. Does nothing when there was no such moment. Errors: full, io, conflict (a reader does not let go).
  Result<void> settle_log();
  /// Pages in the write-ahead log after the last commit.
  int log_pages() const { return log_pages_; }
  /// Rows that the last insert, update or delete changed.
  int changes() const;
  /// What failed last, as an Error; a corrupt one names the file.
  Error error();

  /// Reads `size` bytes, or what there is, at `offset` of a blob. Errors: corrupt (beyond its end), not_found
  /// (no such row), io.
  Result<std::string> read_blob(const char* table, const char* column, std::int64_t row, std::size_t offset,
                                std::size_t size);

 private:
  friend class Statement;
  Result<void> configure(Role role, int cache_kib);
  void mark_log();
  Result<void> check_pages(const char* sql);

  sqlite3* handle_ = nullptr;
  std::string name_;  // of the file
  std::optional<Error> damage_;
  std::function<bool()> stop_;
  std::string mark_;
  int log_pages_ = 0;
  bool doubtful_ = true;  // see settle_log()
};

/// One prepared statement, kept. Bound text and blobs must outlive the steps.
class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Result<void> prepare(Connection& connection, const char* sql);
  Statement& bind(int index, std::int64_t n);
  Statement& bind_key(int index, std::uint64_t n) { return bind(index, to_sql(n)); }
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_null(int index);

  /// True: a row is there.
  Result<bool> step();
  /// Steps to the end and resets: for statements without rows.
  Result<void> run();
  void reset();

  std::int64_t number(int column);
  std::uint64_t key(int column) { return from_sql(number(column)); }
  /// Valid until the next step or reset.
  std::string_view blob(int column);

 private:
  Connection* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

/// Resets a statement at the end of a scope, so that it does not hold its read snapshot.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

}  // namespace wf::store
