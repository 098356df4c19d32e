// Lines of tests that are made of words: forms as those of actions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/schema/phrase.hpp"

namespace wf::sema {

/// Some forms, in a fixed order.
class WordForms {
 public:
  /// The phrases must be valid.
  explicit WordForms(const std::vector<std::string>& phrases);

  struct Match {
    std::size_t row = 0;  ///< which of the phrases
    const schema::Phrase* phrase = nullptr;
    std::vector<const ast::Atom*> slots;

    /// What stands in a slot; null where the form has none. Lives as long as the atoms.
    const ast::Atom* slot(std::string_view name) const;
  };
  /// The form that all atoms fit; where several do, the one with the literal words.
  std::optional<Match> match(const std::vector<ast::Atom>& atoms) const;

 private:
  std::vector<schema::Phrase> phrases_;
};

}  // namespace wf::sema
