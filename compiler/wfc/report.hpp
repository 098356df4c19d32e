// How commands report findings: options common to all of them, output, exit code.
#pragma once

#include <optional>
#include <string>

#include "compiler/compile.hpp"
#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"
#include "compiler/wfc/project.hpp"

namespace wf::wfc {

enum class Format : std::uint8_t { text, json, junit, sarif, github, gitlab };

struct ReportOptions {
  Format format = Format::text;
  bool quiet = false;  ///< no summary
  std::string color = "auto";
  text::Severity fail_on = text::Severity::error;
  std::string json_into;  ///< a file for the findings as JSON, beside what is printed
};

/// PATH… and --stdin-name.
void add_project_arguments(Command& command, ProjectArguments& arguments);
/// --format, --color, --fail-on, -q.
void add_report_options(Command& command, ReportOptions& options,
                        const std::vector<Format>& formats = {Format::text, Format::json});
/// What findings can be printed as.
inline const std::vector<Format> kFindingFormats = {Format::text,  Format::json,   Format::sarif,
                                                    Format::junit, Format::github, Format::gitlab};

/// --color.
void add_color(Command& command, std::string& color);
/// Does --color ask for colours on this file descriptor?
bool wants_color(const std::string& choice, int descriptor);

/// --today DATE: the day that fixed dates are compared with.
void add_today(Command& command, std::string& today);
/// As days since 1970-01-01; nothing when the option was not given. Throws UsageError.
std::optional<std::int32_t> day_of(const std::string& today);

/// Prints findings: as text to stderr, in all other formats to stdout; JSON has one object a line. Throws
/// UsageError when the file of --json-into cannot be written.
void print_findings(const text::DiagnosticSink& diagnostics, const text::SourceSet& sources,
                    const ReportOptions& options);
/// "2 errors, 1 warning in 3 files", or "checked 3 files: no findings".
std::string summary(const text::DiagnosticSink& diagnostics, std::size_t files);
/// kFindings when a finding is as severe as asked, else kOk.
int exit_code(const text::DiagnosticSink& diagnostics, const ReportOptions& options);

/// Says on stderr why the work cannot be done.
int fail(const Error& error, int code = kFailed);
/// The exit code of a project that could not be loaded: a folder without sources is a mistake of the command
/// line.
int load_failure(const Error& error);

}  // namespace wf::wfc
