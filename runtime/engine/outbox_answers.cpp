// What follows from the answer of a channel: done, another try, given up, held.
#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "runtime/engine/limits.hpp"
#include "runtime/engine/outbox.hpp"

namespace wf::engine {

using store::Effect;
using store::EffectState;

namespace {

/// A receiver may ask for a pause of this long at most, and its host is left alone no longer than that.
constexpr std::int64_t kMostRetryAfter = value::kDay;
constexpr std::int64_t kLongestPause = value::kHour;

/// ±20 %, the same for the same attempt of the same effect, whatever else is in the outbox.
std::int64_t jittered(std::int64_t seconds, const Effect& effect, const EffectBody& body) {
  const std::uint64_t hash = value::hash64(effect_key(body), effect.attempts);
  const std::int64_t us = seconds * value::kSecond;
  return us * 8 / 10 + static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(us * 4 / 10 + 1));
}

}  // namespace

void Outbox::settle(const EffectAnswer& answer) {
  const bool works = answer.kind != AnswerKind::retry && answer.kind != AnswerKind::uncertain;
  const std::int64_t pause = std::clamp<std::int64_t>(answer.retry_after, 0, kLongestPause);
  destinations_.answered(answer.effect, works, pause == 0 ? 0 : context_.now + pause, context_.now);
  auto found = need(context_.store.effect(answer.effect));
  if (!found) return;
  follow(*found);
  const auto decoded = decode_effect(found->body);
  if (!decoded) return context_.batch.remove_effect(answer.effect);
  const EffectBody& body = *decoded;
  const bool call = body.kind == EffectBody::Kind::call;
  working_on_ = answer.effect;
  if (bury_condemned(*found, body)) return;
  switch (answer.kind) {
    case AnswerKind::delivered:
      return delivered(*found, body, answer);
    case AnswerKind::retry:
      return retry(std::move(*found), body, answer);
    case AnswerKind::refused:
      if (call && is_final(body)) return give_up(std::move(*found), body, answer.detail);
      if (call) return retry(std::move(*found), body, answer);
      context_.batch.remove_effect(answer.effect);
      context_.batch.count(subject_of(body), "refused", "by the server");
      context_.tell(found->record, failed_happening(body), symbol_of(body), body.workflow, answer.detail);
      return undelivered(*found, body);
    case AnswerKind::gone: {
      const Binding* binding = context_.binding(body.code);
      mark_gone(binding->catalogue().webhooks[binding->program().calls[body.index].webhook].name, true);
      return give_up(std::move(*found), body, answer.detail);
    }
    case AnswerKind::uncertain:
      if (repeatable(body)) return retry(std::move(*found), body, answer);
      found->state = EffectState::uncertain;
      context_.batch.count(subject_of(body), "uncertain");
      context_.tell(found->record, Happening::mail_uncertain, symbol_of(body), body.workflow,
                    effect_key(body));
      context_.batch.put_effect(std::move(*found));
      return;
  }
}

void Outbox::delivered(const Effect& effect, const EffectBody& body, const EffectAnswer& answer) {
  context_.batch.remove_effect(effect.id);
  switch (body.kind) {
    case EffectBody::Kind::mail:
      context_.batch.count(subject_of(body), "sent");
      return context_.tell(effect.record, Happening::mail_sent, symbol_of(body), body.workflow,
                           effect_key(body));
    case EffectBody::Kind::notice:
      context_.batch.count(subject_of(body), "sent");
      return context_.tell(effect.record, Happening::notice_sent, symbol_of(body), body.workflow,
                           std::string(body.arguments.back().as_text()));
    case EffectBody::Kind::call:
      context_.batch.count(subject_of(body), "called");
      context_.tell(effect.record, Happening::call_made, symbol_of(body), body.workflow, answer.detail);
      return executor_.take_reply(body, answer.reply, "");
  }
}

void Outbox::retry(Effect effect, const EffectBody& body, const EffectAnswer& answer) {
  ++effect.attempts;
  const bool call = body.kind == EffectBody::Kind::call;
  std::size_t most = std::size(kRetrySeconds);
  std::int64_t wait =
      effect.attempts <= most ? jittered(kRetrySeconds[effect.attempts - 1], effect, body) : 0;
  if (call) {
    const Binding* binding = context_.binding(body.code);
    const bytecode::Call& entry = binding->program().calls[body.index];
    if (entry.retries != kNone) {  // `retry 5 times over 1 day`: evenly
      most = entry.retries;
      wait = most == 0 ? 0 : entry.over / static_cast<std::int64_t>(most);
    }
  }
  if (effect.attempts > most) return give_up(std::move(effect), body, answer.detail);
  effect.state = EffectState::ready;
  const std::int64_t asked_for = std::clamp<std::int64_t>(answer.retry_after, 1, kMostRetryAfter);
  effect.next_at = context_.now + std::max(wait, asked_for);
  context_.batch.count(subject_of(body), "retried");
  context_.tell(effect.record, call ? Happening::call_retry : Happening::mail_retry, symbol_of(body),
                body.workflow, answer.detail);
  context_.batch.put_effect(std::move(effect));
}

void Outbox::give_up(Effect effect, EffectBody body, std::string_view detail) {
  effect.state = EffectState::dead;
  body.why = detail;
  effect.body = encode(body);
  effect.next_at = context_.now;
  context_.batch.count(subject_of(body), "dead");
  const bool call = body.kind == EffectBody::Kind::call;
  context_.tell(effect.record, failed_happening(body), symbol_of(body), body.workflow,
                "given up: " + std::string(detail));
  context_.batch.put_effect(effect);
  if (call) {
    executor_.run_failure(body);
    executor_.take_reply(body, std::nullopt, "given up: " + std::string(detail));
  } else {
    undelivered(effect, body);
  }
}

Happening Outbox::failed_happening(const EffectBody& body) {
  switch (body.kind) {
    case EffectBody::Kind::call:
      return Happening::call_failed;
    case EffectBody::Kind::notice:
      return Happening::notice_failed;
    case EffectBody::Kind::mail:
      break;
  }
  return Happening::mail_refused;
}

/// The server does not take the mail: it counts for no limit, and nobody can react to it.
void Outbox::undelivered(const Effect& effect, const EffectBody& body) {
  if (body.kind != EffectBody::Kind::mail) return;
  if (Record* recipient = context_.cache.get(effect.record)) forget_send(context_, *recipient, effect.id);
  executor_.not_sent(body, "not delivered", false);
}

/// An enrolment waits for this call, and nobody asked to try again what was refused.
bool Outbox::is_final(const EffectBody& body) const {
  const Binding* binding = context_.binding(body.code);
  const bytecode::Call& entry = binding->program().calls[body.index];
  return entry.reply != kNone && entry.retries == kNone;
}

}  // namespace wf::engine
