#include "project.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "grammar/text/render.hpp"
#include "grammar/wf/parse.hpp"

namespace wf::test {
namespace {

namespace fs = std::filesystem;

bool is_source(const std::string& name) {
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".wf") == 0;
}

std::string joined(const std::string& from, const std::string& relative) {
  return (fs::path(from).parent_path() / relative).lexically_normal().generic_string();
}

void parse(Checked& checked, std::vector<ast::File>& parsed, const std::string& name,
           const std::string& content) {
  parsed.push_back(grammar::parse_wf(checked.sources, checked.sources.add(name, content), checked.sink));
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Files read_folder(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder).generic_string()] = read_file(entry.path());
  }
  return files;
}

Checked check(const Files& files) {
  Checked checked;
  std::vector<ast::File> parsed;
  for (const auto& [name, content] : read_folder(fs::path(WF_SOURCE_DIR) / "stdlib")) {
    if (is_source(name)) parse(checked, parsed, "stdlib/" + name, content);
  }
  for (const auto& [name, content] : files) {
    if (is_source(name)) parse(checked, parsed, name, content);
  }
  const auto open = [&](text::FileId from, const std::string& relative) -> std::optional<text::FileId> {
    const std::string name = joined(checked.sources.file(from).path(), relative);
    const auto found = files.find(name);
    if (found == files.end()) return std::nullopt;
    return checked.sources.add(name, found->second);
  };
  if (!checked.sink.has_errors()) checked.module = sema::check(parsed, checked.sources, open, checked.sink);
  checked.sink.sort(checked.sources);
  return checked;
}

Checked check(const std::string& input) {
  return check(Files{{"input.wf", input}});
}

std::string Checked::report() const {
  std::string all;
  for (const text::Diagnostic& diagnostic : sink.all()) all += text::render_text(diagnostic, sources);
  return all;
}

std::string Checked::codes() const {
  std::string all;
  for (const text::Diagnostic& diagnostic : sink.all())
    all += (all.empty() ? "" : " ") + text::code_text(diagnostic.code);
  return all;
}

}  // namespace wf::test
