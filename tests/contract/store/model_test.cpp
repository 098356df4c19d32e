// Random frames, folds and reopenings against the model.
#include "tests/contract/store/model.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/store/place.hpp"
#include "tests/contract/store/random_frame.hpp"

using namespace wf;
using namespace wf::store;
using namespace wf::store::test;

namespace {

class Run {
 public:
  Run(const std::string& kind, std::uint64_t seed) : place_(kind), random_(seed) {}

  void step() {
    switch (random_.below(12)) {
      case 0:
        must(place_.store().fold());
        break;
      case 1:
        place_.reopen();
        break;
      case 2:
      case 3:
        accept();
        break;
      default:
        append();
    }
  }

  void compare_now() { compare(place_.store(), model_, 1 + random_.below(40)); }

 private:
  void accept() {
    std::vector<Input> inputs;
    for (std::uint64_t i = random_.below(5); i > 0; --i)
      inputs.push_back(
          {0, static_cast<std::int64_t>(random_.below(1000)), {random_.below(9), 3}, random_.text(30)});
    must(place_.store().accept(inputs));
    for (const Input& input : inputs) {
      model_.inputs.push_back(input);
      REQUIRE(input.seq == model_.inputs.size());
    }
  }

  void append() {
    Frame frame = random_.next();
    const std::uint64_t open = model_.inputs.size() - model_.consumed;
    if (random_.below(3) == 0) frame.consumed = model_.consumed + random_.below(open + 1);
    const Seq before = place_.store().figures().last_frame;
    CHECK(must(place_.store().append(frame)) == before + 1);
    model_.apply(frame);
  }

  Place place_;
  RandomFrames random_;
  Model model_;
};

}  // namespace

TEST_CASE("a store answers as the model does") {
  const std::string kind = GENERATE(std::string("memory"), std::string("sqlite"));
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(kind, seed);
    Run run(kind, seed);
    for (int i = 0; i < 90; ++i) {
      run.step();
      if (i % 9 == 0) run.compare_now();
    }
    run.compare_now();
  }
}
