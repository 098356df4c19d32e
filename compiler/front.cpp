#include "compiler/front.hpp"

#include <filesystem>

#include "grammar/text/parallel.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::compiler {

std::vector<ast::File> parse_files(const text::SourceSet& sources, unsigned threads,
                                   text::DiagnosticSink& diagnostics, const std::vector<bool>& skip) {
  const std::size_t count = sources.size();
  std::vector<ast::File> parsed(count);
  std::vector<text::DiagnosticSink> sinks(count);
  text::in_parallel(count, threads, kFilesPerChunk, [&](unsigned, std::size_t begin, std::size_t end) {
    for (std::size_t id = begin; id < end; ++id) {
      if (!skip.empty() && skip[id]) continue;
      parsed[id] = grammar::parse_wf(sources, static_cast<text::FileId>(id), sinks[id]);
    }
  });
  for (text::DiagnosticSink& sink : sinks) diagnostics.absorb(sink.take());
  return parsed;
}

void drop_files(std::vector<ast::File>& files, unsigned threads) {
  text::in_parallel(files.size(), threads, kFilesPerChunk, [&](unsigned, std::size_t begin, std::size_t end) {
    for (std::size_t id = begin; id < end; ++id) files[id] = ast::File{};
  });
}

std::optional<text::FileId> Door::operator()(text::FileId from, const std::string& relative) {
  const auto folder = std::filesystem::path(sources_.file(from).path()).parent_path();
  const std::string path = (folder / relative).lexically_normal().generic_string();
  const auto [found, added] = opened_.try_emplace(path);
  if (!added) return found->second;
  if (auto content = read_file_ ? read_file_(path) : std::nullopt) {
    found->second = sources_.add(path, std::move(*content));
  }
  return found->second;
}

}  // namespace wf::compiler
