// What people see and decide of the outbox: lists, another round, or never.
#include <algorithm>

#include "runtime/engine/display.hpp"
#include "runtime/engine/outbox.hpp"

namespace wf::engine {

using store::Effect;
using store::EffectState;

namespace {

/// One operation changes at most so many: it is one frame.
constexpr std::size_t kMostAtOnce = 10'000;

bool waits_for_a_person(EffectState state) {
  return state == EffectState::dead || state == EffectState::uncertain || state == EffectState::late;
}

/// The text of the first unique property that is known.
std::string label_of(const Binding& active, const Record* record) {
  const std::uint32_t object = record == nullptr ? kNone : active.object_index(record->object);
  if (object == kNone) return "";
  const auto& properties = active.catalogue().objects[object].properties;
  for (std::uint32_t p = 0; p < properties.size(); ++p) {
    if (!properties[p].unique) continue;
    const Value& v = record->property(active.slot(object, p));
    if (!v.is_unknown()) return display(active.catalogue(), v);
  }
  return "";
}

}  // namespace

std::vector<Effect> Outbox::chosen(const OutboxChoice& choice, std::size_t limit) {
  std::vector<Effect> found;
  for (const std::uint64_t id : choice.ids) {
    if (auto effect = need(context_.store.effect(id))) found.push_back(std::move(*effect));
  }
  if (!choice.ids.empty()) return found;
  // The workflow stands inside the effect: look at more than are wanted.
  const std::size_t looked_at = choice.workflow.empty() ? limit : 100 * kMostAtOnce;
  for (const EffectState state : choice.states) {
    for (Effect& effect : need(context_.store.effects(state, INT64_MAX, looked_at))) {
      if (found.size() == limit) return found;
      const auto body =
          choice.workflow.empty() ? Result<EffectBody>(EffectBody()) : decode_effect(effect.body);
      const bool fits =
          choice.workflow.empty() || (body && context_.symbols.name(body->workflow) == choice.workflow);
      if (fits) found.push_back(std::move(effect));
    }
  }
  return found;
}

std::vector<OutboxItem> Outbox::list(const OutboxChoice& choice, std::size_t limit) {
  std::vector<OutboxItem> items;
  for (const Effect& effect : chosen(choice, limit)) {
    OutboxItem item;
    item.id = effect.id;
    item.state = effect.state;
    if (effect.state == EffectState::ready && is_in_flight(effect.id)) item.state = EffectState::attempted;
    item.record = effect.record;
    item.attempts = effect.attempts;
    item.next_at = effect.next_at;
    item.label = label_of(*context_.active, context_.cache.get(effect.record));
    if (const auto body = decode_effect(effect.body)) {
      item.key = effect_key(*body);
      item.subject = subject_of(*body);
      item.workflow = context_.symbols.name(body->workflow);
      item.reason = body->why;
    }
    items.push_back(std::move(item));
  }
  return items;
}

std::size_t Outbox::retry(const OutboxChoice& choice) {
  std::size_t changed = 0;
  for (Effect& effect : chosen(choice, kMostAtOnce)) {
    auto body = decode_effect(effect.body);
    if (!body || !waits_for_a_person(effect.state)) continue;
    const Binding* binding = context_.binding(body->code);
    if (body->kind == EffectBody::Kind::call && binding != nullptr) {
      mark_gone(binding->catalogue().webhooks[binding->program().calls[body->index].webhook].name, false);
    }
    body->why.clear();
    condemned_.erase(effect.id);
    effect.body = encode(*body);
    effect.state = EffectState::ready;
    effect.attempts = 0;
    effect.next_at = context_.now;
    const bool call = body->kind == EffectBody::Kind::call;
    context_.batch.count(subject_of(*body), "retried", "by hand");
    context_.tell(effect.record, call ? Happening::call_retry : Happening::mail_retry, symbol_of(*body),
                  body->workflow, "by hand");
    context_.batch.put_effect(std::move(effect));
    ++changed;
  }
  return changed;
}

std::size_t Outbox::discard(const OutboxChoice& choice) {
  std::size_t changed = 0;
  for (const Effect& effect : chosen(choice, kMostAtOnce)) {
    const auto body = decode_effect(effect.body);
    if (!body || !waits_for_a_person(effect.state)) continue;
    context_.batch.remove_effect(effect.id);
    context_.batch.count(subject_of(*body), "discarded");
    context_.tell(effect.record, failed_happening(*body), symbol_of(*body), body->workflow,
                  "discarded by hand");
    if (effect.state != EffectState::dead) undelivered(effect, *body);
    ++changed;
  }
  return changed;
}

}  // namespace wf::engine
