// Findings for other tools: what each format holds, and that columns are right in Japanese lines.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/compiler_wfc/working_folder.hpp"

using wf::test::has;
using wf::test::Outcome;
using wf::test::WorkingFolder;

namespace {

/// Two mistakes, the second behind Japanese text on its line.
const char* const kProject =
    "project sample { zone \"Asia/Tokyo\" }\n"
    "list vip { title \"優良顧客\"; tytle \"x\" }\n"
    "workflow w on contact {\n"
    "  enroll when created\n"
    "  reenroll never\n"
    "  if firstname = \"山田：100%\" and lifecycle_stage is leed { stop }\n"
    "}\n";

/// What python makes of JSON: an expression over `d`.
std::string python(const WorkingFolder& folder, const std::string& expression) {
  folder.write("ask.py", "import json, sys\nd = json.load(open('out.json'))\nprint(" + expression + ")\n");
  const std::string command = "cd '" + (folder / "").string() + "' && python3 ask.py > answer 2>&1";
  const int status = std::system(command.c_str());
  std::string answer = folder.read("answer");
  if (answer.ends_with('\n')) answer.pop_back();
  return status == 0 ? answer : "failed: " + answer;
}

}  // namespace

TEST_CASE("GitHub annotations have the columns of characters") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  const Outcome o = folder.wfc("check --format github p.wf");
  CHECK(o.exit == 1);
  CHECK(o.err.empty());
  CHECK(has(o.out, "::error file=p.wf,line=2,endLine=2,col=26,endColumn=31,title=WF210 unknown-field::"));
  CHECK(has(o.out, "::error file=p.wf,line=6,endLine=6,col=51,endColumn=55,title=WF306 never-equal::"));
  CHECK(std::count(o.out.begin(), o.out.end(), '\n') == 2);
}

TEST_CASE("the most severe annotations come first") {
  const WorkingFolder folder;
  folder.write("p.wf", std::string("list unused { title \"a\" }\nlist used { title \"b\" }\n") + kProject);
  const Outcome o = folder.wfc("check --format github p.wf");
  CHECK(o.out.starts_with("::error "));
}

TEST_CASE("SARIF has rules, places and fingerprints that do not depend on lines") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  folder.write("out.json", folder.wfc("check --format sarif p.wf").out);
  CHECK(python(folder, "d['version'], len(d['runs']), d['runs'][0]['columnKind']") ==
        "2.1.0 1 unicodeCodePoints");
  CHECK(python(folder, "[(r['ruleId'], r['level']) for r in d['runs'][0]['results']]") ==
        "[('WF210', 'error'), ('WF306', 'error')]");
  CHECK(python(folder,
               "all(d['runs'][0]['tool']['driver']['rules'][r['ruleIndex']]['id'] == r['ruleId'] for r in "
               "d['runs'][0]['results'])") == "True");
  CHECK(python(folder,
               "[d['runs'][0]['results'][1]['locations'][0]['physicalLocation']['region'][k] for k in "
               "('startLine', 'startColumn', 'endLine', 'endColumn')]") == "[6, 51, 6, 55]");
  const std::string prints = "[r['partialFingerprints'] for r in d['runs'][0]['results']]";
  const std::string before = python(folder, prints);
  folder.write("p.wf", std::string("# a line more\n\n") + kProject);
  folder.write("out.json", folder.wfc("check --format sarif p.wf").out);
  CHECK(python(folder, prints) == before);
}

TEST_CASE("the report for GitLab names each finding once") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  folder.write("out.json", folder.wfc("check --format gitlab p.wf").out);
  CHECK(python(folder, "[(i['check_name'], i['severity'], i['location']) for i in d]") ==
        "[('WF210 unknown-field', 'major', {'path': 'p.wf', 'lines': {'begin': 2}}), ('WF306 never-equal', "
        "'major', "
        "{'path': 'p.wf', 'lines': {'begin': 6}})]");
  CHECK(python(folder, "len({i['fingerprint'] for i in d})") == "2");
}

TEST_CASE("JUnit has a failed case for each finding, or one that passed") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  const Outcome bad = folder.wfc("check --format junit p.wf");
  CHECK(has(bad.out, "<testsuite name=\"p.wf\" tests=\"2\" failures=\"2\""));
  CHECK(has(bad.out, "<testcase name=\"WF306 never-equal in line 6\""));
  folder.write("p.wf", "list vip { title \"VIP\" }\n");
  CHECK(has(folder.wfc("check --format junit p.wf").out, "tests=\"1\" failures=\"0\""));
}

TEST_CASE("findings in the YAML notation have its places in every format") {
  const WorkingFolder folder;
  folder.write("p.wf.yaml", "wf: 1\nlist: vip\ntitle: 優良\ntytle: x\n");
  CHECK(has(folder.wfc("check --format github p.wf.yaml").out,
            "file=p.wf.yaml,line=4,endLine=4,col=1,endColumn=6"));
  folder.write("out.json", folder.wfc("check --format sarif p.wf.yaml").out);
  CHECK(python(folder,
               "d['runs'][0]['results'][0]['locations'][0]['physicalLocation']['region']['startLine']") ==
        "4");
  CHECK(
      has(folder.wfc("check --format json p.wf.yaml").out, "\"start\":{\"byte\":30,\"line\":4,\"column\":1"));
  CHECK(has(folder.wfc("check p.wf.yaml").err, "p.wf.yaml:4:1"));
}

TEST_CASE("a baseline leaves out what was found before, as often as it was") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  folder.write("known.json", folder.wfc("check --format json p.wf").out);
  const Outcome same = folder.wfc("check --baseline known.json p.wf");
  CHECK(same.exit == 0);
  CHECK(has(same.err, "no findings"));
  folder.write("p.wf", std::string(kProject) + "list vip { title \"again\" }\n");
  const Outcome more = folder.wfc("check --baseline known.json p.wf");
  CHECK(more.exit == 1);
  CHECK(has(more.err, "WF204"));
  CHECK_FALSE(has(more.err, "WF306"));
  folder.write("known.json", "something else\n");
  const Outcome wrong = folder.wfc("check --baseline known.json p.wf");
  CHECK(wrong.exit == 3);
  CHECK(has(wrong.err, "`known.json` line 1"));
}

TEST_CASE("findings go into a file beside what is printed") {
  const WorkingFolder folder;
  folder.write("p.wf", kProject);
  const Outcome o = folder.wfc("check --json-into found.json p.wf");
  CHECK(has(o.err, "WF306"));
  CHECK(folder.read("found.json") == folder.wfc("check --format json p.wf").out);
  CHECK(folder.wfc("check --json-into missing/found.json p.wf").exit == 2);
}
