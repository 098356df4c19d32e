// wfc build -o OUT [PATH…]: a project to a bundle, or a stage of its compilation to stdout.
#include <cstdio>
#include <map>
#include <memory>

#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

struct BuildArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string out;
  std::optional<compiler::Stage> emit;
  bool no_optimise = false;
  std::string today;
};

int write_program(const bytecode::Program& program, const std::string& path) {
  const std::string bytes = bytecode::write_bundle(program);
  if (bytes.size() > bytecode::kMaxBundleBytes) {
    return fail({ErrorCode::limit,
                 "the bundle is larger than " + std::to_string(bytecode::kMaxBundleBytes) + " bytes"},
                kFindings);
  }
  const auto written = write_file(path, bytes);
  return written ? kOk : fail(written.error());
}

int build(const BuildArguments& arguments) {
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const std::size_t count = files->size();
  compiler::Options options;
  options.emit = arguments.emit;
  options.optimise = !arguments.no_optimise;
  options.today = day_of(arguments.today);
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file, options);
  print_findings(compiled.diagnostics, compiled.sources, arguments.report);
  if (!compiled.diagnostics.all().empty() && !arguments.report.quiet &&
      arguments.report.format == Format::text) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, count).c_str());
  }
  std::fputs(compiled.emitted.c_str(), stdout);
  const int found = exit_code(compiled.diagnostics, arguments.report);
  if (found != kOk || !compiled.program || arguments.out.empty()) return found;
  return write_program(*compiled.program, arguments.out);
}

}  // namespace

void add_build(CommandLine& line) {
  using compiler::Stage;
  auto arguments = std::make_shared<BuildArguments>();
  Command command = line.add("build", "Compiles a project to a bundle");
  command.option("-o,--output", arguments->out, "The bundle to write", "OUT");
  command.choice(
      "--emit", {"ast", "ir", "code"},
      [arguments](std::size_t i) { arguments->emit = static_cast<Stage>(i); },
      "Print a stage: ast, ir or code", "STAGE");
  command.flag("--no-optimise", arguments->no_optimise, "Leave the passes out");
  add_project_arguments(command, arguments->project);
  add_report_options(command, arguments->report);
  add_today(command, arguments->today);
  command.run([arguments] {
    if (arguments->out.empty() && !arguments->emit) throw UsageError("-o OUT or --emit STAGE is required");
    return build(*arguments);
  });
}

}  // namespace wf::wfc
