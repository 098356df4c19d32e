// ActionRunner: the actions of a group of steps, applied to records or put into the outbox.
#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/engine/changes.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/experiments.hpp"
#include "runtime/engine/templates.hpp"

namespace wf::engine {

using bytecode::ResourceKind;

namespace {

/// A notification is for the own people: better half of it, with the reason, than none.
std::string shown(const bytecode::Template& source, Target target, const RenderInputs& inputs) {
  Shown result = render(source, target, inputs);
  return result.problem ? result.text + "[" + *result.problem + "]" : std::move(result.text);
}

constexpr std::uint8_t kEffectFormat = 3;
constexpr std::uint8_t kGivenUpFormat = 4;  // and why it was

bool is_resource(const Value& v, ResourceKind kind) {
  return v.kind() == value::Kind::resource && v.aux() == static_cast<std::uint32_t>(kind);
}

}  // namespace

std::string encode(const EffectBody& body) {
  value::Writer out;
  out.u8(body.why.empty() ? kEffectFormat : kGivenUpFormat);
  out.u8(static_cast<std::uint8_t>(body.kind));
  out.varint(body.code);
  out.varint(body.workflow);
  out.varint(body.index);
  out.u64(body.source);
  out.varint(body.enrolment);
  out.varint(body.group);
  out.varint(body.number);
  out.zigzag(body.created_at);
  out.u8(body.depth);
  out.varint(body.arguments.size());
  for (const Value& v : body.arguments) out.value(v);
  out.varint(static_cast<std::uint32_t>(body.window.window + 1));  // none is 0
  out.varint(body.window.zones.size());
  for (const Value& v : body.window.zones) out.value(v);
  if (!body.why.empty()) out.bytes(body.why);
  return out.take();
}

Result<EffectBody> decode_effect(std::string_view bytes) {
  value::Reader in(bytes);
  EffectBody body;
  const std::uint8_t format = in.u8();
  const std::uint8_t kind = in.u8();
  body.kind = static_cast<EffectBody::Kind>(kind);
  body.code = static_cast<SymbolId>(in.varint());
  body.workflow = static_cast<SymbolId>(in.varint());
  body.index = static_cast<std::uint32_t>(in.varint());
  body.source = in.u64();
  body.enrolment = static_cast<std::uint32_t>(in.varint());
  body.group = static_cast<std::uint32_t>(in.varint());
  body.number = static_cast<std::uint32_t>(in.varint());
  body.created_at = in.zigzag();
  body.depth = in.u8();
  body.arguments.resize(in.count());
  for (Value& v : body.arguments) v = in.value();
  body.window.window = static_cast<std::uint32_t>(in.varint()) - 1;
  body.window.zones.resize(in.count());
  for (Value& v : body.window.zones) v = in.value();
  if (format == kGivenUpFormat) body.why = in.bytes();
  if ((format != kEffectFormat && format != kGivenUpFormat) || kind < 1 || kind > 3 || in.failed() ||
      !in.done()) {
    return Error{ErrorCode::corrupt, "an effect of the outbox does not decode"};
  }
  return body;
}

std::string effect_key(const EffectBody& body) {
  constexpr std::uint64_t number = (std::uint64_t{1} << (64 - store::kShardBits)) - 1;
  return "wf:0:" + std::to_string(store::shard_of(body.source)) + ":" + std::to_string(body.source & number) +
         "." + std::to_string(body.enrolment) + ":" + std::to_string(body.group) + ":" +
         std::to_string(body.number);
}

void ActionRunner::reserve(const std::vector<vm::Action>& actions) {
  for (const vm::Action& action : actions) {
    const auto* notify = std::get_if<vm::Notify>(&action);
    const bool creates = std::holds_alternative<vm::CreateRecord>(action) ||
                         std::holds_alternative<vm::CreateTask>(action) || (notify && notify->key != 0);
    context_.numbers.next_record += creates ? 1 : 0;
  }
}

void ActionRunner::apply(const vm::Action& action) {
  std::visit([this](const auto& a) { act(a); }, action);
}

/// What the group does to a record is one change, however many steps do it.
Change& ActionRunner::change_of(const Record& record) {
  if (&record == &record_) return change_;
  for (Elsewhere& other : elsewhere_) {
    if (other.key == record.key) return other.change;
  }
  return elsewhere_.emplace_back(Elsewhere{record.key, {}}).change;
}

void ActionRunner::act(const vm::SetProperty& a) {
  Changes(context_, record_, change_, origin_.workflow).set_property(binding_, a.property, a.value);
}

void ActionRunner::act(const vm::ChangeField& a) {
  Record* other = context_.cache.get(a.record);
  if (other == nullptr || other->object != binding_.object(a.object)) return;
  Changes changes(context_, *other, change_of(*other), origin_.workflow);
  if (a.add) {
    changes.add_to_property(binding_, a.property, a.value);
  } else {
    changes.set_property(binding_, a.property, a.value);
  }
}

bool ActionRunner::change_list(Record& other, SymbolId list, bool add) {
  if (other.in(other.lists, list) == add) return false;
  Changes(context_, other, change_of(other), origin_.workflow).set_list(list, add);
  return true;
}

void ActionRunner::act(const vm::ChangeList& a) {
  if (Record* other = context_.cache.get(a.record)) change_list(*other, binding_.list(a.list), a.add);
}

/// Only a marketing contact is shown to a platform; whoever is shown may always be taken back.
void ActionRunner::act(const vm::ChangeAudience& a) {
  Record* other = context_.cache.get(a.record);
  if (other == nullptr) return;
  const bytecode::Audience& audience = binding_.catalogue().audiences[a.audience];
  const std::string name = "audience." + audience.name;
  if (a.add && other->marketing != Marketing::yes) {
    context_.batch.count(name, "refused", "not_marketing");
    context_.tell(a.record, Happening::audience_refused, context_.symbols.intern("audience", audience.name),
                  origin_.workflow, "not_marketing");
    return;
  }
  if (!change_list(*other, binding_.list(audience.list), a.add)) return;
  context_.batch.count(name, a.add ? "added" : "removed");
  if (audience.call == kNone) return;
  const bytecode::Catalogue& catalogue = binding_.catalogue();
  std::string json = "{\"audience\":";
  append_json(json, catalogue, Value::text(audience.name));
  json += a.add ? ",\"action\":\"add\"" : ",\"action\":\"remove\"";
  const RecordView view(context_, binding_, *other);
  const std::uint32_t object = binding_.object_index(other->object);
  const std::uint32_t email = catalogue.find_property(object, "email");
  if (email != kNone) {
    json += ",\"email\":";
    append_json(json, catalogue, view.property(email));
  }
  put_effect(EffectBody::Kind::call, audience.call, a.record, {Value::text(json + "}")});
}

void ActionRunner::act(const vm::ChangeTag& a) {
  Changes(context_, record_, change_, origin_.workflow).set_tag(context_.symbols.intern("tag", a.tag), a.add);
}

void ActionRunner::act(const vm::ChangeTopic& a) {
  Changes(context_, record_, change_, origin_.workflow).set_topic(binding_.topic(a.topic), a.subscribe);
}

void ActionRunner::act(const vm::SetMarketing& a) {
  Changes(context_, record_, change_, origin_.workflow).set_marketing(a.marketing);
}

std::vector<Value> ActionRunner::plain_arguments(const std::vector<Value>& arguments) const {
  std::vector<Value> result;
  for (const Value& v : arguments) result.push_back(plain(binding_.catalogue(), v));
  return result;
}

void ActionRunner::put_effect(EffectBody::Kind kind, std::uint32_t index, Key recipient,
                              std::vector<Value> arguments, vm::OpenWindow window) {
  EffectBody body = origin_;
  ++origin_.number;
  body.kind = kind;
  body.index = index;
  body.arguments = std::move(arguments);
  body.window = std::move(window);
  store::Effect effect;
  effect.id = context_.numbers.next_effect++;
  effect.record = recipient;
  effect.next_at = context_.overdue_since != 0 ? context_.overdue_since : context_.now;
  effect.body = encode(body);
  context_.batch.put_effect(std::move(effect));
}

void ActionRunner::act(const vm::Send& a) {
  const std::uint32_t email = binding_.program().sends[a.send].email;
  const std::string& name = binding_.catalogue().emails[email].name;
  put_effect(EffectBody::Kind::mail, a.send, a.recipient, plain_arguments(a.arguments), a.window);
  if (Enrolment* e = record_.enrolment(origin_.enrolment);
      e && binding_.catalogue().emails[email].mail_class == bytecode::MailClass::marketing) {
    e->mailed = true;
  }
  context_.batch.count("email." + name, "queued");
  context_.tell(a.recipient, Happening::mail_queued, context_.symbols.intern("email", name),
                origin_.workflow);
}

void ActionRunner::act(const vm::Call& a) {
  const bytecode::Call& call = binding_.program().calls[a.call];
  const bytecode::Webhook& webhook = binding_.catalogue().webhooks[call.webhook];
  std::vector<Value> arguments = {Value::text(fields_of(a, call))};
  if (!webhook.payload.text.empty()) arguments = payload_of(a, webhook);
  put_effect(EffectBody::Kind::call, a.call, record_.key, std::move(arguments));
  context_.batch.count("webhook." + webhook.name, "queued");
}

std::vector<Value> ActionRunner::payload_of(const vm::Call& a, const bytecode::Webhook& webhook) {
  const std::vector<Value> values = plain_arguments(a.fields);
  Shown shown = render(webhook.payload, Target::json,
                       {.arguments = &values, .zone = binding_.catalogue().zone, .now = context_.now});
  std::vector<Value> arguments = {Value::text(shown.text)};
  if (shown.problem) arguments.push_back(Value::text(*shown.problem));
  return arguments;
}

/// The fields as an object.
std::string ActionRunner::fields_of(const vm::Call& a, const bytecode::Call& call) const {
  std::string json = "{";
  for (std::size_t i = 0; i < call.fields.size(); ++i) {
    if (i > 0) json += ',';
    json += '"' + call.fields[i] + "\":";
    append_json(json, binding_.catalogue(), a.fields[i]);
  }
  return json + "}";
}

void ActionRunner::create(std::uint32_t object, Key key,
                          const std::vector<std::pair<std::uint32_t, Value>>& values) {
  Record& created = context_.cache.create(key, binding_.object(object), context_.now);
  Change& change = change_of(created);
  change.created = true;
  context_.tell(key, Happening::created, 0, origin_.workflow);
  context_.batch.count("object." + binding_.catalogue().objects[object].name, "created");
  Changes changes(context_, created, change, origin_.workflow);
  const auto& properties = binding_.catalogue().objects[object].properties;
  for (std::uint32_t p = 0; p < properties.size(); ++p) {
    Value v = properties[p].initial;
    for (const auto& [property, given] : values) {
      if (property == p) v = given;
    }
    if (!v.is_unknown()) changes.set_property(binding_, p, v);
  }
}

void ActionRunner::create(std::string_view object, Key key, Key about,
                          const std::vector<std::pair<std::string_view, Value>>& properties) {
  const bytecode::Catalogue& catalogue = binding_.catalogue();
  const std::uint32_t index = catalogue.find_object(object);
  if (index == kNone) return;
  std::vector<std::pair<std::uint32_t, Value>> values;
  for (const auto& [name, v] : properties) {
    const std::uint32_t property = catalogue.find_property(index, name);
    if (property != kNone) values.emplace_back(property, v);
  }
  // The association to the record that this is about, whatever its object.
  const Record* subject = context_.cache.get(about);
  const std::uint32_t kind = subject ? binding_.object_index(subject->object) : kNone;
  const std::uint32_t link =
      kind == kNone ? kNone : catalogue.find_property(index, catalogue.objects[kind].name);
  if (link != kNone && catalogue.objects[index].properties[link].type.kind == value::Kind::ref &&
      catalogue.objects[index].properties[link].type.aux == kind) {
    values.emplace_back(link, Value::ref(kind, about));
  }
  create(index, key, values);
}

void ActionRunner::act(const vm::CreateRecord& a) {
  create(a.object, a.key, a.values);
}

void ActionRunner::act(const vm::TakeTurn& a) {
  const std::string& key = binding_.program().rotations[a.rotation].key;
  context_.batch.turns[key] = context_.turns(key) + 1;
}

void ActionRunner::act(const vm::CreateTask& a) {
  const std::string title = display(binding_.catalogue(), a.title);
  const bool team = is_resource(a.assignee, ResourceKind::team);
  create("task", a.key, a.about == 0 ? record_.key : a.about,
         {{"title", Value::text(title)},
          {team ? "team" : "assignee", a.assignee},
          {"due", a.due.value_or(Value())}});
  context_.batch.count(bytecode::workflow_label(context_.symbols.name(origin_.workflow)), "tasks");
  context_.tell(a.about == 0 ? record_.key : a.about, Happening::task_created, 0, origin_.workflow,
                title + " · " + display(binding_.catalogue(), a.assignee));
}

void ActionRunner::act(const vm::Notify& a) {
  const bytecode::Notify& notify = binding_.program().notifies[a.notify];
  const bytecode::Message& message = binding_.catalogue().messages[notify.message];
  std::vector<Value> arguments = plain_arguments(a.arguments);
  const RenderInputs inputs{.arguments = &arguments, .zone = binding_.catalogue().zone, .now = context_.now};
  const bool team = is_resource(a.assignee, ResourceKind::team);
  if (a.key != 0) {
    create("notification", a.key, record_.key,
           {{"subject", Value::text(shown(message.subject, Target::header, inputs))},
            {"body", Value::text(shown(message.body, Target::text, inputs))},
            {team ? "team" : "recipient", a.assignee}});
  }
  context_.batch.count("message." + message.name, "notified");
  std::string to = "nobody";
  if (a.assignee.kind() == value::Kind::resource) {
    const auto kind = static_cast<ResourceKind>(a.assignee.aux());
    to = std::string(to_string(kind)) + "." +
         binding_.catalogue().resource_name(kind, a.assignee.as_resource());
  }
  context_.tell(record_.key, Happening::notified, context_.symbols.intern("message", message.name),
                origin_.workflow, to);
  if (!notify.by_mail || a.assignee.kind() != value::Kind::resource) return;
  arguments.push_back(Value::text(to));
  put_effect(EffectBody::Kind::notice, a.notify, record_.key, std::move(arguments));
}

void ActionRunner::act(const vm::Enroll& a) {
  enrolments_.push_back({a.record, binding_.workflow(a.workflow), a.enroll});
}

void ActionRunner::act(const vm::Expose& a) {
  expose(context_, binding_, record_, a.experiment, a.arm);
}

void ActionRunner::act(const vm::NotSent& a) {
  const std::uint32_t step = binding_.program().waits[a.wait].step;
  context_.batch.count(bytecode::workflow_label(context_.symbols.name(origin_.workflow)), "not_sent",
                       step == kNone ? "" : binding_.program().steps[step].label);
  context_.tell(record_.key, Happening::timed_out, origin_.workflow, origin_.workflow, "not_sent");
}

}  // namespace wf::engine
