#include "compiler/wfc/test_report.hpp"

#include <map>

#include "compiler/wfc/xml.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {
namespace {

text::Diagnostic as_diagnostic(const TestFailure& failure) {
  text::Diagnostic d{};
  d.severity = text::Severity::error;
  d.message = failure.message;
  d.primary = {failure.span, failure.label};
  d.notes = failure.notes;
  if (!failure.edits.empty() || !failure.missing_line.empty()) {
    d.helps.push_back("`wfc test --update` makes the test expect this");
  }
  return d;
}

std::string failure_text(const TestFailure& failure, const text::SourceSet& sources,
                         text::RenderOptions render) {
  render.head = "failed";
  return text::render_text(as_diagnostic(failure), sources, render);
}

std::string place(const text::SourceSet& sources, text::Span span) {
  const text::SourceFile& file = sources.file(span.file);
  const text::Position at = file.position(span.begin);
  return file.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string offset(const TestOutcome& outcome, const TestFailure& failure) {
  return "+" + value::format_compact_duration(failure.at - outcome.test->start);
}

void json_texts(std::string& out, const char* key, const std::vector<std::string>& texts) {
  out += std::string(",\"") + key + "\":[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    text::append_json_string(out, texts[i]);
  }
  out += ']';
}

std::string junit_case(const TestOutcome& outcome, const text::SourceSet& sources) {
  const text::SourceFile& file = sources.file(outcome.test->title_span.file);
  std::string out = "    <testcase" + attribute("name", outcome.test->title) +
                    attribute("classname", file.path()) + attribute("time", "0");
  if (outcome.failures.empty()) return out + "/>\n";
  out += ">\n";
  for (const TestFailure& failure : outcome.failures) {
    out += "      <failure" + attribute("message", failure.message) + attribute("type", "expectation") + ">" +
           xml(failure_text(failure, sources, {})) + "</failure>\n";
  }
  return out + "    </testcase>\n";
}

std::string counts(std::size_t tests, std::size_t failures) {
  return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
         attribute("errors", "0") + attribute("time", "0");
}

}  // namespace

std::string outcome_text(const TestOutcome& outcome, const text::SourceSet& sources,
                         const ResultStyle& style) {
  const bool passed = outcome.failures.empty();
  std::string out;
  if (!style.quiet || !passed) out += (passed ? "ok      " : "FAILED  ") + outcome.test->title + "\n";
  for (const std::string& line : outcome.trace) out += "    " + line + "\n";
  for (const TestFailure& failure : outcome.failures) out += failure_text(failure, sources, style.render);
  return out;
}

std::string outcome_json(const TestOutcome& outcome, const text::SourceSet& sources) {
  std::string out = "{\"test\":";
  text::append_json_string(out, outcome.test->title);
  out += ",\"place\":";
  text::append_json_string(out, place(sources, outcome.test->title_span));
  out += ",\"passed\":";
  out += outcome.failures.empty() ? "true" : "false";
  out += ",\"failures\":[";
  for (std::size_t i = 0; i < outcome.failures.size(); ++i) {
    const TestFailure& failure = outcome.failures[i];
    out += i == 0 ? "{\"place\":" : ",{\"place\":";
    text::append_json_string(out, place(sources, failure.span));
    out += ",\"at\":";
    text::append_json_string(out, offset(outcome, failure));
    out += ",\"message\":";
    text::append_json_string(out, failure.message);
    out += ",\"label\":";
    text::append_json_string(out, failure.label);
    json_texts(out, "notes", failure.notes);
    out += '}';
  }
  out += ']';
  if (!outcome.trace.empty()) json_texts(out, "trace", outcome.trace);
  return out + "}";
}

std::string outcomes_junit(const TestResults& results, const text::SourceSet& sources) {
  struct Suite {
    std::size_t tests = 0, failed = 0;
    std::string cases;
  };
  std::map<std::string, Suite> suites;
  for (const TestOutcome& outcome : results.outcomes) {
    Suite& suite = suites[sources.file(outcome.test->title_span.file).path()];
    ++suite.tests;
    suite.failed += outcome.failures.empty() ? 0 : 1;
    suite.cases += junit_case(outcome, sources);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    counts(results.outcomes.size(), results.failed()) + ">\n";
  for (const auto& [path, suite] : suites) {
    out += "  <testsuite" + attribute("name", path) + counts(suite.tests, suite.failed) + ">\n" +
           suite.cases + "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace wf::wfc
