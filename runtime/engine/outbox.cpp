#include "runtime/engine/outbox.hpp"

#include <algorithm>
#include <limits>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/engine/limits.hpp"
#include "runtime/vm/moment.hpp"

namespace wf::engine {

using bytecode::MailClass;
using store::Effect;
using store::EffectState;

namespace {

constexpr const char* kGone = "gone";
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

/// Does its destination take one more now? If not, it is put off.
bool Outbox::may_go(const Effect& effect, const EffectBody& body) {
  if (!context_.options.destinations) return true;
  const DestinationLimits& limits = *context_.options.destinations;
  const std::size_t most = body.kind == EffectBody::Kind::call ? limits.calls : limits.mails;
  const Destinations::Verdict verdict = destinations_.admit(destination(body), most, context_.now);
  if (verdict.may_leave || verdict.later == 0) return verdict.may_leave;
  Effect later = effect;
  later.next_at = verdict.later;
  context_.batch.put_effect(std::move(later));
  return false;
}

/// What was due while nothing ran: section "After an outage" of docs/operate/failures.md. True when it does
/// not leave now.
bool Outbox::is_settled_as_late(const Effect& effect, const EffectBody& body) {
  if (!catch_up_.is_overdue(effect.next_at) || body.kind == EffectBody::Kind::notice) return false;
  const Binding* binding = context_.binding(body.code);
  if (binding == nullptr) return false;
  const bool marketing = body.kind == EffectBody::Kind::mail &&
                         binding->program().sends[body.index].mail_class == MailClass::marketing;
  Effect later = effect;
  switch (catch_up_.judge(effect, marketing)) {
    case CatchUp::Verdict::leaves:
      return false;
    case CatchUp::Verdict::given_up:
      give_up(effect, body, "too late: it was due while nothing ran, more than 72 hours ago");
      return true;
    case CatchUp::Verdict::skipped:
      refuse(effect, body, "too_late");
      return true;
    case CatchUp::Verdict::held:
      later.state = EffectState::late;
      context_.batch.count(subject_of(body), "late");
      break;
    case CatchUp::Verdict::spread:
      later.next_at = catch_up_.slot(effect);
      break;
  }
  context_.batch.put_effect(std::move(later));
  return true;
}

bool Outbox::bury_condemned(const Effect& effect, const EffectBody& body) {
  const auto condemned = condemned_.find(effect.id);
  if (condemned == condemned_.end()) return false;
  Effect dead = effect;
  EffectBody why = body;
  why.why = "could not be worked on: " + condemned->second;
  dead.state = EffectState::dead;
  dead.next_at = context_.now;
  dead.body = encode(why);
  context_.batch.count(subject_of(body), "dead");
  context_.batch.put_effect(std::move(dead));
  return true;
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

std::optional<std::string> Outbox::refusal(const Record* recipient, const bytecode::Email& email,
                                           const Binding& binding, std::string& address) const {
  if (recipient == nullptr) return "record_deleted";
  const std::uint32_t object = binding.object_index(recipient->object);
  if (object == kNone) return "record_deleted";
  if (email.mail_class == MailClass::marketing) {
    if (recipient->marketing != Marketing::yes) return "not_marketing";
    for (const TopicState& topic : recipient->topics) {
      const bool all = context_.symbols.name(topic.topic).empty();
      if (!topic.subscribed && (all || topic.topic == binding.topic(email.topic))) return "unsubscribed";
    }
  }
  if (recipient->suppressed != 0) return std::string(context_.symbols.name(recipient->suppressed));
  const auto& properties = binding.catalogue().objects[object].properties;
  for (std::uint32_t p = 0; p < properties.size() && address.empty(); ++p) {
    if (properties[p].type.format != bytecode::Format::email) continue;
    const Value& v = recipient->property(binding.slot(object, p));
    if (v.kind() == value::Kind::text) address = v.as_text();
  }
  if (address.empty()) return "no_address";
  return std::nullopt;
}

void Outbox::refuse(const Effect& effect, const EffectBody& body, const std::string& reason) {
  context_.batch.remove_effect(effect.id);
  context_.batch.count(subject_of(body), "refused", reason);
  context_.tell(effect.record, Happening::mail_refused, symbol_of(body), body.workflow, reason);
  executor_.not_sent(body, reason, true);
}

void Outbox::delay(const Effect& effect, const EffectBody& body, std::int64_t until,
                   std::string_view reason) {
  Effect later = effect;
  later.next_at = until;
  context_.batch.put_effect(std::move(later));
  context_.batch.count(subject_of(body), "delayed", reason);
  context_.tell(
      effect.record, Happening::mail_delayed, symbol_of(body), body.workflow,
      std::string(reason) + " until " + value::format_instant(until, context_.active->catalogue().zone));
}

/// The last two of rule S32: limits, then windows. True when the mail may leave now.
bool Outbox::may_leave(const Effect& effect, const EffectBody& body, const Binding& binding) {
  const bytecode::Program& program = binding.program();
  const bytecode::MailClass mail_class = program.sends[body.index].mail_class;
  Record& recipient = *context_.cache.get(effect.record);
  if (const auto until = capped_until(context_, recipient, mail_class, effect.id)) {
    const std::uint32_t workflow = binding.workflow_index(body.workflow);
    const bool waits =
        workflow != kNone && program.workflows[workflow].when_blocked == bytecode::WhenBlocked::delay;
    if (waits) {
      delay(effect, body, *until, "capped");
    } else {
      refuse(effect, body, "capped");
    }
    return false;
  }
  const std::uint32_t window = body.window.window;
  if (window < program.windows.size()) {
    const auto until =
        vm::closed_until(program.windows[window], body.window.zones, effect.record, context_.now);
    if (until) {
      delay(effect, body, *until, "window");
      return false;
    }
  }
  remember_send(context_, recipient, mail_class, effect.id);
  return true;
}

namespace {

void take_sender(const bytecode::Catalogue& catalogue, std::uint32_t index, MailDelivery& mail,
                 RenderInputs& inputs) {
  if (index == kNone) return;
  const bytecode::Sender& sender = catalogue.senders[index];
  mail.from_name = inputs.sender_name = sender.display_name;
  mail.from_address = sender.address;
  inputs.sender_address = sender.postal_address;
}

}  // namespace

/// A mail to a person of the own house. Who left the project since gets none.
std::optional<Delivery> Outbox::prepare_notice(const Effect& effect, EffectBody body,
                                               const Binding& binding) {
  const bytecode::Catalogue& catalogue = binding.catalogue();
  const bytecode::Message& message = catalogue.messages[binding.program().notifies[body.index].message];
  const std::string to = display(catalogue, body.arguments.back());
  body.arguments.pop_back();
  const bytecode::Catalogue& today = context_.active->catalogue();
  MailDelivery mail;
  for (const bytecode::User& user : today.users) {
    if (to == "user." + user.name) mail.to_address = user.email;
  }
  for (const bytecode::Team& team : today.teams) {
    if (to == "team." + team.name) mail.to_address = team.email;
  }
  if (mail.to_address.empty() || message.sender == kNone) {
    context_.batch.remove_effect(effect.id);
    context_.batch.count("message." + message.name, "refused", "no_address");
    context_.tell(effect.record, Happening::notice_failed, symbol_of(body), body.workflow,
                  to + ": no_address");
    return std::nullopt;
  }
  RenderInputs inputs;
  inputs.arguments = &body.arguments;
  take_sender(catalogue, message.sender, mail, inputs);
  mail.email = message.name;
  mail.mail_class = MailClass::internal;
  mail.subject = render(message.subject, Target::header, inputs);
  mail.text = render(message.body, Target::text, inputs);
  return Delivery{effect.id, effect.record, effect_key(body), effect.attempts + 1, std::move(mail)};
}

std::optional<Delivery> Outbox::prepare_mail(const Effect& effect, const EffectBody& body,
                                             const Binding& binding) {
  const bytecode::Catalogue& catalogue = binding.catalogue();
  const bytecode::Send& send = binding.program().sends[body.index];
  const bytecode::Email& email = catalogue.emails[send.email];
  std::string address;
  if (const auto reason = refusal(context_.cache.get(effect.record), email, binding, address)) {
    refuse(effect, body, *reason);
    return std::nullopt;
  }
  if (!may_leave(effect, body, binding)) return std::nullopt;
  MailDelivery mail;
  mail.email = email.name;
  mail.mail_class = email.mail_class;
  mail.to_address = std::move(address);
  mail.reply_to = email.reply_to;
  RenderInputs inputs;
  inputs.arguments = &body.arguments;
  take_sender(catalogue, email.sender, mail, inputs);
  if (context_.options.unsubscribe_link && email.mail_class == MailClass::marketing) {
    mail.unsubscribe_url = inputs.unsubscribe_url = context_.options.unsubscribe_link(
        effect.record, email.topic == kNone ? "" : catalogue.topics[email.topic].name);
  }
  mail.subject = render(send.own_subject ? send.subject : email.subject, Target::header, inputs);
  mail.text = render(email.text, Target::text, inputs);
  mail.html = render(email.html, Target::html, inputs);
  return Delivery{effect.id, effect.record, effect_key(body), effect.attempts + 1, std::move(mail)};
}

std::optional<Delivery> Outbox::prepare(const Effect& effect, const EffectBody& body) {
  const Binding* binding = context_.binding(body.code);
  if (binding == nullptr) {
    context_.batch.remove_effect(effect.id);
    context_.tell(effect.record, Happening::error, 0, body.workflow, "the bundle of an effect is gone");
    return std::nullopt;
  }
  if (body.kind == EffectBody::Kind::mail) return prepare_mail(effect, body, *binding);
  if (body.kind == EffectBody::Kind::notice) return prepare_notice(effect, body, *binding);
  const bytecode::Call& entry = binding->program().calls[body.index];
  const bytecode::Webhook& webhook = binding->catalogue().webhooks[entry.webhook];
  if (gone_.contains(webhook.name)) {
    give_up(effect, body, "the endpoint has answered 410 Gone");
    return std::nullopt;
  }
  const bool wants_reply = entry.reply != kNone;
  if (wants_reply && !executor_.awaited(body)) {
    context_.batch.remove_effect(effect.id);
    context_.batch.count("webhook." + webhook.name, "timed_out");
    context_.tell(effect.record, Happening::call_failed, symbol_of(body), body.workflow, "timed out");
    return std::nullopt;
  }
  CallDelivery call{webhook.name,
                    webhook.url,
                    webhook.url_secret,
                    webhook.sign_secret,
                    std::string(body.arguments.at(0).as_text()),
                    wants_reply};
  return Delivery{effect.id, effect.record, effect_key(body), effect.attempts + 1, std::move(call)};
}

/// Its record may have been merged since.
void Outbox::follow(Effect& effect) {
  if (const Record* record = context_.cache.get(effect.record)) effect.record = record->key;
}

std::vector<Delivery> Outbox::hand_over(std::int64_t now, std::size_t limit) {
  context_.now = now;
  leaving_.clear();
  std::vector<Delivery> deliveries;
  for (Effect& effect : need(context_.store.effects(EffectState::ready, now, limit + in_flight()))) {
    if (deliveries.size() == limit) break;
    if (is_in_flight(effect.id)) continue;
    follow(effect);
    const auto body = decode_effect(effect.body);
    if (!body) {
      context_.batch.remove_effect(effect.id);
      context_.tell(effect.record, Happening::error, 0, 0, body.error().message);
      continue;
    }
    working_on_ = effect.id;
    if (bury_condemned(effect, *body) || park(effect, *body) || is_settled_as_late(effect, *body) ||
        !may_go(effect, *body))
      continue;
    auto delivery = prepare(effect, *body);
    if (!delivery) continue;
    deliveries.push_back(std::move(*delivery));
    destinations_.left(destination(*body), effect.id, context_.now);
    leaving_.push_back(effect.id);
    if (repeatable(*body)) continue;
    effect.state = EffectState::attempted;
    context_.batch.put_effect(std::move(effect));
  }
  working_on_ = 0;
  return deliveries;
}

/// Marketing mail of a paused workflow waits for the end of the pause; what else was decided before goes out.
bool Outbox::park(const Effect& effect, const EffectBody& body) {
  if (body.kind != EffectBody::Kind::mail || !context_.switches.is_paused(body.workflow)) return false;
  const Binding* binding = context_.binding(body.code);
  if (binding == nullptr || binding->program().sends[body.index].mail_class != MailClass::marketing) {
    return false;
  }
  Effect later = effect;
  later.next_at = kParkedUntil;
  context_.switches.park(body.workflow, {effect.next_at, {}, effect.id});
  context_.batch.put_effect(std::move(later));
  context_.batch.count(subject_of(body), "delayed", "paused");
  context_.tell(effect.record, Happening::mail_delayed, symbol_of(body), body.workflow, "paused");
  return true;
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

/// An enrolment waits for this call, and nobody asked to try again what was refused.
bool Outbox::is_final(const EffectBody& body) const {
  const Binding* binding = context_.binding(body.code);
  const bytecode::Call& entry = binding->program().calls[body.index];
  return entry.reply != kNone && entry.retries == kNone;
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

}  // namespace wf::engine
