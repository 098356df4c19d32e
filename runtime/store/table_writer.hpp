// TableWriter: writes of state.db, over the only connection that writes and checkpoints it.
//
// Used while opening, then by the folding thread only.
#pragma once

#include "runtime/store/dedupe.hpp"
#include "runtime/store/pending.hpp"

namespace wf::store {

/// The row of the owner: how far the tables are.
struct ShardRow {
  std::int64_t epoch = 0;
  Seq seq = 0;  ///< newest folded frame
  InputSeq consumed = 0;
  std::uint64_t timers = 0;
  std::uint64_t effects = 0;
  std::int64_t latest = 0;  ///< newest Input::received_at
};

class TableWriter {
 public:
  /// Creates the file when absent. Errors as Connection::open and prepare_schema.
  Result<void> open(const std::filesystem::path& path, const OpenOptions& options);
  Result<ShardRow> shard();
  Result<DedupeRuns> dedupe_runs() { return dedupe_.read_runs(); }
  /// From now on only this epoch may fold.
  Result<void> own(std::int64_t epoch);

  /// Writes `pending` in one transaction that ends with the cursor, if `row.epoch` still owns the tables.
  /// Moves `row` and `runs` along. On an error the tables are unchanged, and `row` and `runs` must be thrown
  /// away. Errors: conflict, full, io, corrupt.
  Result<void> fold(const Pending& pending, ShardRow& row, DedupeRuns& runs, std::int64_t dedupe_window);
  Result<void> checkpoint() { return connection_.checkpoint(); }

 private:
  Result<void> write(const Pending& pending, ShardRow& row, DedupeRuns& runs, std::int64_t dedupe_window);
  Result<void> write_records(const Pending& pending);
  Result<void> write_record(Key key, const PendingRecord& record);
  Result<void> write_timers(const Pending& pending, ShardRow& row);
  Result<void> write_effects(const Pending& pending, ShardRow& row);
  Result<void> put_effect(const Effect& effect, ShardRow& row);
  Result<void> write_identities(const Pending& pending);
  Result<void> write_links(const Pending& pending);
  Result<void> write_names(const Pending& pending);
  Result<void> move_cursor(const ShardRow& row);

  Connection connection_;
  DedupeWriter dedupe_;
  Statement begin_, commit_, put_hot_, delete_hot_, put_cold_, delete_cold_, put_timer_, delete_timer_,
      put_effect_, delete_effect_, put_identity_, delete_identity_, put_link_, delete_link_, put_symbol_,
      put_stat_, put_meta_, cursor_;
};

}  // namespace wf::store
