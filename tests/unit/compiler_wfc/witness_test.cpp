// The witnesses of golden findings, replayed by the simulation: each timeline has what the finding says.
// tests/golden/cases/witnesses holds the timelines; WF_UPDATE_GOLDEN=1 writes them anew.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/process.hpp"

namespace fs = std::filesystem;

namespace {

const fs::path kCases = fs::path(WF_SOURCE_DIR) / "tests/golden/cases";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

struct Replayed {
  std::string findings, timelines;
  int exit = 0;
};

Replayed replay(const fs::path& project) {
  const wf::test::Folder folder("witness");
  const std::string findings = folder.path() + "/findings", output = folder.path() + "/output";
  const std::string there = "cd '" + project.string() + "' && '" WFC_PATH "' ";
  Replayed result;
  CHECK(std::system((there + "check --format json . >'" + findings + "' 2>/dev/null").c_str()) == 0);
  result.exit = std::system((there + "sim --witness '" + findings + "' . >'" + output + "' 2>&1").c_str());
  result.findings = wf::test::read_file(findings);
  result.timelines = wf::test::read_file(output);
  return result;
}

void check_case(const std::string& name, std::size_t witnesses) {
  INFO(name);
  const Replayed replayed = replay(kCases / "diagnostics" / name);
  const fs::path expected = kCases / "witnesses" / (name + ".txt");
  if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) wf::test::write_file(expected.string(), replayed.timelines);
  CHECK(replayed.exit == 0);
  CHECK(count(replayed.findings, "\"witness\":") == witnesses);
  const std::string all = std::to_string(witnesses);
  CHECK(count(replayed.timelines, all + " of " + all + " witnesses show their finding\n") == 1);
  CHECK(replayed.timelines == wf::test::read_file(expected.string()));
}

}  // namespace

TEST_CASE("the witnesses of golden findings show them") {
  check_case("ordered_downgrade", 1);
  check_case("silent_unknown", 4);
  check_case("engagement_race", 2);
  check_case("self_trigger", 4);
  check_case("lost_event", 1);
  check_case("witness_ways", 6);
}

TEST_CASE("a witness that shows something else is told of") {
  const wf::test::Folder folder("witness");
  wf::test::write_file(folder.path() + "/p.wf",
                       "workflow w on contact {\n  enroll when created\n  reenroll never\n  add tag a\n}\n");
  wf::test::write_file(
      folder.path() + "/findings",
      "{\"code\":\"WF321\",\"message\":\"m\",\"witness\":{\"object\":\"contact\",\"at\":"
      "\"2026-03-02T09:00:00Z\",\"record\":{},\"events\":[],\"shows\":[\"· add tag a\",\"· add "
      "tag b\"]}}\n");
  const std::string output = folder.path() + "/output";
  const std::string command =
      "cd '" + folder.path() + "' && '" WFC_PATH "' sim --witness findings p.wf >'" + output + "' 2>&1";
  CHECK(std::system(command.c_str()) != 0);
  const std::string text = wf::test::read_file(output);
  INFO(text);
  CHECK(count(text, "not shown: · add tag b\n") == 1);
  CHECK(count(text, "0 of 1 witnesses show their finding\n") == 1);
}
