#include "compiler/unused.hpp"

#include <algorithm>
#include <iterator>

#include "compiler/allowances.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::compiler {
namespace {

constexpr std::string_view kLookedAt[] = {"email", "message", "webhook", "sender", "calendar"};

bool is_looked_at(std::string_view kind) {
  return std::find(std::begin(kLookedAt), std::end(kLookedAt), kind) != std::end(kLookedAt);
}

bool in_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

/// Fields name resources with or without their kind: `from marketing`.
void collect_words(const ast::Atom& atom, std::set<std::string>& words) {
  if (const auto* path = std::get_if<ast::Path>(&atom.value)) {
    words.insert(path->parts.back().text);
  } else if (const auto* list = std::get_if<ast::AtomList>(&atom.value)) {
    for (const ast::Atom& item : list->items) collect_words(item, words);
  }
}

void collect_words(const std::vector<ast::Field>& fields, std::set<std::string>& words) {
  for (const ast::Field& field : fields) {
    for (const ast::Atom& atom : field.atoms) collect_words(atom, words);
    collect_words(field.block, words);
  }
}

template <class Visit>
void each_resource(const std::vector<ast::File>& files, Visit visit) {
  for (const ast::File& file : files) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* resource = std::get_if<ast::ResourceDecl>(&decl.node)) visit(*resource);
    }
  }
}

bool is_wanted(const std::vector<ast::File>& files) {
  bool project = false, allowed = false;
  each_resource(files, [&](const ast::ResourceDecl& decl) {
    if (decl.kind.text != "project") return;
    project = true;
    for (const ast::Field& field : decl.fields) allowed = allowed || field.name.text == "unused";
  });
  return project && !allowed;
}

}  // namespace

std::vector<std::string> mentions_in(std::string_view content) {
  std::set<std::string> found;
  for (std::size_t dot = content.find('.'); dot != content.npos; dot = content.find('.', dot + 1)) {
    std::size_t begin = dot, end = dot + 1;
    while (begin > 0 && in_name(content[begin - 1])) --begin;
    const std::string_view kind = content.substr(begin, dot - begin);
    if (!is_looked_at(kind)) continue;
    while (end < content.size() && in_name(content[end])) ++end;
    if (end == dot + 1 || comment_of(content, content.rfind('\n', dot) + 1) < dot) continue;
    found.insert(std::string(kind) + "." + text::nfc(content.substr(dot + 1, end - dot - 1)));
  }
  return {found.begin(), found.end()};
}

void report_unused(const std::vector<ast::File>& files, const std::set<std::string>& mentions,
                   text::DiagnosticSink& sink) {
  if (!is_wanted(files)) return;
  std::set<std::string> words;
  each_resource(files, [&](const ast::ResourceDecl& decl) { collect_words(decl.fields, words); });
  each_resource(files, [&](const ast::ResourceDecl& decl) {
    const std::string& name = decl.name.text;
    if (!is_looked_at(decl.kind.text) || words.count(name) > 0) return;
    if (mentions.count(decl.kind.text + "." + name) > 0) return;
    auto& d = sink.report(text::Code::unused, decl.name.span,
                          "the " + decl.kind.text + " `" + name + "` is never used");
    d.helps.push_back("remove it, or write `unused allowed` in the project");
  });
}

}  // namespace wf::compiler
