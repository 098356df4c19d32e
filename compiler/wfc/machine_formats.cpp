#include "compiler/wfc/machine_formats.hpp"

#include <algorithm>
#include <map>

#include "compiler/wfc/xml.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/codec.hpp"

namespace wf::wfc {
namespace {

using text::Diagnostic;
using text::Position;
using text::Severity;
using text::SourceSet;
using text::Span;

std::string json_text(std::string_view text) {
  std::string out;
  text::append_json_string(out, text);
  return out;
}

std::string rule_of(const Diagnostic& d) {
  return text::code_text(d.code) + " " + text::info(d.code).name;
}

const std::string& path_of(const Span& span, const SourceSet& sources) {
  return sources.file(span.file).path();
}
/// `span` is as written.
Position position(const Span& span, std::uint32_t offset, const SourceSet& sources) {
  return sources.file(span.file).written().position(offset);
}

std::vector<Diagnostic> as_written(const Findings& findings, const SourceSet& sources) {
  std::vector<Diagnostic> out;
  for (const Diagnostic& d : findings) out.push_back(text::as_written(d, sources));
  return out;
}

template <class Items, class Print>
std::string joined(const Items& items, Print print) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + print(item);
  return out;
}

// ---- SARIF ----

const char* level(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

/// A path as a reference of a URI: other bytes than letters, digits and a few signs are escaped.
std::string uri(std::string_view path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos)
      out += c;
    else
      ((out += '%') += kDigits[byte >> 4]) += kDigits[byte & 15];
  }
  return out;
}

std::string region(const Span& span, const SourceSet& sources) {
  const Position from = position(span, span.begin, sources), to = position(span, span.end, sources);
  const auto number = [](const char* name, std::uint32_t n) {
    return "\"" + std::string(name) + "\":" + std::to_string(n);
  };
  return "{" + number("startLine", from.line) + "," + number("startColumn", from.column) + "," +
         number("endLine", to.line) + "," + number("endColumn", to.column) + "," +
         number("byteOffset", from.byte) + "," + number("byteLength", to.byte - from.byte) + "}";
}

std::string artifact(const Span& span, const SourceSet& sources) {
  return "{\"uri\":" + json_text(uri(path_of(span, sources))) + "}";
}

std::string location(const text::Label& label, const SourceSet& sources) {
  const std::string message =
      label.text.empty() ? "" : ",\"message\":{\"text\":" + json_text(label.text) + "}";
  return "{\"physicalLocation\":{\"artifactLocation\":" + artifact(label.span, sources) +
         ",\"region\":" + region(label.span, sources) + "}" + message + "}";
}

std::string replacement(const text::Edit& edit, const SourceSet& sources) {
  return "{\"deletedRegion\":" + region(edit.span, sources) +
         ",\"insertedContent\":{\"text\":" + json_text(edit.text) + "}}";
}

std::string fix(const text::Fix& fix, const SourceSet& sources) {
  std::map<text::FileId, std::vector<text::Edit>> by_file;
  for (const text::Edit& edit : fix.edits) by_file[edit.span.file].push_back(edit);
  return "{\"description\":{\"text\":" + json_text(fix.title) + "},\"artifactChanges\":[" +
         joined(by_file,
                [&](const auto& file) {
                  return "{\"artifactLocation\":" + artifact(file.second.front().span, sources) +
                         ",\"replacements\":[" +
                         joined(file.second, [&](const text::Edit& e) { return replacement(e, sources); }) +
                         "]}";
                }) +
         "]}";
}

/// The message with what explains it.
std::string message_of(const Diagnostic& d) {
  std::string out = d.message;
  if (!d.primary.text.empty()) out += ": " + d.primary.text;
  for (const std::string& note : d.notes) out += "\nnote: " + note;
  for (const std::string& help : d.helps) out += "\nhelp: " + help;
  return out;
}

std::string fingerprint(const Diagnostic& d) {
  return text::code_text(d.code) + ":" + d.path;
}

std::string result(const Diagnostic& d, const std::vector<text::Code>& rules, const SourceSet& sources) {
  const auto index = std::find(rules.begin(), rules.end(), d.code) - rules.begin();
  std::string out = "{\"ruleId\":" + json_text(text::code_text(d.code)) +
                    ",\"ruleIndex\":" + std::to_string(index) + ",\"level\":\"" + level(d.severity) +
                    "\",\"message\":{\"text\":" + json_text(message_of(d)) + "},\"locations\":[" +
                    location(d.primary, sources) + "]";
  if (!d.secondary.empty())
    out += ",\"relatedLocations\":[" +
           joined(d.secondary, [&](const text::Label& l) { return location(l, sources); }) + "]";
  out += ",\"partialFingerprints\":{\"declarationPath/v1\":" + json_text(fingerprint(d)) + "}";
  if (!d.fixes.empty())
    out += ",\"fixes\":[" + joined(d.fixes, [&](const text::Fix& f) { return fix(f, sources); }) + "]";
  return out + "}";
}

std::string rule(text::Code code) {
  const text::CodeInfo& info = text::info(code);
  return "{\"id\":" + json_text(text::code_text(code)) + ",\"name\":" + json_text(info.name) +
         ",\"shortDescription\":{\"text\":" + json_text(info.summary) +
         "},\"defaultConfiguration\":{\"level\":\"" + level(info.severity) + "\"}}";
}

// ---- GitHub ----

/// What ends a message or a property is escaped.
std::string command_text(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

std::string annotation(const Diagnostic& d, const SourceSet& sources) {
  const Position from = position(d.primary.span, d.primary.span.begin, sources);
  const Position to = position(d.primary.span, d.primary.span.end, sources);
  const std::string kind = d.severity == Severity::info ? "notice" : level(d.severity);
  std::string out = "::" + kind + " file=" + command_text(path_of(d.primary.span, sources), true) +
                    ",line=" + std::to_string(from.line) + ",endLine=" + std::to_string(to.line);
  // Columns are shown for one line only.
  if (from.line == to.line)
    out += ",col=" + std::to_string(from.column) + ",endColumn=" + std::to_string(to.column);
  return out + ",title=" + command_text(rule_of(d), true) + "::" + command_text(message_of(d), false) + "\n";
}

// ---- GitLab ----

std::string hex(std::uint64_t n) {
  char buffer[17];
  std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(n));
  return buffer;
}

std::string quality_issue(const Diagnostic& d, std::size_t repeat, const SourceSet& sources) {
  const char* severity = d.severity == Severity::error     ? "major"
                         : d.severity == Severity::warning ? "minor"
                                                           : "info";
  const std::string identity =
      fingerprint(d) + "\n" + path_of(d.primary.span, sources) + "\n" + std::to_string(repeat);
  const std::uint32_t line = position(d.primary.span, d.primary.span.begin, sources).line;
  return "{\"description\":" + json_text(message_of(d)) + ",\"check_name\":" + json_text(rule_of(d)) +
         ",\"fingerprint\":\"" + hex(value::hash64(identity)) + "\",\"severity\":\"" + severity +
         "\",\"location\":{\"path\":" + json_text(path_of(d.primary.span, sources)) +
         ",\"lines\":{\"begin\":" + std::to_string(line) + "}}}";
}

// ---- JUnit ----

std::string failed_case(const Diagnostic& d, const SourceSet& sources) {
  const std::string& path = path_of(d.primary.span, sources);
  const std::string line =
      std::to_string(sources.file(d.primary.span.file).position(d.primary.span.begin).line);
  return "    <testcase" + attribute("name", rule_of(d) + " in line " + line) + attribute("classname", path) +
         attribute("time", "0") + ">\n      <failure" + attribute("message", d.message) +
         attribute("type", text::code_text(d.code)) + ">" + xml(text::render_text(d, sources)) +
         "</failure>\n    </testcase>\n";
}

std::string suite(const std::string& name, std::size_t tests, std::size_t failures,
                  const std::string& cases) {
  return "  <testsuite" + attribute("name", name) + attribute("tests", std::to_string(tests)) +
         attribute("failures", std::to_string(failures)) + attribute("errors", "0") +
         attribute("skipped", "0") + attribute("time", "0") + ">\n" + cases + "  </testsuite>\n";
}

}  // namespace

std::string findings_sarif(const Findings& found, const SourceSet& sources) {
  const std::vector<Diagnostic> findings = as_written(found, sources);
  std::vector<text::Code> rules;
  for (const Diagnostic& d : findings) {
    if (std::find(rules.begin(), rules.end(), d.code) == rules.end()) rules.push_back(d.code);
  }
  return "{\"$schema\":\"https://json.schemastore.org/"
         "sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{"
         "\"driver\":{\"name\":\"wfc\",\"rules\":[" +
         joined(rules, rule) + "]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[" +
         joined(findings, [&](const Diagnostic& d) { return result(d, rules, sources); }) + "]}]}\n";
}

std::string findings_junit(const Findings& findings, const SourceSet& sources) {
  struct Suite {
    std::size_t cases = 0;
    std::string text;
  };
  std::map<std::string, Suite> suites;
  for (const Diagnostic& d : findings) {
    // The renderer finds the written places by itself.
    Suite& one = suites[path_of(d.primary.span, sources)];
    ++one.cases;
    one.text += failed_case(d, sources);
  }
  std::string out;
  for (const auto& [path, one] : suites) out += suite(path, one.cases, one.cases, one.text);
  if (out.empty())
    out =
        suite("wfc check", 1, 0, "    <testcase name=\"no findings\" classname=\"wfc check\" time=\"0\"/>\n");
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n" + out + "</testsuites>\n";
}

std::string findings_github(const Findings& found, const SourceSet& sources) {
  std::vector<Diagnostic> findings = as_written(found, sources);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.severity < b.severity; });
  std::string out;
  for (const Diagnostic& d : findings) out += annotation(d, sources);
  return out;
}

std::string findings_gitlab(const Findings& found, const SourceSet& sources) {
  std::map<std::string, std::size_t> repeats;
  return "[" +
         joined(as_written(found, sources),
                [&](const Diagnostic& d) { return quality_issue(d, repeats[fingerprint(d)]++, sources); }) +
         "]\n";
}

}  // namespace wf::wfc
