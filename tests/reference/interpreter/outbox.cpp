// Effects between the step that wanted them and the channel; and the loop of virtual time.
#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "tests/reference/interpreter/interpreter.hpp"
#include "tests/reference/interpreter/text.hpp"

namespace wf::reference {

using bytecode::MailClass;
using value::Kind;
using value::kSecond;

namespace {

constexpr unsigned kShardBits = 16;
constexpr Key kNumber = (Key{1} << (64 - kShardBits)) - 1;

/// Waits after a failed attempt where the call says nothing.
constexpr std::int64_t kRetries[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

/// 80 to 120 % of the wait, told by effect and attempt.
std::int64_t spread(std::int64_t seconds, const std::string& key, std::uint32_t attempts) {
  const std::int64_t us = seconds * kSecond;
  const auto range = static_cast<std::uint64_t>(us * 4 / 10 + 1);
  return us * 8 / 10 + static_cast<std::int64_t>(value::hash64(key, attempts) % range);
}

}  // namespace

Effect& Interpreter::put_effect(Group& group, Key record) {
  const std::uint64_t id = world_.next_effect++;
  Effect& effect = world_.outbox[id];
  effect.id = id;
  effect.record = record;
  effect.source = group.record;
  effect.workflow = group.workflow;
  effect.enrolment = group.enrolment;
  effect.group = group.number;
  effect.number = group.effects++;
  effect.depth = group.depth;
  effect.next_at = effect.wanted_at = now_;
  return effect;
}

std::string Interpreter::effect_key(const Effect& effect) const {
  return "wf:0:" + std::to_string(effect.source >> (64 - kShardBits)) + ":" +
         std::to_string(effect.source & kNumber) + "." + std::to_string(effect.enrolment) + ":" +
         std::to_string(effect.group) + ":" + std::to_string(effect.number);
}

/// A record about the group's own record, whose association is named after that one's object.
void Interpreter::create_standard(Group& group, std::string_view name,
                                  std::vector<std::pair<std::string_view, Value>> properties) {
  const std::uint32_t object = catalogue().find_object(name);
  const Record& about = world_.records.at(group.record);
  Record& record = create(object, about.key & ~kNumber);
  Change change = begin_change(record);
  change.created = true;
  tell(record.key, "created", {}, group.workflow);
  const auto& declared = catalogue().objects.at(object).properties;
  for (std::uint32_t p = 0; p < declared.size(); ++p) {
    Value v = declared[p].initial;
    for (const auto& [given, value] : properties) {
      if (given == declared[p].name) v = value;
    }
    const bool back = declared[p].type.kind == Kind::ref && declared[p].type.aux == about.object &&
                      declared[p].name == catalogue().objects.at(about.object).name;
    if (back) v = Value::ref(about.object, about.key);
    if (!v.is_unknown()) write(record, p, v, change, group.workflow);
  }
  group.changes.push_back(std::move(change));
}

// ---- the hand-over
// ------------------------------------------------------------------------------------------------

std::string Interpreter::refusal_of_mail(const Effect& effect, std::string& address) const {
  const Record* recipient = world_.find(effect.record);
  if (recipient == nullptr) return "record_deleted";
  const bytecode::Email& email = catalogue().emails.at(effect.send->email);
  if (email.mail_class == MailClass::marketing) {
    if (!recipient->marketing) return "not_marketing";
    for (const auto& [topic, subscribed] : recipient->topics) {
      if (!subscribed && (topic.empty() || topic == catalogue().topics.at(email.topic).name))
        return "unsubscribed";
    }
  }
  if (!recipient->suppressed.empty()) return recipient->suppressed;
  const auto& properties = catalogue().objects.at(recipient->object).properties;
  for (std::uint32_t p = 0; p < properties.size() && address.empty(); ++p) {
    const Value& v = recipient->facts.properties.at(p);
    if (properties[p].type.format == bytecode::Format::email && !v.is_unknown()) address = v.as_text();
  }
  return address.empty() ? "no_address" : "";
}

/// When all limits let another mail of the class leave; nothing when they do now.
std::optional<std::int64_t> Interpreter::capped_until(const Record& recipient, MailClass mail_class,
                                                      std::uint64_t effect) const {
  std::optional<std::int64_t> until;
  for (const bytecode::Policy& policy : catalogue().policies) {
    for (const bytecode::SendLimit& limit : policy.limits) {
      if (limit.mail_class != mail_class) continue;
      std::vector<std::int64_t> free_at;
      for (const Departure& d : recipient.departures) {
        if (d.mail_class == mail_class && d.effect != effect && d.at + limit.per > now_)
          free_at.push_back(d.at + limit.per);
      }
      if (free_at.size() < limit.most) continue;
      std::sort(free_at.begin(), free_at.end());
      const std::int64_t room = free_at[free_at.size() - limit.most];
      until = std::max(until.value_or(room), room);
    }
  }
  return until;
}

void Interpreter::refuse(const Effect& effect, const std::string& reason) {
  const Effect refused = effect;
  tell(refused.record, "mail_refused", "email." + catalogue().emails.at(refused.send->email).name,
       refused.workflow, reason);
  world_.outbox.erase(refused.id);
  not_sent(refused, reason);
}

bool Interpreter::may_leave(Effect& effect) {
  Record& recipient = world_.records.at(effect.record);
  const bytecode::Email& email = catalogue().emails.at(effect.send->email);
  const auto capped = capped_until(recipient, email.mail_class, effect.id);
  const bool waits = module_.workflows.at(effect.workflow).head.when_blocked == bytecode::WhenBlocked::delay;
  if (capped && !waits) {
    refuse(effect, "capped");
    return false;
  }
  const auto closed =
      effect.windows.empty() ? std::nullopt : closed_until(effect.windows, effect.zones, effect.record, now_);
  if (const auto until = capped ? capped : closed) {
    effect.next_at = *until;
    tell(effect.record, "mail_delayed", "email." + email.name, effect.workflow,
         (capped ? "capped until " : "window until ") + value::format_instant(*until, catalogue().zone));
    return false;
  }
  recipient.departures.push_back({effect.id, email.mail_class, now_});
  return true;
}

std::optional<Line> Interpreter::deliver_mail(Effect& effect) {
  const bytecode::Email& email = catalogue().emails.at(effect.send->email);
  std::string address;
  if (const std::string reason = refusal_of_mail(effect, address); !reason.empty()) {
    refuse(effect, reason);
    return std::nullopt;
  }
  if (!may_leave(effect)) return std::nullopt;
  Placeholders values{effect.arguments, {}, {}, {}};
  if (email.sender != kNone) {
    values.sender_name = catalogue().senders.at(email.sender).display_name;
    values.sender_address = catalogue().senders.at(email.sender).postal_address;
  }
  if (email.mail_class == MailClass::marketing) {
    const std::string topic = email.topic == kNone ? "" : catalogue().topics.at(email.topic).name;
    values.unsubscribe_url = "https://example.com/u/" + std::to_string(effect.record) + "-" + topic;
  }
  const bytecode::Template& subject = effect.send->subject ? *effect.send->subject : email.subject;
  effect.handed_over = true;
  answers_.emplace_back(effect.id, 200);
  return Line{now_,
              0,
              "handed_over",
              "email." + email.name,
              {},
              address + "|" + effect_key(effect) + "|" + render(subject, Escape::header, values) + "|" +
                  render(email.text, Escape::none, values) + "|" + render(email.html, Escape::html, values)};
}

Line Interpreter::deliver_call(Effect& effect) {
  const std::uint32_t webhook = effect.call->webhook;
  Script& script = scripts_[webhook];
  int status = 200;
  if (!script.statuses.empty()) {
    status = script.statuses[std::min(script.next++, script.statuses.size() - 1)];
  }
  effect.handed_over = true;
  answers_.emplace_back(effect.id, status);
  return Line{now_,
              0,
              "handed_over",
              "webhook." + catalogue().webhooks.at(webhook).name,
              {},
              effect_key(effect) + "|" + std::string(effect.arguments.at(0).as_text())};
}

/// What is refused is told first: it belongs to the round; the others leave after it.
bool Interpreter::hand_over() {
  std::vector<std::pair<std::int64_t, std::uint64_t>> due;
  for (const auto& [id, effect] : world_.outbox) {
    if (!effect.dead && !effect.handed_over && effect.next_at <= now_) due.emplace_back(effect.next_at, id);
  }
  std::sort(due.begin(), due.end());
  std::vector<Line> leaving;
  for (const auto& entry : due) {
    Effect& effect = world_.outbox.at(entry.second);
    const auto line = effect.send ? deliver_mail(effect) : std::optional<Line>(deliver_call(effect));
    if (line) leaving.push_back(*line);
  }
  for (Line& line : leaving) trace_.push_back(std::move(line));
  return !leaving.empty();
}

void Interpreter::answer(std::uint64_t id, int status) {
  Effect& effect = world_.outbox.at(id);
  effect.handed_over = false;
  const std::string detail = std::to_string(status);
  if (effect.send) {
    tell(effect.record, "mail_sent", "email." + catalogue().emails.at(effect.send->email).name,
         effect.workflow, effect_key(effect));
    world_.outbox.erase(id);
    return;
  }
  const std::string webhook = "webhook." + catalogue().webhooks.at(effect.call->webhook).name;
  if (status >= 200 && status < 300) {
    tell(effect.record, "call_made", webhook, effect.workflow, detail);
    world_.outbox.erase(id);
    return;
  }
  ++effect.attempts;
  const std::size_t most = effect.call->retries.value_or(std::size(kRetries));
  if (effect.attempts > most) {
    effect.dead = true;
    tell(effect.record, "call_failed", webhook, effect.workflow, "given up: " + detail);
    return run_failure(effect);
  }
  const std::int64_t wait = effect.call->retries
                                ? effect.call->over / static_cast<std::int64_t>(most)
                                : spread(kRetries[effect.attempts - 1], effect_key(effect), effect.attempts);
  effect.next_at = now_ + std::max<std::int64_t>(wait, 1);
  tell(effect.record, "call_retry", webhook, effect.workflow, detail);
}

// ---- virtual time
// -------------------------------------------------------------------------------------------------

/// Answers, then inputs, then what was due when the round began. Says whether there was anything.
bool Interpreter::batch() {
  struct Due {
    std::int64_t due;
    Key record;
    std::uint32_t enrolment, group;
    auto operator<=>(const Due&) const = default;
  };
  std::vector<Due> due;
  for (const auto& [key, record] : world_.records) {
    for (const Enrolment& e : record.enrolments) {
      if (e.due <= now_) due.push_back({e.due, key, e.id, e.group});
    }
  }
  std::sort(due.begin(), due.end());
  std::vector<Appointment> appointments;
  for (const Appointment& a : world_.appointments) {
    if (a.due <= now_) appointments.push_back(a);
  }
  bool any = !answers_.empty() || !inputs_.empty() || !due.empty() || !appointments.empty();
  for (const auto& [effect, status] : std::exchange(answers_, {})) answer(effect, status);
  for (; !inputs_.empty(); inputs_.pop_front()) apply(inputs_.front());
  auto next = appointments.begin();
  const auto keep_until = [&](std::int64_t at, Key record) {
    for (; next != appointments.end() && std::pair(next->due, next->record) <= std::pair(at, record);
         ++next) {
      keep_appointment(*next);
    }
  };
  for (const Due& d : due) {
    keep_until(d.due, d.record);
    const Enrolment* e = world_.records.at(d.record).enrolment(d.enrolment);
    const bool still = e && e->status != Status::running && e->due == d.due && e->group == d.group;
    if (still) fire(d.record, d.enrolment);
  }
  keep_until(now_, ~Key{0});
  judged_.clear();
  kept_until_ = now_;
  any = hand_over() || any;
  return any;
}

void Interpreter::settle() {
  while (batch() || next_due() <= now_) {
  }
}

std::int64_t Interpreter::next_due() const {
  std::int64_t next = INT64_MAX;
  for (const auto& [key, record] : world_.records) {
    for (const Enrolment& e : record.enrolments) next = std::min(next, e.due);
  }
  if (!world_.appointments.empty()) next = std::min(next, world_.appointments.begin()->due);
  for (const auto& [id, effect] : world_.outbox) {
    if (!effect.dead && !effect.handed_over) next = std::min(next, effect.next_at);
  }
  return next;
}

void Interpreter::advance(std::int64_t instant) {
  for (std::int64_t due = next_due(); due <= instant; due = next_due()) {
    now_ = std::max(now_, due);
    settle();
  }
  now_ = std::max(now_, instant);
  settle();
}

}  // namespace wf::reference
