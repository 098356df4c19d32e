// wfc fmt [PATH…]: the canonical layout of text files.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "compiler/wfc/line_diff.hpp"
#include "compiler/wfc/report.hpp"
#include "compiler/yaml/lower.hpp"
#include "grammar/format/format.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::wfc {
namespace {

struct FmtArguments {
  ProjectArguments project;
  bool check = false;
  bool diff = false;
  std::string color = "auto";
};

class Formatter {
 public:
  explicit Formatter(const FmtArguments& arguments) : arguments_(arguments) {}

  int run(std::vector<SourcePath> paths) {
    for (SourcePath& path : paths) {
      if (yaml::is_yaml(path.path)) continue;
      const bool from_stdin = path.content.has_value();
      auto source = read_source(std::move(path));
      if (!source) return load_failure(source.error());
      if (const int failed = one(std::move(*source), from_stdin); failed > kFindings) return failed;
    }
    return bad_ || (arguments_.check && changed_) ? kFindings : kOk;
  }

 private:
  int one(compiler::SourceText source, bool from_stdin) {
    text::SourceSet sources;
    const text::FileId file = sources.add(source.path, std::move(source.content));
    const std::string_view content = sources.file(file).content();
    if (!parses(sources, file)) {
      bad_ = true;
      return kFindings;
    }
    const std::string done = format::format_wf(content);
    if (from_stdin && !arguments_.check && !arguments_.diff) {
      std::fwrite(done.data(), 1, done.size(), stdout);
      return kOk;
    }
    if (done == content) return kOk;
    changed_ = true;
    if (arguments_.diff)
      std::fputs(line_diff(source.path, content, done).c_str(), stdout);
    else
      std::printf("%s\n", source.path.c_str());
    if (arguments_.check || arguments_.diff) return kOk;
    const auto written = write_file(source.path, done);
    return written ? kOk : fail(written.error());
  }

  bool parses(const text::SourceSet& sources, text::FileId file) const {
    text::DiagnosticSink diagnostics;
    (void)grammar::parse_wf(sources, file, diagnostics);
    if (!diagnostics.has_errors()) return true;
    diagnostics.sort(sources);
    ReportOptions report;
    report.color = arguments_.color;
    print_findings(diagnostics, sources, report);
    return false;
  }

  const FmtArguments& arguments_;
  bool changed_ = false;
  bool bad_ = false;
};

int format_files(const FmtArguments& arguments) {
  auto paths = find_sources(arguments.project);
  if (!paths) return load_failure(paths.error());
  return Formatter(arguments).run(std::move(*paths));
}

}  // namespace

void add_fmt(CommandLine& line) {
  auto arguments = std::make_shared<FmtArguments>();
  Command command = line.add("fmt", "Brings files into the canonical layout and names those it changed");
  add_project_arguments(command, arguments->project);
  command.flag("--check", arguments->check, "Change nothing; exit with 1 when a file would change");
  command.flag("--diff", arguments->diff, "Change nothing; show what would change");
  add_color(command, arguments->color);
  command.run([arguments] { return format_files(*arguments); });
}

}  // namespace wf::wfc
