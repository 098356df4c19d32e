// `wfc test` itself. Each folder of tests/golden/cases/testing holds tests, the command that runs them, and
// what it prints; WF_UPDATE_GOLDEN=1 rewrites.
#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "tests/support/process.hpp"

namespace fs = std::filesystem;

namespace {

const fs::path kCases = fs::path(WF_SOURCE_DIR) / "tests/golden/cases/testing";

struct Ran {
  int exit = -1;
  std::string output;  ///< stdout and stderr
};

/// A folder with the shared project and one file of tests.
class Place {
 public:
  explicit Place(const std::string& tests) : folder_("testing") {
    fs::copy_file(kCases / "project.wf", path("project.wf"));
    write("input.wf", tests);
  }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  void write(const std::string& name, const std::string& content) const {
    wf::test::write_file(path(name), content);
  }
  std::string read(const std::string& name) const { return wf::test::read_file(path(name)); }

  Ran wfc(const std::string& arguments) const {
    const std::string command =
        "cd '" + folder_.path() + "' && ( NO_COLOR=1 '" WFC_PATH "' " + arguments + " ) >.output 2>&1";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(".output")};
  }

 private:
  wf::test::Folder folder_;
};

std::string golden_input(const char* name) {
  return wf::test::read_file((kCases / name / "input.wf").string());
}

std::string first_line(std::string text) {
  return text.substr(0, text.find('\n'));
}

// ---- XML, as far as reports need it ----

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<Element> children;
  std::string text;
};

class XmlReader {
 public:
  explicit XmlReader(const std::string& text) : text_(text) {}

  Element read() {
    expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    Element root = element();
    expect("\n");
    REQUIRE(at_ == text_.size());
    return root;
  }

 private:
  void expect(const std::string& word) {
    REQUIRE(text_.compare(at_, word.size(), word) == 0);
    at_ += word.size();
  }
  bool take(const std::string& word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  std::string until(const std::string& stops) {
    const std::size_t end = text_.find_first_of(stops, at_);
    REQUIRE(end != std::string::npos);
    return text_.substr(std::exchange(at_, end), end - at_);
  }
  static std::string decoded(const std::string& raw) {
    static const std::map<std::string, std::string> entities = {{"lt", "<"},    {"gt", ">"},   {"amp", "&"},
                                                                {"quot", "\""}, {"#10", "\n"}, {"#9", "\t"}};
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '&') {
        out += raw[i];
        continue;
      }
      const std::size_t end = raw.find(';', i);
      REQUIRE(end != std::string::npos);
      const std::string name = raw.substr(i + 1, end - i - 1);
      REQUIRE(entities.count(name) == 1);
      out += entities.at(name);
      i = end;
    }
    return out;
  }

  Element element() {
    Element e;
    expect("<");
    e.name = until(" />");
    while (take(" ")) {
      const std::string name = until("=");
      expect("=\"");
      REQUIRE(e.attributes.emplace(name, decoded(until("\""))).second);
      expect("\"");
    }
    if (take("/>")) return e;
    expect(">");
    for (;;) {
      e.text += decoded(until("<"));
      if (take("</" + e.name + ">")) return e;
      e.children.push_back(element());
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

/// What CI systems read: the elements, the attributes that each must have, and counts that add up.
void check_junit(const Element& root) {
  static const std::map<std::string, std::set<std::string>> required = {
      {"testsuites", {"tests", "failures", "errors", "time"}},
      {"testsuite", {"name", "tests", "failures", "errors", "time"}},
      {"testcase", {"name", "classname", "time"}},
      {"failure", {"message", "type"}}};
  static const std::map<std::string, std::string> inside = {
      {"testsuites", "testsuite"}, {"testsuite", "testcase"}, {"testcase", "failure"}, {"failure", ""}};
  REQUIRE(required.count(root.name) == 1);
  std::set<std::string> names;
  for (const auto& [name, value] : root.attributes) names.insert(name);
  CHECK(names == required.at(root.name));
  std::size_t failed = 0, tests = 0;
  for (const Element& child : root.children) {
    CHECK(child.name == inside.at(root.name));
    check_junit(child);
    const bool suite = child.name == "testsuite";
    tests += suite ? std::stoul(child.attributes.at("tests")) : 1;
    failed += suite ? std::stoul(child.attributes.at("failures")) : child.children.empty() ? 0 : 1;
  }
  if (root.attributes.count("tests") == 0) return;
  CHECK(std::stoul(root.attributes.at("tests")) == tests);
  CHECK(std::stoul(root.attributes.at("failures")) == failed);
}

}  // namespace

TEST_CASE("golden runs of wfc test") {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    if (entry.is_directory()) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  REQUIRE(cases.size() >= 6);
  for (const fs::path& path : cases) {
    const Place place(wf::test::read_file((path / "input.wf").string()));
    const Ran ran = place.wfc(first_line(wf::test::read_file((path / "command").string())));
    const std::string actual = ran.output + "exit code " + std::to_string(ran.exit) + "\n";
    const std::string expected = (path / "expected.txt").string();
    if (std::getenv("WF_UPDATE_GOLDEN") != nullptr) wf::test::write_file(expected, actual);
    INFO(path.string());
    CHECK(actual == wf::test::read_file(expected));
  }
}

TEST_CASE("a JUnit report has the structure that CI systems read") {
  const Place place(golden_input("junit"));
  place.write("more.test.wf", "test \"in another file\" { start 2026-03-02T09:00 }\n");
  const Ran ran = place.wfc("test --format junit .");
  CHECK(ran.exit == 1);
  const Element root = XmlReader(ran.output).read();
  CHECK(root.name == "testsuites");
  check_junit(root);
  REQUIRE(root.children.size() == 2);
  const Element& suite = root.children[0];
  CHECK(suite.attributes.at("name") == "input.wf");
  REQUIRE(suite.children.size() == 2);
  CHECK(suite.children[0].attributes.at("name") == "a passing <test>");
  CHECK(suite.children[0].children.empty());
  REQUIRE(suite.children[1].children.size() == 2);
  CHECK(suite.children[1].children[0].text.find("^^^") != std::string::npos);
}

TEST_CASE("a coverage report adds up, line by line of the source") {
  const Place place(golden_input("coverage"));
  REQUIRE(place.wfc("test --coverage=report.info .").exit == 0);
  const std::string source = place.read("project.wf");
  const auto lines = static_cast<std::size_t>(std::count(source.begin(), source.end(), '\n'));
  std::map<std::string, std::size_t> sums;
  std::istringstream in(place.read("report.info"));
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> parts;
    std::istringstream cells(line.substr(line.find(':') + 1));
    for (std::string part; std::getline(cells, part, ',');) parts.push_back(part);
    const std::string tag = line.substr(0, line.find(':'));
    INFO(line);
    if (tag == "DA" || tag == "BRDA") {
      REQUIRE(parts.size() == (tag == "DA" ? 2U : 4U));
      CHECK(std::stoul(parts[0]) >= 1);
      CHECK(std::stoul(parts[0]) <= lines);
      const bool hit = parts.back() != "-" && std::stoul(parts.back()) > 0;
      const char* const kinds[2][2] = {{"LF", "LH"}, {"BRF", "BRH"}};
      ++sums[kinds[tag == "BRDA"][0]];
      if (hit) ++sums[kinds[tag == "BRDA"][1]];
    } else if (tag == "LF" || tag == "LH" || tag == "BRF" || tag == "BRH") {
      CHECK(std::stoul(parts.at(0)) == sums[tag]);
    } else {
      CHECK(std::set<std::string>{"TN", "SF", "FN", "FNDA", "FNF", "FNH", "end_of_record"}.count(tag) == 1);
    }
  }
  CHECK(sums["BRF"] > sums["BRH"]);
  CHECK(sums["LF"] > sums["LH"]);
}

TEST_CASE("an update makes a test expect what happens, and changes nothing else") {
  const Place place(
      "# What stays as it is:   this comment.\n"
      "test \"to be updated\" {\n"
      "\tstart 2026-03-02T09:00\n"
      "  given contact taro { email \"taro@example.com\"; plan free; marketing yes }\n"
      "  at +0m     form.ebook submitted by taro\n"
      "  at +0m     expect taro.lead_score = 7   # wrong\n"
      "  at +2d     expect taro.plan is paid\n"
      "  at +2d     expect taro.country is \"JP\"\n"
      "  finally    expect taro.lead_score = 1\n"
      "}\n");
  CHECK(place.wfc("test .").exit == 1);
  const Ran ran = place.wfc("test --update .");
  CHECK(ran.output == "updated input.wf\n6 changes, 0 left to you\n");
  CHECK(ran.exit == 0);
  CHECK(place.read("input.wf") ==
        "# What stays as it is:   this comment.\n"
        "test \"to be updated\" {\n"
        "\tstart 2026-03-02T09:00\n"
        "  given contact taro { email \"taro@example.com\"; plan free; marketing yes }\n"
        "  at +0m     form.ebook submitted by taro\n"
        "  at +0m     expect taro.lead_score = 0   # wrong\n"
        "  at +0m     expect sent email.letter to taro\n"
        "  at +1d     expect sent email.letter to taro\n"
        "  at +2d     expect taro.plan is free\n"
        "  at +2d     expect taro.country is unknown\n"
        "  finally    expect taro.lead_score = 0\n"
        "}\n");
  const Ran again = place.wfc("test .");
  INFO(again.output);
  CHECK(again.exit == 0);
  CHECK(place.wfc("test --update .").output == "0 changes, 0 left to you\n");
}

TEST_CASE("an update leaves to the author what it cannot know") {
  const std::string source =
      "test \"unclear\" {\n"
      "  start 2026-03-02T09:00\n"
      "  given contact taro { email \"taro@example.com\"; marketing yes }\n"
      "  at +0m form.ebook submitted by taro\n"
      "  at +1h expect sent email.receipt to taro\n"
      "  at +1h expect taro.lead_score > 3\n"
      "  allow others\n"
      "}\n";
  const Place place(source);
  const Ran ran = place.wfc("test --update .");
  CHECK(ran.output == "0 changes, 2 left to you\n");
  CHECK(ran.exit == 1);
  CHECK(place.read("input.wf") == source);
}

TEST_CASE("only tests whose title matches are run") {
  const Place place(golden_input("junit"));
  CHECK(place.wfc("test --run passing .").output == "ok      a passing <test>\n1 test, 0 failed\n");
  CHECK(place.wfc("test --run '^broken' .").output == "0 tests, 0 failed\n");
  const Ran wrong = place.wfc("test --run '(' .");
  CHECK(wrong.exit == 2);
  CHECK(wrong.output.find("`(` is not a regular expression") != std::string::npos);
  CHECK(place.wfc("test --fail-under 50 .").exit == 2);
}
