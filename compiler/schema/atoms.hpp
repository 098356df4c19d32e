// Reading atoms: the words and operands of actions and fields.
#pragma once

#include <optional>
#include <string>

#include "grammar/ast/ast.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::schema {

/// The name if the atom is a path of one part, else null. The pointer lives as long as the atom.
const std::string* word_of(const ast::Atom& atom);
/// The text if the atom is a text literal, else null.
const std::string* text_of(const ast::Atom& atom);
/// The path if the atom is one, else null.
const ast::Path* path_of(const ast::Atom& atom);

/// `email.welcome`: a path of two parts whose first is a kind of resource.
struct Reference {
  bytecode::ResourceKind kind;
  const ast::Name* name;
};
std::optional<Reference> reference_of(const ast::Path& path);
std::optional<Reference> reference_of(const ast::Atom& atom);

/// `a.b.c`.
std::string path_text(const ast::Path& path);

}  // namespace wf::schema
