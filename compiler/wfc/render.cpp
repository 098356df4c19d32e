// wfc render TEMPLATE --data FILE: a Liquid template with data from JSON.
#include "grammar/text/render.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/wfc/report.hpp"
#include "grammar/liquid/document.hpp"
#include "grammar/liquid/json.hpp"

namespace wf::wfc {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTemplateBytes = 1u << 20;
constexpr std::size_t kMaxJsonBytes = 64u << 20;

struct RenderArguments {
  std::string path, data;
  std::string color = "auto";
  bool strict = false;
};

/// A partial is a file beside the template or in a folder below, never one from elsewhere.
bool stays_below(std::string_view name) {
  if (name.empty() || name.find('\0') != name.npos || name.find('\\') != name.npos) return false;
  const fs::path path(name);
  return path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

fs::path partial_path(const std::string& path, std::string_view name) {
  return fs::path(path).parent_path() / (std::string(name) + ".liquid");
}

std::optional<std::string> load_partial(const std::string& path, std::string_view name) {
  if (!stays_below(name)) return {};
  const fs::path file = partial_path(path, name);
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  auto text = read_file(file.string(), kMaxTemplateBytes);
  if (!text) return {};
  return std::move(text).value();
}

void report_problem(const liquid::Problem& problem, const RenderArguments& arguments,
                    const std::string& text) {
  text::SourceSet sources;
  std::string path = arguments.path, content = text;
  if (!problem.partial.empty()) {
    path = partial_path(arguments.path, problem.partial).string();
    content = load_partial(arguments.path, problem.partial).value_or("");
  }
  const text::FileId file = sources.add(path, content);
  text::Diagnostic finding{text::Code::syntax,
                           text::Severity::error,
                           problem.message,
                           {{file, problem.begin, problem.end}, problem.hint}};
  text::RenderOptions options;
  options.color = wants_color(arguments.color, 2);
  options.head = "error";
  std::fputs(text::render_text(finding, sources, options).c_str(), stderr);
}

Result<std::unique_ptr<liquid::JsonData>> load_json(const std::string& path) {
  if (path.empty()) return liquid::JsonData::parse("{}");
  const auto text = read_file(path, kMaxJsonBytes);
  if (!text) return text.error();
  auto data = liquid::JsonData::parse(*text);
  if (!data) return Error{ErrorCode::invalid, path + ": " + data.error().message};
  if ((*data)->object() == nullptr) return Error{ErrorCode::invalid, path + ": expected an object"};
  return data;
}

int render_template(const RenderArguments& arguments) {
  const auto text = read_file(arguments.path, kMaxTemplateBytes);
  if (!text) return fail(text.error());
  const auto data = load_json(arguments.data);
  if (!data) return fail(data.error(), data.error().code == ErrorCode::invalid ? kFindings : kFailed);

  const liquid::ParseOptions parse{arguments.strict, true};
  const liquid::Parsed parsed = liquid::Document::parse(*text, parse);
  if (parsed.problem) {
    report_problem(*parsed.problem, arguments, *text);
    return kFindings;
  }
  liquid::Partials partials([&](std::string_view name) { return load_partial(arguments.path, name); }, parse);
  liquid::Environment environment;
  environment.data = (*data)->object();
  liquid::RenderOptions options;
  options.strict_variables = arguments.strict;
  const liquid::Rendered rendered = liquid::render(*parsed.document, environment, &partials, options);
  if (rendered.problem) {
    report_problem(*rendered.problem, arguments, *text);
    return kFindings;
  }
  std::fwrite(rendered.text.data(), 1, rendered.text.size(), stdout);
  return kOk;
}

}  // namespace

void add_render(CommandLine& line) {
  auto arguments = std::make_shared<RenderArguments>();
  Command command = line.add("render", "Renders a Liquid template with data from JSON");
  command.positional("TEMPLATE", arguments->path, "The template; its partials are NAME.liquid beside it");
  command.option("--data", arguments->data, "A JSON file with an object: what the template reads", "FILE");
  command.flag("--strict", arguments->strict, "Unknown variables and filters are errors");
  command.option("--color", arguments->color, "Colours: auto, always or never", "WHEN");
  command.run([arguments] { return render_template(*arguments); });
}

}  // namespace wf::wfc
