// Store: the only owner of durable state. A journal of frames, folded into tables.
//
// Contract (the same for every implementation; tests/contract/store holds it):
//  * `accept` and `append` return after their frame is durable, or with an error and nothing changed.
//  * Reads see every appended frame at once, folded or not.
//  * After a crash the state is exactly that of the durable frames.
//  * Stored bytes that fail a check are an error (corrupt), never an answer.
//  * A store whose ownership was taken over (a newer epoch) refuses `accept`, `append` and `fold` with
//  `conflict`.
//  * Adding a timer that exists and removing anything that does not are no mistakes and change nothing.
//
// Threads: `accept` may be called from one thread beside the engine's; `fold` from another; everything else
// from the engine's thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/store/frame.hpp"

namespace wf::store {

struct RecordRow {
  std::string hot;
  std::string cold;
  HistoryRef history;
};

struct HistoryEntry {
  Seq frame = 0;
  std::string body;  ///< RecordChange::history as appended
};

struct StoreFigures {
  Seq last_frame = 0;    ///< newest durable frame
  Seq folded_frame = 0;  ///< newest frame in the tables
  InputSeq accepted = 0;
  InputSeq consumed = 0;
  std::uint64_t pending_records = 0;   ///< changed since the last fold
  std::uint64_t timers = 0;            ///< an estimate until the fold when a frame adds what exists already
  std::uint64_t effects = 0;           ///< or removes what does not
  std::uint64_t recovered_frames = 0;  ///< replayed when the store was opened
};

class Store {
 public:
  virtual ~Store() = default;

  // ---- writing ----
  /// Appends outside events; sets their `seq`. Errors: full, io, conflict, limit (over 512 MiB at once).
  virtual Result<void> accept(std::vector<Input>& inputs) = 0;
  /// Appends one redo frame and makes it visible. Errors: full, io, conflict, corrupt, limit (over 512 MiB),
  /// invalid (consumes inputs that were never accepted).
  virtual Result<Seq> append(const Frame& frame) = 0;
  /// Writes what frames changed into the tables, in one transaction that ends with the cursor and the
  /// ownership fence, then checkpoints. Without changes it does nothing. Errors: full, io, conflict, corrupt.
  virtual Result<void> fold() = 0;

  // ---- inputs ----
  /// Up to `limit` accepted inputs after `after`, in order. Consumed inputs are not read again: an `after`
  /// below the consumed mark counts as the mark.
  virtual Result<std::vector<Input>> pull(InputSeq after, std::size_t limit) = 0;
  /// For each id: has an input with it taken effect? All-zero ids are never seen.
  virtual Result<std::vector<bool>> seen(std::span<const DedupeId> ids) = 0;

  // ---- state ----
  /// Nothing when there is no such record.
  virtual Result<std::optional<RecordRow>> load(Key key) = 0;
  /// The same without the cold row, which stays empty.
  virtual Result<std::optional<RecordRow>> load_hot(Key key) = 0;
  /// The cold row; "" when there is no such record.
  virtual Result<std::string> load_cold(Key key) = 0;
  virtual Result<std::optional<Key>> find(std::uint32_t object, const std::string& id) = 0;
  /// Records whose association `assoc` points at `to`, ascending, after `after`, up to `limit`.
  virtual Result<std::vector<Key>> linked_from(std::uint32_t assoc, Key to, Key after, std::size_t limit) = 0;
  /// All records in key order after `after`, up to `limit`: for listings and exports.
  virtual Result<std::vector<std::pair<Key, RecordRow>>> scan(Key after, std::size_t limit) = 0;

  // ---- timers and outbox ----
  /// Up to `limit` timers with due <= `until`, in (due, record, enrolment, step, kind) order.
  virtual Result<std::vector<Timer>> timers_due(std::int64_t until, std::size_t limit) = 0;
  virtual Result<std::optional<std::int64_t>> next_timer() = 0;
  /// Up to `limit` effects in `state` with next_at <= `until`, in (next_at, id) order.
  virtual Result<std::vector<Effect>> effects(EffectState state, std::int64_t until, std::size_t limit) = 0;
  virtual Result<std::optional<Effect>> effect(std::uint64_t id) = 0;

  // ---- the rest ----
  /// Newest first, from `from` backwards, up to `limit`; sets `from` to where the next page starts (frame 0:
  /// end).
  virtual Result<std::vector<HistoryEntry>> history(HistoryRef& from, std::size_t limit) = 0;
  virtual Result<std::vector<Symbol>> symbols() = 0;
  virtual Result<std::vector<StatDelta>> stats() = 0;
  virtual Result<std::optional<std::string>> meta(const std::string& key) = 0;
  virtual StoreFigures figures() const = 0;
  /// The first damage that a read of the engine's thread met, also one whose error nobody passed on.
  virtual std::optional<Error> damage() const { return {}; }
  /// The engine is about to ask for the records with these identities (object, id), in this order: a hint.
  virtual void want(std::vector<std::pair<std::uint32_t, std::string>> identities) { (void)identities; }
  /// From here to end_reads() many reads come at once, with no fold from their own thread between them: what
  /// each would have to open is opened once. After end_reads() nothing is held open.
  virtual void begin_reads() {}
  virtual void end_reads() {}
};

/// Of the files of a SQLite store; what each one is stands in schema.hpp.
inline constexpr int kNewestFormat = 2;

struct OpenOptions {
  std::int64_t dedupe_window = 30LL * 86400 * 1'000'000;  ///< ids older than this may be forgotten
  /// The SQLite VFS that keeps the files; "": the file system. With another one no directory is made and no
  /// lock taken: who names it sees to that. Nothing is read ahead then: all runs on the caller's threads.
  std::string vfs;
  /// Behaves as the program that knew formats up to this one only.
  int format = kNewestFormat;
};

/// "sqlite:DIR" (state.db, journal.db and wfd.lock in DIR; created when absent), "memory:".
/// Errors: invalid (unknown scheme), conflict (another process owns it), corrupt, unsupported (newer format),
/// io.
Result<std::unique_ptr<Store>> open_store(const std::string& address, const OpenOptions& options = {});

}  // namespace wf::store
