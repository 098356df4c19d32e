// Places, diagnostics, rendering and suggestions.
#include <catch2/catch.hpp>

#include "grammar/text/diagnostic.hpp"
#include "grammar/text/render.hpp"
#include "grammar/text/result.hpp"
#include "grammar/text/source.hpp"
#include "grammar/text/suggest.hpp"

using namespace wf::text;

TEST_CASE("positions count code points, UTF-16 units, bytes and cells") {
  const SourceFile file("a.wf", "ab\r\n\t名前 𝒳x\nlast");
  CHECK(file.line_count() == 3);
  CHECK(file.line(1) == "ab");
  CHECK(file.line(2) == "\t名前 𝒳x");
  CHECK(file.line(3) == "last");
  CHECK(file.line(0).empty());
  CHECK(file.line(4).empty());
  const Position x = file.position(4 + 1 + 6 + 1 + 4);
  CHECK(x.line == 2);
  CHECK(x.column == 6);
  CHECK(x.utf16 == 6);
  CHECK(x.byte == 16);
  CHECK(x.display == 4 + 4 + 1 + 1);
  const Position end = file.position(1000);
  CHECK(end.line == 3);
  CHECK(end.column == 5);
}

TEST_CASE("a byte order mark takes no column") {
  const SourceFile file("a.wf",
                        "\xEF\xBB\xBF"
                        "ab\ncd");
  CHECK(file.position(3).column == 1);
  CHECK(file.position(4).column == 2);
  CHECK(file.line(1) == "ab");
  CHECK(file.position(6).line == 2);
}

TEST_CASE("an empty file has one line") {
  const SourceFile file("a.wf", "");
  CHECK(file.line_count() == 1);
  CHECK(file.position(0).line == 1);
  CHECK(file.position(0).column == 1);
}

TEST_CASE("a source set gives the text of a span, cut at the end") {
  SourceSet sources;
  const FileId first = sources.add("a.wf", "hello");
  const FileId second = sources.add("b.wf", "world");
  CHECK(sources.text({first, 1, 3}) == "el");
  CHECK(sources.text({second, 3, 99}) == "ld");
  CHECK(sources.text({second, 99, 100}).empty());
  CHECK(join({first, 2, 3}, {first, 0, 1}) == Span{first, 0, 3});
}

TEST_CASE("display width") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("名前") == 4);
  CHECK(display_width("ｶﾅ") == 2);
  CHECK(display_width("e\xCC\x81") == 1);  // e and a combining accent
  CHECK(display_width("①") == 1);
  CHECK(display_width("①", 2) == 2);
  CHECK(display_width("👨‍👩‍👧") == 2);
  CHECK(display_width("") == 0);
}

TEST_CASE("edit distance is optimal string alignment") {
  CHECK(edit_distance(U"", U"abc") == 3);
  CHECK(edit_distance(U"kitten", U"sitting") == 3);
  CHECK(edit_distance(U"ab", U"ba") == 1);
  CHECK(edit_distance(U"ca", U"abc") == 3);  // 2 if a substring could be edited twice
  CHECK(edit_distance(U"同じ", U"同じ") == 0);
}

TEST_CASE("suggestions are near, few and in order") {
  const std::vector<std::string> names{"lead", "leads", "load", "read", "customer", "リード"};
  CHECK(suggest("laed", names) == std::vector<std::string>{"lead"});
  CHECK(suggest("LEAD", names).front() == "lead");
  CHECK(suggest("ﾘｰﾄﾞ", names).front() == "リード");
  CHECK(suggest("lexd", names) == std::vector<std::string>{"lead"});
  CHECK(suggest("lead", {"lead1", "lead2", "lead3", "lead4"}) ==
        std::vector<std::string>{"lead1", "lead2", "lead3"});
  CHECK(suggest("zzzz", names).empty());
  CHECK(did_you_mean("zzzz", names).empty());
  CHECK(did_you_mean("leadx", {"lead", "leads"}) == "did you mean `lead` or `leads`?");
}

TEST_CASE("names are compared in NFC, texts folded") {
  CHECK(nfc("e\xCC\x81") == "é");
  CHECK(nfc("abc") == "abc");
  CHECK(fold("ＡＢＣ") == "abc");
  CHECK(fold("ABC") == "abc");
  CHECK(fold("Straße") == "strasse");
}

TEST_CASE("every code has a unique number, a name and a summary") {
  const auto& codes = all_codes();
  REQUIRE(codes.size() >= 11);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i > 0) CHECK(codes[i - 1].code < codes[i].code);
    CHECK(std::string(codes[i].name).find('_') == std::string::npos);
    CHECK_FALSE(std::string(codes[i].summary).empty());
    CHECK(&info(codes[i].code) == &codes[i]);
  }
  CHECK(code_text(Code::missing_limit) == "WF109");
  CHECK(std::string(info(Code::missing_limit).name) == "missing-limit");
}

TEST_CASE("the sink counts errors, sorts, and drops repeats") {
  SourceSet sources;
  const FileId b = sources.add("b.wf", "0123456789");
  const FileId a = sources.add("a.wf", "0123456789");
  DiagnosticSink sink;
  sink.report(Code::syntax, {b, 1, 2}, "third");
  sink.report(Code::syntax, {a, 5, 6}, "second");
  sink.report(Code::unclosed, {a, 1, 2}, "first");
  sink.report(Code::syntax, {a, 5, 6}, "second");
  CHECK(sink.errors() == 4);
  sink.sort(sources);
  REQUIRE(sink.all().size() == 3);
  CHECK(sink.errors() == 3);
  CHECK(sink.all()[0].message == "first");
  CHECK(sink.all()[1].message == "second");
  CHECK(sink.all()[2].message == "third");
}

namespace {

Diagnostic match_example(FileId file) {
  Diagnostic d;
  d.code = Code::syntax;
  d.severity = Severity::error;
  d.message = "`部長だよ` is not a value of `役職`";
  d.primary = {{file, 37, 49}, "did you mean `部長`?"};
  d.secondary.push_back({{file, 0, 6}, "declared here"});
  d.notes.push_back("a note");
  d.fixes.push_back({"write `部長`", Applicability::machine, {{{file, 37, 49}, "部長"}}});
  return d;
}
constexpr const char* kSource = "役職\n\nif 役職 is any of (課長, 部長だよ)\n";

}  // namespace

TEST_CASE("text output aligns carets under wide characters") {
  SourceSet sources;
  const FileId file = sources.add("campaigns/hot.wf", kSource);
  CHECK(render_text(match_example(file), sources) ==
        "error[WF100 syntax]: `部長だよ` is not a value of `役職`\n"
        "  ┌─ campaigns/hot.wf:3:22\n"
        "1 │ 役職\n"
        "  │ ---- declared here\n"
        "  …\n"
        "3 │ if 役職 is any of (課長, 部長だよ)\n"
        "  │                          ^^^^^^^^ did you mean `部長`?\n"
        "  │\n"
        "  = note: a note\n"
        "  = fix: write `部長`\n");
}

TEST_CASE("text output shows other files, tabs and hostile characters") {
  SourceSet sources;
  const FileId one = sources.add("one.wf", "a\tb \x1b[31m c");
  const FileId two = sources.add("two.wf", "x\n  y");
  Diagnostic d;
  d.code = Code::syntax;
  d.severity = Severity::warning;
  d.message = "m";
  d.primary = {{one, 2, 3}, "here"};
  d.secondary.push_back({{two, 4, 5}, "there"});
  CHECK(render_text(d, sources) ==
        "warning[WF100 syntax]: m\n"
        "  ┌─ one.wf:1:3\n"
        "1 │ a   b \xEF\xBF\xBD[31m c\n"
        "  │     ^ here\n"
        "  ┌─ two.wf:2:3\n"
        "2 │   y\n"
        "  │   - there\n");
  CHECK(render_text(d, sources, {true, 1}).find("\x1b[1;33m") != std::string::npos);
}

TEST_CASE("a long line is shown in part, with the mark") {
  SourceSet sources;
  const FileId file = sources.add("a.wf", std::string(5000, 'a') + "X" + std::string(5000, 'b'));
  Diagnostic d;
  d.code = Code::syntax;
  d.severity = Severity::error;
  d.primary = {{file, 5000, 5001}, ""};
  const std::string text = render_text(d, sources);
  CHECK(text.size() < 800);
  const std::size_t source_line = text.find("1 │ ") + 6;
  const std::size_t mark_line = text.find("  │ ") + 6;
  const std::size_t x = text.find('X') - source_line - 2;  // `…` is three bytes and one cell
  CHECK(text.find('^') - mark_line == x);
}

TEST_CASE("JSON output") {
  SourceSet sources;
  const FileId file = sources.add("hot.wf", kSource);
  CHECK(
      render_json(match_example(file), sources) ==
      R"({"format_version":"1.0","code":"WF100","name":"syntax","severity":"error",)"
      R"("message":"`部長だよ` is not a value of `役職`",)"
      R"("primary":{"file":"hot.wf","start":{"byte":37,"line":3,"column":22,"utf16":21},)"
      R"("end":{"byte":49,"line":3,"column":26,"utf16":25},"label":"did you mean `部長`?"},)"
      R"("secondary":[{"file":"hot.wf","start":{"byte":0,"line":1,"column":1,"utf16":0},)"
      R"("end":{"byte":6,"line":1,"column":3,"utf16":2},"label":"declared here"}],)"
      R"("notes":["a note"],"helps":[],"fixes":[{"title":"write `部長`","applicability":"machine",)"
      R"("edits":[{"file":"hot.wf","byte_start":37,"byte_end":49,"text":"部長"}]}],"fingerprint":"WF100:"})");
}

TEST_CASE("JSON strings escape and repair") {
  std::string out;
  append_json_string(out, "a\"\\\n\t\x01\xFF名");
  CHECK(out == "\"a\\\"\\\\\\n\\t\\u0001\xEF\xBF\xBD名\"");
}

TEST_CASE("error codes have names") {
  CHECK(std::string(wf::to_string(wf::ErrorCode::invalid)) == "invalid");
  CHECK(std::string(wf::to_string(wf::ErrorCode::limit)) == "limit");
}
