// Phrases: how a statement of an action reads, and whether a row of atoms fits.
//
// "create task {title: text} for {assignee: user or team} [due in {due: duration}]" is literal words, typed
// slots and optional groups. Adjacent groups may come in any order. A literal word beats a slot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::schema {

/// A set of shapes that an atom can have: what can be told without looking up names.
using AtomShapes = std::uint64_t;

enum class SlotKind : std::uint8_t { text, number, duration, property, name, fields, record, resource, date };

struct SlotType {
  SlotKind kind = SlotKind::text;
  bytecode::ResourceKind resource = bytecode::ResourceKind::email;  ///< of kind resource
  std::string word;                                                 ///< as written: "contact", "email"
};

struct Slot {
  std::string name;
  std::vector<SlotType> types;
  AtomShapes shapes = 0;
};

struct Element {
  std::string word;                      ///< a literal word, or …
  std::uint32_t slot = bytecode::kNone;  ///< … a slot
};
using Form = std::vector<Element>;

struct Phrase {
  std::string text;
  std::vector<Slot> slots;
  std::vector<Form> forms;  ///< every way to leave out and order the optional groups
};

/// Most optional groups of one phrase.
inline constexpr std::size_t kMaxGroups = 5;

struct PhraseError {
  std::size_t offset = 0;  ///< in the phrase
  std::string message;
};

/// `objects` are the names a record slot may have besides `record`.
std::variant<Phrase, PhraseError> parse_phrase(std::string_view text,
                                               const std::vector<std::string>& objects);

/// Can the slot hold the atom, as far as its shape goes?
bool accepts(const Slot& slot, const ast::Atom& atom);

/// Does a row of atoms begin with the word that all forms of the phrase begin with?
bool starts(const Phrase& phrase, const std::vector<ast::Atom>& atoms);
/// How far a form fits a row of atoms. `atoms` that fit from the start; complete when all did and nothing is
/// left.
struct Fit {
  std::size_t matched = 0;
  bool complete = false;
  std::vector<const ast::Atom*> slots;  ///< by slot of the phrase; null where the form has none
};
Fit fit(const Phrase& phrase, const Form& form, const std::vector<ast::Atom>& atoms);

/// Does `a` win against `b` where both fit? At the first difference it has the literal word.
bool beats(const Form& a, const Form& b);
/// Is there a statement that fits both, with no literal word to decide?
bool ambiguous(const Phrase& pa, const Form& a, const Phrase& pb, const Form& b);

}  // namespace wf::schema
