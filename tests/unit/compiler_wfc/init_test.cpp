// `wfc init`: every template is a project without findings whose tests pass.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

TEST_CASE("every template checks, is neat, and passes its tests") {
  const WorkingFolder folder;
  for (const std::string name : {"nurturing", "onboarding", "webinar", "campaign", "tickets", "renewal"}) {
    INFO(name);
    const Outcome made = folder.wfc("init --template " + name + " " + name);
    CHECK(made.exit == 0);
    CHECK(has(made.out, name + "/project.wf\n"));
    CHECK(folder.wfc("check --fail-on warning " + name).exit == 0);
    CHECK(folder.wfc("fmt --check " + name).exit == 0);
    CHECK(folder.wfc("test " + name).exit == 0);
  }
}

TEST_CASE("init does not write over anything") {
  const WorkingFolder folder;
  folder.write("p/notes.txt", "mine");
  const Outcome o = folder.wfc("init p");
  CHECK(o.exit == 3);
  CHECK(has(o.err, "`p` is not an empty folder"));
  CHECK_FALSE(std::filesystem::exists(folder / "p/project.wf"));
  CHECK(folder.wfc("init --template nothing q").exit == 2);
}
