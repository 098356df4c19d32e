#include "compiler/front.hpp"

#include <filesystem>

#include "compiler/schema/atoms.hpp"
#include "compiler/yaml/lower.hpp"
#include "grammar/text/parallel.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::compiler {

namespace {

ast::File empty_file(text::FileId id, std::size_t size) {
  ast::File file;
  file.id = id;
  file.gaps.push_back({id, 0, static_cast<std::uint32_t>(size)});
  return file;
}

bool is_unread(const text::SourceFile& file) {
  return yaml::is_yaml(file.path()) && &file.written() == &file;
}

std::vector<ast::File> parse_standard(text::SourceSet& sources) {
  text::DiagnosticSink none;
  std::vector<ast::File> files;
  for (const SourceText& file : standard_library())
    files.push_back(grammar::parse_wf(sources, sources.add(file.path, file.content), none));
  return files;
}

std::vector<schema::Phrase> phrases_of(const std::vector<ast::File>& files) {
  std::vector<std::string> objects;
  std::vector<std::string> texts;
  for (const ast::File& file : files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* object = std::get_if<ast::ObjectDecl>(&decl.node)) objects.push_back(object->name.text);
      const auto* action = std::get_if<ast::ResourceDecl>(&decl.node);
      if (action == nullptr || action->kind.text != "action") continue;
      for (const ast::Field& field : action->fields) {
        if (field.name.text == "phrase" && schema::text_of(field.atoms.at(0)))
          texts.push_back(*schema::text_of(field.atoms.at(0)));
      }
    }
  }
  std::vector<schema::Phrase> phrases;
  for (const std::string& text : texts) {
    auto phrase = schema::parse_phrase(text, objects);
    if (auto* good = std::get_if<schema::Phrase>(&phrase)) phrases.push_back(std::move(*good));
  }
  return phrases;
}

}  // namespace

const yaml::Actions& standard_actions() {
  static const yaml::Actions actions = [] {
    text::SourceSet sources;
    return yaml::Actions(phrases_of(parse_standard(sources)));
  }();
  return actions;
}

text::FileId add_source(text::SourceSet& sources, std::string path, std::string content,
                        text::DiagnosticSink& diagnostics) {
  if (!yaml::is_yaml(path)) return sources.add(std::move(path), std::move(content));
  const auto id = static_cast<text::FileId>(sources.size());
  auto lowered = yaml::lower(content, id, standard_actions(), diagnostics);
  if (!lowered) return sources.add(std::move(path), std::move(content));
  return sources.add_generated(std::move(path), std::move(content), std::move(lowered->text),
                               std::move(lowered->pieces));
}

std::vector<ast::File> parse_files(const text::SourceSet& sources, unsigned threads,
                                   text::DiagnosticSink& diagnostics, const std::vector<bool>& skip) {
  const std::size_t count = sources.size();
  std::vector<ast::File> parsed(count);
  std::vector<text::DiagnosticSink> sinks(count);
  text::in_parallel(count, threads, kFilesPerChunk, [&](unsigned, std::size_t begin, std::size_t end) {
    for (std::size_t id = begin; id < end; ++id) {
      if (!skip.empty() && skip[id]) continue;
      const auto file = static_cast<text::FileId>(id);
      const text::SourceFile& source = sources.file(file);
      parsed[id] = is_unread(source) ? empty_file(file, source.content().size())
                                     : grammar::parse_wf(sources, file, sinks[id]);
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
