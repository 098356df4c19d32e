// Effects on what a record is and belongs to: numbers, lists, campaigns, tags, topics, workflows.
#include "compiler/schema/atoms.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {

using value::Kind;
using Call = EffectCall;

EffectNode lower_add(const Call& call) {
  auto target = writable_slot(call);
  auto amount = atom_value(call, *call.slot("amount"));
  if (!target || !amount) return std::nullopt;
  const Type number = type_of(target->type.kind == Kind::integer ? Kind::integer : Kind::decimal);
  if (target->type.kind != Kind::integer && target->type.kind != Kind::decimal) {
    require_type(call.context, call.scope, *target, number, "what is added to");
    return std::nullopt;
  }
  if (!require_type(call.context, call.scope, *amount, number, "what is added") ||
      !require_known(call.context, call.scope, *amount, "a known number is needed to add")) {
    return std::nullopt;
  }
  const auto add = [&](Flow& flow) { added(flow, *target, *amount, call.statement.span); };
  note_write(call.context, call.scope, *target, call.statement.span, add);
  if (call.scope.flow) add(*call.scope.flow);
  if (target->op == ExprOp::property) return AddProperty{target->a, std::move(*amount)};
  return AddField{target->args[0], target->a, target->b, std::move(*amount)};
}

EffectNode lower_clear(const Call& call) {
  auto target = writable_slot(call);
  if (!target) return std::nullopt;
  if (!declared(call.context, *property_of(call.scope, *target)).type.nullable) {
    auto& d = call.context.sink.report(
        Code::nullable_use, target->span,
        "`" + std::string(call.context.sources.text(target->span)) + "` cannot be unknown");
    d.primary.text = "so it cannot be cleared";
    point_at_declaration(call.context, call.scope, *target, d);
    return std::nullopt;
  }
  const Expr nothing = make(ExprOp::unknown, target->type, target->span);
  note_write(call.context, call.scope, *target, call.statement.span,
             [&](Flow& flow) { written(flow, *target, nothing, call.statement.span); });
  return write_step(call.scope, *target, make(ExprOp::unknown, target->type, target->span),
                    call.statement.span);
}

EffectNode lower_list(const Call& call, bool add) {
  const std::uint32_t list = resource_slot(call, ResourceKind::list, "list");
  auto record = record_slot(call, "record", kNone);
  if (list == kNone || !record) return std::nullopt;
  if (call.scope.flow) changed_list(*call.scope.flow, list);
  return ChangeList{add, list, std::move(*record)};
}

EffectNode lower_campaign(const Call& call) {
  const std::uint32_t campaign = resource_slot(call, ResourceKind::campaign, "campaign");
  if (campaign == kNone) return std::nullopt;
  auto record = record_slot(call, "record", call.context.catalogue().campaigns[campaign].object);
  if (!record) return std::nullopt;
  return ChangeList{true, call.context.catalogue().campaigns[campaign].members, std::move(*record)};
}

/// `add 10 points`: to the campaign whose story this is.
EffectNode lower_points(const Call& call) {
  const std::uint32_t campaign = call.scope.workflow ? call.scope.workflow->campaign : kNone;
  if (campaign == kNone) {
    auto& d = call.context.sink.report(Code::misplaced, call.statement.span,
                                       "points are added in the story of a campaign");
    d.helps.push_back("to add to a property, write `add 10 to lead_score`");
    return std::nullopt;
  }
  auto amount = atom_value(call, *call.slot("points"));
  if (!amount ||
      !require_type(call.context, call.scope, *amount, type_of(Kind::integer), "a number of points") ||
      !require_known(call.context, call.scope, *amount, "a known number is needed to add")) {
    return std::nullopt;
  }
  call.context.point_givers.insert(campaign);
  return AddProperty{call.context.catalogue().campaigns[campaign].points, std::move(*amount)};
}

EffectNode lower_audience(const Call& call, bool add) {
  const std::uint32_t audience = resource_slot(call, ResourceKind::audience, "audience");
  auto record = record_slot(call, "record", call.context.catalogue().find_object("contact"));
  if (audience == kNone || !record) return std::nullopt;
  return ChangeAudience{add, audience, std::move(*record)};
}

EffectNode lower_tag(const Call& call, bool add) {
  const ast::Atom& atom = *call.slot("tag");
  const std::string* tag = schema::word_of(atom) ? schema::word_of(atom) : schema::text_of(atom);
  if (!tag) {
    call.context.sink.report(Code::phrase_mismatch, atom.span, "a tag is a name or a text");
    return std::nullopt;
  }
  if (call.scope.flow) changed_tags(*call.scope.flow);
  return ChangeTag{add, *tag};
}

namespace {

bool on_contact(const Call& call) {
  if (call.scope.object == call.context.catalogue().find_object("contact")) return true;
  call.context.sink.report(Code::wrong_object, call.statement.span, "only a contact can do this")
      .primary.text = "the workflow is on " + call.context.catalogue().objects[call.scope.object].name;
  return false;
}

}  // namespace

EffectNode lower_topic(const Call& call, bool subscribe) {
  const std::uint32_t topic = resource_slot(call, ResourceKind::topic, "topic");
  if (topic == kNone || !on_contact(call)) return std::nullopt;
  return ChangeTopic{subscribe, topic};
}

EffectNode lower_marketing(const Call& call, bool marketing) {
  if (!on_contact(call)) return std::nullopt;
  return SetMarketing{marketing};
}

EffectNode lower_enroll(const Call& call, bool enroll) {
  const auto reference = schema::reference_of(*call.slot("workflow"));
  const ResourceKind kind = reference ? reference->kind : ResourceKind::workflow;
  std::uint32_t workflow = resource_slot(call, kind, "workflow");
  if (workflow == kNone) return std::nullopt;
  if (kind == ResourceKind::sequence) workflow = sequence_workflow(call.context, workflow);
  auto record = record_slot(call, "record", call.context.schema.workflow_objects[workflow]);
  if (!record) return std::nullopt;
  return Enroll{enroll, workflow, std::move(*record)};
}
}  // namespace wf::sema
