// Statements of actions: matching atoms with phrases.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/effects.hpp"

namespace wf::sema {
namespace {

using schema::Element;
using schema::Form;
using schema::Phrase;

std::string slot_text(const schema::Slot& slot) {
  std::vector<std::string> types;
  for (const schema::SlotType& type : slot.types) {
    switch (type.kind) {
      case schema::SlotKind::resource:
        types.push_back(type.word + ".name");
        break;
      case schema::SlotKind::text:
        types.push_back("\"text\"");
        break;
      case schema::SlotKind::fields:
        types.push_back("(property, …)");
        break;
      default:
        types.push_back(type.word);
    }
  }
  return schema::one_of(types);
}

std::string element_text(const Phrase& phrase, const Element& element) {
  return element.slot == kNone ? "`" + element.word + "`" : slot_text(phrase.slots[element.slot]);
}

/// The forms that fit furthest, and what they would go on with.
struct Nearest {
  std::size_t matched = 0;
  std::vector<std::string> expected;
  const Phrase* phrase = nullptr;
};

void consider(Nearest& nearest, const Phrase& phrase, const Form& form, const std::vector<ast::Atom>& atoms) {
  const schema::Fit fit = schema::fit(phrase, form, atoms);
  if (fit.matched < nearest.matched || fit.matched == 0) return;
  if (fit.matched > nearest.matched) nearest = {fit.matched, {}, nullptr};
  if (!nearest.phrase) nearest.phrase = &phrase;
  const std::string next =
      fit.matched < form.size() ? element_text(phrase, form[fit.matched]) : "the end of the line";
  if (std::find(nearest.expected.begin(), nearest.expected.end(), next) == nearest.expected.end()) {
    nearest.expected.push_back(next);
  }
}

std::string alternatives(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
    text += all[i];
  }
  return text;
}

std::vector<std::string> first_words(const Context& context) {
  std::vector<std::string> words{"wait", "if", "match", "set", "let", "stop", "at"};
  for (const schema::ActionInfo& action : context.schema.actions) {
    for (const Phrase& phrase : action.phrases) {
      const std::string& word = phrase.forms[0][0].word;
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  }
  return words;
}

/// Those that begin as the statement does.
template <class Visit>
void each_phrase(const Context& context, const std::vector<ast::Atom>& atoms, Visit visit) {
  const std::string* first = atoms.empty() ? nullptr : schema::word_of(atoms[0]);
  const auto found = first ? context.schema.phrases.find(*first) : context.schema.phrases.end();
  if (found == context.schema.phrases.end()) return;
  for (const auto& [action, phrase] : found->second) {
    const schema::ActionInfo& info = context.schema.actions[action];
    visit(info, info.phrases[phrase]);
  }
}

void report_misfit(Context& context, const std::vector<ast::Atom>& atoms, Span span) {
  Nearest nearest;
  const std::string* first = schema::word_of(atoms[0]);
  each_phrase(context, atoms, [&](const schema::ActionInfo&, const Phrase& phrase) {
    for (const Form& form : phrase.forms) consider(nearest, phrase, form, atoms);
  });
  if (nearest.matched == 0) {
    if (context.schema.actions_incomplete) return;
    const std::string name = first ? *first : std::string(context.sources.text(atoms[0].span));
    schema::report_unknown(context.sink, Code::unknown_action, atoms[0].span,
                           "no action starts with `" + name + "`", name, first_words(context));
    return;
  }
  const bool short_of = nearest.matched == atoms.size();
  const Span place = short_of ? Span{span.file, span.end, span.end} : atoms[nearest.matched].span;
  auto& d = context.sink.report(Code::phrase_mismatch, short_of ? span : place,
                                "this does not fit any form of `" + *first + "`");
  d.primary.text = "expected " + alternatives(nearest.expected) + (short_of ? " behind it" : "");
  d.notes.push_back("it reads: " + nearest.phrase->text);
}

}  // namespace

const ast::Atom* Statement::slot(std::string_view name) const {
  for (std::size_t i = 0; i < phrase->slots.size(); ++i) {
    if (phrase->slots[i].name == name) return slots[i];
  }
  return nullptr;
}

std::optional<Statement> match_statement(const Context& context, const std::vector<ast::Atom>& atoms) {
  std::optional<Statement> best;
  const Form* best_form = nullptr;
  each_phrase(context, atoms, [&](const schema::ActionInfo& action, const Phrase& phrase) {
    for (const Form& form : phrase.forms) {
      if (form.size() != atoms.size()) continue;
      schema::Fit fit = schema::fit(phrase, form, atoms);
      if (!fit.complete || (best && !schema::beats(form, *best_form))) continue;
      best.emplace();
      best->action = &action;
      best->phrase = &phrase;
      best->slots = std::move(fit.slots);
      best_form = &form;
    }
  });
  return best;
}

std::optional<Statement> require_statement(Context& context, const ast::Action& action, Span span) {
  auto statement = match_statement(context, action.atoms);
  if (!statement) {
    if (!action.atoms.empty()) report_misfit(context, action.atoms, span);
    return std::nullopt;
  }
  statement->source = &action;
  statement->span = span;
  return statement;
}

}  // namespace wf::sema
