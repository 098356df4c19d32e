// wfc doc -o DIR [PATH…]: a project as a static site.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/front.hpp"
#include "compiler/wfc/doc_site.hpp"
#include "compiler/wfc/graphviz.hpp"
#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

struct DocArguments {
  ProjectArguments project;
  std::string out;
  std::string today;
  std::string color = "auto";
};

std::int32_t day_today() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::hours>(now).count() / 24);
}

int write_pages(const std::vector<SitePage>& pages, const std::string& out) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(out, failed);
  if (failed) return fail({ErrorCode::io, out + ": " + failed.message()});
  for (const SitePage& page : pages) {
    const auto written = write_file((fs::path(out) / page.path).string(), page.content);
    if (!written) return fail(written.error());
  }
  std::printf("%s: %zu pages\n", (fs::path(out) / "index.html").string().c_str(), pages.size() - 1);
  return kOk;
}

int doc(const DocArguments& arguments) {
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const compiler::Compiled compiled = compiler::compile(*files, read_declared_file);
  if (!compiled.program) {
    ReportOptions report;
    report.color = arguments.color;
    print_findings(compiled.diagnostics, compiled.sources, report);
    return kFindings;
  }
  text::SourceSet sources;
  text::DiagnosticSink diagnostics;
  for (const compiler::SourceText& file : *files)
    compiler::add_source(sources, file.path, file.content, diagnostics);
  const std::vector<ast::File> parsed = compiler::parse_files(sources, 1, diagnostics);
  const SiteSource source{*compiled.program, parsed, sources, day_of(arguments.today).value_or(day_today()),
                          svg_of};
  const auto pages = site_of(source);
  return pages ? write_pages(*pages, arguments.out) : fail(pages.error());
}

}  // namespace

void add_doc(CommandLine& line) {
  auto arguments = std::make_shared<DocArguments>();
  Command command = line.add("doc", "Writes a project as a static site");
  add_project_arguments(command, arguments->project);
  command.option("-o,--output", arguments->out, "The folder for its pages", "DIR");
  add_today(command, arguments->today);
  add_color(command, arguments->color);
  command.run([arguments] {
    if (arguments->out.empty()) throw UsageError("-o DIR is needed");
    return doc(*arguments);
  });
}

}  // namespace wf::wfc
