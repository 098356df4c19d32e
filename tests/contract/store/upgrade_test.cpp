// P18: a store of an earlier format under this program, back under the earlier one, and raised.
#include "runtime/store/upgrade.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "runtime/store/backup.hpp"
#include "runtime/store/check.hpp"
#include "tests/contract/store/model.hpp"
#include "tests/contract/store/place.hpp"
#include "tests/contract/store/random_frame.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;

namespace {

/// A store in a folder of its own, and what it must hold.
class Old {
 public:
  std::filesystem::path folder() const { return place_.file("old"); }
  Result<std::unique_ptr<Store>> open(int format) const {
    OpenOptions options;
    options.format = format;
    return open_store("sqlite:" + folder().string(), options);
  }
  std::filesystem::path copy() const { return folder() / "format-1"; }
  /// The steps of the upgrade; it ends as if killed or with an error before number `last`, from 0.
  Result<void> finalize(int last, bool killed) const {
    int step = 0;
    FinalizeOptions options;
    options.copy = copy();
    options.before = [&](const std::string& name) -> Result<void> {
      if (step++ != last) return {};
      if (killed) ::kill(::getpid(), SIGKILL);
      return Error{ErrorCode::io, name};
    };
    return store::finalize(folder(), options);
  }
  /// Opens it as a program of this format, looks at everything, and works on.
  void work(int format) { work(folder(), format); }
  void work(const std::filesystem::path& where, int format) {
    OpenOptions options;
    options.format = format;
    const auto store = must(open_store("sqlite:" + where.string(), options));
    compare(*store, model_, 7);
    for (int i = 0; i < 20; ++i) {
      const Frame frame = frames_.next();
      must(store->append(frame));
      model_.apply(frame);
      if (i == 10) must(store->fold());
    }
    compare(*store, model_, 7);
  }

 private:
  Place place_{"sqlite"};
  RandomFrames frames_{18};
  Model model_;
};

/// What another process did to the store before it was killed: all that SIGKILL leaves, it leaves. False when
/// there is no such step.
bool kill_at(const Old& old, int step) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool done = old.finalize(step, true).ok();
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return true;
  REQUIRE(WEXITSTATUS(status) == 0);
  return false;
}

void check_raised(Old& old) {
  CHECK(must(format_of(old.folder())) == kNewestFormat);
  CHECK(must(check(old.folder())).unverified.empty());
  for (const char* file : {"journal.db.new", "journal.db.new-wal", "state.db.new", "state.db.new-wal"})
    CHECK_FALSE(std::filesystem::exists(old.folder() / file));
  const auto refused = old.open(1);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::unsupported);
  old.work(kNewestFormat);
}

}  // namespace

TEST_CASE("P18 a store goes up and down between programs without loss") {
  Old old;
  old.work(1);
  old.work(kNewestFormat);
  old.work(1);
  old.work(kNewestFormat);
  // What the newer format adds stays off, so that the earlier program can go on.
  CHECK(must(files_without_checksums(old.folder())).size() == 2);
  CHECK(must(check(old.folder())).unverified.size() == 2);
}

TEST_CASE("P18 a store of a newer format is refused and left as it is") {
  Old old;
  old.work(kNewestFormat);
  const auto refused = old.open(1);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message ==
        "journal.db has format 2, and this program knows up to 1: use a newer one");
  old.work(kNewestFormat);
}

TEST_CASE("P18 a store is raised: its content stays, pages have checksums, the earlier program refuses it") {
  Old old;
  old.work(1);
  old.work(kNewestFormat);
  std::vector<std::string> steps;
  FinalizeOptions options;
  options.copy = old.copy();
  options.before = [&](const std::string& step) {
    steps.push_back(step);
    return Result<void>();
  };
  must(finalize(old.folder(), options));
  CHECK(steps.size() == 11);
  CHECK(steps.front() == "copying the store to " + old.copy().string());
  CHECK(must(format_of(old.copy())) == 1);
  old.work(kNewestFormat);
  check_raised(old);
  must(finalize(old.folder(), options));  // nothing is left to do
  CHECK(steps.size() == 11);
  CHECK(must(format_of(old.copy())) == 1);
}

TEST_CASE("P18 the copy that is kept goes back under the earlier program") {
  Old old;
  old.work(1);
  must(old.finalize(-1, false));
  old.work(old.copy(), 1);
}

TEST_CASE("P18 an upgrade that is killed at any step leaves a store that opens, and goes on") {
  for (const bool daemon_between : {false, true}) {
    int step = 0;
    for (bool more = true; more; ++step) {
      INFO("step " << step << (daemon_between ? ", the daemon works before the next try" : ""));
      Old old;
      old.work(1);
      more = kill_at(old, step);
      CHECK(must(format_of(old.folder())) == (step < 10 ? 1 : kNewestFormat));
      if (daemon_between) old.work(kNewestFormat);
      must(old.finalize(-1, false));
      check_raised(old);
      CHECK(must(format_of(old.copy())) == 1);
    }
    CHECK(step == 12);
  }
}

TEST_CASE("P18 a step that fails ends the upgrade, leaves nothing behind, and is made up for") {
  for (int step = 0; step < 11; ++step) {
    INFO("step " << step);
    Old old;
    old.work(1);
    const auto failed = old.finalize(step, false);
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().code == ErrorCode::io);
    for (const char* file : {"journal.db.new", "journal.db.new-wal", "state.db.new", "state.db.new-wal"})
      CHECK_FALSE(std::filesystem::exists(old.folder() / file));
    old.work(kNewestFormat);
    must(old.finalize(-1, false));
    check_raised(old);
  }
}

TEST_CASE("P18 a store in use, a damaged one and none are not raised") {
  Old old;
  old.work(1);
  {
    const auto store = must(old.open(kNewestFormat));
    const auto refused = finalize(old.folder());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(refused.error().message.find("another process holds the store") == 0);
  }
  CHECK(must(format_of(old.folder())) == 1);
  std::filesystem::resize_file(old.folder() / "state.db", 8192);
  CHECK(finalize(old.folder()).error().code == ErrorCode::corrupt);
  CHECK(finalize(old.folder() / "none").error().code == ErrorCode::not_found);
}

TEST_CASE("P18 P11 copies that do not fit into the cache have checksums on all pages") {
  const Place place{"sqlite"};
  for (const int format : {1, kNewestFormat}) {
    const auto folder = place.file("large-" + std::to_string(format)), copy = place.file("copy");
    {
      OpenOptions options;
      options.format = format;
      const auto store = must(open_store("sqlite:" + folder.string(), options));
      Frame frame;
      for (Key key = 1; key <= 300; ++key)
        frame.records.push_back(hot_frame(key, std::string(60'000, 'h')).records.front());
      must(store->append(frame));
      must(store->fold());
    }
    must(finalize(folder));
    CHECK(must(check(folder)).records == 300);
    std::filesystem::create_directory(copy);
    must(backup(folder, copy));
    CHECK(must(check(copy)).records == 300);
    CHECK(must(files_without_checksums(copy)).empty());
    std::filesystem::remove_all(copy);
  }
}
