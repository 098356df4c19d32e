// `wfc fix`: what a machine may mend, in both notations.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

namespace {

/// A full-width brace, which the checker offers to replace.
const char* const kBroken = "list vip ｛ title \"VIP\" }\n";
const char* const kMended = "list vip { title \"VIP\" }\n";

}  // namespace

TEST_CASE("fix mends what needs no decision and says what it did") {
  const WorkingFolder folder;
  folder.write("p.wf", kBroken);
  const Outcome o = folder.wfc("fix");
  CHECK(o.exit == 0);
  CHECK(has(o.err, "p.wf:1:10: WF103: "));
  CHECK(has(o.err, "1 fix applied\n"));
  CHECK(folder.read("p.wf") == kMended);
  CHECK(has(folder.wfc("fix").err, "0 fixes applied\n"));
}

TEST_CASE("fix shows what it would do without doing it") {
  const WorkingFolder folder;
  folder.write("p.wf", kBroken);
  CHECK(has(folder.wfc("fix --dry-run").err, "1 fix to apply\n"));
  CHECK(folder.wfc("fix --diff").out ==
        "--- a/p.wf\n+++ b/p.wf\n@@ -1,1 +1,1 @@\n-" + std::string(kBroken) + "+" + kMended);
  CHECK(folder.read("p.wf") == kBroken);
}

TEST_CASE("fix goes on until nothing is left to mend") {
  const WorkingFolder folder;
  folder.write("p.wf", "list vip ｛ title \"VIP\"； ｝\n");
  CHECK(folder.wfc("fix").exit == 0);
  CHECK(folder.wfc("check").exit == 0);
}

TEST_CASE("fix leaves alone what needs a decision") {
  const WorkingFolder folder;
  folder.write("p.wf", "list vip { tytle \"VIP\" }\n");
  CHECK(has(folder.wfc("fix").err, "0 fixes applied\n"));
  CHECK(folder.read("p.wf") == "list vip { tytle \"VIP\" }\n");
  CHECK(folder.wfc("fix -").exit == 2);
}
