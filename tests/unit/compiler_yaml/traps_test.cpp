// What yaml-cpp lets pass or tells at the wrong place, and what the notation refuses: each with the place at
// which it is reported.
#include <catch2/catch.hpp>

#include "compiler/front.hpp"

using namespace wf;

namespace {

/// "WF111 2:3 MESSAGE" of each finding, one a line.
std::string findings(const std::string& content) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  compiler::add_source(sources, "x.wf.yaml", content, sink);
  (void)compiler::parse_files(sources, 1, sink);
  sink.sort(sources);
  std::string out;
  for (const text::Diagnostic& found : sink.all()) {
    const text::Diagnostic d = text::as_written(found, sources);
    const text::Position at = sources.file(0).written().position(d.primary.span.begin);
    out += text::code_text(d.code) + " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
           d.message + "\n";
  }
  return out;
}

std::string lowered(const std::string& content) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const text::FileId id = compiler::add_source(sources, "x.wf.yaml", content, sink);
  REQUIRE_FALSE(sink.has_errors());
  return std::string(sources.file(id).content());
}

}  // namespace

TEST_CASE("an anchor, an alias, a merge key and a tag are refused") {
  CHECK(findings("wf: 1\nlist: &a x\n").starts_with("WF111 2:7 anchors"));
  CHECK(findings("wf: 1\nlist: x\ntitle: *a\n").starts_with("WF111 3:8"));
  CHECK(findings("wf: 1\nlist: x\n<<: { title: a }\n").starts_with("WF111 3:1 merge keys"));
  CHECK(findings("wf: 1\nlist: x\ntitle: !!str a\n").starts_with("WF111 3:8 tags"));
}

TEST_CASE("a billion laughs stop at the first anchor") {
  std::string text = "wf: 1\nlist: &a [x, x]\n";
  for (char c = 'b'; c < 'k'; ++c)
    text += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
            static_cast<char>(c - 1) + "]\n";
  CHECK(findings(text).starts_with("WF111 2:7 anchors"));
}

TEST_CASE("a null stands where its key stands") {
  CHECK(findings("wf: 1\nworkflow: w\nobject: contact\ngoal:\nsteps: []\n").starts_with("WF112 4:5"));
}

TEST_CASE("what the library cannot get past ends the file") {
  CHECK(findings("wf: 1\nlist: x\n---\n,list: y\n") == "WF111 4:1 not YAML: this cannot stand here\n");
}

TEST_CASE("a repeated key names both places") {
  CHECK(findings("wf: 1\nlist: x\ntitle: a\ntitle: b\n") == "WF111 4:1 `title` is given twice\n");
}

TEST_CASE("a quoted text that is never closed is reported where it begins") {
  CHECK(findings("wf: 1\nlist: x\ntitle: \"a\n").starts_with("WF1"));
  CHECK(findings("wf: 1\nlist: x\ntitle: 'a\n").find(" 3:8 ") != std::string::npos);
}

TEST_CASE("a second root without a separator is no second document") {
  CHECK(findings("wf: 1\nlist: x\n---\nlist: y\n").empty());
  CHECK_FALSE(findings("- a\nb: c\n").empty());
}

TEST_CASE("what is not UTF-8 is refused where it stands") {
  CHECK(findings("wf: 1\nlist: x\ntitle: a\xff\n") == "WF108 3:9 the file is not UTF-8\n");
}

TEST_CASE("a byte order mark moves no place") {
  CHECK(findings("\xEF\xBB\xBFwf: 1\nevent: x\ntytle: a\n").find(" 3:1 ") != std::string::npos);
  CHECK(findings("\xEF\xBB\xBFlist: x\n").starts_with("WF112 1:1 "));
}

TEST_CASE("numbers, dates and words keep their spelling") {
  CHECK(lowered("wf: 1\nlist: x\ntitle: 012\n") == "list x {\n  title \"012\"\n}\n");
  CHECK(lowered("wf: 1\nlist: x\ntitle: no\n") == "list x {\n  title \"no\"\n}\n");
  CHECK(lowered("wf: 1\nlist: x\ntitle: 2026-03-02\n") == "list x {\n  title \"2026-03-02\"\n}\n");
}

TEST_CASE("deep nesting is refused at its place") {
  std::string text = "wf: 1\nlist: x\ntitle: " + std::string(1000, '[') + std::string(1000, ']') + "\n";
  const std::string found = findings(text);
  CHECK(found.starts_with("WF105 3:"));
}

TEST_CASE("an open bracket is shown with what was found instead") {
  CHECK(findings("wf: 1\nlist: x\ntitle: [a\nb: c\n").starts_with("WF111 "));
}

TEST_CASE("code cannot leave its value") {
  const auto step = [](const std::string& code) {
    return findings(
        "wf: 1\nworkflow: w\nobject: contact\nenroll: created\nreenroll: never\nsteps:\n  - send: " + code +
        "\n");
  };
  CHECK(step("email.a").empty());
  CHECK(step("email.a; stop").starts_with("WF112 7:18 "));
  CHECK(step("'email.a } stop {'").starts_with("WF112 7:20 "));
  CHECK(step("'email.a # no'").starts_with("WF112 7:20 "));
  CHECK(step("email.a (x").starts_with("WF112 7:19 "));
  CHECK(step("email.a \"x").starts_with("WF112 7:19 "));
}

TEST_CASE("a mistake within a condition has its own column") {
  const std::string head = "wf: 1\nworkflow: w\nobject: contact\nenroll: created\nreenroll: never\n";
  CHECK(findings(head + "steps:\n  - if: lead_score >\n    then: [stop]\n").find(" 7:") != std::string::npos);
  CHECK(findings(head + "goal: \"lead_score = = 3\"\nsteps: []\n").find(" 6:21 ") != std::string::npos);
  CHECK(findings(head + "goal: lead_score = = 3\nsteps: []\n").find(" 6:20 ") != std::string::npos);
}

TEST_CASE("a value that is not byte for byte in the file is reported where it begins") {
  const std::string head = "wf: 1\nworkflow: w\nobject: contact\nenroll: created\nreenroll: never\n";
  CHECK(findings(head + "goal: >-\n  lead_score =\n  = 3\nsteps: []\n").find(" 6:7 ") != std::string::npos);
  CHECK(findings(head + "goal: >-\n  lead_score\n  = 3\nsteps: []\n").empty());
}

TEST_CASE("unknown keys are reported with what was meant") {
  const std::string found =
      findings("wf: 1\nworkflow: w\nobject: contact\nsteps:\n  - wait_until: x\n    at_mots: 1 day\n");
  CHECK(found == "WF112 6:5 `wait_until` has no key `at_mots`\n");
}

TEST_CASE("a file says which version of the notation it is in") {
  CHECK(findings("list: x\n").starts_with("WF112 1:1 a file begins with `wf: 1`"));
  CHECK(findings("wf: 2\nlist: x\n").starts_with("WF112 1:5 "));
}
