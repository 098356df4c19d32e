#include "compiler/compile.hpp"

#include "compiler/allowances.hpp"
#include "compiler/emit/emit.hpp"
#include "compiler/front.hpp"
#include "compiler/gaps.hpp"
#include "compiler/ir/ir.hpp"
#include "compiler/places.hpp"
#include "compiler/schema/secrets.hpp"
#include "compiler/sema/check.hpp"
#include "compiler/unused.hpp"
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

void look_for_unused(Compiled& result, const std::vector<ast::File>& parsed) {
  std::set<std::string> mentions;
  for (const ast::File& file : parsed) {
    for (std::string& name : mentions_in(result.sources.file(file.id).content()))
      mentions.insert(std::move(name));
  }
  report_unused(parsed, mentions, result.diagnostics);
}

void run(Compiled& result, std::vector<SourceText> files, const ReadFile& read_file, const Options& options) {
  for (const SourceText& file : standard_library()) result.sources.add(file.path, file.content);
  for (SourceText& file : files)
    add_source(result.sources, std::move(file.path), std::move(file.content), result.diagnostics);
  std::vector<ast::File> parsed = parse_files(result.sources, options.threads, result.diagnostics);
  if (options.emit == Stage::ast) result.emitted = dump_files(parsed, standard_library().size());
  std::vector<text::Diagnostic> unreadable;
  if (result.diagnostics.has_errors()) unreadable = result.diagnostics.take();
  for (std::size_t id = standard_library().size(); id < parsed.size(); ++id) {
    const auto file = static_cast<text::FileId>(id);
    schema::report_tokens(file, result.sources.file(file).content(), result.diagnostics);
  }
  Door door(result.sources, read_file);
  result.module = sema::check(parsed, result.sources, std::ref(door), result.diagnostics, {options.today});
  if (!unreadable.empty()) {
    auto found = result.diagnostics.take();
    drop_consequences(parsed, result.sources, found);
    result.diagnostics.absorb(std::move(found));
    result.diagnostics.absorb(std::move(unreadable));
  }
  if (!result.diagnostics.has_errors()) look_for_unused(result, parsed);
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
