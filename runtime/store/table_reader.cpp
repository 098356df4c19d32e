#include "runtime/store/table_reader.hpp"

#include <limits>

namespace wf::store {

namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();

// Columns: s, history_frame, history_offset of hot.
RecordRow hot_of(Statement& query, int first) {
  RecordRow row;
  row.hot = query.blob(first);
  row.history.frame = static_cast<Seq>(query.number(first + 1));
  row.history.offset = static_cast<std::uint32_t>(query.number(first + 2));
  return row;
}

// Then s of cold.
RecordRow row_of(Statement& query, int first) {
  RecordRow row = hot_of(query, first);
  row.cold = query.blob(first + 3);
  return row;
}

/// Steps through all rows until `visit` returns false; resets the statement.
template <class Visit>
Result<void> each_row(Statement& query, Visit visit) {
  const ResetAtEnd reset(query);
  for (;;) {
    Result<bool> row = query.step();
    if (!row) return row.error();
    if (!*row || !visit(query)) return {};
  }
}

/// The value that `get` makes of the only row, if there is one.
template <class T, class Get>
Result<std::optional<T>> one_row(Statement& query, Get get) {
  std::optional<T> out;
  Result<void> done = each_row(query, [&](Statement& row) {
    out = get(row);
    return false;
  });
  if (!done) return done.error();
  return out;
}

}  // namespace

Result<void> TableReader::open(const std::filesystem::path& path, const std::string& vfs, int cache_kib) {
  if (Result<void> opened = connection_.open(path, Connection::Role::reader, cache_kib, vfs); !opened)
    return opened;
  const std::pair<Statement&, const char*> statements[] = {
      {begin_, "BEGIN"},
      {end_, "COMMIT"},
      {load_hot_, "SELECT s, history_frame, history_offset FROM hot WHERE k = ?1"},
      {load_cold_, "SELECT s FROM cold WHERE k = ?1"},
      {load_,
       "SELECT h.s, h.history_frame, h.history_offset, c.s FROM hot h LEFT JOIN cold c ON c.k = h.k "
       "WHERE h.k = ?1"},
      {scan_,
       "SELECT h.k, h.s, h.history_frame, h.history_offset, c.s FROM hot h LEFT JOIN cold c ON c.k = h.k "
       "WHERE h.k > ?1 ORDER BY h.k"},
      {find_, "SELECT k FROM ident WHERE shard = 0 AND object = ?1 AND id = ?2"},
      {linked_,
       "SELECT source FROM link WHERE shard = 0 AND assoc = ?1 AND target = ?2 AND source > ?3 ORDER BY "
       "source"},
      {timers_,
       "SELECT due, k, enrolment, step, kind FROM timer WHERE shard = 0 AND "
       "(due, k, enrolment, step, kind) > (?1, ?2, ?3, ?4, ?5) ORDER BY due, k, enrolment, step, kind"},
      {due_,
       "SELECT next_at, id FROM outbox WHERE shard = 0 AND state = ?1 AND (next_at, id) > (?2, ?3) "
       "ORDER BY next_at, id"},
      {effect_, "SELECT id, k, next_at, state, attempts, body FROM outbox WHERE id = ?1"},
      {symbols_, "SELECT id, name FROM symbol WHERE shard = 0"},
      {stats_, "SELECT name, total FROM stat WHERE shard = 0"},
      {meta_, "SELECT v FROM meta WHERE shard = 0 AND k = ?1"},
  };
  for (const auto& [statement, sql] : statements)
    if (Result<void> prepared = statement.prepare(connection_, sql); !prepared) return prepared;
  return dedupe_.prepare(connection_);
}

void TableReader::share(bool on) {
  sharing_ = on;
  if (!on) close();
}

void TableReader::close() {
  if (seen_) (void)end_.run();
  seen_.reset();
}

// A transaction takes its snapshot with its first read. When one cannot begin, each read is one of its own.
void TableReader::see(std::uint64_t folds) {
  if (!sharing_ || (seen_ && *seen_ >= folds)) return;
  close();
  if (begin_.run()) seen_ = folds;
}

Result<std::vector<bool>> TableReader::contains(const DedupeRuns& runs, std::span<const DedupeId> ids) {
  if (seen_) return dedupe_.contains(runs, ids);
  if (Result<void> begun = begin_.run(); !begun) return begun.error();
  Result<std::vector<bool>> found = dedupe_.contains(runs, ids);
  (void)end_.run();
  return found;
}

Result<std::optional<RecordRow>> TableReader::load_hot(Key key) {
  load_hot_.bind_key(1, key);
  return one_row<RecordRow>(load_hot_, [](Statement& row) { return hot_of(row, 0); });
}

Result<std::optional<std::string>> TableReader::load_cold(Key key) {
  load_cold_.bind_key(1, key);
  return one_row<std::string>(load_cold_, [](Statement& row) { return std::string(row.blob(0)); });
}

Result<std::optional<RecordRow>> TableReader::load(Key key) {
  load_.bind_key(1, key);
  return one_row<RecordRow>(load_, [](Statement& row) { return row_of(row, 0); });
}

Result<void> TableReader::scan(Key after, const std::function<bool(Key, RecordRow&&)>& visit) {
  scan_.bind_key(1, after);
  return each_row(scan_, [&](Statement& row) { return visit(row.key(0), row_of(row, 1)); });
}

Result<std::optional<Key>> TableReader::find(const IdentityKey& identity) {
  find_.bind(1, identity.first).bind_blob(2, identity.second);
  return one_row<Key>(find_, [](Statement& row) { return row.key(0); });
}

Result<void> TableReader::linked_from(std::uint32_t assoc, Key to, Key after,
                                      const std::function<bool(Key)>& visit) {
  linked_.bind(1, assoc).bind_key(2, to).bind_key(3, after);
  return each_row(linked_, [&](Statement& row) { return visit(row.key(0)); });
}

Result<void> TableReader::timers(const std::optional<Timer>& after,
                                 const std::function<bool(const Timer&)>& visit) {
  // Without `after` the bound lies below every timer: enrolment -1 of record 0.
  timers_.bind(1, after ? after->due : kLowest).bind_key(2, after ? after->record : 0);
  timers_.bind(3, after ? std::int64_t{after->enrolment} : -1);
  timers_.bind(4, after ? after->step : 0).bind(5, after ? after->kind : 0);
  return each_row(timers_, [&](Statement& row) {
    Timer timer;
    timer.due = row.number(0);
    timer.record = row.key(1);
    timer.enrolment = static_cast<std::uint32_t>(row.number(2));
    timer.step = static_cast<std::uint32_t>(row.number(3));
    timer.kind = static_cast<std::uint8_t>(row.number(4));
    return visit(timer);
  });
}

Result<void> TableReader::due(EffectState state, const std::optional<Due>& after,
                              const std::function<bool(Due)>& visit) {
  due_.bind(1, static_cast<std::int64_t>(state));
  due_.bind(2, after ? after->first : kLowest).bind_key(3, after ? after->second : 0);
  return each_row(due_, [&](Statement& row) { return visit({row.number(0), row.key(1)}); });
}

Result<std::optional<Effect>> TableReader::effect(std::uint64_t id) {
  effect_.bind_key(1, id);
  return one_row<Effect>(effect_, [](Statement& row) {
    Effect effect;
    effect.id = row.key(0);
    effect.record = row.key(1);
    effect.next_at = row.number(2);
    effect.state = static_cast<EffectState>(row.number(3));
    effect.attempts = static_cast<std::uint16_t>(row.number(4));
    effect.body = row.blob(5);
    return effect;
  });
}

Result<std::uint64_t> TableReader::newest_effect() {
  Statement query;
  if (Result<void> ready = query.prepare(connection_, "SELECT id FROM outbox ORDER BY id DESC LIMIT 1");
      !ready)
    return ready.error();
  Result<std::optional<std::uint64_t>> id =
      one_row<std::uint64_t>(query, [](Statement& row) { return row.key(0); });
  if (!id) return id.error();
  return id->value_or(0);
}

Result<std::map<std::uint32_t, std::string>> TableReader::symbols() {
  std::map<std::uint32_t, std::string> out;
  Result<void> done = each_row(symbols_, [&](Statement& row) {
    out[static_cast<std::uint32_t>(row.number(0))] = row.blob(1);
    return true;
  });
  if (!done) return done.error();
  return out;
}

Result<StatTotals> TableReader::stats() {
  StatTotals out;
  Result<void> done = each_row(stats_, [&](Statement& row) {
    out[std::string(row.blob(0))] = row.number(1);
    return true;
  });
  if (!done) return done.error();
  return out;
}

Result<std::optional<std::string>> TableReader::meta(const std::string& key) {
  meta_.bind_blob(1, key);
  return one_row<std::string>(meta_, [](Statement& row) { return std::string(row.blob(0)); });
}

}  // namespace wf::store
