// `wfc graph`: which boxes and arrows a workflow becomes, in each format.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

namespace {

const char* const kSmall = R"(workflow small on contact {
  title "Small \"&\" <neat>"
  enroll when created
  goal lifecycle_stage is customer
  reenroll never
  wait until email.any opened, at most 2 days {
    happened { add 5 to lead_score }
    timed_out { stop }
  }
  if lead_score > 10 {
    set lifecycle_stage to mql
  } else if lead_score > 5 {
    set lifecycle_stage to lead
  }
}
)";

}  // namespace

TEST_CASE("steps, branches and ends are boxes and arrows") {
  const WorkingFolder folder;
  folder.write("a.wf", kSmall);
  const Outcome o = folder.wfc("graph --format mermaid");
  CHECK(o.exit == 0);
  CHECK(o.out == R"(flowchart TB
  n0(["enroll when created"])
  n1[/"goal: lifecycle_stage is customer"/]
  n2("wait until email.any opened, at<br/>most 2 days")
  n3["add 5 to lead_score"]
  n4(["stop"])
  n5{{"lead_score #62; 10?"}}
  n6["set lifecycle_stage to mql"]
  n7{{"lead_score #62; 5?"}}
  n8["set lifecycle_stage to lead"]
  n9(["end"])
  n0 -.-> n1
  n0 --> n2
  n2 -->|"happened"| n3
  n2 -->|"timed out"| n4
  n3 --> n5
  n5 -->|"yes"| n6
  n5 -->|"no"| n7
  n7 -->|"yes"| n8
  n6 --> n9
  n8 --> n9
  n7 -->|"no"| n9
)");
}

TEST_CASE("DOT escapes what it is given, and Graphviz draws it") {
  const WorkingFolder folder;
  folder.write("a.wf", kSmall);
  const Outcome dot = folder.wfc("graph --format dot a.wf");
  CHECK(has(dot.out, R"(label="Small \"&\" <neat>")"));
  CHECK(has(dot.out, R"(n2 -> n4 [label=" timed out "])"));
  const Outcome svg = folder.wfc("graph a.wf");
  CHECK(svg.exit == 0);
  CHECK(svg.out.rfind("<svg", 0) == 0);
  CHECK(has(svg.out, "Small &quot;&amp;&quot; &lt;neat&gt;"));
  CHECK(has(svg.out, "set lifecycle_stage to mql"));
}

TEST_CASE("matches, experiments, loops, calls and campaigns have their arrows") {
  const WorkingFolder folder;
  CHECK(folder.wfc("init --template campaign c").exit == 0);
  CHECK(folder.wfc("init --template tickets t").exit == 0);
  CHECK(folder.wfc("init --template nurturing n").exit == 0);
  const Outcome all = folder.wfc("graph --format mermaid -o out c t n");
  CHECK(all.exit == 0);
  CHECK(has(all.out, "out/lead_nurturing.mmd\n"));
  const std::string nurturing = folder.read("out/lead_nurturing.mmd");
  CHECK(has(nurturing, "|\"given up\"|"));
  const std::string campaign = folder.read("out/autumn_launch.mmd");
  CHECK(has(campaign, "story "));
  CHECK(has(campaign, "when becomes hot"));
  CHECK(has(campaign, "|\"a 10%\"|"));
  CHECK(has(campaign, "rest: winner by clicks"));
}

TEST_CASE("graph says what to choose") {
  const WorkingFolder folder;
  folder.write("a.wf", kSmall);
  folder.write("b.wf", "workflow other on contact { enroll when created; reenroll never; stop }\n");
  const Outcome several = folder.wfc("graph");
  CHECK(several.exit == 2);
  CHECK(has(several.err, "there are 2 workflows and campaigns: choose one with --only NAME"));
  CHECK(folder.wfc("graph --only other --format dot").exit == 0);
  const Outcome wrong = folder.wfc("graph --only othr");
  CHECK(wrong.exit == 2);
  CHECK(has(wrong.err, "there is no workflow or campaign `othr`: did you mean `other`?"));
  folder.write("b.wf", "workflow broken {");
  CHECK(folder.wfc("graph").exit == 1);
}
