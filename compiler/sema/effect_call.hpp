// One statement on its way to a step, and what the effects read from its slots. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"
#include "compiler/sema/effects.hpp"

namespace wf::sema {

struct EffectCall {
  Context& context;
  const Scope& scope;
  const Statement& statement;

  const ast::Atom* slot(std::string_view name) const { return statement.slot(name); }
};
using EffectNode = std::optional<decltype(Step::node)>;

// All of these report, and give nothing then.
std::optional<Expr> atom_value(const EffectCall& call, const ast::Atom& atom);
std::uint32_t resource_slot(const EffectCall& call, ResourceKind kind, std::string_view name);
/// The record that a slot names, of one object (kNone: of any); without the slot the workflow's own.
std::optional<Expr> record_slot(const EffectCall& call, std::string_view name, std::uint32_t object);
/// The property that the slot `property` names, if it may be written.
std::optional<Expr> writable_slot(const EffectCall& call);
/// The local that the slot `label` names: from here on the name of a new record. kNone without the slot.
std::optional<std::uint32_t> label_slot(const EffectCall& call, std::uint32_t object);

// ---- messages
// ---------------------------------------------------------------------------------------------------

EffectNode lower_send(const EffectCall& call);
EffectNode lower_task(const EffectCall& call);
EffectNode lower_notify(const EffectCall& call);

// ---- webhooks
// ---------------------------------------------------------------------------------------------------

EffectNode lower_call(const EffectCall& call);

// ---- properties, lists, tags, topics, workflows
// ---------------------------------------------------------------------------------------------------

EffectNode lower_add(const EffectCall& call);
EffectNode lower_clear(const EffectCall& call);
EffectNode lower_list(const EffectCall& call, bool add);
EffectNode lower_campaign(const EffectCall& call);
EffectNode lower_points(const EffectCall& call);
EffectNode lower_audience(const EffectCall& call, bool add);
EffectNode lower_tag(const EffectCall& call, bool add);
EffectNode lower_topic(const EffectCall& call, bool subscribe);
EffectNode lower_marketing(const EffectCall& call, bool marketing);
EffectNode lower_enroll(const EffectCall& call, bool enroll);

// ---- effects on records
// -------------------------------------------------------------------------------------------------

EffectNode lower_create(const EffectCall& call);
EffectNode lower_note(const EffectCall& call);
EffectNode lower_update(const EffectCall& call);
EffectNode lower_associate(const EffectCall& call);
EffectNode lower_dissociate(const EffectCall& call);
EffectNode lower_delete(const EffectCall& call);
EffectNode lower_append(const EffectCall& call);
EffectNode lower_copy(const EffectCall& call);

// ---- assignment
// ---------------------------------------------------------------------------------------------------------

EffectNode lower_assign(const EffectCall& call);
EffectNode lower_round_robin(const EffectCall& call);
EffectNode lower_weighted(const EffectCall& call);

}  // namespace wf::sema
