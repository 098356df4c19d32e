#include "compiler/wfc/report.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

#include "grammar/text/render.hpp"

namespace wf::wfc {
namespace {

bool wants_color(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDERR_FILENO) == 1 && !is_set("NO_COLOR") && !dumb;
}

std::string plural(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

void add_project_arguments(CLI::App& command, ProjectArguments& arguments) {
  command.add_option("PATH", arguments.paths,
                     "Files, folders, or - for standard input; default: this folder");
  command.add_option("--stdin-name", arguments.stdin_name, "Path shown for standard input")
      ->capture_default_str();
}

void add_report_options(CLI::App& command, ReportOptions& options) {
  const std::map<std::string, bool> formats = {{"text", false}, {"json", true}};
  const std::map<std::string, text::Severity> severities = {
      {"error", text::Severity::error}, {"warning", text::Severity::warning}, {"info", text::Severity::info}};
  command.add_option("--format", options.json, "text or json")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
  command.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
      ->type_name("WHEN");
  command
      .add_option("--fail-on", options.fail_on, "error, warning or info: the exit code is 1 from there on")
      ->transform(CLI::CheckedTransformer(severities).description(""))
      ->type_name("SEVERITY");
  command.add_flag("-q,--quiet", options.quiet, "No summary");
}

void print_findings(const compiler::Compiled& compiled, const ReportOptions& options) {
  text::RenderOptions render;
  render.color = wants_color(options.color);
  for (const text::Diagnostic& d : compiled.diagnostics.all()) {
    if (options.json) {
      std::printf("%s\n", text::render_json(d, compiled.sources).c_str());
    } else {
      std::fputs(text::render_text(d, compiled.sources, render).c_str(), stderr);
    }
  }
}

std::string summary(const text::DiagnosticSink& diagnostics, std::size_t files) {
  std::size_t counts[3] = {};
  for (const text::Diagnostic& d : diagnostics.all()) ++counts[static_cast<std::size_t>(d.severity)];
  std::string text;
  constexpr const char* kNouns[] = {"error", "warning", "note"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (counts[i] > 0) text += (text.empty() ? "" : ", ") + plural(counts[i], kNouns[i]);
  }
  if (text.empty()) return "checked " + plural(files, "file") + ": no findings";
  return text + " in " + plural(files, "file");
}

int exit_code(const text::DiagnosticSink& diagnostics, const ReportOptions& options) {
  for (const text::Diagnostic& d : diagnostics.all()) {
    if (d.severity <= options.fail_on) return kFindings;
  }
  return kOk;
}

int fail(const Error& error, int code) {
  std::fprintf(stderr, "wfc: %s\n", error.message.c_str());
  return code;
}

int load_failure(const Error& error) {
  return fail(error, error.code == ErrorCode::invalid ? kUsage : kFailed);
}

}  // namespace wf::wfc
