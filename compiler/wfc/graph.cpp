// wfc graph [PATH…]: workflows and campaigns as pictures.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/front.hpp"
#include "compiler/wfc/flow_chart.hpp"
#include "compiler/wfc/graphviz.hpp"
#include "compiler/wfc/report.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::wfc {
namespace {

struct GraphArguments {
  ProjectArguments project;
  std::string only;
  std::size_t format = 0;  ///< of kFormats
  std::string out;
  std::string color = "auto";
};

const std::vector<std::string> kFormats = {"svg", "dot", "mermaid"};
constexpr const char* kExtensions[] = {".svg", ".dot", ".mmd"};

std::vector<FlowChart> charts_of(const std::vector<ast::File>& files, const text::SourceSet& sources) {
  std::vector<FlowChart> charts;
  for (const ast::File& file : files) {
    for (const ast::Decl& decl : file.decls) {
      if (auto chart = chart_of(decl, sources)) charts.push_back(std::move(*chart));
    }
  }
  return charts;
}

Result<std::string> picture(const FlowChart& chart, std::size_t format) {
  if (kFormats[format] == "mermaid") return to_mermaid(chart);
  const std::string dot = to_dot(chart);
  return kFormats[format] == "dot" ? Result<std::string>(dot) : svg_of(dot);
}

/// Keeps the chart asked for; kUsage when there is none.
int select(std::vector<FlowChart>& charts, const GraphArguments& arguments) {
  std::vector<std::string> names;
  for (const FlowChart& chart : charts) names.push_back(chart.name);
  if (!arguments.only.empty())
    std::erase_if(charts, [&](const FlowChart& chart) { return chart.name != arguments.only; });
  if (!charts.empty()) return kOk;
  const std::string hint = text::did_you_mean(arguments.only, names);
  std::fprintf(stderr, "wfc: there is no workflow or campaign%s%s%s%s\n", arguments.only.empty() ? "" : " `",
               arguments.only.c_str(), arguments.only.empty() ? "" : "`",
               hint.empty() ? "" : (": " + hint).c_str());
  return kUsage;
}

int write_each(const std::vector<FlowChart>& charts, const GraphArguments& arguments) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(arguments.out, failed);
  if (failed) return fail({ErrorCode::io, arguments.out + ": " + failed.message()});
  for (const FlowChart& chart : charts) {
    const auto made = picture(chart, arguments.format);
    if (!made) return fail(made.error());
    const std::string path =
        (fs::path(arguments.out) / (chart.name + kExtensions[arguments.format])).string();
    if (const auto written = write_file(path, *made); !written) return fail(written.error());
    std::printf("%s\n", path.c_str());
  }
  return kOk;
}

int graph(const GraphArguments& arguments) {
  const auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  text::SourceSet sources;
  text::DiagnosticSink diagnostics;
  for (const compiler::SourceText& file : *files)
    compiler::add_source(sources, file.path, file.content, diagnostics);
  const std::vector<ast::File> parsed = compiler::parse_files(sources, 1, diagnostics);
  if (diagnostics.has_errors()) {
    diagnostics.sort(sources);
    ReportOptions report;
    report.color = arguments.color;
    print_findings(diagnostics, sources, report);
    return kFindings;
  }
  std::vector<FlowChart> charts = charts_of(parsed, sources);
  if (const int failed = select(charts, arguments); failed != kOk) return failed;
  if (!arguments.out.empty()) return write_each(charts, arguments);
  if (charts.size() > 1)
    throw UsageError(
        "there are " + std::to_string(charts.size()) +
        " workflows and campaigns: choose one with --only NAME, or a folder for all with -o DIR");
  const auto made = picture(charts.front(), arguments.format);
  if (!made) return fail(made.error());
  std::fputs(made->c_str(), stdout);
  return kOk;
}

}  // namespace

void add_graph(CommandLine& line) {
  auto arguments = std::make_shared<GraphArguments>();
  Command command = line.add("graph", "Shows workflows and campaigns as pictures");
  add_project_arguments(command, arguments->project);
  command.option("--only", arguments->only, "The workflow or campaign of this name", "NAME");
  command.choice(
      "--format", kFormats, [arguments](std::size_t i) { arguments->format = i; },
      "svg (through Graphviz), dot or mermaid", "FORMAT");
  command.option("-o,--output", arguments->out, "A folder for a file each; without it one picture is printed",
                 "DIR");
  add_color(command, arguments->color);
  command.run([arguments] { return graph(*arguments); });
}

}  // namespace wf::wfc
