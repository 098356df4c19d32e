// Opening, recovery and the writing side of SqliteStore; its reads are in sqlite_reads.cpp.
#include "runtime/store/sqlite_store.hpp"

#include <algorithm>

namespace wf::store {

namespace {

constexpr std::size_t kMostFrameBytes = 512u << 20;

Error too_large() {
  return Error{ErrorCode::limit, "a journal frame would be larger than 512 MiB"};
}

void raise(std::atomic<std::int64_t>& mark, std::int64_t to) {
  std::int64_t now = mark.load();
  while (now < to && !mark.compare_exchange_weak(now, to)) {
  }
}

}  // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(const std::filesystem::path& directory,
                                                 const OpenOptions& options) {
  std::unique_ptr<SqliteStore> store(new SqliteStore(options));
  if (Result<void> opened = store->open_files(directory); !opened) return opened.error();
  if (Result<void> owned = store->take_over(); !owned) return owned.error();
  if (Result<void> recovered = store->recover(); !recovered) return recovered.error();
  if (Result<void> ready = store->read_ahead(directory); !ready) return ready.error();
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> SqliteStore::open_files(const std::filesystem::path& directory) {
  const std::string& vfs = options_.vfs;
  if (vfs.empty())
    if (Result<void> taken = take_directory(directory); !taken) return taken;
  if (Result<void> opened = journal_.open(directory / "journal.db", options_); !opened) return opened;
  if (Result<void> opened = writer_.open(directory / "state.db", options_); !opened) return opened;
  return reader_.open(directory / "state.db", vfs);
}

Result<void> SqliteStore::take_directory(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return Error{ErrorCode::io, "cannot create " + directory.string() + ": " + failed.message()};
  return lock_.take(directory / "wfd.lock");
}

Result<void> SqliteStore::read_ahead(const std::filesystem::path& directory) {
  if (!options_.vfs.empty()) return {};
  return ahead_.open(directory / "state.db", [this] { return layers().folds; });
}

// The journal first: from then on a former owner can append nothing, and what it has appended is read after
// this.
Result<void> SqliteStore::take_over() {
  Result<std::int64_t> journal_epoch = journal_.epoch();
  if (!journal_epoch) return journal_epoch.error();
  Result<ShardRow> row = writer_.shard();
  if (!row) return row.error();
  if (row->epoch > *journal_epoch)
    return Error{ErrorCode::corrupt, "journal.db is older than state.db: it was lost or is another copy"};
  const std::int64_t epoch = *journal_epoch + 1;
  if (Result<void> owned = journal_.own(epoch); !owned) return owned;
  return writer_.own(epoch);
}

Result<void> SqliteStore::recover() {
  Result<ShardRow> row = writer_.shard();
  if (!row) return row.error();
  folded_ = *row;
  consumed_ = row->consumed;
  latest_ = row->latest;
  if (journal_.last() < folded_.seq)
    return Error{ErrorCode::corrupt, "journal.db ends before the frame that state.db has reached"};
  Result<DedupeRuns> runs = writer_.dedupe_runs();
  if (!runs) return runs.error();
  runs_ = std::make_shared<const DedupeRuns>(std::move(*runs));
  Result<StatTotals> totals = reader_.stats();
  if (!totals) return totals.error();
  totals_ = std::move(*totals);
  Result<std::uint64_t> newest = reader_.newest_effect();
  if (!newest) return newest.error();
  newest_effect_ = *newest;
  Result<void> visited =
      journal_.visit(folded_.seq, [this](const JournalRow& frame) { return replay(frame); });
  if (!visited) return visited;
  Result<InputSeq> accepted = journal_.last_input();
  if (!accepted) return accepted.error();
  accepted_ = *accepted;
  recent_.start_after(*accepted);
  if (consumed_ > *accepted) return Error{ErrorCode::corrupt, "journal.db lacks inputs that were consumed"};
  return {};
}

Result<void> SqliteStore::replay(const JournalRow& row) {
  Error failed{ErrorCode::corrupt, {}};
  if (row.kind == FrameKind::redo) {
    std::vector<std::uint32_t> offsets;
    Result<Frame> frame = decode_frame(row.body, &offsets);
    if (frame) {
      show(*frame, row.seq, offsets);
      ++recovered_;
      return {};
    }
    failed = frame.error();
  } else {
    Result<std::vector<Input>> inputs = decode_inputs(row.body);
    if (inputs) {
      for (const Input& input : *inputs) raise(latest_, input.received_at);
      return {};
    }
    failed = inputs.error();
  }
  failed.message = "frame " + std::to_string(row.seq) + " of journal.db: " + failed.message;
  return failed;
}

Result<void> SqliteStore::accept(std::vector<Input>& inputs) {
  if (inputs.empty()) return {};
  std::lock_guard one(accept_mutex_);
  InputSeq next = accepted_.load();
  std::int64_t latest = inputs.front().received_at;
  for (Input& input : inputs) {
    input.seq = ++next;
    latest = std::max(latest, input.received_at);
  }
  const std::string body = encode(inputs);
  if (body.size() > kMostFrameBytes) return too_large();
  JournalRow row{0, FrameKind::inputs, inputs.front().seq, next, body};
  if (Result<void> written = journal_.write(row); !written) return written;
  raise(latest_, latest);
  accepted_ = next;  // before the engine can see them: it may consume at once
  recent_.push(inputs);
  return {};
}

Result<Seq> SqliteStore::append(const Frame& frame) {
  if (frame.consumed > accepted_.load())
    return Error{ErrorCode::invalid, "a frame consumes inputs that were never accepted"};
  Result<std::vector<HistoryRef>> previous = previous_history(frame);
  if (!previous) return previous.error();
  std::vector<std::uint32_t> offsets;
  const std::string body = encode(frame, &offsets, *previous);
  if (body.size() > kMostFrameBytes) return too_large();
  JournalRow row{0, FrameKind::redo, 0, 0, body};
  if (Result<void> written = journal_.write(row); !written) return written.error();
  show(frame, row.seq, offsets);
  recent_.drop(frame.consumed);
  return row.seq;
}

Result<std::vector<HistoryRef>> SqliteStore::previous_history(const Frame& frame) {
  std::vector<HistoryRef> out(frame.records.size());
  std::unordered_map<Key, HistoryRef> here;  // changed earlier in this frame
  here.reserve(frame.records.size());
  for (std::size_t i = 0; i < frame.records.size(); ++i) {
    const RecordChange& change = frame.records[i];
    if (change.erase) {
      here[change.key] = {};
      continue;
    }
    if (change.history.empty()) continue;
    const auto [at, first] =
        here.try_emplace(change.key, HistoryRef{kSameFrame, static_cast<std::uint32_t>(i)});
    if (!first) {
      out[i] = std::exchange(at->second, {kSameFrame, static_cast<std::uint32_t>(i)});
      continue;
    }
    Result<HistoryRef> newest = newest_history(change.key);
    if (!newest) return newest.error();
    out[i] = *newest;
  }
  return out;
}

Result<HistoryRef> SqliteStore::newest_history(Key key) {
  if (const std::optional<HistoryRef> known = refs_.find(key)) return *known;
  Result<std::optional<RecordRow>> row = load_hot(key);
  if (!row) return row.error();
  return *row ? (*row)->history : HistoryRef{};
}

// Makes a durable frame visible.
void SqliteStore::show(const Frame& frame, Seq seq, std::span<const std::uint32_t> offsets) {
  {
    std::lock_guard lock(mutex_);
    pending_->apply(frame, seq, offsets, totals_, newest_effect_);
    consumed_ = std::max(consumed_, frame.consumed);
  }
  for (std::size_t i = 0; i < frame.records.size(); ++i) {
    if (frame.records[i].erase)
      refs_.put(frame.records[i].key, {});
    else if (offsets[i] != 0)
      refs_.put(frame.records[i].key, {seq, offsets[i]});
  }
  move_windows(frame);
}

void SqliteStore::move_windows(const Frame& frame) {
  for (const Timer& timer : frame.timers_removed) timers_.remove(timer);
  for (const Timer& timer : frame.timers_added) timers_.add(timer);
  for (const Effect& effect : frame.effects_put)
    due_[static_cast<std::size_t>(effect.state)].add({effect.next_at, effect.id});
}

Result<void> SqliteStore::fold() {
  std::lock_guard folding(fold_mutex_);
  for (bool again = true; again;) {
    std::shared_ptr<const Pending> generation;
    {
      std::lock_guard lock(mutex_);
      again = folding_ != nullptr;  // a fold failed before: its generation first, then the newer one
      if (!folding_) {
        if (pending_->last == 0) return {};
        folding_ = std::exchange(pending_, std::make_shared<Pending>());
      }
      generation = folding_;
    }
    if (Result<void> done = fold_generation(*generation); !done) return done;
  }
  return writer_.checkpoint();
}

Result<void> SqliteStore::fold_generation(const Pending& generation) {
  ShardRow row;
  DedupeRuns runs;
  {
    std::lock_guard lock(mutex_);
    row = folded_;
    runs = *runs_;
  }
  row.latest = latest_.load();
  Result<void> done = writer_.fold(generation, row, runs, options_.dedupe_window);
  if (!done) return done;
  auto published = std::make_shared<const DedupeRuns>(std::move(runs));
  std::lock_guard lock(mutex_);
  folded_ = row;
  runs_ = std::move(published);
  folding_.reset();
  ++folds_;
  return {};
}

// Of the engine thread's connections; a fold tells of its own.
std::optional<Error> SqliteStore::damage() const {
  return journal_.damage() ? journal_.damage() : reader_.damage();
}

Layers SqliteStore::layers() const {
  std::lock_guard lock(mutex_);
  return {pending_, folding_, folds_};
}

TableReader& SqliteStore::below(const Layers& layers) {
  reader_.see(layers.folds);
  return reader_;
}

StoreFigures SqliteStore::figures() const {
  StoreFigures out;
  out.last_frame = journal_.last();
  out.accepted = accepted_.load();
  out.recovered_frames = recovered_;
  std::lock_guard lock(mutex_);
  out.folded_frame = folded_.seq;
  out.consumed = consumed_;
  std::int64_t timers = static_cast<std::int64_t>(folded_.timers) + pending_->timers_more;
  std::int64_t effects = static_cast<std::int64_t>(folded_.effects) + pending_->effects_more;
  out.pending_records = pending_->records.size();
  if (folding_) {
    timers += folding_->timers_more;
    effects += folding_->effects_more;
    out.pending_records += folding_->records.size();
  }
  out.timers = static_cast<std::uint64_t>(std::max<std::int64_t>(timers, 0));
  out.effects = static_cast<std::uint64_t>(std::max<std::int64_t>(effects, 0));
  return out;
}

}  // namespace wf::store
