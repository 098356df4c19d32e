// wfc check [PATH…]: all findings of a project.
#include <cstdio>
#include <memory>
#include <thread>

#include "compiler/wfc/report.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {
namespace {

struct CheckArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string today;
};

void hint_at_pages(const text::DiagnosticSink& diagnostics) {
  if (diagnostics.all().empty()) return;
  const std::string code = text::code_text(diagnostics.all().front().code);
  std::fprintf(stderr, "more about a finding: wfc explain %s\n", code.c_str());
}

int check(const CheckArguments& arguments) {
  compiler::Options options;
  if (!arguments.today.empty()) {
    options.today = value::parse_date(arguments.today);
    if (!options.today) {
      std::fprintf(stderr, "wfc: --today wants a date such as 2026-09-01\n");
      return kUsage;
    }
  }
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const std::size_t count = files->size();
  options.threads = std::thread::hardware_concurrency();
  options.findings_only = true;
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file, options);
  print_findings(compiled, arguments.report);
  if (!arguments.report.quiet && arguments.report.format == Format::text) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, count).c_str());
    hint_at_pages(compiled.diagnostics);
  }
  return exit_code(compiled.diagnostics, arguments.report);
}

}  // namespace

void add_check(CommandLine& line) {
  auto arguments = std::make_shared<CheckArguments>();
  Command command = line.add("check", "Checks a project and prints its findings");
  add_project_arguments(command, arguments->project);
  add_report_options(command, arguments->report);
  command.option("--today", arguments->today, "The date for findings about what is due, as 2026-09-01");
  command.run([arguments] { return check(*arguments); });
}

}  // namespace wf::wfc
