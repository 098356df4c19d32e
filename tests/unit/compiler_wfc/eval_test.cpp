// `wfc eval`: conditions on the command line.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

TEST_CASE("eval answers true, false or unknown") {
  const WorkingFolder folder;
  CHECK(folder.wfc("eval 'lead_score > 10' -r lead_score=12").out == "true\n");
  CHECK(folder.wfc("eval 'lead_score > 10' -r lead_score=2").out == "false\n");
  CHECK(folder.wfc("eval 'firstname = \"Taro\"'").out == "unknown\n");
  CHECK(folder.wfc("eval 'stage is closed_won' --on deal -r stage=closed_won").out == "true\n");
}

TEST_CASE("eval explains each part") {
  const WorkingFolder folder;
  const Outcome o = folder.wfc(
      "eval --explain 'lead_score > 10 and not (firstname is known or lifecycle_stage is lead)' -r "
      "lead_score=12");
  CHECK(o.exit == 0);
  CHECK(o.out ==
        "unknown  lead_score > 10 and not (firstname is known or lifecycle_stage is lead)\n"
        "true       lead_score > 10\n"
        "unknown    not (firstname is known or lifecycle_stage is lead)\n"
        "unknown      (firstname is known or lifecycle_stage is lead)\n"
        "false          firstname is known\n"
        "unknown        lifecycle_stage is lead\n");
}

TEST_CASE("eval knows the properties of a project") {
  const WorkingFolder folder;
  folder.write("p/schema.wf", "extend object contact { plan enum(free, paid)? }\n");
  CHECK(folder.wfc("eval 'plan is paid' -r plan=paid --project p").out == "true\n");
  CHECK(has(folder.wfc("eval 'plan is gold' --project p").err, "WF306"));
}

TEST_CASE("eval says what is wrong with the condition or the record") {
  const WorkingFolder folder;
  const Outcome bad = folder.wfc("eval 'lead_scor > 10'");
  CHECK(bad.exit == 1);
  CHECK(has(bad.err, "`lead_score`"));
  CHECK(folder.wfc("eval 'lead_score >'").exit == 1);
  CHECK(folder.wfc("eval 'lead_score > 1' -r lead_score").exit == 2);
  CHECK(folder.wfc("eval 'lead_score > 1' --now soon").exit == 2);
  const Outcome unknown = folder.wfc("eval 'lead_score > 1' -r lead_scor=1");
  CHECK(unknown.exit == 1);
  CHECK(has(unknown.err, "a contact has no property `lead_scor`"));
  CHECK(folder.wfc("eval 'lead_score > 1' -r lead_score=many").exit == 1);
}
