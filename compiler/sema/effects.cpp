// The built-in effects: one row each, from the slots of a statement to a step.
#include "compiler/sema/effects.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/waits.hpp"

namespace wf::sema {
namespace {

using Node = decltype(Step::node);
using Call = EffectCall;

/// A slot as an effect reads it: what its types must be, any of them.
struct EffectSlot {
  std::string_view name, types;
  bool required = true;
};

struct EffectRow {
  std::string_view name;
  std::vector<EffectSlot> slots;
  std::optional<Node> (*lower)(const Call&);
};

const std::vector<EffectRow>& effects() {
  static const EffectSlot kPerson{"assignee", "user team"}, kRecord{"record", "record", false};
  static const EffectSlot kTag{"tag", "name text"}, kLabel{"label", "name", false};
  static const EffectSlot kGivenRecord{"record", "record"}, kMode{"mode", "name", false};
  static const std::vector<EffectRow> table = {
      {"mail.send",
       {{"email", "email"},
        {"recipient", "record", false},
        {"subject", "text", false},
        {"label", "name", false}},
       lower_send},
      {"crm.task",
       {{"title", "text"},
        kPerson,
        {"due", "duration", false},
        {"calendar", "calendar", false},
        kRecord,
        kLabel},
       lower_task},
      {"crm.note", {{"body", "text"}, kRecord, kLabel}, lower_note},
      {"record.create", {{"object", "name"}, {"values", "fields", false}, kLabel}, lower_create},
      {"record.update", {kGivenRecord, {"values", "fields"}}, lower_update},
      {"record.associate", {kGivenRecord, {"other", "record"}}, lower_associate},
      {"record.dissociate", {kGivenRecord, {"other", "record"}}, lower_dissociate},
      {"record.delete", {kRecord}, lower_delete},
      {"record.append", {{"text", "text"}, {"property", "property"}}, lower_append},
      {"record.copy", {{"source", "property"}, {"property", "property"}}, lower_copy},
      {"record.assign", {{"property", "property"}, {"user", "user"}, kMode}, lower_assign},
      {"record.round_robin", {{"property", "property"}, {"team", "team"}, kMode}, lower_round_robin},
      {"record.weighted", {{"property", "property"}, {"weights", "fields"}, kMode}, lower_weighted},
      {"crm.notify", {kPerson, {"message", "message"}, {"way", "name", false}}, lower_notify},
      {"http.call",
       {{"webhook", "webhook"},
        {"fields", "fields", false},
        {"reply", "name", false},
        {"limit", "duration", false}},
       lower_call},
      {"record.add", {{"amount", "number"}, {"property", "property"}}, lower_add},
      {"record.clear", {{"property", "property"}}, lower_clear},
      {"list.add", {kRecord, {"list", "list"}}, [](const Call& c) { return lower_list(c, true); }},
      {"list.remove", {kRecord, {"list", "list"}}, [](const Call& c) { return lower_list(c, false); }},
      {"campaign.add", {kRecord, {"campaign", "campaign"}}, lower_campaign},
      {"campaign.points", {{"points", "number"}}, lower_points},
      {"audience.add",
       {kRecord, {"audience", "audience"}},
       [](const Call& c) { return lower_audience(c, true); }},
      {"audience.remove",
       {kRecord, {"audience", "audience"}},
       [](const Call& c) { return lower_audience(c, false); }},
      {"tag.add", {kTag}, [](const Call& c) { return lower_tag(c, true); }},
      {"tag.remove", {kTag}, [](const Call& c) { return lower_tag(c, false); }},
      {"topic.subscribe", {{"topic", "topic"}}, [](const Call& c) { return lower_topic(c, true); }},
      {"topic.unsubscribe", {{"topic", "topic"}}, [](const Call& c) { return lower_topic(c, false); }},
      {"contact.marketing", {}, [](const Call& c) { return lower_marketing(c, true); }},
      {"contact.non_marketing", {}, [](const Call& c) { return lower_marketing(c, false); }},
      {"workflow.enroll",
       {kRecord, {"workflow", "workflow sequence"}},
       [](const Call& c) { return lower_enroll(c, true); }},
      {"workflow.unenroll",
       {kRecord, {"workflow", "workflow sequence"}},
       [](const Call& c) { return lower_enroll(c, false); }},
  };
  return table;
}

const EffectRow* find_effect(const std::string& name) {
  for (const EffectRow& row : effects()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool always_has(const schema::Phrase& phrase, std::string_view slot) {
  return std::all_of(phrase.forms.begin(), phrase.forms.end(), [&](const schema::Form& form) {
    return std::any_of(form.begin(), form.end(), [&](const schema::Element& element) {
      return element.slot != kNone && phrase.slots[element.slot].name == slot;
    });
  });
}

/// "" when the slot is one that the effect reads, else what is wrong with it.
std::string slot_fault(const EffectRow& row, const schema::Slot& slot) {
  const auto known = std::find_if(row.slots.begin(), row.slots.end(),
                                  [&](const EffectSlot& wanted) { return wanted.name == slot.name; });
  if (known == row.slots.end()) return "has no use for the slot `" + slot.name + "`";
  for (const schema::SlotType& type : slot.types) {
    const std::string word = type.kind == schema::SlotKind::record ? "record" : type.word;
    if ((" " + std::string(known->types) + " ").find(" " + word + " ") == std::string::npos) {
      return "cannot take a " + type.word + " as `" + slot.name + "`";
    }
  }
  return "";
}

std::vector<std::string> faults(const EffectRow& row, const schema::Phrase& phrase) {
  std::vector<std::string> found;
  for (const EffectSlot& slot : row.slots) {
    if (slot.required && !always_has(phrase, slot.name))
      found.push_back("needs the slot `" + std::string(slot.name) + "`");
  }
  for (const schema::Slot& slot : phrase.slots) {
    if (std::string fault = slot_fault(row, slot); !fault.empty()) found.push_back(std::move(fault));
  }
  return found;
}

}  // namespace

void check_actions(Context& context) {
  for (const schema::ActionInfo& action : context.schema.actions) {
    const EffectRow* row = find_effect(action.effect);
    if (!row) {
      std::vector<std::string> names;
      for (const EffectRow& other : effects()) names.emplace_back(other.name);
      schema::report_unknown(context.sink, Code::unknown_effect, action.effect_span,
                             "no effect is named `" + action.effect + "`", action.effect, names);
      continue;
    }
    for (const schema::Phrase& phrase : action.phrases) {
      for (const std::string& fault : faults(*row, phrase)) {
        context.faulty_actions = true;
        auto& d = context.sink.report(Code::invalid_phrase, action.name_span,
                                      "the effect `" + action.effect + "` " + fault);
        d.notes.push_back("the phrase reads: " + phrase.text);
      }
    }
  }
}

std::optional<Step> check_effect(Context& context, const Scope& scope, const Statement& statement) {
  const EffectRow* row = find_effect(statement.action->effect);
  // A wrong declaration has been reported; its statements cannot be read.
  if (!row) return std::nullopt;
  if (context.faulty_actions && !faults(*row, *statement.phrase).empty()) return std::nullopt;
  if (statement.source->on_failure && row->name != "http.call") {
    context.sink.report(Code::misplaced, statement.source->on_failure->span,
                        "`on failure` goes with the call of a webhook");
    return std::nullopt;
  }
  if (statement.source->reply && !statement.slot("reply")) {
    auto& d = context.sink.report(Code::misplaced, statement.source->reply->span,
                                  "only a call that waits for its answer has outcomes");
    if (row->name == "http.call") d.helps.push_back("write `call … as reply, at most 1 hour { … }`");
    return std::nullopt;
  }
  auto node = row->lower(Call{context, scope, statement});
  if (!node) return std::nullopt;
  Step step;
  step.node = std::move(*node);
  return step;
}

bool is_send(const Statement& statement) {
  return statement.action->effect == "mail.send";
}

}  // namespace wf::sema
