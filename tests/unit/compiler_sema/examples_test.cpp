// The example projects and the standard library have no findings.
#include <catch2/catch.hpp>

#include "project.hpp"

namespace fs = std::filesystem;

TEST_CASE("the standard library alone is fine") {
  const auto checked = wf::test::check(wf::test::Files{});
  INFO(checked.report());
  CHECK(checked.codes().empty());
  REQUIRE(checked.module);
  CHECK(checked.module->catalogue.objects.size() == 8);
}

TEST_CASE("the example projects are fine") {
  for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "examples")) {
    if (!entry.is_directory()) continue;
    const auto checked = wf::test::check(wf::test::read_folder(entry.path()));
    INFO(entry.path().filename().string() << "\n" << checked.report());
    CHECK(checked.codes().empty());
    CHECK(checked.module.has_value());
  }
}
