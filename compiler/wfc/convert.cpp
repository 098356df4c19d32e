// wfc convert --to yaml|wf [PATH…]: files from one notation into the other.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/front.hpp"
#include "compiler/wfc/report.hpp"
#include "compiler/yaml/lower.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/format/format.hpp"

namespace wf::wfc {
namespace {

struct ConvertArguments {
  ProjectArguments project;
  bool to_yaml = false;
  std::string out;  ///< folder
  std::string color = "auto";
};

constexpr std::string_view kText = ".wf", kYaml = ".wf.yaml";

/// `a/b.wf` to `a/b.wf.yaml` and back.
std::string path_in(const std::string& path, bool to_yaml) {
  std::string stem = path;
  for (const std::string_view extension :
       {std::string_view(".wf.yaml"), std::string_view(".wf.yml"), kText}) {
    if (!stem.ends_with(extension)) continue;
    stem.resize(stem.size() - extension.size());
    break;
  }
  return stem + std::string(to_yaml ? kYaml : kText);
}

class Converter {
 public:
  explicit Converter(const ConvertArguments& arguments) : arguments_(arguments) {}

  int run(std::vector<SourcePath> paths) {
    int worst = kOk;
    for (SourcePath& path : paths) {
      const bool from_stdin = path.content.has_value();
      auto source = read_source(std::move(path));
      if (!source) return load_failure(source.error());
      const int done = one(std::move(*source), from_stdin);
      if (done > kFindings) return done;
      worst = std::max(worst, done);
    }
    return worst;
  }

 private:
  int one(compiler::SourceText source, bool from_stdin) {
    // What comes without a name is in the other notation.
    const bool is_yaml = from_stdin ? !arguments_.to_yaml : yaml::is_yaml(source.path);
    if (is_yaml == arguments_.to_yaml) return kOk;
    text::SourceSet sources;
    text::DiagnosticSink diagnostics;
    const std::string named = from_stdin && is_yaml ? source.path + std::string(kYaml) : source.path;
    compiler::add_source(sources, named, std::move(source.content), diagnostics);
    (void)compiler::parse_files(sources, 1, diagnostics);
    if (diagnostics.has_errors()) {
      diagnostics.sort(sources);
      ReportOptions report;
      report.color = arguments_.color;
      print_findings(diagnostics, sources, report);
      return kFindings;
    }
    const std::string_view text = sources.file(0).content();
    const std::string done =
        arguments_.to_yaml ? yaml::write_yaml(text, compiler::standard_actions()) : format::format_wf(text);
    return write(source.path, done, from_stdin);
  }

  int write(const std::string& path, const std::string& content, bool from_stdin) const {
    if (from_stdin) {
      std::fwrite(content.data(), 1, content.size(), stdout);
      return kOk;
    }
    std::string target = path_in(path, arguments_.to_yaml);
    if (!arguments_.out.empty())
      target = (std::filesystem::path(arguments_.out) / target).lexically_normal().string();
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(target).parent_path(), error);
    const auto written = write_file(target, content);
    if (!written) return fail(written.error());
    std::printf("%s\n", target.c_str());
    return kOk;
  }

  const ConvertArguments& arguments_;
};

}  // namespace

void add_convert(CommandLine& line) {
  auto arguments = std::make_shared<ConvertArguments>();
  Command command = line.add("convert", "Writes files in the other notation, beside the ones that there are");
  command.choice(
      "--to", {"yaml", "wf"}, [arguments](std::size_t i) { arguments->to_yaml = i == 0; },
      "yaml or wf; files that are in it already are left out", "NOTATION");
  command.option("-o,--output", arguments->out, "Write below this folder instead", "DIR");
  add_project_arguments(command, arguments->project);
  add_color(command, arguments->color);
  command.run([arguments] {
    auto paths = find_sources(arguments->project);
    if (!paths) return load_failure(paths.error());
    return Converter(*arguments).run(std::move(*paths));
  });
}

}  // namespace wf::wfc
