// wfc check [PATH…]: all findings of a project.
#include <cstdio>
#include <memory>
#include <thread>

#include "compiler/wfc/report.hpp"

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
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const std::size_t count = files->size();
  compiler::Options options;
  options.threads = std::thread::hardware_concurrency();
  options.findings_only = true;
  options.today = day_of(arguments.today);
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
  add_today(command, arguments->today);
  command.run([arguments] { return check(*arguments); });
}

}  // namespace wf::wfc
