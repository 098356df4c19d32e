#include "tests/reference/differential/project.hpp"

#include <stdexcept>

#include "compiler/compile.hpp"
#include "compiler/emit/emit.hpp"
#include "compiler/ir/ir.hpp"
#include "compiler/sema/check.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::reference {

namespace {

/// The trees of the standard library, and behind them the program at hand.
std::vector<ast::File>& files() {
  static std::vector<ast::File> parsed = [] {
    text::SourceSet sources;
    text::DiagnosticSink sink;
    std::vector<ast::File> trees;
    for (const auto& file : compiler::standard_library()) {
      const auto id = sources.add(file.path, file.content);
      trees.push_back(grammar::parse_wf(sources, id, sink));
    }
    if (sink.has_errors()) throw std::runtime_error("the standard library has errors");
    return trees;
  }();
  return parsed;
}

}  // namespace

std::unique_ptr<Project> check(std::string text) {
  auto project = std::make_unique<Project>();
  project->text = std::move(text);
  for (const auto& file : compiler::standard_library()) project->sources.add(file.path, file.content);
  std::vector<ast::File>& trees = files();
  const std::size_t standard = trees.size();
  const auto id = project->sources.add("generated.wf", project->text);
  trees.push_back(grammar::parse_wf(project->sources, id, project->diagnostics));
  if (!project->diagnostics.has_errors()) {
    const auto door = [](text::FileId, const std::string&) { return std::nullopt; };
    project->module = sema::check(trees, project->sources, door, project->diagnostics);
  }
  if (project->diagnostics.has_errors()) project->module.reset();
  trees.resize(standard);
  return project;
}

std::string errors_of(const Project& project) {
  std::string out;
  for (const text::Diagnostic& d : project.diagnostics.all()) {
    if (d.severity != text::Severity::error) continue;
    const auto& file = project.sources.file(d.primary.span.file);
    const auto at = file.position(d.primary.span.begin);
    out += text::code_text(d.code) + " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
           d.message + "\n    " + std::string(file.line(at.line)) + "\n";
  }
  return out;
}

bytecode::Program compile(const Project& project, bool optimise) {
  ir::Unit unit = ir::build(*project.module, project.sources);
  if (optimise) ir::optimise(unit);
  auto program = emit::emit(std::move(unit));
  if (!program) throw std::runtime_error(program.error().message);
  return std::move(*program);
}

}  // namespace wf::reference
