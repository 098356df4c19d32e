// The checks of the documents, checked: each must be able to fail.
#include <catch2/catch.hpp>

#include "../support/process.hpp"
#include "console.hpp"

namespace wf::test {
namespace {

Document parsed(const std::string& text) {
  const Folder folder("spec");
  write_file(folder.path() + "/page.md", text);
  Document document = read_document(folder.path() + "/page.md");
  document.name = "docs/language/page.md";
  return document;
}

Checked checked(const Document& document) {
  return check(project_of(document, document.blocks.at(0), {}, {}));
}

}  // namespace

TEST_CASE("rules, blocks and what they show are read") {
  const Document document = parsed(
      "# Title\n**L1.** One (test: \"a test\").\n```wf ok\nlist a { }\n```\n"
      "```wf error=WF304 at=2:3 L7\nx\n```\n## Next\n```console\n$ a\n```\n");
  CHECK(document.title == "Title");
  REQUIRE(document.rules.size() == 1);
  CHECK(document.rules[0].tests == std::vector<std::string>{"a test"});
  REQUIRE(document.blocks.size() == 3);
  CHECK(document.blocks[0].body == "list a { }\n");
  CHECK(document.blocks[0].rules() == std::vector<std::string>{"L1"});
  CHECK(document.blocks[1].rules() == std::vector<std::string>{"L7"});
  CHECK(document.blocks[1].value("at") == "2:3");
  CHECK(document.blocks[2].rules().empty());
}

TEST_CASE("places of findings count within the block") {
  const Document whole = parsed("```wf ok\nlist a { titel \"x\" }\n```\n");
  CHECK(checked(whole).findings.at(0).find(" at=1:10") != std::string::npos);
  const Document steps = parsed("```wf error=WF202 at=1:5 steps\nset nick to \"x\"\n```\n");
  CHECK(checked(steps).findings == expected_findings(steps.blocks[0]));
}

TEST_CASE("tests that fail are told") {
  const Document document = parsed(
      "```wf ok\ntest \"t\" {\n  start 2026-03-02T09:00\n"
      "  given contact taro { email \"taro@example.com\" }\n  at +0m expect taro.lead_score = 1\n}\n```\n");
  CHECK(failing_tests(checked(document)).size() == 1);
}

TEST_CASE("rows of a table that give something else are told") {
  const auto rows = [](const std::string& text) { return wrong_rows(parsed(text).blocks.at(0)); };
  const std::string head = "```expr record={lead_score: 12}\n";
  CHECK(rows(head + "lead_score > 10 → true\nfirstname is \"Taro\" → unknown\n```\n").empty());
  CHECK(rows(head + "lead_score > 10 → false\nlead_score = 12 → true\n```\n").size() == 1);
  CHECK(rows(head + "firstname is \"Taro\" → false\n```\n").size() == 1);
  CHECK(rows(head + "lead_score is 12\n```\n").size() == 1);
}

TEST_CASE("a fix of the checker is applied to the block's text") {
  const Document document =
      parsed("```wf error=WF107 at=1:18 steps\nif firstname is not any of (\"a\") { stop }\n```\n");
  const Project project = project_of(document, document.blocks[0], {}, {});
  CHECK(fixed(project, check(project), document.blocks[0]) == "if firstname is none of (\"a\") { stop }\n");
}

TEST_CASE("a console shows what its commands print") {
  const Files files = {{"a.txt", "one\ntwo\nthree\n"}};
  const auto run = [&](const std::string& text) { return run_console(parsed(text).blocks.at(0), files); };
  CHECK(run("```console\n$ cat a.txt\none\n…\n```\n").body == "$ cat a.txt\none\n…\n");
  CHECK(run("```console\n$ cat a.txt\none\n```\n").body == "$ cat a.txt\none\ntwo\nthree\n");
  CHECK(run("```console\n$ exit 3\n```\n").exit == 3);
}

}  // namespace wf::test
