#include "runtime/store/journal.hpp"

#include "runtime/store/schema.hpp"

namespace wf::store {

namespace {

constexpr int kCacheKib = 4096;
// Small slices: a checkpoint delays the acknowledgement behind it.
constexpr int kCheckpointPages = 64;
// Most history entries fit, so that one read is enough.
constexpr std::size_t kHistoryGuess = 512;
// Numbers that take as much room whatever they count.
constexpr const char* kPlaceOfMark = "INSERT OR IGNORE INTO owner VALUES(1099511627776, 1099511627776)";
constexpr const char* kMarkOfLog =
    "UPDATE owner SET epoch = epoch + 1 WHERE shard = 1099511627776 AND "
    "(SELECT epoch FROM owner WHERE shard = 0) = ";

}  // namespace

Result<void> Journal::open(const std::filesystem::path& path, const OpenOptions& options) {
  const int format = options.format;
  if (Result<void> opened =
          writer_.open(path, Connection::Role::writer, kCacheKib, options.vfs, pages_of(format));
      !opened)
    return opened;
  if (Result<void> ready = prepare_schema(writer_, kJournalSchema, format); !ready) return ready;
  if (Result<void> opened = reader_.open(path, Connection::Role::reader, kCacheKib, options.vfs); !opened)
    return opened;
  const std::tuple<Statement&, Connection&, const char*> statements[] = {
      {begin_, writer_, "BEGIN IMMEDIATE"},
      {commit_, writer_, "COMMIT"},
      {insert_, writer_,
       "INSERT INTO frame(seq, kind, first_input, last_input, body) "
       "SELECT ?1, ?2, ?3, ?4, ?5 FROM owner WHERE shard = 0 AND epoch = ?6"},
      {frames_, reader_,
       "SELECT seq, kind, first_input, last_input, body FROM frame WHERE seq > ?1 ORDER BY seq"},
      {inputs_, reader_, "SELECT body FROM frame WHERE kind = 1 AND last_input > ?1 ORDER BY last_input"},
  };
  for (const auto& [statement, connection, sql] : statements)
    if (Result<void> prepared = statement.prepare(connection, sql); !prepared) return prepared;
  Result<std::int64_t> last = writer_.number("SELECT max(seq) FROM frame");
  if (!last) return last.error();
  last_ = static_cast<Seq>(*last);
  return {};
}

Result<std::int64_t> Journal::epoch() {
  return writer_.number("SELECT epoch FROM owner WHERE shard = 0");
}

Result<void> Journal::own(std::int64_t epoch) {
  Statement update;
  if (Result<void> ready = update.prepare(writer_, "UPDATE owner SET epoch = ?1 WHERE shard = 0"); !ready)
    return ready;
  epoch_ = epoch;
  if (Result<void> owned = update.bind(1, epoch).run(); !owned) return owned;
  writer_.set_mark(kMarkOfLog + std::to_string(epoch));
  return writer_.exec(kPlaceOfMark);
}

Seq Journal::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

Result<void> Journal::write(JournalRow& row) {
  Waiting self{&row};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&self);
  changed_.wait(lock, [&] { return self.done || !led_; });
  if (!self.done) lead(lock);
  return std::move(self.result);
}

// The first writer commits for all that wait with it; who arrives meanwhile forms the next group.
void Journal::lead(std::unique_lock<std::mutex>& lock) {
  led_ = true;
  const std::vector<Waiting*> group = std::exchange(waiting_, {});
  const Seq first = last_ + 1;
  lock.unlock();
  const Result<void> result = commit(group, first);
  lock.lock();
  if (result) last_ += group.size();
  for (Waiting* member : group) {
    member->result = result;
    member->done = true;
  }
  changed_.notify_all();
  if (writer_.log_pages() >= kCheckpointPages) {
    lock.unlock();
    // A failure loses nothing: the frames stay in the log and the next checkpoint takes them along.
    (void)writer_.checkpoint();
    lock.lock();
  }
  led_ = false;
  changed_.notify_all();
}

Result<void> Journal::commit(const std::vector<Waiting*>& group, Seq first) {
  Result<void> done = writer_.settle_log();
  if (done) done = begin_.run();
  if (done) done = insert(group, first);
  if (done) done = commit_.run();
  if (!done) writer_.rollback();
  return done;
}

Result<void> Journal::insert(const std::vector<Waiting*>& group, Seq first) {
  Seq seq = first;
  for (const Waiting* member : group) {
    JournalRow& row = *member->row;
    row.seq = seq++;
    insert_.bind(1, static_cast<std::int64_t>(row.seq)).bind(2, static_cast<std::int64_t>(row.kind));
    insert_.bind(3, static_cast<std::int64_t>(row.first_input))
        .bind(4, static_cast<std::int64_t>(row.last_input));
    insert_.bind_blob(5, row.body).bind(6, epoch_);
    if (Result<void> inserted = insert_.run(); !inserted) return inserted;
    if (writer_.changes() != 1) return Error{ErrorCode::conflict, "another process has taken over the store"};
  }
  return {};
}

Result<void> Journal::visit(Seq after, const std::function<Result<void>(const JournalRow&)>& visitor) {
  const ResetAtEnd reset(frames_);
  frames_.bind(1, static_cast<std::int64_t>(after));
  for (Seq expected = after + 1;; ++expected) {
    Result<bool> row = frames_.step();
    if (!row) return row.error();
    if (!*row) return {};
    JournalRow out;
    out.seq = static_cast<Seq>(frames_.number(0));
    out.kind = static_cast<FrameKind>(frames_.number(1));
    out.first_input = static_cast<InputSeq>(frames_.number(2));
    out.last_input = static_cast<InputSeq>(frames_.number(3));
    out.body = frames_.blob(4);
    if (out.seq != expected)
      return Error{ErrorCode::corrupt, "frame " + std::to_string(expected) + " is missing in the journal"};
    if (Result<void> visited = visitor(out); !visited) return visited;
  }
}

Result<InputSeq> Journal::last_input() {
  Result<std::int64_t> last = reader_.number("SELECT max(last_input) FROM frame WHERE kind = 1");
  if (!last) return last.error();
  return static_cast<InputSeq>(*last);
}

Result<std::vector<Input>> Journal::inputs(InputSeq after, std::size_t limit) {
  const ResetAtEnd reset(inputs_);
  inputs_.bind(1, static_cast<std::int64_t>(after));
  std::vector<Input> out;
  while (out.size() < limit) {
    Result<bool> row = inputs_.step();
    if (!row) return row.error();
    if (!*row) break;
    Result<std::vector<Input>> frame = decode_inputs(inputs_.blob(0));
    if (!frame) return frame.error();
    for (Input& input : *frame)
      if (input.seq > after) out.push_back(std::move(input));
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i].seq != after + 1 + i)
      return Error{ErrorCode::corrupt, "accepted inputs are missing in the journal"};
  return out;
}

Result<HistoryPart> Journal::history(HistoryRef ref) {
  const auto row = static_cast<std::int64_t>(ref.frame);
  Result<std::string> bytes = reader_.read_blob("frame", "body", row, ref.offset, kHistoryGuess);
  if (bytes && history_size(*bytes) > bytes->size())
    bytes = reader_.read_blob("frame", "body", row, ref.offset, history_size(*bytes));
  if (!bytes) {
    if (bytes.error().code != ErrorCode::not_found) return bytes.error();
    return Error{ErrorCode::corrupt, "frame " + std::to_string(ref.frame) + " is missing in the journal"};
  }
  Result<HistoryPart> part = decode_history(std::string_view(*bytes).substr(0, history_size(*bytes)));
  if (part && part->previous.frame == 0 && part->previous.offset != 0) part->previous.frame = ref.frame;
  return part;
}

}  // namespace wf::store
