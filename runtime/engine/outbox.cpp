#include "runtime/engine/outbox.hpp"

#include <limits>

namespace wf::engine {

using bytecode::MailClass;
using store::Effect;
using store::EffectState;

namespace {

constexpr const char* kGone = "gone";

}  // namespace

bool Outbox::repeatable(const EffectBody& body) const {
  if (body.kind != EffectBody::Kind::mail || context_.options.mail_idempotent) return true;
  const Binding* binding = context_.binding(body.code);
  return binding == nullptr || binding->program().sends[body.index].mail_class != MailClass::marketing;
}

/// Mail goes to one relay; a call to the host of its webhook, or to where a secret says.
std::string Outbox::destination(const EffectBody& body) const {
  const Binding* binding = body.kind == EffectBody::Kind::call ? context_.binding(body.code) : nullptr;
  if (binding == nullptr) return "mail";
  const bytecode::Webhook& webhook =
      binding->catalogue().webhooks[binding->program().calls[body.index].webhook];
  return webhook.url_secret.empty() ? destination_of_url(webhook.url) : "secret." + webhook.url_secret;
}

std::string Outbox::subject_of(const EffectBody& body) const {
  const Binding* binding = context_.binding(body.code);
  if (binding == nullptr) return "effect";
  if (body.kind == EffectBody::Kind::call) {
    return "webhook." + binding->catalogue().webhooks[binding->program().calls[body.index].webhook].name;
  }
  if (body.kind == EffectBody::Kind::notice) {
    return "message." + binding->catalogue().messages[binding->program().notifies[body.index].message].name;
  }
  return "email." + binding->catalogue().emails[binding->program().sends[body.index].email].name;
}

SymbolId Outbox::symbol_of(const EffectBody& body) const {
  const std::string subject = subject_of(body);
  const std::size_t dot = subject.find('.');
  if (dot == subject.npos) return 0;
  const std::string_view text = subject;
  return context_.symbols.intern(text.substr(0, dot), text.substr(dot + 1));
}

void Outbox::recover(std::int64_t now) {
  context_.now = now;
  const std::string names = need(context_.store.meta(kGone)).value_or("");
  for (std::size_t at = 0, end = 0; (end = names.find('\n', at)) != names.npos; at = end + 1) {
    gone_.insert(names.substr(at, end - at));
  }
  constexpr std::size_t everything = std::numeric_limits<std::int32_t>::max();
  for (Effect& effect : need(context_.store.effects(EffectState::attempted,
                                                    std::numeric_limits<std::int64_t>::max(), everything))) {
    const EffectBody body = need(decode_effect(effect.body));
    if (repeatable(body)) {
      effect.state = EffectState::ready;
    } else {
      effect.state = EffectState::uncertain;
      context_.batch.count(subject_of(body), "uncertain");
      context_.tell(effect.record, Happening::mail_uncertain, symbol_of(body), body.workflow,
                    effect_key(body));
    }
    context_.batch.put_effect(std::move(effect));
  }
}

void Outbox::mark_gone(const std::string& webhook, bool gone) {
  if (gone) {
    gone_.insert(webhook);
  } else if (gone_.erase(webhook) == 0) {
    return;
  }
  std::string names;
  for (const std::string& name : gone_) names += name + '\n';
  context_.batch.frame.meta.push_back({kGone, std::move(names)});
}

void Outbox::forget_gone() {
  if (gone_.empty()) return;
  gone_.clear();
  context_.batch.frame.meta.push_back({kGone, ""});
}

std::size_t Outbox::retry_dead(Key source, SymbolId workflow) {
  constexpr std::size_t kMostDead = 100'000;
  std::size_t count = 0;
  for (Effect& effect : need(context_.store.effects(EffectState::dead, INT64_MAX, kMostDead))) {
    const auto body = decode_effect(effect.body);
    if (!body || body->source != source || body->workflow != workflow) continue;
    effect.state = EffectState::ready;
    effect.attempts = 0;
    effect.next_at = context_.now;
    context_.batch.count(subject_of(*body), "retried");
    context_.batch.put_effect(std::move(effect));
    ++count;
  }
  return count;
}

void Outbox::unpark(const ParkedItem& item) {
  auto effect = need(context_.store.effect(item.effect));
  if (!effect || effect->state != EffectState::ready || effect->next_at != kParkedUntil) return;
  const auto body = decode_effect(effect->body);
  const Binding* binding = body ? context_.binding(body->code) : nullptr;
  const std::uint32_t workflow = binding ? binding->workflow_index(body->workflow) : kNone;
  effect->next_at = context_.now;
  if (workflow != kNone) {
    const bytecode::Late& late = binding->program().workflows[workflow].late;
    if (late.policy == bytecode::LatePolicy::skip && context_.now - item.due > late.after) {
      return refuse(*effect, *body, to_string(bytecode::EndReason::too_late));
    }
  }
  context_.batch.put_effect(std::move(*effect));
}

void Outbox::take_back() {
  for (const std::uint64_t effect : leaving_) destinations_.take_back(effect);
  leaving_.clear();
}

}  // namespace wf::engine
