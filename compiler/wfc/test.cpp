// wfc test [PATH…]: the tests of a project, in virtual time, on the real engine.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <regex>
#include <set>

#include "compiler/wfc/report.hpp"
#include "compiler/wfc/test_runner.hpp"
#include "grammar/text/render.hpp"

namespace wf::wfc {
namespace {

struct TestArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string run;
  bool trace = false;
  bool coverage = false;
};

std::string place(const text::SourceSet& sources, text::Span span) {
  const text::SourceFile& file = sources.file(span.file);
  const text::Position at = file.position(span.begin);
  return file.path() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

void print_text(const TestOutcome& outcome, const text::SourceSet& sources, const TestArguments& arguments) {
  const bool passed = outcome.failures.empty();
  if (!arguments.report.quiet || !passed)
    std::printf("%s  %s\n", passed ? "ok    " : "FAILED", outcome.title.c_str());
  for (const TestFailure& failure : outcome.failures) {
    std::printf("  %s: %s\n", place(sources, failure.span).c_str(), failure.message.c_str());
  }
  for (const std::string& line : outcome.trace) std::printf("    %s\n", line.c_str());
}

void print_json(const TestOutcome& outcome, const text::SourceSet& sources) {
  std::string line = "{\"test\":";
  text::append_json_string(line, outcome.title);
  line += ",\"place\":";
  text::append_json_string(line, place(sources, outcome.span));
  line += ",\"passed\":";
  line += outcome.failures.empty() ? "true" : "false";
  line += ",\"failures\":[";
  for (std::size_t i = 0; i < outcome.failures.size(); ++i) {
    line += i == 0 ? "{\"place\":" : ",{\"place\":";
    text::append_json_string(line, place(sources, outcome.failures[i].span));
    line += ",\"message\":";
    text::append_json_string(line, outcome.failures[i].message);
    line += '}';
  }
  std::printf("%s]}\n", line.c_str());
}

/// Steps of workflows that no test ran.
void print_coverage(const bytecode::Program& program, const std::vector<TestOutcome>& outcomes) {
  std::set<std::string> ran;
  for (const TestOutcome& outcome : outcomes) ran.insert(outcome.steps.begin(), outcome.steps.end());
  for (const bytecode::Workflow& workflow : program.workflows) {
    std::set<std::string> labels, missed;
    for (const std::uint32_t step : workflow.steps) {
      labels.insert(program.steps[step].label);
      if (!ran.contains("workflow." + workflow.name + ": " + program.steps[step].label)) {
        missed.insert(program.steps[step].label);
      }
    }
    std::printf("coverage  %s: %zu of %zu steps\n", workflow.name.c_str(), labels.size() - missed.size(),
                labels.size());
    for (const std::string& label : missed) std::printf("  never ran: %s\n", label.c_str());
  }
}

int report(const std::vector<TestOutcome>& outcomes, const compiler::Compiled& compiled,
           const TestArguments& arguments) {
  std::size_t failed = 0;
  for (const TestOutcome& outcome : outcomes) {
    failed += outcome.failures.empty() ? 0 : 1;
    if (arguments.report.json) {
      print_json(outcome, compiled.sources);
    } else {
      print_text(outcome, compiled.sources, arguments);
    }
  }
  if (arguments.coverage && !arguments.report.json) print_coverage(*compiled.program, outcomes);
  if (!arguments.report.json) {
    std::printf("%zu %s, %zu failed\n", outcomes.size(), outcomes.size() == 1 ? "test" : "tests", failed);
  }
  return failed == 0 ? kOk : kFindings;
}

int test(const TestArguments& arguments) {
  std::regex wanted;
  try {
    wanted = std::regex(arguments.run, std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    std::fprintf(stderr, "wfc: `%s` is not a regular expression\n", arguments.run.c_str());
    return kUsage;
  }
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file);
  print_findings(compiled, arguments.report);
  if (!compiled.program) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, compiled.sources.size()).c_str());
    return kFindings;
  }
  const auto chosen = [&](const std::string& title) {
    return arguments.run.empty() || std::regex_search(title, wanted);
  };
  const auto outcomes = run_tests(*compiled.module, compiled.sources, chosen, arguments.trace);
  return report(outcomes, compiled, arguments);
}

}  // namespace

void add_test(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<TestArguments>();
  CLI::App* command = app.add_subcommand("test", "Runs the tests of a project in virtual time");
  add_project_arguments(*command, arguments->project);
  add_report_options(*command, arguments->report);
  command->add_option("--run", arguments->run, "Only tests whose title matches this regular expression");
  command->add_flag("--trace", arguments->trace, "Print everything that happened in each test");
  command->add_flag("--coverage", arguments->coverage, "Print which steps no test ran");
  command->callback([arguments, &exit] { exit = test(*arguments); });
}

}  // namespace wf::wfc
