// wfc test [PATH…]: the tests of a project, in virtual time, on the real engine.
#include <re2/re2.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "compiler/wfc/report.hpp"
#include "compiler/wfc/test_report.hpp"
#include "compiler/wfc/test_update.hpp"

namespace wf::wfc {
namespace {

struct TestArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string run;
  bool trace = false, update = false;
  std::string coverage;  ///< "-": as text behind the results; else the file for lcov as well; "": none
  std::int64_t fail_under = 0;
};

int print_coverage(const TestResults& results, const TestArguments& arguments) {
  if (arguments.coverage != "-") {
    const auto written = write_file(arguments.coverage, coverage_lcov(results.coverage));
    if (!written) return fail(written.error());
  }
  const std::string text = coverage_text(results.coverage);
  switch (arguments.report.format) {
    case Format::text:
      std::fputs(text.c_str(), stdout);
      break;
    case Format::json:
      std::printf("%s\n", coverage_json(results.coverage).c_str());
      break;
    default:
      std::fputs(text.c_str(), stderr);
      break;
  }
  if (share(results.coverage).percent() >= static_cast<double>(arguments.fail_under)) return kOk;
  std::fprintf(stderr, "wfc: the coverage is below %lld %%\n", static_cast<long long>(arguments.fail_under));
  return kFindings;
}

void print_results(const TestResults& results, const text::SourceSet& sources,
                   const TestArguments& arguments) {
  if (arguments.report.format == Format::junit) {
    std::fputs(outcomes_junit(results, sources).c_str(), stdout);
    return;
  }
  ResultStyle style;
  style.quiet = arguments.report.quiet;
  style.render.color = wants_color(arguments.report.color, STDOUT_FILENO);
  for (const TestOutcome& outcome : results.outcomes) {
    if (arguments.report.format == Format::json) {
      std::printf("%s\n", outcome_json(outcome, sources).c_str());
    } else {
      std::fputs(outcome_text(outcome, sources, style).c_str(), stdout);
    }
  }
  if (arguments.report.format == Format::json) return;
  const std::size_t count = results.outcomes.size();
  std::printf("%zu %s, %zu failed\n", count, count == 1 ? "test" : "tests", results.failed());
}

/// Writes what can be told; what cannot stays a failure.
int update(const TestResults& results, const text::SourceSet& sources) {
  const TestUpdate plan = plan_update(results, sources);
  for (const TestUpdate::File& file : plan.files) {
    const auto written = write_file(file.path, file.content);
    if (!written) return fail(written.error());
    std::printf("updated %s\n", file.path.c_str());
  }
  std::printf("%zu %s, %zu left to you\n", plan.edits, plan.edits == 1 ? "change" : "changes", plan.refused);
  return plan.refused == 0 ? kOk : kFindings;
}

int test(const TestArguments& arguments) {
  const RE2 wanted(arguments.run, RE2::Quiet);
  if (!wanted.ok())
    throw UsageError("`" + arguments.run + "` is not a regular expression: " + wanted.error());
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file);
  // The JUnit document is about the tests.
  ReportOptions findings = arguments.report;
  if (findings.format == Format::junit) findings.format = Format::text;
  print_findings(compiled.diagnostics, compiled.sources, findings);
  if (!compiled.program) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, compiled.sources.size()).c_str());
    return kFindings;
  }
  TestRunOptions options;
  options.wanted = [&](const std::string& title) {
    return arguments.run.empty() || RE2::PartialMatch(title, wanted);
  };
  options.trace = arguments.trace;
  options.coverage = !arguments.coverage.empty();
  const TestResults results = run_tests(*compiled.module, compiled.sources, options);
  if (arguments.update) return update(results, compiled.sources);
  print_results(results, compiled.sources, arguments);
  const int covered = options.coverage ? print_coverage(results, arguments) : kOk;
  if (covered == kFailed) return covered;
  return results.failed() > 0 ? kFindings : covered;
}

}  // namespace

void add_test(CommandLine& line) {
  auto arguments = std::make_shared<TestArguments>();
  Command command = line.add("test", "Runs the tests of a project in virtual time");
  add_project_arguments(command, arguments->project);
  add_report_options(command, arguments->report, {Format::text, Format::json, Format::junit});
  command.option("--run", arguments->run, "Only tests whose title matches this regular expression", "REGEX");
  command.flag("--trace", arguments->trace, "Print everything that happened in each test");
  command.flag("--update", arguments->update,
               "Rewrite tests to expect what happens: sends that no line names, values of properties");
  command.flag("--coverage", arguments->coverage,
               "Print which steps and outcomes no test reached; --coverage=FILE also writes them for lcov");
  command.option("--fail-under", arguments->fail_under,
                 "With --coverage: the exit code is 1 below this percentage", "N");
  command.run([arguments] {
    if (arguments->fail_under != 0 && arguments->coverage.empty())
      throw UsageError("--fail-under needs --coverage");
    return test(*arguments);
  });
}

}  // namespace wf::wfc
