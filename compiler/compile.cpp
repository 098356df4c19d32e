#include "compiler/compile.hpp"

#include "compiler/allowances.hpp"
#include "compiler/emit/emit.hpp"
#include "compiler/front.hpp"
#include "compiler/ir/ir.hpp"
#include "compiler/places.hpp"
#include "compiler/sema/check.hpp"
#include "grammar/ast/dump.hpp"

namespace wf::compiler {
namespace {

std::string dump_files(const std::vector<ast::File>& files, std::size_t first) {
  std::string out;
  for (std::size_t i = first; i < files.size(); ++i) out += ast::dump(files[i]);
  return out;
}

/// Which declaration is too much cannot be told; the first workflow stands for the project.
void too_large(Compiled& result, const std::string& reason) {
  const auto& workflows = result.module->workflows;
  const text::Span span = workflows.empty() ? text::Span{} : workflows.front().span;
  result.diagnostics.report(text::Code::stack_bound, span, "this project is larger than a program may be")
      .notes.push_back(reason);
}

/// From the checked module to the program.
void generate(Compiled& result, const Options& options) {
  ir::Unit unit = ir::build(*result.module, result.sources);
  if (options.optimise) ir::optimise(unit);
  if (options.emit == Stage::ir) result.emitted = ir::dump(unit);
  auto program = emit::emit(std::move(unit));
  if (!program) return too_large(result, program.error().message);
  result.program = std::move(*program);
  if (options.emit == Stage::code) result.emitted = bytecode::listing(*result.program);
}

void run(Compiled& result, std::vector<SourceText> files, const ReadFile& read_file, const Options& options) {
  for (const SourceText& file : standard_library()) result.sources.add(file.path, file.content);
  for (SourceText& file : files) result.sources.add(std::move(file.path), std::move(file.content));
  std::vector<ast::File> parsed = parse_files(result.sources, options.threads, result.diagnostics);
  if (options.emit == Stage::ast) result.emitted = dump_files(parsed, standard_library().size());
  if (result.diagnostics.has_errors()) return name_places(parsed, result.sources, result.diagnostics.all());

  Door door(result.sources, read_file);
  result.module = sema::check(parsed, result.sources, std::ref(door), result.diagnostics, {options.today});
  name_places(parsed, result.sources, result.diagnostics.all());
  if (result.diagnostics.has_errors()) result.module.reset();
  if (result.module) generate(result, options);
}

}  // namespace

Compiled compile(std::vector<SourceText> files, const ReadFile& read_file, const Options& options) {
  Compiled result;
  const std::size_t count = standard_library().size() + files.size();
  run(result, std::move(files), read_file, options);
  apply_allowances(result.sources, count, result.diagnostics);
  result.diagnostics.sort(result.sources);
  return result;
}

}  // namespace wf::compiler
