// Actions: which declared phrase a statement fits, and what its effect does.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// A statement that fits a phrase.
struct Statement {
  const schema::ActionInfo* action = nullptr;
  const schema::Phrase* phrase = nullptr;
  std::vector<const ast::Atom*> slots;  ///< by slot of the phrase
  const ast::Action* source = nullptr;
  Span span;
  std::uint32_t site = kNone;  ///< of a send: index into WorkflowState::sites

  /// The atom of a slot; null when its group was left out.
  const ast::Atom* slot(std::string_view name) const;
};

/// The phrase that the atoms fit; null when none does. Reports nothing.
std::optional<Statement> match_statement(const Context& context, const std::vector<ast::Atom>& atoms);
/// The same, reporting unknown words and the place where the nearest phrase stops to fit.
std::optional<Statement> require_statement(Context& context, const ast::Action& action, Span span);

/// Checks that every declared action names a built-in effect and gives it the slots it needs.
void check_actions(Context& context);
/// The statement as a step. Nothing after a report.
std::optional<Step> check_effect(Context& context, const Scope& scope, const Statement& statement);
/// Is it the effect of sending an e-mail?
bool is_send(const Statement& statement);

}  // namespace wf::sema
