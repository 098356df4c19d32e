// SqliteStore: journal.db and state.db in one directory.
//
//   append ─► journal.db ─► pending ──fold──► folding ─► state.db
//                              ▲                 ▲          ▲
//                              └──── reads look in this order
//
// A fold takes the pending generation as it is and writes it beside further appends, which start a new one.
// When it fails the generation stays where it is and the next fold takes it up again.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <filesystem>
#include <mutex>

#include "runtime/store/input_queue.hpp"
#include "runtime/store/journal.hpp"
#include "runtime/store/lock_file.hpp"
#include "runtime/store/read_ahead.hpp"
#include "runtime/store/ref_cache.hpp"
#include "runtime/store/store.hpp"
#include "runtime/store/table_reader.hpp"
#include "runtime/store/table_writer.hpp"
#include "runtime/store/window.hpp"

namespace wf::store {

/// Threads as Store says.
class SqliteStore final : public Store {
 public:
  /// Errors: conflict, corrupt, unsupported, full, io.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             const OpenOptions& options);

  Result<void> accept(std::vector<Input>& inputs) override;
  Result<Seq> append(const Frame& frame) override;
  Result<void> fold() override;
  Result<std::vector<Input>> pull(InputSeq after, std::size_t limit) override;
  Result<std::vector<bool>> seen(std::span<const DedupeId> ids) override;
  Result<std::optional<RecordRow>> load(Key key) override;
  Result<std::optional<RecordRow>> load_hot(Key key) override;
  Result<std::string> load_cold(Key key) override;
  Result<std::optional<Key>> find(std::uint32_t object, const std::string& id) override;
  Result<std::vector<Key>> linked_from(std::uint32_t assoc, Key to, Key after, std::size_t limit) override;
  Result<std::vector<std::pair<Key, RecordRow>>> scan(Key after, std::size_t limit) override;
  Result<std::vector<Timer>> timers_due(std::int64_t until, std::size_t limit) override;
  Result<std::optional<std::int64_t>> next_timer() override;
  Result<std::vector<Effect>> effects(EffectState state, std::int64_t until, std::size_t limit) override;
  Result<std::optional<Effect>> effect(std::uint64_t id) override;
  Result<std::vector<HistoryEntry>> history(HistoryRef& from, std::size_t limit) override;
  Result<std::vector<Symbol>> symbols() override;
  Result<std::vector<StatDelta>> stats() override;
  Result<std::optional<std::string>> meta(const std::string& key) override;
  StoreFigures figures() const override;
  std::optional<Error> damage() const override;
  void want(std::vector<IdentityKey> identities) override;
  void begin_reads() override { reader_.share(true); }
  void end_reads() override { reader_.share(false); }

 private:
  explicit SqliteStore(const OpenOptions& options) : options_(options) {}

  Result<void> open_files(const std::filesystem::path& directory);
  Result<void> take_directory(const std::filesystem::path& directory);
  Result<void> take_over();
  Result<void> read_ahead(const std::filesystem::path& directory);
  Result<void> recover();
  Result<void> replay(const JournalRow& row);

  Layers layers() const;
  /// The tables below these layers.
  TableReader& below(const Layers& layers);
  Result<std::vector<HistoryRef>> previous_history(const Frame& frame);
  Result<HistoryRef> newest_history(Key key);
  void show(const Frame& frame, Seq seq, std::span<const std::uint32_t> offsets);
  void move_windows(const Frame& frame);
  Result<void> fold_generation(const Pending& generation);

  Result<void> extend_timers();
  Result<void> extend_effects(EffectState state);
  Result<std::vector<Input>> pull_from_journal(InputSeq after, std::size_t limit);

  const OpenOptions options_;
  LockFile lock_;
  Journal journal_;
  TableWriter writer_;  // the folding thread's, under fold_mutex_
  TableReader reader_;  // the engine thread's
  std::mutex accept_mutex_;
  std::mutex fold_mutex_;
  std::atomic<InputSeq> accepted_{0};
  std::atomic<std::int64_t> latest_{0};
  InputQueue recent_;

  mutable std::mutex mutex_;  // guards what follows, for moments only
  std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
  std::shared_ptr<const Pending> folding_;
  std::shared_ptr<const DedupeRuns> runs_;
  ShardRow folded_;
  std::uint64_t folds_ = 0;  // since the store was opened
  InputSeq consumed_ = 0;

  // The engine thread's only.
  std::uint64_t recovered_ = 0;
  StatTotals totals_;
  std::uint64_t newest_effect_ = 0;
  RefCache refs_;
  Window<Timer> timers_;
  // By EffectState; a key counts only while the effect still says the same.
  std::array<Window<Due>, kEffectStates> due_;
  std::deque<Input> backlog_;  // inputs that were read back from the journal
  ReadAhead ahead_;            // the last member: its thread asks for `folds_`
};

}  // namespace wf::store
