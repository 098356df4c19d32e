// P18: a store of an earlier format under this program, and back under the earlier one.
#include <catch2/catch.hpp>

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
  /// Opens it as a program of this format, looks at everything, and works on.
  void work(int format) {
    const auto store = must(open(format));
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
