#include "compiler/sema/test_words.hpp"

#include "grammar/text/result.hpp"

namespace wf::sema {

WordForms::WordForms(const std::vector<std::string>& phrases) {
  for (const std::string& phrase : phrases) {
    auto parsed = schema::parse_phrase(phrase, {});
    WF_ASSERT(std::holds_alternative<schema::Phrase>(parsed));
    phrases_.push_back(std::move(std::get<schema::Phrase>(parsed)));
  }
}

const ast::Atom* WordForms::Match::slot(std::string_view name) const {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (phrase->slots[i].name == name) return slots[i];
  }
  return nullptr;
}

std::optional<WordForms::Match> WordForms::match(const std::vector<ast::Atom>& atoms) const {
  std::optional<Match> best;
  const schema::Form* best_form = nullptr;
  for (std::size_t row = 0; row < phrases_.size(); ++row) {
    if (!schema::starts(phrases_[row], atoms)) continue;
    for (const schema::Form& form : phrases_[row].forms) {
      if (form.size() != atoms.size()) continue;
      schema::Fit fit = schema::fit(phrases_[row], form, atoms);
      if (!fit.complete || (best_form && !schema::beats(form, *best_form))) continue;
      best = Match{row, &phrases_[row], std::move(fit.slots)};
      best_form = &form;
    }
  }
  return best;
}

}  // namespace wf::sema
