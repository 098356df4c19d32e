// wfc check [PATH…]: all findings of a project.
#include "compiler/check.hpp"

#include <cstdio>
#include <memory>
#include <thread>

#include "compiler/wfc/baseline.hpp"
#include "compiler/wfc/check_cache.hpp"
#include "compiler/wfc/report.hpp"
#include "compiler/wfc/translation.hpp"

namespace wf::wfc {
namespace {

/// Smaller projects are checked as fast as a cache is read.
constexpr std::size_t kWorthCaching = 500;

struct CheckArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string today;
  std::string cache;  ///< file
  bool no_cache = false;
  std::string baseline;  ///< file
};

void hint_at_pages(const text::DiagnosticSink& diagnostics) {
  if (diagnostics.all().empty()) return;
  const std::string code = text::code_text(diagnostics.all().front().code);
  std::fprintf(stderr, "%s\n", spoken("more about a finding: wfc explain " + code).c_str());
}

std::optional<std::string> cache_for(const CheckArguments& arguments, std::size_t files) {
  if (arguments.no_cache) return std::nullopt;
  if (!arguments.cache.empty()) return arguments.cache;
  return files < kWorthCaching ? std::nullopt : cache_path(arguments.project);
}

Result<compiler::Checked> run_check(const CheckArguments& arguments, std::vector<SourcePath> sources) {
  compiler::CheckOptions options;
  options.threads = std::thread::hardware_concurrency();
  options.today = day_of(arguments.today);
  if (const auto cache = cache_for(arguments, sources.size()))
    return check_with_cache(std::move(sources), *cache, options);
  std::vector<compiler::CheckFile> files;
  for (SourcePath& source : sources) {
    auto file = read_source(std::move(source));
    if (!file) return file.error();
    files.push_back({std::move(file->path), std::move(file->content), nullptr});
  }
  return compiler::check(std::move(files), read_declared_file, options);
}

int check(const CheckArguments& arguments) {
  auto sources = find_sources(arguments.project);
  if (!sources) return load_failure(sources.error());
  const std::size_t count = sources->size();
  auto checked = run_check(arguments, std::move(*sources));
  if (!checked) return load_failure(checked.error());
  if (!arguments.baseline.empty()) {
    const auto known = read_baseline(arguments.baseline);
    if (!known) return fail(known.error());
    leave_out(*known, checked->diagnostics);
  }
  print_findings(checked->diagnostics, checked->sources, arguments.report);
  if (!arguments.report.quiet && arguments.report.format == Format::text) {
    std::fprintf(stderr, "%s\n", summary(checked->diagnostics, count).c_str());
    hint_at_pages(checked->diagnostics);
  }
  return exit_code(checked->diagnostics, arguments.report);
}

}  // namespace

void add_check(CommandLine& line) {
  auto arguments = std::make_shared<CheckArguments>();
  Command command = line.add("check", "Checks a project and prints its findings");
  add_project_arguments(command, arguments->project);
  add_report_options(command, arguments->report, kFindingFormats);
  command.option("--baseline", arguments->baseline, "Leave out what this earlier output of --format json has",
                 "FILE");
  add_today(command, arguments->today);
  command.option("--cache", arguments->cache, "FILE", "keep what is known of unchanged files here");
  command.flag("--no-cache", arguments->no_cache, "look at every file anew");
  command.run([arguments] { return check(*arguments); });
}

}  // namespace wf::wfc
