// Damage behind the store's back, at every place of every file: noticed, or harmless; never other content.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "runtime/store/check.hpp"
#include "tests/contract/store/place.hpp"
#include "tests/contract/store/random_frame.hpp"
#include "tests/simulate/contents.hpp"
#include "tests/support/process.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;
namespace fs = std::filesystem;
using ::wf::test::read_file;
using ::wf::test::write_file;

namespace {

using Lines = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

/// A store with rows of every kind, and what it holds.
class Sample {
 public:
  Sample() : place_("sqlite") {
    for (int i = 0; i < 6; ++i) names_.meta.push_back("meta" + std::to_string(i));
    for (int i = 0; i < 30; ++i)
      names_.identities.emplace_back(i % 2, "p" + std::to_string(i) + "@example.com");
    for (Key to = 1; to <= 4; ++to) names_.links.emplace_back(0, to);
    for (int i = 0; i < 60; ++i) {
      std::vector<Input> inputs = inputs_of({"a", std::string(static_cast<std::size_t>(i) * 7, 'b')});
      must(place_.store().accept(inputs));
      append(frames_.next());
      if (i % 20 == 10) must(place_.store().fold());
    }
    Frame large = hot_frame(77, "large", "history");
    large.records[0].cold = std::string(20'000, 'c');  // over several pages
    large.consumed = 40;
    append(large);
    must(place_.store().fold());
    go_on();
  }

  void go_on() {
    for (int i = 0; i < 5; ++i) append(frames_.next());
    before_last_ = read(place_.store());
    append(frames_.next());
    all_ = read(place_.store());
  }

  Place& place() { return place_; }
  const Place& place() const { return place_; }
  const Lines& all() const { return all_; }
  const Lines& before_last() const { return before_last_; }
  Lines read(Store& store) const { return simulate::contents(store, names_); }

  /// The files as they are now; of an open store with its logs, as a kill leaves them.
  Files files() const {
    Files out;
    for (const char* name : {"state.db", "state.db-wal", "journal.db", "journal.db-wal"})
      if (fs::exists(place_.file(name))) out[name] = read_file(place_.file(name).string());
    return out;
  }

 private:
  void append(const Frame& frame) {
    names_.ids.insert(names_.ids.end(), frame.dedupe.begin(), frame.dedupe.end());
    must(place_.store().append(frame));
  }

  Place place_;
  RandomFrames frames_{42};
  simulate::Names names_;
  Lines all_, before_last_;
};

enum class Outcome { same, refused, tail_lost, other };

Outcome open_and_read(const Sample& sample, const Files& files) {
  const fs::path folder = sample.place().file("damaged");
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const auto& [name, bytes] : files) write_file((folder / name).string(), bytes);
  Result<std::unique_ptr<Store>> store = open_store("sqlite:" + folder.string());
  if (!store) {
    CAPTURE(store.error().message);
    CHECK(store.error().code == ErrorCode::corrupt);
    return Outcome::refused;
  }
  try {
    const Lines lines = sample.read(**store);
    return lines == sample.all()           ? Outcome::same
           : lines == sample.before_last() ? Outcome::tail_lost
                                           : Outcome::other;
  } catch (const simulate::Violation& violation) {
    CAPTURE(violation.what);
    CHECK(violation.code == ErrorCode::corrupt);
    CHECK((*store)->damage().has_value());
    return Outcome::refused;
  }
}

/// Some places of every page, and every byte of what comes before the first row.
std::vector<std::size_t> places(std::size_t size) {
  std::mt19937_64 random(size);
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < std::min<std::size_t>(size, 100); ++at) out.push_back(at);
  for (std::size_t page = 0; page + 512 <= size; page += 4096)
    for (int i = 0; i < 3; ++i) out.push_back(page + random() % std::min<std::size_t>(4096, size - page));
  return out;
}

struct Tally {
  int refused = 0, same = 0, tail_lost = 0;
};

/// Changes one byte at each place of `name`.
Tally change_each(const Sample& sample, const Files& files, const std::string& name) {
  std::mt19937_64 random(7);
  Tally tally;
  for (const std::size_t at : places(files.at(name).size())) {
    Files changed = files;
    char& byte = changed[name][at];
    byte = static_cast<char>(byte ^ static_cast<char>(at < 100 ? 1 : 1 + random() % 255));
    const Outcome outcome = open_and_read(sample, changed);
    INFO(name << " byte " << at);
    CHECK(outcome != Outcome::other);
    tally.refused += outcome == Outcome::refused;
    tally.same += outcome == Outcome::same;
    tally.tail_lost += outcome == Outcome::tail_lost;
  }
  return tally;
}

}  // namespace

TEST_CASE("a changed byte of a store at rest is refused wherever it is") {
  Sample sample;
  must(sample.place().store().fold());
  sample.place().close();
  const Files files = sample.files();
  REQUIRE(files.size() == 2);
  const std::string name = GENERATE(std::string("state.db"), std::string("journal.db"));
  CHECK(open_and_read(sample, files) == Outcome::same);
  const Tally tally = change_each(sample, files, name);
  CHECK(tally.refused > 100);
  CHECK(tally.tail_lost == 0);
  // What is left are pages that nothing is on: the list of free ones.
  CHECK(tally.same <= sample.place().look(name, "PRAGMA freelist_count") * 3);
}

TEST_CASE("a changed byte of what a kill leaves is refused, or its last write is lost") {
  const Sample sample;
  const Files files = sample.files();
  REQUIRE(files.size() == 4);
  const std::string name = GENERATE(std::string("state.db"), std::string("journal.db"),
                                    std::string("state.db-wal"), std::string("journal.db-wal"));
  const Tally tally = change_each(sample, files, name);
  CAPTURE(name, tally.refused, tally.same);
  // Where nothing is refused, the same stands in the log, or in the tables, or in the journal.
  if (name == "journal.db-wal") CHECK(tally.refused > 50);
  if (name != "journal.db-wal") CHECK(tally.tail_lost == 0);
}

TEST_CASE("what looks like a log that was being begun again is looked for in the file") {
  Sample sample;
  // So much that the log is moved into the file, which then knows who owns it and is not behind the tables.
  std::vector<Input> inputs = inputs_of({std::string(600'000, 'c')});
  must(sample.place().store().accept(inputs));
  sample.go_on();
  const Files files = sample.files();
  const auto count_up = [](std::string& bytes, std::size_t at) {
    for (std::size_t i = at + 4; i-- > at;)
      if (++bytes[i] != 0) break;
  };
  Files changed = files;
  count_up(changed["journal.db-wal"], 12);  // how often the log was begun
  if (GENERATE(false, true)) count_up(changed["journal.db-wal"], 16);
  CHECK(open_and_read(sample, changed) == Outcome::refused);
}

TEST_CASE("damage to a transaction of which the file has a part is refused") {
  Sample sample;
  const Files before = sample.files();
  must(sample.place().store().fold());
  Files files = sample.files();
  // As if the process had died while the log was moved into the file.
  std::string& state = files["state.db"];
  for (std::size_t page = 4096; page + 4096 <= before.at("state.db").size(); page += 2 * 4096)
    state.replace(page, 4096, before.at("state.db"), page, 4096);
  CHECK(open_and_read(sample, files) == Outcome::same);
  std::string& log = files["state.db-wal"];
  const std::string& log_before = before.at("state.db-wal");
  std::size_t at = 32;
  while (at < log_before.size() && log[at] == log_before[at]) ++at;
  log[at + 100] = static_cast<char>(log[at + 100] ^ 1);
  CHECK(open_and_read(sample, files) == Outcome::refused);
}

TEST_CASE("files that are lost, swapped or of another copy are refused or do no harm") {
  Sample sample;
  sample.place().close();
  const Files files = sample.files();
  Files other = files;
  SECTION("swapped") {
    std::swap(other["state.db"], other["journal.db"]);
    CHECK(open_and_read(sample, other) == Outcome::refused);
  }
  SECTION("no journal") {
    other.erase("journal.db");
    CHECK(open_and_read(sample, other) == Outcome::refused);
  }
  SECTION("an empty journal") {
    other["journal.db"].clear();
    CHECK(open_and_read(sample, other) == Outcome::refused);
  }
  SECTION("an older journal") {
    sample.place().open();
    sample.place().close();
    other["state.db"] = sample.files()["state.db"];
    CHECK(open_and_read(sample, other) == Outcome::refused);
  }
  SECTION("no tables: the journal has everything") {
    other.erase("state.db");
    CHECK(open_and_read(sample, other) == Outcome::same);
  }
  SECTION("a page in another one's place") {
    std::string& bytes = other["state.db"];
    const std::string second = bytes.substr(4096, 4096), third = bytes.substr(8192, 4096);
    bytes.replace(4096, 4096, third);
    bytes.replace(8192, 4096, second);
    CHECK(open_and_read(sample, other) == Outcome::refused);
    const auto opened = open_store("sqlite:" + sample.place().file("damaged").string());
    CHECK(opened.error().message.find("its checksum does not match") != std::string::npos);
  }
}

TEST_CASE("the check finds what opening does not look at") {
  Sample sample;
  must(sample.place().store().fold());
  const fs::path folder = sample.place().file("state.db").parent_path();
  SECTION("a sound store, in use and not") {
    const CheckFigures used = must(check(folder));
    sample.place().close();
    const CheckFigures closed = must(check(folder));
    CHECK(used.frames == closed.frames);
    CHECK(used.frames == 127);
    CHECK(used.inputs == 120);
    CHECK(used.records > 0);
    CHECK(used.timers > 0);
    CHECK(used.effects > 0);
    CHECK(used.unverified.empty());
    CHECK(must(files_without_checksums(folder)).empty());
  }
  SECTION("rows that do not fit together") {
    const auto [file, sql, what] = GENERATE(table<std::string, std::string, std::string>({
        {"state.db", "DELETE FROM timer WHERE due = (SELECT min(due) FROM timer)", "count of timers"},
        {"state.db", "UPDATE shard SET effects = effects + 1", "count of effects"},
        {"state.db", "INSERT INTO cold VALUES(5000, x'00')", "only a cold row"},
        {"state.db", "UPDATE hot SET history_frame = 9999 WHERE k = (SELECT max(k) FROM hot)",
         "history is newer"},
        {"state.db", "DELETE FROM dedupe WHERE run = (SELECT min(run) FROM dedupe)", "ids of events"},
        {"journal.db", "UPDATE frame SET body = x'010203' WHERE seq = 3", "frame 3"},
        {"journal.db", "DELETE FROM frame WHERE seq = 4", "frame 4 is missing"},
        {"journal.db", "UPDATE frame SET last_input = 90 WHERE seq = 1", "frame 1: its inputs"},
        {"journal.db", "DELETE FROM frame WHERE seq > 100", "ends before"},
    }));
    sample.place().close();
    sample.place().damage(file, sql);
    const auto found = check(folder);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == ErrorCode::corrupt);
    CAPTURE(found.error().message);
    CHECK(found.error().message.starts_with(file + ": "));
    CHECK(found.error().message.find(what) != std::string::npos);
  }
  SECTION("a page") {
    sample.place().close();
    std::string bytes = read_file(sample.place().file("journal.db").string());
    bytes[bytes.size() - 3000] ^= 1;
    write_file(sample.place().file("journal.db").string(), bytes);
    const auto found = check(folder);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == ErrorCode::corrupt);
    CHECK(found.error().message.starts_with("journal.db: page "));
  }
  SECTION("no store") {
    CHECK(check(folder / "none").error().code == ErrorCode::not_found);
  }
  SECTION("it can be stopped") {
    CHECK(check(folder, {{}, [] { return true; }}).error().code == ErrorCode::unavailable);
  }
}

TEST_CASE("damage to a log in use is not moved into the file") {
  Place place("sqlite");
  for (Key key = 1; key <= 5; ++key) must(place.store().append(hot_frame(key, "n", "h")));
  must(place.store().fold());
  const std::string log = place.file("journal.db-wal").string();
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-30, std::ios::end);  // in the first frame, which has the end of the last page
  file.put('\x5a');
  file.close();
  place.close();
  const auto opened = open_store(place.address());
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::corrupt);
}

TEST_CASE("a store of the first format has no checksums, works on and is told apart") {
  const Place place("sqlite");
  const fs::path folder = place.file("old");
  OpenOptions old;
  old.format = 1;
  {
    const auto store = must(open_store("sqlite:" + folder.string(), old));
    must(store->append(hot_frame(1, "old", "h")));
    must(store->fold());
  }
  {
    const auto store = must(open_store("sqlite:" + folder.string()));
    must(store->append(hot_frame(2, "new", "h")));
    must(store->fold());
    CHECK(must(store->load(1))->hot == "old");
  }
  CHECK(must(files_without_checksums(folder)).size() == 2);
  CHECK(must(check(folder)).unverified.size() == 2);
  CHECK(open_store("sqlite:" + folder.string(), old).ok());
}
