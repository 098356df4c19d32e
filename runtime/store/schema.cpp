#include "runtime/store/schema.hpp"

#include <cstdio>

namespace wf::store {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kCheckedPages = (64 << 20) / 4096;

Result<void> create(Connection& writer, const char* schema) {
  if (Result<void> begun = writer.exec("BEGIN IMMEDIATE"); !begun) return begun;
  Result<void> done = writer.exec(schema);
  if (done) done = writer.exec("COMMIT");
  if (!done) writer.rollback();
  return done;
}

Result<void> check_version(Connection& writer) {
  Result<std::int64_t> version = writer.number("SELECT version FROM schema");
  if (!version) return version.error();
  if (*version == kVersion) return {};
  if (*version > kVersion)
    return Error{ErrorCode::unsupported,
                 "the file has schema version " + std::to_string(*version) + ", newer than this program's"};
  return Error{ErrorCode::corrupt, "the file has no valid schema version"};
}

}  // namespace

const char* const kJournalSchema = R"sql(
CREATE TABLE schema(version INTEGER NOT NULL);
INSERT INTO schema VALUES(1);
CREATE TABLE owner(shard INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
INSERT INTO owner VALUES(0, 0);
CREATE TABLE frame(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, first_input INTEGER NOT NULL,
  last_input INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX frame_input ON frame(last_input) WHERE kind = 1;
)sql";

const char* const kStateSchema = R"sql(
CREATE TABLE schema(version INTEGER NOT NULL);
INSERT INTO schema VALUES(1);
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
)sql";

Result<void> prepare_schema(Connection& writer, const char* schema) {
  // Without room the first commit tries again.
  if (Result<void> settled = writer.settle_log(); !settled && settled.error().code != ErrorCode::full)
    return settled;
  Result<std::int64_t> known = writer.number("SELECT count(*) FROM sqlite_schema WHERE name = 'schema'");
  if (!known) return known.error();
  if (*known == 0) return create(writer, schema);
  Result<std::int64_t> pages = writer.number("PRAGMA page_count");
  if (!pages) return pages.error();
  if (*pages <= kCheckedPages)
    if (Result<void> sound = writer.quick_check(); !sound) return sound;
  return check_version(writer);
}

}  // namespace wf::store
