#include "compiler/wfc/report.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "compiler/wfc/machine_formats.hpp"
#include "compiler/wfc/translation.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {
namespace {

constexpr const char* kFormats[] = {"text", "json", "junit", "sarif", "github", "gitlab"};

std::string findings_json(const Findings& findings, const text::SourceSet& sources) {
  std::string out;
  for (const text::Diagnostic& d : findings) out += text::render_json(d, sources) + "\n";
  return out;
}

std::string machine_text(const Findings& findings, const text::SourceSet& sources, Format format) {
  switch (format) {
    case Format::text:
    case Format::json:
      return findings_json(findings, sources);
    case Format::junit:
      return findings_junit(findings, sources);
    case Format::sarif:
      return findings_sarif(findings, sources);
    case Format::github:
      return findings_github(findings, sources);
    case Format::gitlab:
      return findings_gitlab(findings, sources);
  }
  return {};
}

Findings in_language(Findings findings) {
  for (text::Diagnostic& d : findings) d = spoken(d);
  return findings;
}

std::string plural(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

bool wants_color(const std::string& choice, int descriptor) {
  if (choice != "auto") return choice == "always";
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(descriptor) == 1 && !is_set("NO_COLOR") && !dumb;
}

void add_project_arguments(Command& command, ProjectArguments& arguments) {
  command.positional("PATH", arguments.paths,
                     "Files, folders, or - for standard input; default: this folder");
  command.option("--stdin-name", arguments.stdin_name, "Path shown for standard input");
  command.show_default("--stdin-name");
}

void add_color(Command& command, std::string& color) {
  static const std::vector<std::string> colors = {"auto", "always", "never"};
  command.choice(
      "--color", colors, [&color](std::size_t i) { color = colors[i]; }, "auto, always or never", "WHEN");
}

void add_report_options(Command& command, ReportOptions& options, const std::vector<Format>& formats) {
  std::vector<std::string> words;
  for (const Format format : formats) words.emplace_back(kFormats[static_cast<std::size_t>(format)]);
  std::string doc = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) doc += (i + 1 == words.size() ? " or " : ", ") + words[i];
  command.choice(
      "--format", words, [&options, formats](std::size_t i) { options.format = formats[i]; }, doc.c_str(),
      "FORMAT");
  add_color(command, options.color);
  command.choice(
      "--fail-on", {"error", "warning", "info"},
      [&options](std::size_t i) { options.fail_on = static_cast<text::Severity>(i); },
      "error, warning or info: the exit code is 1 from there on", "SEVERITY");
  command.option("--json-into", options.json_into, "Write the findings as JSON here too", "FILE");
  command.flag("-q,--quiet", options.quiet, "No summary");
}

void add_today(Command& command, std::string& today) {
  command.option("--today", today, "Compare fixed dates with this day", "DATE");
}

std::optional<std::int32_t> day_of(const std::string& today) {
  if (today.empty()) return std::nullopt;
  const auto day = value::parse_date(today);
  if (!day) throw UsageError("--today: `" + today + "` is not a date; write 2026-03-02");
  return day;
}

void print_findings(const text::DiagnosticSink& diagnostics, const text::SourceSet& sources,
                    const ReportOptions& options) {
  const Findings findings = in_language(diagnostics.all());
  if (!options.json_into.empty()) {
    const auto written = write_file(options.json_into, findings_json(findings, sources));
    if (!written) throw UsageError("--json-into: " + written.error().message);
  }
  if (options.format != Format::text) {
    std::fputs(machine_text(findings, sources, options.format).c_str(), stdout);
    return;
  }
  text::RenderOptions render;
  render.color = wants_color(options.color, STDERR_FILENO);
  for (const text::Diagnostic& d : findings)
    std::fputs(text::render_text(d, sources, render).c_str(), stderr);
}

std::string summary(const text::DiagnosticSink& diagnostics, std::size_t files) {
  std::size_t counts[3] = {};
  for (const text::Diagnostic& d : diagnostics.all()) ++counts[static_cast<std::size_t>(d.severity)];
  std::string text;
  constexpr const char* kNouns[] = {"error", "warning", "note"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (counts[i] > 0) text += (text.empty() ? "" : ", ") + plural(counts[i], kNouns[i]);
  }
  if (text.empty()) return spoken("checked " + plural(files, "file") + ": no findings");
  return spoken(text + " in " + plural(files, "file"));
}

int exit_code(const text::DiagnosticSink& diagnostics, const ReportOptions& options) {
  for (const text::Diagnostic& d : diagnostics.all()) {
    if (d.severity <= options.fail_on) return kFindings;
  }
  return kOk;
}

int fail(const Error& error, int code) {
  std::fprintf(stderr, "wfc: %s\n", spoken(error.message).c_str());
  return code;
}

int load_failure(const Error& error) {
  return fail(error, error.code == ErrorCode::invalid ? kUsage : kFailed);
}

}  // namespace wf::wfc
