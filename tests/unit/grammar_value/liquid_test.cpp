#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "generators.hpp"
#include "grammar/liquid/template.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::liquid {
namespace {

using value::Value;

/// A template inside a bigger file: its text, and the text that stands before it.
struct Source {
  explicit Source(std::string template_text, std::string before = "") : text(std::move(template_text)) {
    file = sources.add("mails/welcome.html", before + text);
    tmpl = parse(sources, file, static_cast<std::uint32_t>(before.size()), text, diagnostics);
  }

  /// One line per finding: code, the source it points at, message.
  std::string findings() const {
    std::string out;
    for (const text::Diagnostic& d : diagnostics.all()) {
      out += text::code_text(d.code) + " [" + std::string(sources.text(d.primary.span)) + "] " + d.message +
             '\n';
    }
    return out;
  }

  std::string text;
  text::SourceSet sources;
  text::FileId file = 0;
  text::DiagnosticSink diagnostics;
  Template tmpl;
};

std::string render_text(const std::string& text, const Value& v, Escape escape = Escape::none) {
  Source source(text);
  CHECK(source.findings() == "");
  return render(source.tmpl, escape, [&v](std::size_t, const Output&) { return v; });
}

std::string findings(const std::string& text) {
  return Source(text).findings();
}

TEST_CASE("text without outputs stays as it is") {
  for (const char* text : {"", "Hello", "a { b } c }} d", "{", "{ {x} }", "100 % { %", "日本語\r\n"}) {
    CAPTURE(text);
    CHECK(render_text(text, Value()) == text);
  }
}

TEST_CASE("outputs are numbered and named") {
  Source source("Dear {{ contact.firstname }}{{deal.amount}},");
  CHECK(source.findings() == "");
  REQUIRE(source.tmpl.parts.size() == 4);
  const Output& first = std::get<Output>(source.tmpl.parts[1]);
  CHECK(first.path == std::vector<std::string>{"contact", "firstname"});
  CHECK(source.sources.text({source.file, first.begin, first.end}) == "contact.firstname");
  std::string seen = render(source.tmpl, Escape::none, [](std::size_t n, const Output& output) {
    return Value::text(std::to_string(n) + output.path.back());
  });
  CHECK(seen == "Dear 0firstname1amount,");
}

TEST_CASE("names in any script, compared in NFC") {
  Source source("{{ 顧客.名前 }}{{ e\xCC\x81t\xC3\xA9 }}");
  CHECK(source.findings() == "");
  CHECK(std::get<Output>(source.tmpl.parts[0]).path == std::vector<std::string>{"顧客", "名前"});
  CHECK(std::get<Output>(source.tmpl.parts[1]).path == std::vector<std::string>{"été"});
}

TEST_CASE("places count from the start of the file") {
  Source source("{{ a.b | default: 'x' | upcase }}", "subject \"");
  const Output& output = std::get<Output>(source.tmpl.parts.at(0));
  CHECK(source.sources.text({source.file, output.begin, output.end}) == "a.b");
  REQUIRE(output.filters.size() == 2);
  auto text_of = [&source](const Filter& f) { return source.sources.text({source.file, f.begin, f.end}); };
  CHECK(text_of(output.filters[0]) == "default: 'x'");
  CHECK(text_of(output.filters[1]) == "upcase");
  Source wrong("Hi {{ a | defalt: 'x' }}", "first line\n  subject \"");
  REQUIRE(wrong.diagnostics.all().size() == 1);
  text::Span span = wrong.diagnostics.all()[0].primary.span;
  CHECK(wrong.sources.text(span) == "defalt");
  CHECK(wrong.sources.file(span.file).position(span.begin).line == 2);
  CHECK(wrong.sources.file(span.file).position(span.begin).column == 22);
}

TEST_CASE("filter arguments") {
  Source source(
      R"({{ a | default: "it's" }}{{ a | default: 'say "hi"' }}{{ a | default: -12 }}{{a|default:1.50}})");
  CHECK(source.findings() == "");
  auto argument = [&source](std::size_t n) {
    return std::get<Output>(source.tmpl.parts.at(n)).filters[0].arguments[0];
  };
  CHECK(argument(0) == Value::text("it's"));
  CHECK(argument(1) == Value::text("say \"hi\""));
  CHECK(argument(2).debug() == "-12");
  CHECK(argument(3).debug() == "1.5");
}

TEST_CASE("default stands in for what is missing") {
  const std::string text = "{{ a | default: 'friend' }}";
  CHECK(render_text(text, Value()) == "friend");
  CHECK(render_text(text, Value::text("")) == "friend");
  CHECK(render_text(text, Value::boolean(false)) == "friend");
  CHECK(render_text(text, Value::list({})) == "friend");
  CHECK(render_text(text, Value::text("Aiko")) == "Aiko");
  CHECK(render_text(text, Value::integer(0)) == "0");
  CHECK(render_text("{{ a | strip | default: 'friend' | upcase }}", Value::text("  ")) == "FRIEND");
}

TEST_CASE("filters on text") {
  CHECK(render_text("{{ a | upcase }}", Value::text("straße")) == "STRASSE");
  CHECK(render_text("{{ a | downcase }}", Value::text("ÀÉ I")) == "àé i");
  CHECK(render_text("{{ a | strip }}", Value::text(" \t a b\r\n")) == "a b");
  CHECK(render_text("{{ a | escape }}", Value::text("<&>")) == "&lt;&amp;&gt;");
  CHECK(render_text("{{ a | upcase }}", Value()) == "");
  CHECK(render_text("{{ a | upcase }}", Value::boolean(true)) == "TRUE");
}

TEST_CASE("texts of values") {
  CHECK(to_text(Value()) == "");
  CHECK(to_text(Value::boolean(false)) == "false");
  CHECK(to_text(Value::integer(-3)) == "-3");
  CHECK(to_text(Value::decimal(2'500'000)) == "2.5");
  CHECK(to_text(Value::decimal(3'000'000)) == "3");
  CHECK(to_text(Value::date(20514)) == "2026-03-02");
  CHECK(to_text(Value::instant(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_text(Value::time_of_day(545)) == "09:05");
  CHECK(to_text(Value::duration(26 * value::kHour)) == "1 day 2 hours");
  CHECK(to_text(Value::list({Value::integer(1), Value::text("b")})) == "1, b");
  CHECK(to_text(Value::ref(1, 2)) == "");
}

TEST_CASE("html outputs are escaped once, literal text is not") {
  Value hostile = Value::text("<script>\"'&</script>");
  std::string escaped = "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;";
  CHECK(render_text("<b>{{ a }}</b>", hostile, Escape::html) == "<b>" + escaped + "</b>");
  CHECK(render_text("{{ a | escape }}", hostile, Escape::html) == escaped);
  CHECK(render_text("{{ a | default: '<x>' }}", Value(), Escape::html) == "&lt;x&gt;");
  CHECK(render_text("{{ a }}", hostile, Escape::none) == "<script>\"'&</script>");
}

TEST_CASE("a header is one line") {
  auto header = [](std::string_view text) {
    return render_text("Hi {{ a }}!", Value::text(text), Escape::header);
  };
  CHECK(header("a\r\nBcc: b@example.com") == "Hi a Bcc: b@example.com!");
  CHECK(header("a\n\n\rb") == "Hi a b!");
  CHECK(header(std::string_view("a\r\0\nb\0", 6)) == "Hi a b!");
  CHECK(header("a&b") == "Hi a&b!");
  CHECK(render_text("one\ntwo", Value(), Escape::header) == "one two");
}

TEST_CASE("white space control") {
  Value v = Value::text("x");
  CHECK(render_text("a  \n{{- v -}} \n b", v) == "axb");
  CHECK(render_text("a {{- v }} b", v) == "ax b");
  CHECK(render_text("a {{ v -}} b", v) == "a xb");
  CHECK(render_text("a {{ v -}}   {{- v }} b", v) == "a xx b");
  CHECK(render_text("{{ v -}}   ", v) == "x");
  CHECK(render_text("  {{-v|upcase-}}  ", v) == "X");
}

TEST_CASE("what is never closed") {
  CHECK(findings("Hi {{ name") == "WF101 [{{] `{{` is never closed\n");
  CHECK(findings("Hi {{") == "WF101 [{{] `{{` is never closed\n");
  CHECK(findings("Hi {{ name }") == "WF101 [{{] `{{` is never closed\n");
  CHECK(findings("Hi {% if x") == "WF101 [{%] `{%` is never closed\n");
  CHECK(findings("{{ a | default: 'x }}") == "WF101 ['] the text that starts with `'` is never closed\n");
  CHECK(findings("{{ a | default: \"x }}\n\"") ==
        "WF101 [\"] the text that starts with `\"` is never closed\n");
}

TEST_CASE("an output that is not closed does not swallow the next") {
  Source source("{{ a, you {{ b }} end");
  CHECK(source.findings() == "WF101 [{{] `{{` is never closed\n");
  CHECK(source.diagnostics.all()[0].primary.span.begin == 0);
  REQUIRE(source.tmpl.parts.size() == 2);
  CHECK(std::get<Output>(source.tmpl.parts[0]).path.front() == "b");
}

TEST_CASE("tags are refused") {
  CHECK(findings("a {% if b %} c {% endif %}") ==
        "WF100 [{% if b %}] tags like `{% if … %}` cannot be used in a template\n"
        "WF100 [{% endif %}] tags like `{% if … %}` cannot be used in a template\n");
}

TEST_CASE("mistakes inside an output") {
  CHECK(findings("{{ }}") == "WF100 [}}] expected a name like `contact.firstname` in the output\n");
  CHECK(findings("{{ 'x' }}") == "WF100 ['] expected a name like `contact.firstname` in the output\n");
  CHECK(findings("{{ a. }}") == "WF100 [ ] expected a name like `contact.firstname` in the output\n");
  CHECK(findings("{{ a b }}") == "WF100 [b] expected `|` or `}}` in the output\n");
  CHECK(findings("{{ a ？ }}") == "WF100 [？] expected `|` or `}}` in the output\n");
  CHECK(findings("{{ a | }}") == "WF100 [}}] expected the name of a filter in the output\n");
  CHECK(findings("{{ a | default: }}") == "WF100 [}}] expected a text or a number in the output\n");
  CHECK(findings("{{ a | default: b }}") == "WF100 [b] expected a text or a number in the output\n");
  CHECK(findings("{{ a | default }}") == "WF100 [default] the filter `default` takes one argument\n");
  CHECK(findings("{{ a | default: 1, 2 }}") ==
        "WF100 [default: 1, 2] the filter `default` takes one argument\n");
  CHECK(findings("{{ a | upcase: 1 }}") == "WF100 [upcase: 1] the filter `upcase` takes no argument\n");
  CHECK(findings("{{ a | default: 1.2.3 }}") == "WF104 [1.2.3] `1.2.3` is not a number that can be held\n");
  CHECK(findings("{{ a | default: 99999999999999999999 }}") ==
        "WF104 [99999999999999999999] `99999999999999999999` is not a number that can be held\n");
}

TEST_CASE("an unknown filter comes with a suggestion") {
  Source source("{{ a | upcse }}");
  CHECK(source.findings() == "WF200 [upcse] there is no filter `upcse`\n");
  REQUIRE(source.diagnostics.all()[0].helps.size() == 1);
  CHECK(source.diagnostics.all()[0].helps[0] == "did you mean `upcase`?");
}

TEST_CASE("one mistake gives one finding, and the rest is read") {
  Source source("{{ a ! b ? c }} and {{ b }}{{ c | nope }}.");
  CHECK(source.diagnostics.all().size() == 2);
  REQUIRE(source.tmpl.parts.size() == 3);
  CHECK(std::get<std::string>(source.tmpl.parts[0]) == " and ");
  CHECK(std::get<std::string>(source.tmpl.parts[2]) == ".");
}

TEST_CASE("filters from elsewhere can be checked") {
  CHECK(is_valid({"default", {Value::integer(1)}}));
  CHECK_FALSE(is_valid({"default", {}}));
  CHECK_FALSE(is_valid({"nope", {}}));
}

TEST_CASE("any text is read, and every place lies within it") {
  rc::prop("pieces in any order", [] {
    auto piece =
        rc::gen::element<std::string>("{{", "}}", "{%", "%}", "-", "|", ":", "'", "\"", "a", ".", "default",
                                      "escape", " ", "\n", "1", "9.5", ",", "é", "\xff", "{", "}");
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
    const std::string before = "subject \"";
    Source source(text, before);
    for (const text::Diagnostic& d : source.diagnostics.all()) {
      RC_ASSERT(d.primary.span.begin >= before.size());
      RC_ASSERT(d.primary.span.begin < d.primary.span.end);
      RC_ASSERT(d.primary.span.end <= before.size() + text.size());
    }
    render(source.tmpl, Escape::html, [](std::size_t, const Output&) { return Value::text("<v>"); });
  });
}

}  // namespace
}  // namespace wf::liquid
