// `wfc fmt` on files: what it writes, what it says, and its exit codes.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

namespace {

const char* const kNeat = "list vip { title \"VIP\" }\n";
const char* const kMessy = "list   vip {title \"VIP\" ; }\n\n\n# end";

}  // namespace

TEST_CASE("fmt rewrites what is not neat, and names it") {
  const WorkingFolder folder;
  folder.write("a.wf", kNeat);
  folder.write("b.wf", kMessy);
  const Outcome o = folder.wfc("fmt");
  CHECK(o.exit == 0);
  CHECK(o.out == "b.wf\n");
  CHECK(o.err.empty());
  CHECK(folder.read("a.wf") == kNeat);
  CHECK(folder.read("b.wf") == std::string(kNeat) + "\n# end\n");
  CHECK(folder.wfc("fmt").out.empty());
}

TEST_CASE("fmt --check changes nothing and fails when something would change") {
  const WorkingFolder folder;
  folder.write("b.wf", kMessy);
  const Outcome o = folder.wfc("fmt --check b.wf");
  CHECK(o.exit == 1);
  CHECK(o.out == "b.wf\n");
  CHECK(folder.read("b.wf") == kMessy);
  folder.write("b.wf", kNeat);
  CHECK(folder.wfc("fmt --check b.wf").exit == 0);
}

TEST_CASE("fmt --diff shows what would change") {
  const WorkingFolder folder;
  folder.write("b.wf", kMessy);
  const Outcome o = folder.wfc("fmt --diff b.wf");
  CHECK(o.exit == 0);
  CHECK(o.out ==
        "--- a/b.wf\n+++ b/b.wf\n@@ -1,4 +1,3 @@\n-list   vip {title \"VIP\" ; }\n+list vip { title "
        "\"VIP\" }\n \n-\n-# end\n\\ No newline at end of file\n+# end\n");
  CHECK(folder.read("b.wf") == kMessy);
  CHECK(folder.wfc("fmt --diff --check b.wf").exit == 1);
}

TEST_CASE("fmt reads standard input and writes standard output") {
  const WorkingFolder folder;
  folder.write("b.wf", kMessy);
  const Outcome o = folder.wfc("fmt - < b.wf");
  CHECK(o.exit == 0);
  CHECK(o.out == std::string(kNeat) + "\n# end\n");
  CHECK(folder.wfc("fmt --check - < b.wf").out == "<stdin>\n");
}

TEST_CASE("fmt leaves a file with mistakes alone, tells them, and goes on with the others") {
  const WorkingFolder folder;
  folder.write("a.wf", "list vip {\n");
  folder.write("b.wf", kMessy);
  const Outcome o = folder.wfc("fmt");
  CHECK(o.exit == 1);
  CHECK(o.out == "b.wf\n");
  CHECK(has(o.err, " a.wf:"));
  CHECK(folder.read("a.wf") == "list vip {\n");
}

TEST_CASE("fmt says what it cannot read or write") {
  const WorkingFolder folder;
  const Outcome o = folder.wfc("fmt missing.wf");
  CHECK(o.exit == 3);
  CHECK(has(o.err, "missing.wf"));
}
