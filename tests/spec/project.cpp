#include "project.hpp"

#include <algorithm>

#include "../support/process.hpp"
#include "compiler/wfc/test_runner.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"

namespace fs = std::filesystem;

namespace wf::test {
namespace {

const char* const kPrelude = "docs/language/prelude.wf";

const char* severity_text(text::Severity severity) {
  constexpr const char* kTexts[] = {"error", "warning", "info"};
  return kTexts[static_cast<std::size_t>(severity)];
}

/// The steps of a block become the body of a workflow that enrols new records.
std::string with_workflow(const std::string& steps, const std::string& object) {
  return "workflow example on " + object + " { enroll when created; reenroll never\n" + steps + "}\n";
}

std::string steps_object(const Block& block) {
  return block.has("steps") ? "contact" : block.value("steps").value_or("");
}

std::string place(const text::Diagnostic& finding, const text::SourceSet& sources, const Project& project) {
  const text::SourceFile& file = sources.file(finding.primary.span.file);
  const text::Position at = file.position(finding.primary.span.begin);
  const bool own = file.path() == project.own;
  return (own ? "" : file.path() + ":") + std::to_string(at.line - (own ? project.lines_before : 0)) + ":" +
         std::to_string(at.column);
}

}  // namespace

Project project_of(const Document& document, const Block& block, const Files& files,
                   const std::vector<compiler::SourceText>& before) {
  Project project;
  project.files = files;
  project.own = block.value("file").value_or(
      block.value("append").value_or(block.language == "yaml" ? "input.wf.yaml" : "input.wf"));
  if (const auto now = block.value("now")) project.today = value::parse_date(now->substr(0, 10));
  std::string source = block.body;
  if (const std::string object = steps_object(block); !object.empty()) {
    source = with_workflow(source, object);
    project.lines_before = 1;
  }
  if (block.value("append")) source = files.at(project.own) + source;
  if (block.has("test")) {
    project.sources = before;
    project.own = "test.wf";
  } else if (!block.has("alone") && !document.name.starts_with("docs/learn/")) {
    project.sources.push_back({kPrelude, read_file(std::string(WF_SOURCE_DIR "/") + kPrelude)});
  }
  project.sources.push_back({project.own, std::move(source)});
  return project;
}

Checked check(const Project& project) {
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    const auto found = project.files.find(fs::path(path).filename().string());
    if (found == project.files.end()) return std::nullopt;
    return found->second;
  };
  compiler::Options options;
  options.today = project.today;
  Checked checked{compiler::compile(project.sources, read, options), {}, {}};
  const auto& sources = checked.compiled.sources;
  for (const text::Diagnostic& finding : checked.compiled.diagnostics.all()) {
    const bool in_prelude = sources.file(finding.primary.span.file).path() == kPrelude;
    if (in_prelude && finding.severity != text::Severity::error) continue;
    checked.findings.push_back(std::string(severity_text(finding.severity)) + "=" +
                               text::code_text(finding.code) + " at=" + place(finding, sources, project));
    checked.report += text::render_text(finding, sources);
  }
  return checked;
}

std::vector<std::string> expected_findings(const Block& block) {
  std::vector<std::string> expected;
  for (const std::string& word : block.words) {
    const bool finding =
        word.starts_with("error=") || word.starts_with("warning=") || word.starts_with("info=");
    if (finding) expected.push_back(word);
    if (word.starts_with("at=") && !expected.empty()) expected.back() += " " + word;
  }
  return expected;
}

std::string fixed(const Project& project, const Checked& checked, const Block& block) {
  std::vector<text::Edit> edits;
  for (const text::Diagnostic& finding : checked.compiled.diagnostics.all()) {
    for (const text::Fix& fix : finding.fixes) {
      if (fix.applicability != text::Applicability::machine) continue;
      edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
      break;
    }
  }
  std::sort(edits.begin(), edits.end(),
            [](const text::Edit& a, const text::Edit& b) { return a.span.begin > b.span.begin; });
  if (edits.empty()) return block.body;
  const text::SourceFile& file = checked.compiled.sources.file(edits.front().span.file);
  if (file.path() != project.own) return block.body;
  std::string source(file.content());
  for (const text::Edit& edit : edits) {
    source.replace(edit.span.begin, edit.span.end - edit.span.begin, edit.text);
  }
  if (project.lines_before == 0) return source;
  const std::size_t begin = source.find('\n') + 1;
  return source.substr(begin, source.rfind("}\n") - begin);
}

std::vector<std::string> failing_tests(const Checked& checked) {
  std::vector<std::string> failures;
  wfc::TestRunOptions options;
  options.wanted = [](const std::string&) { return true; };
  const auto results = wfc::run_tests(*checked.compiled.module, checked.compiled.sources, options);
  for (const auto& outcome : results.outcomes) {
    for (const auto& failure : outcome.failures) {
      failures.push_back(outcome.test->title + ": " + failure.message);
    }
  }
  return failures;
}

}  // namespace wf::test
