#include "runtime/store/table_writer.hpp"

#include <algorithm>
#include <vector>

#include "runtime/store/schema.hpp"

namespace wf::store {

namespace {

constexpr int kCacheKib = 32 * 1024;
// Numbers that take as much room whatever they count.
constexpr const char* kPlaceOfMark =
    "INSERT OR IGNORE INTO shard VALUES(1099511627776, 1099511627776, 0, 0, 0, 0, 0)";
constexpr const char* kMarkOfLog =
    "UPDATE shard SET epoch = epoch + 1 WHERE shard = 1099511627776 AND "
    "(SELECT epoch FROM shard WHERE shard = 0) = ";

/// The entries of a hash map in key order: neighbours share pages.
template <class Map>
std::vector<const typename Map::value_type*> sorted(const Map& map) {
  std::vector<const typename Map::value_type*> out;
  out.reserve(map.size());
  for (const auto& entry : map) out.push_back(&entry);
  std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return out;
}

}  // namespace

Result<void> TableWriter::open(const std::filesystem::path& path, const OpenOptions& options) {
  const int format = options.format;
  if (Result<void> opened =
          connection_.open(path, Connection::Role::writer, kCacheKib, options.vfs, pages_of(format));
      !opened)
    return opened;
  if (Result<void> ready = prepare_schema(connection_, kStateSchema, format); !ready) return ready;
  const std::pair<Statement&, const char*> statements[] = {
      {begin_, "BEGIN IMMEDIATE"},
      {commit_, "COMMIT"},
      {put_hot_,
       "INSERT INTO hot VALUES(?1, ifnull(?2, x''), ifnull(?3, 0), ifnull(?4, 0)) ON CONFLICT(k) DO UPDATE "
       "SET "
       "s = ifnull(?2, s), history_frame = ifnull(?3, history_frame), history_offset = ifnull(?4, "
       "history_offset)"},
      {delete_hot_, "DELETE FROM hot WHERE k = ?1"},
      {put_cold_, "INSERT INTO cold VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET s = excluded.s"},
      {delete_cold_, "DELETE FROM cold WHERE k = ?1"},
      {put_timer_, "INSERT OR IGNORE INTO timer VALUES(0, ?1, ?2, ?3, ?4, ?5)"},
      {delete_timer_,
       "DELETE FROM timer WHERE shard = 0 AND due = ?1 AND k = ?2 AND enrolment = ?3 AND step = ?4 AND kind "
       "= ?5"},
      {put_effect_,
       "INSERT INTO outbox(id, shard, k, next_at, state, attempts, body) VALUES(?1, 0, ?2, ?3, ?4, ?5, ?6)"},
      {delete_effect_, "DELETE FROM outbox WHERE id = ?1"},
      {put_identity_, "INSERT OR REPLACE INTO ident VALUES(0, ?1, ?2, ?3)"},
      {delete_identity_, "DELETE FROM ident WHERE shard = 0 AND object = ?1 AND id = ?2"},
      {put_link_, "INSERT OR IGNORE INTO link VALUES(0, ?1, ?2, ?3)"},
      {delete_link_, "DELETE FROM link WHERE shard = 0 AND assoc = ?1 AND target = ?2 AND source = ?3"},
      {put_symbol_, "INSERT OR REPLACE INTO symbol VALUES(0, ?1, ?2)"},
      {put_stat_, "INSERT OR REPLACE INTO stat VALUES(0, ?1, ?2)"},
      {put_meta_, "INSERT OR REPLACE INTO meta VALUES(0, ?1, ?2)"},
      {cursor_,
       "UPDATE shard SET seq = ?1, consumed = ?2, timers = ?3, effects = ?4, latest = ?5 "
       "WHERE shard = 0 AND epoch = ?6"},
  };
  for (const auto& [statement, sql] : statements)
    if (Result<void> prepared = statement.prepare(connection_, sql); !prepared) return prepared;
  return dedupe_.prepare(connection_);
}

Result<ShardRow> TableWriter::shard() {
  Statement query;
  const char* sql = "SELECT epoch, seq, consumed, timers, effects, latest FROM shard WHERE shard = 0";
  if (Result<void> prepared = query.prepare(connection_, sql); !prepared) return prepared.error();
  Result<bool> row = query.step();
  if (!row) return row.error();
  if (!*row) return Error{ErrorCode::corrupt, "state.db has lost its cursor"};
  ShardRow out;
  out.epoch = query.number(0);
  out.seq = static_cast<Seq>(query.number(1));
  out.consumed = static_cast<InputSeq>(query.number(2));
  out.timers = static_cast<std::uint64_t>(query.number(3));
  out.effects = static_cast<std::uint64_t>(query.number(4));
  out.latest = query.number(5);
  return out;
}

Result<void> TableWriter::own(std::int64_t epoch) {
  Statement update;
  if (Result<void> ready = update.prepare(connection_, "UPDATE shard SET epoch = ?1 WHERE shard = 0"); !ready)
    return ready;
  if (Result<void> owned = update.bind(1, epoch).run(); !owned) return owned;
  connection_.set_mark(kMarkOfLog + std::to_string(epoch));
  return connection_.exec(kPlaceOfMark);
}

Result<void> TableWriter::fold(const Pending& pending, ShardRow& row, DedupeRuns& runs,
                               std::int64_t dedupe_window) {
  Result<void> done = connection_.settle_log();
  if (done) done = begin_.run();
  if (done) done = write(pending, row, runs, dedupe_window);
  if (done) done = commit_.run();
  if (!done) connection_.rollback();
  return done;
}

Result<void> TableWriter::write(const Pending& pending, ShardRow& row, DedupeRuns& runs,
                                std::int64_t dedupe_window) {
  if (Result<void> done = write_records(pending); !done) return done;
  if (Result<void> done = write_timers(pending, row); !done) return done;
  if (Result<void> done = write_effects(pending, row); !done) return done;
  if (Result<void> done = write_identities(pending); !done) return done;
  if (Result<void> done = write_links(pending); !done) return done;
  if (Result<void> done = write_names(pending); !done) return done;
  std::vector<DedupeId> ids(pending.dedupe.begin(), pending.dedupe.end());
  if (Result<void> done = dedupe_.add(runs, std::move(ids), row.latest, row.latest - dedupe_window); !done)
    return done;
  row.seq = pending.last;
  row.consumed = std::max(row.consumed, pending.consumed);
  return move_cursor(row);
}

Result<void> TableWriter::write_records(const Pending& pending) {
  const auto records = sorted(pending.records);
  for (const auto* entry : records)
    if (Result<void> done = write_record(entry->first, entry->second); !done) return done;
  for (const auto* entry : records) {
    const auto& [key, record] = *entry;
    if (record.reset && !record.cold)
      if (Result<void> done = delete_cold_.bind_key(1, key).run(); !done) return done;
    if (!record.cold) continue;
    if (Result<void> done = put_cold_.bind_key(1, key).bind_blob(2, *record.cold).run(); !done) return done;
  }
  return {};
}

Result<void> TableWriter::write_record(Key key, const PendingRecord& record) {
  if (record.reset)
    if (Result<void> done = delete_hot_.bind_key(1, key).run(); !done) return done;
  if (!record.present) return {};
  put_hot_.bind_key(1, key);
  if (record.hot)
    put_hot_.bind_blob(2, *record.hot);
  else
    put_hot_.bind_null(2);
  if (record.history) {
    put_hot_.bind(3, static_cast<std::int64_t>(record.history->frame)).bind(4, record.history->offset);
  } else {
    put_hot_.bind_null(3).bind_null(4);
  }
  return put_hot_.run();
}

Result<void> TableWriter::write_timers(const Pending& pending, ShardRow& row) {
  for (const auto* entry : sorted(pending.timers)) {
    const Timer& timer = entry->first;
    const bool present = entry->second.present;
    Statement& statement = present ? put_timer_ : delete_timer_;
    statement.bind(1, timer.due).bind_key(2, timer.record).bind(3, timer.enrolment);
    statement.bind(4, timer.step).bind(5, timer.kind);
    if (Result<void> done = statement.run(); !done) return done;
    const auto changed = static_cast<std::uint64_t>(connection_.changes());
    row.timers = present ? row.timers + changed : row.timers - changed;
  }
  return {};
}

Result<void> TableWriter::write_effects(const Pending& pending, ShardRow& row) {
  for (const auto* entry : sorted(pending.effects)) {
    const auto& [id, effect] = *entry;
    if (Result<void> done = delete_effect_.bind_key(1, id).run(); !done) return done;
    row.effects -= static_cast<std::uint64_t>(connection_.changes());
    if (!effect.now) continue;
    if (Result<void> done = put_effect(*effect.now, row); !done) return done;
  }
  return {};
}

Result<void> TableWriter::put_effect(const Effect& effect, ShardRow& row) {
  put_effect_.bind_key(1, effect.id).bind_key(2, effect.record).bind(3, effect.next_at);
  put_effect_.bind(4, static_cast<std::int64_t>(effect.state)).bind(5, effect.attempts);
  ++row.effects;
  return put_effect_.bind_blob(6, effect.body).run();
}

Result<void> TableWriter::write_identities(const Pending& pending) {
  for (const auto* entry : sorted(pending.identities)) {
    const auto& [identity, key] = *entry;
    Statement& statement = key == 0 ? delete_identity_ : put_identity_;
    statement.bind(1, identity.first).bind_blob(2, identity.second);
    if (key != 0) statement.bind_key(3, key);
    if (Result<void> done = statement.run(); !done) return done;
  }
  return {};
}

Result<void> TableWriter::write_links(const Pending& pending) {
  for (const auto& [link, present] : pending.links) {
    const auto& [assoc, to, from] = link;
    Statement& statement = present ? put_link_ : delete_link_;
    if (Result<void> done = statement.bind(1, assoc).bind_key(2, to).bind_key(3, from).run(); !done)
      return done;
  }
  return {};
}

Result<void> TableWriter::write_names(const Pending& pending) {
  for (const auto& [id, name] : pending.symbols)
    if (Result<void> done = put_symbol_.bind(1, id).bind_blob(2, name).run(); !done) return done;
  for (const auto& [name, total] : pending.stats)
    if (Result<void> done = put_stat_.bind_blob(1, name).bind(2, total).run(); !done) return done;
  for (const auto& [key, value] : pending.meta)
    if (Result<void> done = put_meta_.bind_blob(1, key).bind_blob(2, value).run(); !done) return done;
  return {};
}

// The last statement of a fold: who no longer owns the store changes no row and rolls back.
Result<void> TableWriter::move_cursor(const ShardRow& row) {
  cursor_.bind(1, static_cast<std::int64_t>(row.seq)).bind(2, static_cast<std::int64_t>(row.consumed));
  cursor_.bind(3, static_cast<std::int64_t>(row.timers)).bind(4, static_cast<std::int64_t>(row.effects));
  cursor_.bind(5, row.latest).bind(6, row.epoch);
  if (Result<void> moved = cursor_.run(); !moved) return moved;
  if (connection_.changes() == 1) return {};
  return Error{ErrorCode::conflict, "another process has taken over the store"};
}

}  // namespace wf::store
