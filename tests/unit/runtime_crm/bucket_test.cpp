#include "runtime/crm/bucket.hpp"

#include <catch2/catch.hpp>

using namespace wf;

TEST_CASE("S16 the bucket of a split key: the vectors of the specification") {
  CHECK(crm::bucket("subject_line", "taro@example.com") == 7231);
  CHECK(crm::bucket("subject_line", "hanako@example.org") == 3388);
  CHECK(crm::bucket("subject_line", "42") == 6470);
  CHECK(crm::bucket("subject_line", "") == 5029);
  CHECK(crm::bucket("onboarding", "taro@example.com") == 8761);
  CHECK(crm::bucket("件名", "太郎") == 6184);
}

TEST_CASE("S16 buckets spread evenly, and two experiments split independently") {
  int low = 0, both = 0;
  constexpr int kKeys = 20'000;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = "contact" + std::to_string(i) + "@example.com";
    const bool first = crm::bucket("first", key) < 5'000;
    low += first ? 1 : 0;
    both += first && crm::bucket("second", key) < 5'000 ? 1 : 0;
  }
  CHECK(low > kKeys / 2 - 300);
  CHECK(low < kKeys / 2 + 300);
  CHECK(both > kKeys / 4 - 300);
  CHECK(both < kKeys / 4 + 300);
}
