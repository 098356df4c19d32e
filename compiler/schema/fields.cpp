#include "compiler/schema/fields.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::schema {
namespace {

constexpr std::string_view kPlannedKinds[] = {"function"};

bool is_secret(const ast::Atom& atom) {
  const ast::Path* path = path_of(atom);
  return path && path->parts.size() == 2 && path->parts[0].text == "secret";
}

bool is_file(const std::vector<ast::Atom>& atoms) {
  return atoms.size() == 2 && word_of(atoms[0]) && *word_of(atoms[0]) == "file" && text_of(atoms[1]);
}

bool is_content(const std::vector<ast::Atom>& atoms) {
  return is_file(atoms) || (atoms.size() == 1 && text_of(atoms[0]));
}

std::vector<std::string> split(std::string_view choices) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < choices.size();) {
    const std::size_t end = std::min(choices.find('|', begin), choices.size());
    words.emplace_back(choices.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool is_choice(const ast::Atom& atom, std::string_view choices) {
  const std::string* word = word_of(atom);
  if (!word) return false;
  const auto words = split(choices);
  return words.empty() || std::find(words.begin(), words.end(), *word) != words.end();
}

bool is_reference(const ast::Atom& atom, std::string_view kind) {
  const ast::Path* path = path_of(atom);
  if (!path) return false;
  return path->parts.size() == 1 || (path->parts.size() == 2 && path->parts[0].text == kind);
}

bool is_references(const std::vector<ast::Atom>& atoms, std::string_view kind) {
  for (const ast::Atom& atom : atoms) {
    if (const auto* list = std::get_if<ast::AtomList>(&atom.value)) {
      for (const ast::Atom& item : list->items) {
        if (!is_reference(item, kind)) return false;
      }
    } else if (!is_reference(atom, kind)) {
      return false;
    }
  }
  return !atoms.empty();
}

bool is_texts(const std::vector<ast::Atom>& atoms) {
  for (const ast::Atom& atom : atoms) {
    if (!text_of(atom)) return false;
  }
  return !atoms.empty();
}

/// `mon..fri 09:00..12:00, 13:00..18:00`.
bool is_hours(const std::vector<ast::Atom>& atoms) {
  const auto is_range = [](const ast::Atom& atom) {
    return std::holds_alternative<ast::TimeRange>(atom.value);
  };
  const auto ranges = std::find_if(atoms.begin(), atoms.end(), is_range);
  return ranges != atoms.end() && std::all_of(ranges, atoms.end(), is_range) &&
         std::all_of(atoms.begin(), ranges, [](const ast::Atom& atom) {
           return word_of(atom) || std::holds_alternative<ast::NameRange>(atom.value);
         });
}

bool is_date(const ast::Atom& atom) {
  const auto* literal = std::get_if<ast::Literal>(&atom.value);
  return literal && std::holds_alternative<ast::Date>(literal->value);
}

bool is_moment(const ast::Atom& atom) {
  const auto* literal = std::get_if<ast::Literal>(&atom.value);
  return literal && (std::holds_alternative<ast::LocalDateTime>(literal->value) ||
                     std::holds_alternative<ast::Date>(literal->value));
}

bool fits(const FieldRow& row, const std::vector<ast::Atom>& atoms) {
  const bool one = atoms.size() == 1;
  switch (row.form) {
    case FieldForm::text:
      return one && text_of(atoms[0]);
    case FieldForm::texts:
      return is_texts(atoms);
    case FieldForm::content:
      return is_content(atoms);
    case FieldForm::word:
      return one && is_choice(atoms[0], row.argument);
    case FieldForm::reference:
      return one && is_reference(atoms[0], row.argument);
    case FieldForm::references:
      return is_references(atoms, row.argument);
    case FieldForm::moment:
      return one && is_moment(atoms[0]);
    case FieldForm::secret:
      return one && is_secret(atoms[0]);
    case FieldForm::url:
      return one && (is_secret(atoms[0]) || text_of(atoms[0]));
    case FieldForm::list:
      return one && std::holds_alternative<ast::AtomList>(atoms[0].value);
    case FieldForm::file:
      return is_file(atoms);
    case FieldForm::hours:
      return is_hours(atoms);
    case FieldForm::date:
      return one && is_date(atoms[0]);
    case FieldForm::any:
      break;
  }
  return true;
}

std::string expected(const FieldRow& row) {
  const std::string argument(row.argument);
  switch (row.form) {
    case FieldForm::text:
      return "a text in quotes";
    case FieldForm::texts:
      return "one or more texts in quotes";
    case FieldForm::content:
      return "a text in quotes, or `file \"…\"`";
    case FieldForm::word: {
      return argument.empty() ? "a name" : one_of(split(row.argument));
    }
    case FieldForm::reference:
      return "a reference such as `" + argument + ".name`";
    case FieldForm::references:
      return "references such as `(" + argument + ".name)`";
    case FieldForm::moment:
      return "a date and time such as 2026-11-05T14:00";
    case FieldForm::secret:
      return "`secret.NAME`";
    case FieldForm::url:
      return "a text in quotes or `secret.NAME`";
    case FieldForm::list:
      return "a list in parentheses";
    case FieldForm::file:
      return "`file \"…\"`";
    case FieldForm::hours:
      return "weekdays and hours such as `mon..fri 09:00..18:00`";
    case FieldForm::date:
      return "a date such as 2026-03-02";
    case FieldForm::any:
      break;
  }
  return "something else";
}

}  // namespace

const std::vector<FieldRow>& field_table() {
  using F = FieldForm;
  static const std::vector<FieldRow> table = {
      {"project", "title", F::text, false, ""},
      {"project", "zone", F::text, false, ""},
      {"project", "locale", F::word, false, ""},
      {"project", "calendar", F::reference, false, "calendar"},
      {"project", "today", F::date, false, ""},
      {"project", "require", F::any, false, ""},
      {"project", "unused", F::word, false, "allowed"},
      {"email", "title", F::text, false, ""},
      {"email", "class", F::word, false, "marketing|transactional|internal"},
      {"email", "topic", F::reference, false, "topic"},
      {"email", "from", F::reference, true, "sender"},
      {"email", "reply_to", F::text, false, ""},
      {"email", "subject", F::content, true, ""},
      {"email", "html", F::content, false, ""},
      {"email", "text", F::content, false, ""},
      {"sender", "name", F::text, true, ""},
      {"sender", "email", F::text, true, ""},
      {"sender", "address", F::text, false, ""},
      {"topic", "title", F::text, false, ""},
      {"form", "title", F::text, false, ""},
      {"form", "fields", F::list, false, ""},
      {"form", "creates", F::word, false, ""},
      {"page", "title", F::text, false, ""},
      {"page", "url", F::texts, true, ""},
      {"link", "title", F::text, false, ""},
      {"link", "url", F::texts, true, ""},
      {"occasion", "title", F::text, false, ""},
      {"occasion", "starts_at", F::moment, true, ""},
      {"occasion", "ends_at", F::moment, false, ""},
      {"occasion", "zone", F::text, false, ""},
      {"list", "title", F::text, false, ""},
      {"user", "title", F::text, false, ""},
      {"user", "email", F::text, true, ""},
      {"team", "title", F::text, false, ""},
      {"team", "email", F::text, false, ""},
      {"team", "members", F::references, false, "user"},
      {"message", "title", F::text, false, ""},
      {"message", "from", F::reference, false, "sender"},
      {"message", "subject", F::content, true, ""},
      {"message", "body", F::content, true, ""},
      {"webhook", "title", F::text, false, ""},
      {"webhook", "url", F::url, true, ""},
      {"webhook", "sign", F::secret, false, ""},
      {"webhook", "accepts", F::word, false, "pii"},
      {"webhook", "payload", F::content, false, ""},
      {"webhook", "returns", F::any, false, ""},
      {"calendar", "title", F::text, false, ""},
      {"calendar", "zone", F::text, false, ""},
      {"calendar", "open", F::hours, true, "", true},
      {"calendar", "holidays", F::file, false, "", true},
      {"video", "title", F::text, false, ""},
      {"video", "url", F::text, false, ""},
      {"survey", "title", F::text, false, ""},
      {"survey", "url", F::text, false, ""},
      {"survey", "fields", F::list, false, ""},
      {"audience", "title", F::text, false, ""},
      {"audience", "platform", F::word, false, ""},
      {"audience", "sync", F::reference, false, "webhook"},
  };
  return table;
}

bool known_kind(std::string_view kind) {
  const auto& table = field_table();
  return std::any_of(table.begin(), table.end(), [&](const FieldRow& row) { return row.kind == kind; });
}

bool is_planned_kind(std::string_view kind) {
  return std::find(std::begin(kPlannedKinds), std::end(kPlannedKinds), kind) != std::end(kPlannedKinds);
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds = {"object",   "event",   "action",   "segment",  "policy",
                                    "workflow", "scoring", "campaign", "sequence", "test"};
  for (const FieldRow& row : field_table()) {
    if (kinds.back() != row.kind) kinds.emplace_back(row.kind);
  }
  return kinds;
}

Fields::Fields(const ast::ResourceDecl& decl, text::DiagnosticSink& sink) {
  for (const ast::Field& field : decl.fields) add(decl, field, sink);
  for (const FieldRow& row : field_table()) {
    if (row.kind != decl.kind.text || !row.required) continue;
    const auto has = [&](const ast::Field& field) { return field.name.text == row.name; };
    if (std::any_of(decl.fields.begin(), decl.fields.end(), has)) continue;
    auto& d = sink.report(
        text::Code::missing_field, decl.name.span,
        "the " + decl.kind.text + " `" + decl.name.text + "` has no `" + std::string(row.name) + "`");
    d.helps.push_back("add `" + std::string(row.name) + "`: " + expected(row));
  }
}

void Fields::add(const ast::ResourceDecl& decl, const ast::Field& field, text::DiagnosticSink& sink) {
  std::vector<std::string> names;
  for (const FieldRow& row : field_table()) {
    if (row.kind != decl.kind.text) continue;
    if (row.name != field.name.text) {
      names.emplace_back(row.name);
      continue;
    }
    if (const ast::Field* first = find(row.name); first && !row.repeats) {
      report_duplicate(sink, field.name.span, first->name.span, "field", field.name.text);
      return;
    }
    if (row.form == FieldForm::secret && field.atoms.size() == 1 && text_of(field.atoms[0])) {
      auto& d =
          sink.report(text::Code::secret_in_file, field.atoms[0].span, "a secret does not belong in a file");
      d.helps.push_back("write `" + field.name.text +
                        " secret.NAME` and give its value where the daemon runs");
      return;
    }
    if (!fits(row, field.atoms)) {
      auto& d =
          sink.report(text::Code::invalid_field, field.span,
                      "`" + field.name.text + "` of " + with_article(decl.kind.text) + " cannot be read");
      d.primary.text = "expected " + expected(row);
      const std::string* word = field.atoms.size() == 1 ? word_of(field.atoms[0]) : nullptr;
      if (row.form == FieldForm::word && word) {
        const std::string meant = text::did_you_mean(*word, split(row.argument));
        if (!meant.empty()) d.helps.push_back(meant);
      }
      return;
    }
    fields_.push_back(&field);
    return;
  }
  auto& d = report_unknown(sink, text::Code::unknown_field, field.name.span,
                           with_article(decl.kind.text) + " has no field `" + field.name.text + "`",
                           field.name.text, names);
  d.notes.push_back("fields of " + with_article(decl.kind.text) + ": " + one_of(names));
}

const ast::Field* Fields::find(std::string_view name) const {
  for (const ast::Field* field : fields_) {
    if (field->name.text == name) return field;
  }
  return nullptr;
}

std::vector<const ast::Field*> Fields::all(std::string_view name) const {
  std::vector<const ast::Field*> found;
  for (const ast::Field* field : fields_) {
    if (field->name.text == name) found.push_back(field);
  }
  return found;
}

std::string Fields::text(std::string_view name) const {
  const ast::Field* field = find(name);
  return field ? *text_of(field->atoms[0]) : "";
}

std::vector<std::string> Fields::texts(std::string_view name) const {
  std::vector<std::string> all;
  if (const ast::Field* field = find(name)) {
    for (const ast::Atom& atom : field->atoms) all.push_back(*text_of(atom));
  }
  return all;
}

std::string Fields::word(std::string_view name) const {
  const ast::Field* field = find(name);
  return field ? *word_of(field->atoms[0]) : "";
}

}  // namespace wf::schema
