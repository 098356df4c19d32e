// Fields of resources: which kind has which, in which form. One table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::schema {

enum class FieldForm : std::uint8_t {
  text,        ///< "…"
  texts,       ///< one or more
  content,     ///< "…" or file "…": a template
  word,        ///< a name, or one of `argument` separated by `|`
  reference,   ///< a resource of kind `argument`, with or without the kind before it
  references,  ///< ( … ) of them
  moment,      ///< a local date and time
  secret,      ///< secret.NAME
  url,         ///< "…" or secret.NAME
  list,        ///< ( … ), read by its own code
  file,        ///< file "…"
  hours,       ///< weekdays, or none for every day, and ranges of times
  date,        ///< 2026-03-02
  any,         ///< read elsewhere
};

struct FieldRow {
  std::string_view kind, name;
  FieldForm form;
  bool required;
  std::string_view argument;
  bool repeats = false;  ///< may stand several times
};
const std::vector<FieldRow>& field_table();
/// Has the table rows for this kind?
bool known_kind(std::string_view kind);
/// Kinds and headers of the language that this version does not have yet.
bool is_planned_kind(std::string_view kind);
std::vector<std::string> all_kinds();

/// The fields of one declaration that have the form the table asks for.
class Fields {
 public:
  /// Reports unknown, repeated, missing and malformed fields.
  Fields(const ast::ResourceDecl& decl, text::DiagnosticSink& sink);
  /// Null when absent or malformed.
  const ast::Field* find(std::string_view name) const;
  /// All of a field that repeats.
  std::vector<const ast::Field*> all(std::string_view name) const;
  /// The text of a field of the form text, "" when absent.
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::string word(std::string_view name) const;

 private:
  void add(const ast::ResourceDecl& decl, const ast::Field& field, text::DiagnosticSink& sink);
  std::vector<const ast::Field*> fields_;
};

}  // namespace wf::schema
