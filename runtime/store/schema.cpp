#include "runtime/store/schema.hpp"

#include <string>

#include "runtime/store/page_check.hpp"

namespace wf::store {

namespace {

constexpr std::int64_t kCheckedPages = (64 << 20) / 4096;

Result<void> create(Connection& writer, const Schema& schema, int format) {
  if (Result<void> begun = writer.exec("BEGIN IMMEDIATE"); !begun) return begun;
  const std::string version = "CREATE TABLE schema(version INTEGER NOT NULL); INSERT INTO schema VALUES(" +
                              std::to_string(format) + ");";
  const std::string mark = "PRAGMA application_id = " + std::to_string(kPageChecksumMark);
  Result<void> done = writer.exec(version.c_str());
  if (done) done = writer.exec(schema.tables);
  if (done && pages_of(format) == Connection::Pages::checked) done = writer.exec(mark.c_str());
  if (done) done = writer.exec("COMMIT");
  if (!done) writer.rollback();
  return done;
}

Result<std::int64_t> count_tables(Connection& writer, const char* name) {
  Statement query;
  const char* sql = name == nullptr ? "SELECT count(*) FROM sqlite_schema"
                                    : "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
  if (Result<void> prepared = query.prepare(writer, sql); !prepared) return prepared.error();
  if (name != nullptr) query.bind_text(1, name);
  Result<bool> row = query.step();
  if (!row) return row.error();
  return query.number(0);
}

}  // namespace

const Schema kJournalSchema{"journal.db", "frame", R"sql(
CREATE TABLE owner(shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
INSERT INTO owner VALUES(0, 0);
CREATE TABLE frame(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, first_input INTEGER NOT NULL,
  last_input INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX frame_input ON frame(last_input) WHERE kind = 1;
)sql"};

const Schema kStateSchema{"state.db", "hot", R"sql(
CREATE TABLE shard(shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
  consumed INTEGER NOT NULL, timers INTEGER NOT NULL, effects INTEGER NOT NULL, latest INTEGER NOT NULL);
INSERT INTO shard VALUES(0, 0, 0, 0, 0, 0, 0);
CREATE TABLE hot(k INTEGER PRIMARY KEY, s BLOB NOT NULL, history_frame INTEGER NOT NULL,
  history_offset INTEGER NOT NULL);
CREATE TABLE cold(k INTEGER PRIMARY KEY, s BLOB NOT NULL);
CREATE TABLE timer(shard INTEGER NOT NULL, due INTEGER NOT NULL, k INTEGER NOT NULL,
  enrolment INTEGER NOT NULL, step INTEGER NOT NULL, kind INTEGER NOT NULL,
  PRIMARY KEY(shard, due, k, enrolment, step, kind)) WITHOUT ROWID;
CREATE TABLE outbox(id INTEGER PRIMARY KEY, shard INTEGER NOT NULL, state INTEGER NOT NULL,
  next_at INTEGER NOT NULL, k INTEGER NOT NULL, attempts INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX outbox_due ON outbox(shard, state, next_at, id);
CREATE TABLE dedupe_run(run INTEGER PRIMARY KEY, shard INTEGER NOT NULL, ids INTEGER NOT NULL,
  newest INTEGER NOT NULL, filter BLOB NOT NULL);
CREATE TABLE dedupe(shard INTEGER NOT NULL, run INTEGER NOT NULL, first BLOB NOT NULL, ids BLOB NOT NULL,
  PRIMARY KEY(shard, run, first)) WITHOUT ROWID;
CREATE TABLE ident(shard INTEGER NOT NULL, object INTEGER NOT NULL, id BLOB NOT NULL, k INTEGER NOT NULL,
  PRIMARY KEY(shard, object, id)) WITHOUT ROWID;
CREATE TABLE link(shard INTEGER NOT NULL, assoc INTEGER NOT NULL, target INTEGER NOT NULL,
  source INTEGER NOT NULL, PRIMARY KEY(shard, assoc, target, source)) WITHOUT ROWID;
CREATE TABLE symbol(shard INTEGER NOT NULL, id INTEGER NOT NULL, name BLOB NOT NULL,
  PRIMARY KEY(shard, id)) WITHOUT ROWID;
CREATE TABLE stat(shard INTEGER NOT NULL, name BLOB NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY(shard, name)) WITHOUT ROWID;
CREATE TABLE meta(shard INTEGER NOT NULL, k BLOB NOT NULL, v BLOB NOT NULL,
  PRIMARY KEY(shard, k)) WITHOUT ROWID;
)sql"};

Result<void> check_format(Connection& file, const Schema& schema, int format) {
  Result<std::int64_t> here = count_tables(file, schema.table);
  if (!here) return here.error();
  if (*here == 0)
    return Error{ErrorCode::corrupt, std::string(schema.file) + ": it is another file's content"};
  Result<std::int64_t> version = file.number("SELECT version FROM schema");
  if (!version) return version.error();
  if (*version >= 1 && *version <= format) return {};
  if (*version > format)
    return Error{ErrorCode::unsupported, std::string(schema.file) + " has format " +
                                             std::to_string(*version) + ", and this program knows up to " +
                                             std::to_string(format) + ": use a newer one"};
  return Error{ErrorCode::corrupt, std::string(schema.file) + ": it has no valid format"};
}

Result<void> prepare_schema(Connection& writer, const Schema& schema, int format) {
  // Without room the first commit tries again.
  if (Result<void> settled = writer.settle_log(); !settled && settled.error().code != ErrorCode::full)
    return settled;
  Result<std::int64_t> known = count_tables(writer, nullptr);
  if (!known) return known.error();
  if (*known == 0) return create(writer, schema, format);
  Result<std::int64_t> pages = writer.number("PRAGMA page_count");
  if (!pages) return pages.error();
  if (*pages <= kCheckedPages)
    if (Result<void> sound = writer.quick_check(); !sound) return sound;
  return check_format(writer, schema, format);
}

}  // namespace wf::store
