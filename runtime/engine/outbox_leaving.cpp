// Which effects may leave now, and what leaves for them: mails, notices, calls.
#include "grammar/value/calendar.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/engine/limits.hpp"
#include "runtime/engine/outbox.hpp"
#include "runtime/engine/templates.hpp"
#include "runtime/vm/moment.hpp"

namespace wf::engine {

using bytecode::MailClass;
using store::Effect;
using store::EffectState;

namespace {

/// Renders the parts of a mail, until one cannot be.
class Parts {
 public:
  explicit Parts(const RenderInputs& inputs) : inputs_(inputs) {}
  std::string operator()(const char* part, const bytecode::Template& source, Target target) {
    if (problem_) return {};
    Shown shown = render(source, target, inputs_);
    if (shown.problem) problem_ = std::string(part) + ":" + *shown.problem;
    return std::move(shown.text);
  }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  const RenderInputs& inputs_;
  std::optional<std::string> problem_;
};

void take_sender(const bytecode::Catalogue& catalogue, std::uint32_t index, MailDelivery& mail,
                 RenderInputs& inputs) {
  if (index == kNone) return;
  const bytecode::Sender& sender = catalogue.senders[index];
  mail.from_name = inputs.sender_name = sender.display_name;
  mail.from_address = sender.address;
  inputs.sender_address = sender.postal_address;
}

}  // namespace

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

/// Its record may have been merged since.
void Outbox::follow(Effect& effect) {
  if (const Record* record = context_.cache.get(effect.record)) effect.record = record->key;
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
  if (body.arguments.size() > 1) {
    give_up(effect, body, "its payload cannot be shown: " + std::string(body.arguments[1].as_text()));
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
  RenderInputs inputs{.arguments = &body.arguments, .zone = catalogue.zone, .now = context_.now};
  take_sender(catalogue, email.sender, mail, inputs);
  if (context_.options.unsubscribe_link && email.mail_class == MailClass::marketing) {
    mail.unsubscribe_url = inputs.unsubscribe_url = context_.options.unsubscribe_link(
        effect.record, email.topic == kNone ? "" : catalogue.topics[email.topic].name);
  }
  Parts parts(inputs);
  mail.subject = parts("subject", send.own_subject ? send.subject : email.subject, Target::header);
  mail.text = parts("text", email.text, Target::text);
  mail.html = parts("html", email.html, Target::html);
  if (parts.problem()) {
    give_up(effect, body, "its template cannot be shown: " + *parts.problem());
    return std::nullopt;
  }
  return Delivery{effect.id, effect.record, effect_key(body), effect.attempts + 1, std::move(mail)};
}

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
  RenderInputs inputs{.arguments = &body.arguments, .zone = catalogue.zone, .now = context_.now};
  take_sender(catalogue, message.sender, mail, inputs);
  mail.email = message.name;
  mail.mail_class = MailClass::internal;
  Parts parts(inputs);
  mail.subject = parts("subject", message.subject, Target::header);
  mail.text = parts("body", message.body, Target::text);
  if (parts.problem()) {
    give_up(effect, body, "its template cannot be shown: " + *parts.problem());
    return std::nullopt;
  }
  return Delivery{effect.id, effect.record, effect_key(body), effect.attempts + 1, std::move(mail)};
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

}  // namespace wf::engine
