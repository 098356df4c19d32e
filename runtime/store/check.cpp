#include "runtime/store/check.hpp"

#include "runtime/store/frame.hpp"
#include "runtime/store/journal.hpp"
#include "runtime/store/lock_file.hpp"
#include "runtime/store/log_format.hpp"
#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite.hpp"

namespace wf::store {

namespace {

constexpr int kCacheKib = 4096;
constexpr int kFramesAtOnce = 1000;

/// What must be zero, and what it means when it is not.
struct Rule {
  const char* sql;
  const char* broken;
};
constexpr Rule kStateRules[] = {
    {"SELECT (SELECT count(*) FROM timer) - (SELECT timers FROM shard WHERE shard = 0)",
     "the count of timers is wrong"},
    {"SELECT (SELECT count(*) FROM outbox) - (SELECT effects FROM shard WHERE shard = 0)",
     "the count of effects is wrong"},
    {"SELECT count(*) FROM cold WHERE NOT EXISTS (SELECT 1 FROM hot WHERE hot.k = cold.k)",
     "a record has only a cold row"},
    {"SELECT count(*) FROM hot WHERE history_frame > (SELECT seq FROM shard WHERE shard = 0)",
     "a record's history is newer than the tables"},
    {"SELECT count(*) FROM dedupe_run r WHERE r.ids <> (SELECT ifnull(sum(length(d.ids)), 0) / 16 FROM "
     "dedupe "
     "d WHERE d.shard = r.shard AND d.run = r.run)",
     "ids of events are missing"},
};

class Check {
 public:
  Check(const std::filesystem::path& directory, const CheckOptions& options)
      : directory_(directory), options_(options) {}

  Result<CheckFigures> run() {
    for (const auto step : {&Check::open, &Check::check_state, &Check::check_frames, &Check::check_journal})
      if (Result<void> done = (this->*step)(); !done || is_stopped())
        return stopped_ ? Error{ErrorCode::unavailable, "the check was stopped"} : done.error();
    return figures_;
  }

 private:
  bool is_stopped() { return stopped_ = stopped_ || (options_.stop && options_.stop()); }

  Result<void> open() {
    if (Result<void> sound = check_logs(); !sound) return sound;
    if (Result<void> opened = open_one(state_, kStateSchema); !opened) return opened;
    return open_one(journal_, kJournalSchema);
  }

  /// Only of a store that nobody uses: the end of a log in use moves while it is read.
  Result<void> check_logs() {
    LockFile lock;
    if (options_.vfs.empty() && !lock.take(directory_ / "wfd.lock")) return {};
    for (const Schema* schema : {&kStateSchema, &kJournalSchema}) {
      const auto sound = check_log(directory_ / schema->file, options_.vfs);
      if (!sound) return Error{sound.error().code, std::string(schema->file) + ": " + sound.error().message};
    }
    return {};
  }

  Result<void> open_one(Connection& file, const Schema& schema) {
    const std::filesystem::path path = directory_ / schema.file;
    if (options_.vfs.empty() && !std::filesystem::exists(path))
      return Error{ErrorCode::not_found, "there is no " + path.string()};
    if (Result<void> opened = file.open(path, Connection::Role::reader, kCacheKib, options_.vfs); !opened)
      return opened;
    file.stop_when([this] { return is_stopped(); });
    if (Result<void> known = check_format(file, schema, kNewestFormat); !known) return known;
    Result<std::int64_t> bytes =
        file.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    if (!bytes) return bytes.error();
    figures_.bytes += static_cast<std::uint64_t>(*bytes);
    if (!file.has_page_checksums()) figures_.unverified.emplace_back(schema.file);
    return {};
  }

  Result<void> check_state() {
    if (Result<void> sound = check_tables(state_, "state.db", ""); !sound) return sound;
    // All rules see the same moment.
    if (Result<void> begun = state_.exec("BEGIN"); !begun) return begun;
    Result<void> done = check_rules();
    if (done) done = count_state();
    state_.rollback();
    return done;
  }

  Result<void> check_rules() {
    for (const Rule& rule : kStateRules) {
      Result<std::int64_t> off = state_.number(rule.sql);
      if (!off) return off.error();
      if (*off != 0) return broken("state.db", rule.broken);
    }
    return {};
  }

  Result<void> count_state() {
    const std::pair<std::uint64_t&, const char*> counts[] = {
        {figures_.records, "SELECT count(*) FROM hot"},
        {figures_.timers, "SELECT count(*) FROM timer"},
        {figures_.effects, "SELECT count(*) FROM outbox"},
        {figures_.idle_timers,
         "SELECT count(*) FROM timer t WHERE t.k <> -9223372036854775808 AND NOT EXISTS (SELECT 1 FROM hot "
         "WHERE hot.k = t.k)"},
        {folded_, "SELECT seq FROM shard WHERE shard = 0"},
        {consumed_, "SELECT consumed FROM shard WHERE shard = 0"},
    };
    for (const auto& [to, sql] : counts) {
      Result<std::int64_t> n = state_.number(sql);
      if (!n) return n.error();
      to = static_cast<std::uint64_t>(*n);
    }
    return {};
  }

  /// All but the table `without`, which is read otherwise.
  Result<void> check_tables(Connection& file, const char* name, std::string_view without) {
    Statement list;
    if (Result<void> ready = list.prepare(file, "SELECT name FROM sqlite_schema WHERE type = 'table'");
        !ready)
      return ready;
    std::vector<std::string> tables;
    for (;;) {
      Result<bool> row = list.step();
      if (!row) return row.error();
      if (!*row) break;
      if (list.blob(0) != without) tables.emplace_back(list.blob(0));
    }
    list.reset();
    for (const std::string& table : tables) {
      const std::string sql = "PRAGMA integrity_check('" + table + "')";
      Statement query;
      if (Result<void> ready = query.prepare(file, sql.c_str()); !ready) return ready;
      Result<bool> row = query.step();
      if (!row) return row.error();
      if (*row && query.blob(0) != "ok") return broken(name, std::string(query.blob(0)));
    }
    return {};
  }

  Result<void> check_frames() {
    Statement read;
    const std::string sql =
        "SELECT seq, kind, first_input, last_input, body FROM frame WHERE seq > ?1 "
        "ORDER BY seq LIMIT " +
        std::to_string(kFramesAtOnce);
    if (Result<void> ready = read.prepare(journal_, sql.c_str()); !ready) return ready;
    for (bool more = true; more;) {
      const ResetAtEnd reset(read);
      read.bind(1, static_cast<std::int64_t>(figures_.frames));
      int got = 0;
      for (;; ++got) {
        Result<bool> row = read.step();
        if (!row) return row.error();
        if (!*row) break;
        if (Result<void> sound = check_frame(read); !sound) return sound;
      }
      more = got == kFramesAtOnce;
    }
    if (figures_.frames < folded_)
      return broken("journal.db", "it ends before the frame that state.db has reached");
    if (figures_.inputs < consumed_) return broken("journal.db", "it lacks inputs that were consumed");
    return {};
  }

  Result<void> check_frame(Statement& row) {
    const std::string number = std::to_string(++figures_.frames);
    if (static_cast<std::uint64_t>(row.number(0)) != figures_.frames)
      return broken("journal.db", "frame " + number + " is missing");
    if (static_cast<FrameKind>(row.number(1)) == FrameKind::redo) {
      Result<Frame> frame = decode_frame(row.blob(4));
      if (!frame) return broken("journal.db", "frame " + number + ": " + frame.error().message);
      return {};
    }
    Result<std::vector<Input>> inputs = decode_inputs(row.blob(4));
    if (!inputs) return broken("journal.db", "frame " + number + ": " + inputs.error().message);
    const bool first = static_cast<std::uint64_t>(row.number(2)) == figures_.inputs + 1;
    for (const Input& input : *inputs)
      if (input.seq != ++figures_.inputs)
        return broken("journal.db", "frame " + number + ": an input is missing");
    if (!first || static_cast<std::uint64_t>(row.number(3)) != figures_.inputs)
      return broken("journal.db", "frame " + number + ": its inputs have other numbers");
    return {};
  }

  /// The frames were read; what is left are the small tables and the index of the inputs.
  Result<void> check_journal() {
    if (Result<void> sound = check_tables(journal_, "journal.db", "frame"); !sound) return sound;
    Result<std::int64_t> off = journal_.number(
        "SELECT (SELECT count(*) FROM frame INDEXED BY frame_input WHERE kind = 1) - "
        "(SELECT count(*) FROM frame NOT INDEXED WHERE kind = 1)");
    if (!off) return off.error();
    return *off == 0 ? Result<void>() : broken("journal.db", "the index of the inputs is wrong");
  }

  static Error broken(const char* file, const std::string& what) {
    return Error{ErrorCode::corrupt, std::string(file) + ": " + what};
  }

  const std::filesystem::path directory_;
  const CheckOptions& options_;
  Connection state_, journal_;
  CheckFigures figures_;
  std::uint64_t folded_ = 0, consumed_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<CheckFigures> check(const std::filesystem::path& directory, const CheckOptions& options) {
  return Check(directory, options).run();
}

Result<std::vector<std::string>> files_without_checksums(const std::filesystem::path& directory) {
  std::vector<std::string> out;
  for (const Schema* schema : {&kStateSchema, &kJournalSchema}) {
    Connection file;
    if (Result<void> opened = file.open(directory / schema->file, Connection::Role::reader, kCacheKib);
        !opened)
      return opened.error();
    if (!file.has_page_checksums()) out.emplace_back(schema->file);
  }
  return out;
}

}  // namespace wf::store
