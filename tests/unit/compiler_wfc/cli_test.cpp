// Runs the wfc that was built: exit codes, where output goes, and what a folder means.
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using Folder = wf::test::WorkingFolder;

namespace {

const char* const kGood =
    "project sample { zone \"Asia/Tokyo\" }\nlist vip { title \"VIP\" }\n"
    "workflow w on contact {\n  enroll when created\n  reenroll never\n  add to list.vip\n}\n";

}  // namespace

TEST_CASE("check of a good project finds nothing") {
  const Folder folder;
  folder.write("p.wf", kGood);
  const Outcome o = folder.wfc("check");
  CHECK(o.exit == 0);
  CHECK(o.out.empty());
  CHECK(o.err == "checked 1 file: no findings\n");
  CHECK(folder.wfc("check -q p.wf").err.empty());
}

TEST_CASE("findings go to stderr as text, to stdout as JSON, and give exit code 1") {
  const Folder folder;
  folder.write("p.wf", std::string(kGood) + "list { }\n");
  const Outcome text = folder.wfc("check");
  CHECK(text.exit == 1);
  CHECK(text.out.empty());
  CHECK(has(text.err, "p.wf:8:"));
  CHECK(has(text.err, "1 error in 1 file\n"));
  const Outcome json = folder.wfc("check --format json .");
  CHECK(json.exit == 1);
  CHECK(json.err.empty());
  CHECK(json.out.starts_with("{\"format_version\":\"1.0\""));
  CHECK(folder.wfc("check --color always").err.find("\x1b[") != std::string::npos);
}

TEST_CASE("a folder gives its sources, without hidden and build folders; a file counts once") {
  const Folder folder;
  folder.write("p.wf", kGood);
  folder.write("more/lists.wf", "list second { title \"2\" }\n");
  folder.write("build/broken.wf", "list {");
  folder.write(".hidden/broken.wf", "list {");
  folder.write("notes.txt", "list {");
  CHECK(folder.wfc("check . p.wf ./more").err == "checked 2 files: no findings\n");
}

TEST_CASE("standard input has a name") {
  const Folder folder;
  folder.write("p.wf", "list {\n");
  const Outcome o = folder.wfc("check - --stdin-name editor.wf < p.wf");
  CHECK(o.exit == 1);
  CHECK(has(o.err, "editor.wf:"));
}

TEST_CASE("a wrong command line gives exit code 2 and the usage") {
  const Folder folder;
  folder.write("p.wf", kGood);
  for (const char* arguments : {"", "chekc", "check --frmat json", "check --format xml", "build p.wf",
                                "build --emit tree p.wf", "dis", "check --fail-on never"}) {
    const Outcome o = folder.wfc(arguments);
    INFO(arguments << "\n" << o.err);
    CHECK(o.exit == 2);
    CHECK(o.out.empty());
    CHECK(has(o.err, "Usage: wfc"));
  }
  folder.write("empty/readme.txt", "");
  CHECK(folder.wfc("check empty").exit == 2);
}

TEST_CASE("help and version are answers, not errors") {
  const Folder folder;
  CHECK(folder.wfc("--help").exit == 0);
  CHECK(has(folder.wfc("check --help").out, "--fail-on"));
  CHECK(has(folder.wfc("--version").out, "wfc 0."));
}

TEST_CASE("what cannot be read or written gives exit code 3") {
  const Folder folder;
  folder.write("p.wf", kGood);
  const Outcome missing = folder.wfc("check missing.wf");
  CHECK(missing.exit == 3);
  CHECK(missing.err == "wfc: cannot read `missing.wf`: No such file or directory\n");
  CHECK(folder.wfc("build -o no/such/folder/out.wfb p.wf").exit == 3);
  CHECK(folder.wfc("verify missing.wfb").exit == 3);
  CHECK(folder.wfc("dis .").exit == 3);
}

TEST_CASE("a bundle is written at once, reproducibly, and can be listed and verified") {
  const Folder folder;
  folder.write("p.wf", kGood);
  REQUIRE(folder.wfc("build -o a.wfb").exit == 0);
  REQUIRE(folder.wfc("build -o b.wfb p.wf").exit == 0);
  CHECK(folder.read("a.wfb") == folder.read("b.wfb"));
  CHECK_FALSE(std::filesystem::exists(folder / "a.wfb.new"));
  const Outcome listed = folder.wfc("dis a.wfb");
  CHECK(listed.exit == 0);
  CHECK(listed.out == folder.wfc("build --emit code").out);
  CHECK(has(listed.out, "list_add        list.vip"));
  CHECK(has(listed.out, "; p.wf:6:3  add to list.vip"));
  CHECK(has(folder.wfc("verify a.wfb").out, "a.wfb: valid"));
}

TEST_CASE("a damaged bundle is refused with its reason") {
  const Folder folder;
  folder.write("p.wf", kGood);
  REQUIRE(folder.wfc("build -o a.wfb").exit == 0);
  folder.write("bad.wfb", folder.read("a.wfb") + "x");
  const Outcome o = folder.wfc("verify bad.wfb");
  CHECK(o.exit == 1);
  CHECK(o.err == "wfc: bad.wfb: the bundle is damaged: its checksum is wrong\n");
  CHECK(folder.wfc("dis bad.wfb").exit == 1);
}

TEST_CASE("a project with errors writes no bundle and keeps the old one") {
  const Folder folder;
  folder.write("p.wf", std::string(kGood) + "list { }\n");
  folder.write("out.wfb", "old");
  CHECK(folder.wfc("build -o out.wfb").exit == 1);
  CHECK(folder.read("out.wfb") == "old");
}

TEST_CASE("each stage can be printed") {
  const Folder folder;
  folder.write("p.wf", kGood);
  CHECK(has(folder.wfc("build --emit ast").out, "w"));
  CHECK(has(folder.wfc("build --emit ir").out, "  b0:\n    step            add to list.vip\n"));
  CHECK(has(folder.wfc("build --emit ir --no-optimise").out, "  b0:\n"));
}

TEST_CASE("a misspelt command is named, with the one that was meant") {
  const Folder folder;
  const Outcome o = folder.wfc("chekc");
  CHECK(o.exit == 2);
  CHECK(has(o.err, "there is no command `chekc`; did you mean `check`?\nUsage: wfc"));
}

TEST_CASE("explain prints the page of a code, however it is written") {
  const Folder folder;
  const Outcome o = folder.wfc("explain WF304");
  CHECK(o.exit == 0);
  CHECK(o.out.starts_with("WF304 non-exhaustive-match (error)\n"));
  CHECK(has(o.out, "\nwrong:\n\n    workflow"));
  CHECK(has(o.out, "\nright:\n\n    workflow"));
  CHECK_FALSE(has(o.out, "```"));
  CHECK(folder.wfc("explain wf304").out == o.out);
  CHECK(folder.wfc("explain 304").out == o.out);
  CHECK(folder.wfc("explain non-exhaustive-match").out == o.out);
}

TEST_CASE("explain lists the codes and names the one that was meant") {
  const Folder folder;
  CHECK(has(folder.wfc("explain --list").out, "\nWF304  non-exhaustive-match "));
  const Outcome unknown = folder.wfc("explain non-exhaustiv-match");
  CHECK(unknown.exit == 2);
  CHECK(unknown.err == "wfc: there is no code `non-exhaustiv-match`; did you mean `non-exhaustive-match`?\n");
  CHECK(folder.wfc("explain zzz").err == "wfc: there is no code `zzz`; `wfc explain --list` shows all\n");
  CHECK(folder.wfc("explain").exit == 2);
}

TEST_CASE("check points at the page of the first finding, once") {
  const Folder folder;
  folder.write("p.wf", std::string(kGood) + "list { }\nlist { }\n");
  CHECK(has(folder.wfc("check").err, "more about a finding: wfc explain WF"));
  CHECK_FALSE(has(folder.wfc("check -q").err, "wfc explain"));
  CHECK_FALSE(has(folder.wfc("check --format json").err, "wfc explain"));
}
