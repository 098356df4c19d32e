#include "compiler/compile.hpp"

#include <catch2/catch.hpp>

using namespace wf;
using compiler::compile;

namespace {

std::string project(const std::string& more) {
  return "project sample { zone \"Asia/Tokyo\" }\nlist vip { title \"VIP\" }\n" + more;
}

const char* const kWorkflow =
    "workflow w on contact {\n  enroll when created\n  reenroll never\n  add to list.vip\n  wait 1 day\n}\n";

}  // namespace

TEST_CASE("the standard library is inside and compiles without a finding") {
  REQUIRE(compiler::standard_library().size() >= 3);
  for (const auto& file : compiler::standard_library()) {
    CHECK(file.path.starts_with("stdlib/"));
    CHECK(file.content.size() > 100);
  }
  const auto result = compile({{"p.wf", project("")}}, nullptr);
  CHECK(result.diagnostics.all().empty());
  REQUIRE(result.program);
  CHECK(result.program->catalogue.find_object("contact") != bytecode::kNone);
}

TEST_CASE("equal sources give equal bundles") {
  const auto bytes = [] {
    const auto result = compile({{"p.wf", project(kWorkflow)}}, nullptr);
    REQUIRE(result.program);
    return bytecode::write_bundle(*result.program);
  };
  const std::string first = bytes();
  CHECK(first == bytes());
  const auto read = bytecode::read_bundle(first);
  REQUIRE(read.ok());
  CHECK(bytecode::write_bundle(*read) == first);
  CHECK(read->find_workflow("w") == 0);
}

TEST_CASE("syntax errors of all files are reported, and nothing behind them") {
  const auto result =
      compile({{"b.wf", "workflow {\n"}, {"a.wf", "list ( {\n"}, {"c.wf", project("")}}, nullptr);
  CHECK_FALSE(result.program);
  CHECK_FALSE(result.module);
  REQUIRE(result.diagnostics.errors() >= 2);
  CHECK(result.sources.file(result.diagnostics.all().front().primary.span.file).path() == "a.wf");
  CHECK(result.sources.file(result.diagnostics.all().back().primary.span.file).path() == "b.wf");
}

TEST_CASE("a finding of meaning leaves no program") {
  const auto result =
      compile({{"p.wf", project("workflow w on contact {\n  enroll when created\n  reenroll never\n"
                                "  add to list.none\n}\n")}},
              nullptr);
  CHECK_FALSE(result.program);
  CHECK(result.diagnostics.errors() == 1);
}

TEST_CASE("a project larger than the machine allows is a finding") {
  std::string locals = "workflow w on contact {\n  enroll when created\n  reenroll never\n";
  for (int i = 0; i < 256; ++i) locals += "  let x" + std::to_string(i) + " = lead_score\n";
  const auto result =
      compile({{"p.wf", project(locals + "  wait until acquired_at, if past continue\n}\n")}}, nullptr);
  CHECK_FALSE(result.program);
  REQUIRE(result.diagnostics.errors() == 1);
  std::string notes;
  for (const auto& d : result.diagnostics.all()) {
    for (const std::string& note : d.notes) notes += note + "\n";
  }
  CHECK(notes.find("too many locals") != std::string::npos);
}

TEST_CASE("files that declarations name are read beside the declaring file, once") {
  std::vector<std::string> asked;
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    asked.push_back(path);
    return "Hello {{ contact.firstname | default: 'you' }} {{ unsubscribe_url }}";
  };
  const std::string source = project(
      "sender news { name \"Example\"; email \"news@example.com\"; address \"1 Example Street\" }\n"
      "topic t { title \"T\" }\n"
      "email a { class marketing; topic topic.t; from sender.news; subject \"A\"; text file \"mails/a.txt\" "
      "}\n"
      "email b { class marketing; topic topic.t; from sender.news; subject \"B\"; text file \"mails/a.txt\" "
      "}\n");
  const auto result = compile({{"crm/p.wf", source}}, read);
  CHECK(asked == std::vector<std::string>{"crm/mails/a.txt"});
  CHECK(result.diagnostics.errors() == 0);
}

TEST_CASE("a stage is given as text") {
  compiler::Options options;
  options.emit = compiler::Stage::ast;
  CHECK(compile({{"p.wf", project(kWorkflow)}}, nullptr, options).emitted.find("stdlib") ==
        std::string::npos);
  options.emit = compiler::Stage::ir;
  CHECK(compile({{"p.wf", project(kWorkflow)}}, nullptr, options).emitted.find("  b0:\n") !=
        std::string::npos);
  options.emit = compiler::Stage::code;
  CHECK(compile({{"p.wf", project(kWorkflow)}}, nullptr, options).emitted.find("wait_for") !=
        std::string::npos);
  options.emit.reset();
  CHECK(compile({{"p.wf", project(kWorkflow)}}, nullptr, options).emitted.empty());
}

namespace {

std::string unused_in(const std::string& more) {
  std::string found;
  const auto result = compile({{"a.wf", more}, {"b.wf", "list vip { title \"VIP\" }\n"}}, nullptr);
  for (const auto& d : result.diagnostics.all()) found += text::code_text(d.code) + " " + d.message + "\n";
  return found;
}

const char* const kParts =
    "message hint { subject \"Hint\"; body \"Look.\" }\n"
    "webhook sync { url \"https://example.com/sync\" }\n"
    "calendar office { open mon..fri 09:00..18:00 }\n";

}  // namespace

TEST_CASE("declarations that nothing uses are found in projects, and only there") {
  const std::string all =
      "WF380 the message `hint` is never used\n"
      "WF380 the webhook `sync` is never used\n"
      "WF380 the calendar `office` is never used\n";
  CHECK(unused_in(std::string("project p { zone \"UTC\" }\n") + kParts) == all);
  CHECK(unused_in(kParts).empty());
  CHECK(unused_in(std::string("project p { zone \"UTC\"; unused allowed }\n") + kParts).empty());
}

TEST_CASE("a name in a comment is no use, one in a field without its kind is") {
  const std::string with_comment = std::string("project p { zone \"UTC\"; calendar office }\n") + kParts +
                                   "# message.hint, webhook.sync\n";
  CHECK(unused_in(with_comment) ==
        "WF380 the message `hint` is never used\nWF380 the webhook `sync` is never used\n");
  const std::string used =
      std::string("project p { zone \"UTC\"; calendar office }\n") + kParts +
      "user sato { email \"sato@example.com\" }\n"
      "workflow w on contact {\n  enroll when created\n  reenroll never\n"
      "  notify user.sato using message.hint\n"
      "  call webhook.sync on failure retry 2 times over 1 day then { add to list.vip }\n}\n";
  CHECK(unused_in(used).empty());
}

TEST_CASE("nothing is called unused while there are errors") {
  CHECK(unused_in(std::string("project p { zone \"Nowhere\" }\n") + kParts).find("WF380") ==
        std::string::npos);
}

TEST_CASE("tokens of known services are found wherever they stand in a file") {
  // Put together here, so that no scanner takes this file for one with secrets.
  const std::string token = std::string("ghp") + "_" + std::string(36, 'x');
  const std::string head = std::string("-----BEGIN RSA ") + "PRIVATE KEY-----";
  const auto found = [](const std::string& text) {
    std::string places;
    const auto result = compile({{"a.wf", text}}, nullptr);
    for (const auto& d : result.diagnostics.all())
      places += text::code_text(d.code) + " " + std::string(result.sources.text(d.primary.span)) + "\n";
    return places;
  };
  CHECK(found("# the old one: " + token + "\n") == "WF400 " + token + "\n");
  CHECK(found("message m { subject \"a\"; body \"" + head + "\" }\n") == "WF400 " + head + "\n");
  CHECK(found("# " + token.substr(0, 20) + ", x" + token + "\n").empty());
}
