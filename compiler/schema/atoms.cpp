#include "compiler/schema/atoms.hpp"

namespace wf::schema {

const std::string* word_of(const ast::Atom& atom) {
  const auto* path = std::get_if<ast::Path>(&atom.value);
  return path && path->parts.size() == 1 ? &path->parts[0].text : nullptr;
}

const std::string* text_of(const ast::Atom& atom) {
  const auto* literal = std::get_if<ast::Literal>(&atom.value);
  if (!literal) return nullptr;
  const auto* text = std::get_if<ast::Text>(&literal->value);
  return text ? &text->value : nullptr;
}

const ast::Path* path_of(const ast::Atom& atom) {
  return std::get_if<ast::Path>(&atom.value);
}

std::optional<Reference> reference_of(const ast::Path& path) {
  if (path.parts.size() != 2) return std::nullopt;
  const auto kind = bytecode::resource_kind(path.parts[0].text);
  if (!kind) return std::nullopt;
  return Reference{*kind, &path.parts[1]};
}

std::optional<Reference> reference_of(const ast::Atom& atom) {
  const ast::Path* path = path_of(atom);
  return path ? reference_of(*path) : std::nullopt;
}

std::string path_text(const ast::Path& path) {
  std::string text;
  for (const ast::Name& part : path.parts) {
    if (!text.empty()) text += '.';
    text += part.text;
  }
  return text;
}

}  // namespace wf::schema
