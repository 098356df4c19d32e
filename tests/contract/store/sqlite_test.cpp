// What holds for the SQLite store alone: ownership, damage, full disks, recovery.
#include <signal.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/contract/store/place.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;

namespace {

ErrorCode open_error(const Place& place) {
  Result<std::unique_ptr<Store>> store = open_store(place.address());
  REQUIRE_FALSE(store.ok());
  INFO(store.error().message);
  return store.error().code;
}

/// While it lives, files of this process cannot grow beyond `bytes`: a write fails as on a full quota.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

void append_numbers(Store& store, int from, int to) {
  for (int i = from; i <= to; ++i)
    must(store.append(hot_frame(static_cast<Key>(i), "n" + std::to_string(i), "h" + std::to_string(i))));
}

}  // namespace

TEST_CASE("a second opener is refused until the first one closes") {
  Place place("sqlite");
  CHECK(open_error(place) == ErrorCode::conflict);
  place.close();
  CHECK(open_store(place.address()).ok());
}

TEST_CASE("a former owner can write nothing") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 3);
  place.damage("journal.db", "UPDATE owner SET epoch = epoch + 1");
  std::vector<Input> inputs = inputs_of({"late"});
  const Result<Seq> appended = place.store().append(hot_frame(9, "late"));
  REQUIRE_FALSE(appended.ok());
  CHECK(appended.error().code == ErrorCode::conflict);
  const Result<void> accepted = place.store().accept(inputs);
  REQUIRE_FALSE(accepted.ok());
  CHECK(accepted.error().code == ErrorCode::conflict);
  CHECK_FALSE(must(place.store().load(9)).has_value());
  CHECK(must(place.store().pull(0, 9)).empty());

  place.damage("state.db", "UPDATE shard SET epoch = epoch + 1");
  const Result<void> folded = place.store().fold();
  REQUIRE_FALSE(folded.ok());
  CHECK(folded.error().code == ErrorCode::conflict);
  CHECK(place.look("state.db", "SELECT count(*) FROM hot") == 0);
  CHECK(must(place.store().load(2)).has_value());
}

TEST_CASE("every opening is a new epoch") {
  Place place("sqlite");
  const std::int64_t first = place.look("state.db", "SELECT epoch FROM shard");
  place.reopen();
  CHECK(place.look("state.db", "SELECT epoch FROM shard") == first + 1);
  CHECK(place.look("journal.db", "SELECT epoch FROM owner") == first + 1);
}

TEST_CASE("opening replays exactly the frames that are not folded") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 10);
  must(place.store().fold());
  append_numbers(place.store(), 11, 14);
  CHECK(place.store().figures().pending_records == 4);
  place.reopen();
  CHECK(place.store().figures().recovered_frames == 4);
  CHECK(place.store().figures().last_frame == 14);
  CHECK(place.store().figures().folded_frame == 10);
  must(place.store().fold());
  CHECK(place.store().figures().folded_frame == 14);
  place.reopen();
  CHECK(place.store().figures().recovered_frames == 0);
  CHECK(must(place.store().scan(0, 100)).size() == 14);
}

TEST_CASE("a damaged last frame is refused: SQLite commits frames whole, so it was acknowledged") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 5);
  place.close();
  const std::string last = " WHERE seq = (SELECT max(seq) FROM frame)";
  SECTION("a changed byte") {
    place.damage("journal.db",
                 "UPDATE frame SET body = substr(body, 1, 9) || x'5a' || substr(body, 11)" + last);
  }
  SECTION("a missing end") {
    place.damage("journal.db", "UPDATE frame SET body = substr(body, 1, length(body) / 2)" + last);
  }
  SECTION("nothing left") {
    place.damage("journal.db", "UPDATE frame SET body = x''" + last);
  }
  CHECK(open_error(place) == ErrorCode::corrupt);
}

TEST_CASE("a damaged accept frame is refused") {
  Place place("sqlite");
  std::vector<Input> first = inputs_of({"a", "b"}), second = inputs_of({"c"});
  must(place.store().accept(first));
  must(place.store().accept(second));
  place.close();
  place.damage("journal.db", "UPDATE frame SET body = x'02' WHERE seq = 2");
  CHECK(open_error(place) == ErrorCode::corrupt);
}

TEST_CASE("damage before the last frame is not opened") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 5);
  place.close();
  SECTION("a changed body") {
    place.damage("journal.db", "UPDATE frame SET body = x'010203' WHERE seq = 3");
  }
  SECTION("a missing frame") {
    place.damage("journal.db", "DELETE FROM frame WHERE seq = 3");
  }
  CHECK(open_error(place) == ErrorCode::corrupt);
}

TEST_CASE("a journal that ends before the tables is not opened") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 5);
  must(place.store().fold());
  place.close();
  SECTION("shorter") {
    place.damage("journal.db", "DELETE FROM frame WHERE seq > 3");
  }
  SECTION("gone") {
    std::filesystem::remove(place.file("journal.db"));
  }
  CHECK(open_error(place) == ErrorCode::corrupt);
}

TEST_CASE("a damaged history entry is noticed") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 2);
  must(place.store().fold());
  HistoryRef from = must(place.store().load(1))->history;
  place.damage("journal.db",
               "UPDATE frame SET body = substr(body, 1, length(body) - 20) || zeroblob(20) WHERE seq = 1");
  const Result<std::vector<HistoryEntry>> history = place.store().history(from, 5);
  REQUIRE_FALSE(history.ok());
  CHECK(history.error().code == ErrorCode::corrupt);
}

TEST_CASE("a newer schema and files that are no database are refused") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 3);
  must(place.store().fold());
  place.close();
  const std::string name = GENERATE(std::string("state.db"), std::string("journal.db"));
  SECTION("newer") {
    place.damage(name, "UPDATE schema SET version = 99");
    CHECK(open_error(place) == ErrorCode::unsupported);
  }
  SECTION("text instead of a database") {
    std::ofstream(place.file(name), std::ios::trunc) << std::string(9000, 'x');
    CHECK(open_error(place) == ErrorCode::corrupt);
  }
  SECTION("overwritten pages") {
    std::fstream file(place.file(name), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    for (int i = 0; i < 8192; ++i) file.put('\x7f');
    file.close();
    CHECK(open_error(place) == ErrorCode::corrupt);
  }
}

TEST_CASE("a directory that cannot be made is an error") {
  Result<std::unique_ptr<Store>> store = open_store("sqlite:/proc/no/such/place");
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().code == ErrorCode::io);
}

TEST_CASE("without space an append fails whole, and works again later") {
  Place place("sqlite");
  append_numbers(place.store(), 1, 3);
  std::vector<Input> inputs = inputs_of({std::string(2'000'000, 'i')});
  {
    const FileSizeLimit limit(1'000'000);
    const Result<Seq> appended = place.store().append(hot_frame(50, std::string(2'000'000, 'x'), "lost"));
    REQUIRE_FALSE(appended.ok());
    CHECK(appended.error().code == ErrorCode::full);
    const Result<void> accepted = place.store().accept(inputs);
    REQUIRE_FALSE(accepted.ok());
    CHECK(accepted.error().code == ErrorCode::full);
    CHECK_FALSE(must(place.store().load(50)).has_value());
    CHECK(place.store().figures().last_frame == 3);
    CHECK(place.store().figures().accepted == 0);
  }
  CHECK(must(place.store().append(hot_frame(51, "later", "kept"))) == 4);
  must(place.store().accept(inputs));
  CHECK(inputs[0].seq == 1);
  place.reopen();
  CHECK(must(place.store().load(51)).has_value());
  CHECK_FALSE(must(place.store().load(50)).has_value());
  CHECK(must(place.store().pull(0, 9)).size() == 1);
}

TEST_CASE("a fold without space changes nothing, and a later one makes up for it") {
  Place place("sqlite");
  for (Key key = 1; key <= 400; ++key) must(place.store().append(hot_frame(key, std::string(9000, 'x'))));
  {
    const FileSizeLimit limit(1'000'000);
    const Result<void> folded = place.store().fold();
    REQUIRE_FALSE(folded.ok());
    CHECK(folded.error().code == ErrorCode::full);
    CHECK(place.store().figures().folded_frame == 0);
  }
  must(place.store().append(hot_frame(5, "newest")));
  CHECK(must(place.store().load(5))->hot == "newest");
  CHECK(must(place.store().load(400))->hot.size() == 9000);
  must(place.store().fold());
  CHECK(place.store().figures().folded_frame == 401);
  CHECK(place.store().figures().pending_records == 0);
  CHECK(must(place.store().load(5))->hot == "newest");
}

TEST_CASE("ids older than the window are forgotten") {
  Place place("sqlite");
  place.close();
  OpenOptions options;
  options.dedupe_window = 1000;
  place.open(options);
  for (std::int64_t at : {10, 500, 5000}) {
    std::vector<Input> inputs = {{0, at, {1, static_cast<std::uint64_t>(at)}, "x"}};
    must(place.store().accept(inputs));
    Frame frame;
    frame.consumed = inputs[0].seq;
    frame.dedupe = {inputs[0].dedupe};
    must(place.store().append(frame));
    must(place.store().fold());
  }
  const std::vector<DedupeId> ids = {{1, 10}, {1, 500}, {1, 5000}};
  CHECK(must(place.store().seen(ids)) == std::vector<bool>{false, false, true});
  CHECK(place.look("state.db", "SELECT count(*) FROM dedupe") == 1);
}
