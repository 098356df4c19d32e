#include "compiler/compile.hpp"

#include <filesystem>
#include <map>

#include "compiler/allowances.hpp"
#include "compiler/emit/emit.hpp"
#include "compiler/ir/ir.hpp"
#include "compiler/places.hpp"
#include "compiler/sema/check.hpp"
#include "grammar/ast/dump.hpp"
#include "grammar/text/parallel.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::compiler {
namespace {

/// A thread takes so many at once: few enough to share a small project, many enough to count little.
constexpr std::size_t kFilesPerChunk = 16;

/// Gives sema the files that declarations name, each read once.
class Door {
 public:
  Door(text::SourceSet& sources, const ReadFile& read_file) : sources_(sources), read_file_(read_file) {}

  std::optional<text::FileId> operator()(text::FileId from, const std::string& relative) {
    const auto folder = std::filesystem::path(sources_.file(from).path()).parent_path();
    const std::string path = (folder / relative).lexically_normal().generic_string();
    const auto [found, added] = opened_.try_emplace(path);
    if (!added) return found->second;
    if (auto content = read_file_ ? read_file_(path) : std::nullopt) {
      found->second = sources_.add(path, std::move(*content));
    }
    return found->second;
  }

 private:
  text::SourceSet& sources_;
  const ReadFile& read_file_;
  std::map<std::string, std::optional<text::FileId>> opened_;
};

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

/// All files of the result.
std::vector<ast::File> parse(Compiled& result, unsigned threads) {
  const std::size_t count = result.sources.size();
  std::vector<ast::File> parsed(count);
  std::vector<text::DiagnosticSink> sinks(count);
  text::in_parallel(count, threads, kFilesPerChunk, [&](unsigned, std::size_t begin, std::size_t end) {
    for (std::size_t id = begin; id < end; ++id) {
      parsed[id] = grammar::parse_wf(result.sources, static_cast<text::FileId>(id), sinks[id]);
    }
  });
  for (text::DiagnosticSink& sink : sinks) result.diagnostics.absorb(sink.take());
  return parsed;
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
  std::vector<ast::File> parsed = parse(result, options.threads);
  if (options.emit == Stage::ast) result.emitted = dump_files(parsed, standard_library().size());
  if (result.diagnostics.has_errors()) return name_places(parsed, result.sources, result.diagnostics);

  Door door(result.sources, read_file);
  const sema::Options checks{options.threads, options.today, options.findings_only};
  result.module = sema::check(parsed, result.sources, std::ref(door), result.diagnostics, checks);
  name_places(parsed, result.sources, result.diagnostics);
  // Taking a large tree apart takes as long as building it.
  text::in_parallel(parsed.size(), options.threads, kFilesPerChunk,
                    [&](unsigned, std::size_t begin, std::size_t end) {
                      for (std::size_t id = begin; id < end; ++id) parsed[id] = ast::File{};
                    });
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
