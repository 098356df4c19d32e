#include "runtime/engine/intake.hpp"

#include <algorithm>

#include "runtime/crm/convert.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/engine/experiments.hpp"

namespace wf::engine {

using bytecode::ResourceKind;

void Intake::reject(std::string_view reason) {
  context_.batch.count("engine", "inputs_ignored", reason);
}

std::optional<InputEvent> Intake::decode(const store::Input& input) {
  auto event = decode_input(input.body);
  return event ? std::optional(std::move(*event)) : std::nullopt;
}

void Intake::apply(const store::Input& input) {
  apply(decode(input), input);
}

void Intake::apply(const std::optional<InputEvent>& event, const store::Input& input) {
  if (!event) return reject("undecodable");
  apply(*event, input);
}

std::optional<std::pair<SymbolId, std::string>> Intake::identity_of(const InputEvent& event) const {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const bool is_event = event.kind == InputKind::event;
  const std::uint32_t type = is_event ? catalogue.find_event(event.type) : kNone;
  const std::uint32_t object = is_event && type == kNone ? kNone : object_of(event, type);
  if (object == kNone) return std::nullopt;
  return std::pair{context_.active->object(object), crm::identity(catalogue.objects[object], event.subject)};
}

std::uint32_t Intake::object_of(const InputEvent& event, std::uint32_t type) const {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  if (!event.object.empty()) return catalogue.find_object(event.object);
  if (type != kNone && catalogue.events[type].object != kNone) return catalogue.events[type].object;
  return catalogue.find_object("contact");
}

Record& Intake::create(const InputEvent& event, std::uint32_t object, const std::string& identity,
                       Change& change) {
  const Binding& binding = *context_.active;
  const Key key = context_.new_key(binding.object(object), identity);
  Record& record = context_.cache.create(key, binding.object(object), context_.now);
  change.created = true;
  context_.tell(key, Happening::created);
  context_.batch.count("object." + binding.catalogue().objects[object].name, "created");
  Changes changes(context_, record, change);
  const bytecode::Object& declared = binding.catalogue().objects[object];
  for (std::uint32_t p = 0; p < declared.properties.size(); ++p) {
    const bytecode::Property& property = declared.properties[p];
    if (!property.initial.is_unknown()) changes.set_property(binding, p, property.initial);
    // The subject itself, where it is a unique property: taro@example.com.
    if (property.unique && identity.starts_with(property.name + "=")) {
      const std::size_t colon = event.subject.starts_with(property.name + ":") ? property.name.size() + 1 : 0;
      const auto v =
          crm::convert(binding.catalogue(), property.type, Value::text(event.subject.substr(colon)));
      if (v) changes.set_property(binding, p, *v);
    }
  }
  if (identity.starts_with("id=")) context_.batch.identities[{record.object, identity}] = key;
  return record;
}

Record* Intake::record_for(const InputEvent& event, std::uint32_t object, bool may_create, Change& change) {
  const Binding& binding = *context_.active;
  const std::string identity = crm::identity(binding.catalogue().objects[object], event.subject);
  if (const auto key = context_.find(binding.object(object), identity)) {
    // A record that was deleted leaves its outside id behind.
    if (Record* record = context_.cache.get(*key)) return record;
  }
  if (!may_create || event.subject.empty()) return nullptr;
  return &create(event, object, identity, change);
}

void Intake::set_properties(Record& record, std::uint32_t object, const value::Map& properties,
                            Changes& changes, const std::vector<bytecode::FormField>* only) {
  const Binding& binding = *context_.active;
  const bytecode::Catalogue& catalogue = binding.catalogue();
  const auto find = [&](std::uint32_t target, const std::string& id) {
    return context_.find(binding.object(target), id);
  };
  for (const auto& [name, raw] : properties) {
    const std::uint32_t property = catalogue.find_property(object, name);
    if (only && std::none_of(only->begin(), only->end(),
                             [&](const bytecode::FormField& field) { return field.property == name; })) {
      continue;
    }
    if (property == kNone || catalogue.objects[object].properties[property].hidden) continue;
    const bytecode::Property& declared = catalogue.objects[object].properties[property];
    const auto v = crm::convert(catalogue, declared.type, raw, find);
    const auto fits = v ? crm::check_property(declared, *v) : Result<void>(v.error());
    if (!fits) {
      context_.tell(record.key, Happening::error, 0, 0, name + ": " + fits.error().message);
      continue;
    }
    changes.set_property(binding, property, *v);
  }
}

const std::vector<bytecode::FormField>* Intake::answered(const vm::Event& event,
                                                         const bytecode::EventType& type) const {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  for (std::size_t p = 0; p < type.parameters.size(); ++p) {
    const Value& v = event.parameters[p];
    if (v.kind() != value::Kind::resource) continue;
    const auto kind = static_cast<ResourceKind>(v.aux());
    if (kind == ResourceKind::form) return &catalogue.forms[v.as_resource()].fields;
    if (kind == ResourceKind::survey) return &catalogue.surveys[v.as_resource()].fields;
  }
  return nullptr;
}

vm::Event Intake::bind(const bytecode::EventType& type, const value::Map& data, Key key) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  vm::Event event;
  event.type = static_cast<std::uint32_t>(&type - catalogue.events.data());
  for (const bytecode::EventParameter& parameter : type.parameters) {
    Value v;
    for (const auto& [name, raw] : data) {
      if (name != parameter.name) continue;
      const auto converted = crm::convert(catalogue, parameter.type, raw);
      if (converted) {
        v = *converted;
      } else {
        context_.tell(key, Happening::error, 0, 0, name + ": " + converted.error().message);
      }
    }
    event.parameters.push_back(std::move(v));
  }
  return event;
}

void Intake::consequences(const bytecode::EventType& type, const InputEvent& event, Changes& changes) {
  if (type.name == "unsubscribed") {
    std::string topic;
    for (const auto& [name, v] : event.data) {
      if (name == "topic" && v.kind() == value::Kind::text) topic = v.as_text();
    }
    if (topic.starts_with("topic.")) topic.erase(0, 6);
    changes.set_topic(context_.symbols.intern("topic", topic), false);
  } else if (type.name == "email_bounced") {
    changes.suppress("bounced");
  } else if (type.name == "email_complained") {
    changes.suppress("complained");
  }
}

void Intake::event(const InputEvent& input, std::uint32_t type_index, const store::Input& raw) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const bytecode::EventType& type = catalogue.events[type_index];
  const std::uint32_t object = object_of(input, type_index);
  if (object == kNone) return reject("unknown object");
  const bytecode::Form* form = nullptr;
  for (const auto& [name, v] : input.data) {
    if (name != "form" || v.kind() != value::Kind::text) continue;
    const auto found = crm::convert(
        catalogue, {value::Kind::resource, {}, static_cast<std::uint32_t>(ResourceKind::form), true}, v);
    if (found && found->kind() == value::Kind::resource) form = &catalogue.forms[found->as_resource()];
  }
  Change change;
  const bool creates = input.create || (form && form->creates == object);
  Record* record = record_for(input, object, creates, change);
  if (record == nullptr) return reject("no such record");

  Changes changes(context_, *record, change);
  const std::int64_t at =
      input.occurred_at == 0 ? raw.received_at : std::min(input.occurred_at, raw.received_at);
  Occurrence occurrence;
  occurrence.at = at;
  occurrence.late = raw.received_at - at > kMaxLateness;
  occurrence.key = raw.dedupe[0] != 0 || raw.dedupe[1] != 0 ? raw.dedupe[0] ^ raw.dedupe[1] : raw.seq;
  occurrence.event = bind(type, input.data, record->key);
  std::string detail;
  for (std::size_t p = 0; p < type.parameters.size(); ++p) {
    if (occurrence.event.parameters[p].is_unknown()) continue;
    detail += (detail.empty() ? "" : ", ") + type.parameters[p].name + "=" +
              display(catalogue, occurrence.event.parameters[p]);
  }
  context_.tell(record->key, Happening::event, context_.symbols.intern("event", type.name), 0,
                std::move(detail));
  if (const auto* fields = answered(occurrence.event, type)) {
    set_properties(*record, object, input.data, changes, fields);
  }
  set_properties(*record, object, input.properties, changes, nullptr);
  if (input.marketing) changes.set_marketing(*input.marketing);
  consequences(type, input, changes);
  changes.count_event(occurrence.event, at);
  count_reaction(context_, *record, occurrence);
  executor_.react(record->key, change, &occurrence);
}

/// Before the first exposure a record can be given an arm; afterwards it has one for ever.
void Intake::give_variant(Record& record, std::string_view name) {
  const std::size_t dot = name.find('.');
  const SymbolId experiment = context_.symbols.intern("experiment", name.substr(0, dot));
  const std::uint32_t index = context_.active->experiment_index(experiment);
  if (dot == name.npos || index == kNone) return reject("unknown experiment");
  const SymbolId arm = context_.symbols.intern("variant", name.substr(dot + 1));
  if (context_.active->arm_index(index, arm) == kNone) return reject("unknown variant");
  if (record.assignment(experiment) != nullptr) return reject("variant already given");
  record.assignments.push_back({experiment, arm});
  context_.cache.touch(record.key);
}

void Intake::merge(const Record& kept, std::uint32_t object, const std::string& subject) {
  const Binding& binding = *context_.active;
  const auto other =
      context_.find(binding.object(object), crm::identity(binding.catalogue().objects[object], subject));
  const Record* gone = other ? context_.cache.get(*other) : nullptr;
  if (gone == nullptr) return reject("no such record");
  if (gone != &kept) executor_.merge_records(kept.key, gone->key);
}

void Intake::apply(const InputEvent& input, const store::Input& raw) {
  const Binding& binding = *context_.active;
  if (input.kind == InputKind::event) {
    const std::uint32_t type = binding.catalogue().find_event(input.type);
    if (type == kNone) return reject("unknown event");
    return event(input, type, raw);
  }
  const std::uint32_t object = object_of(input, kNone);
  if (object == kNone) return reject("unknown object");
  Change change;
  Record* record = record_for(input, object, input.kind == InputKind::upsert || input.create, change);
  if (record == nullptr) return reject("no such record");
  if (input.kind == InputKind::remove) return executor_.delete_record(record->key, 0, 0);
  if (input.kind == InputKind::merge) return merge(*record, object, input.type);
  Changes changes(context_, *record, change);
  set_properties(*record, object, input.properties, changes, nullptr);
  if (input.marketing) changes.set_marketing(*input.marketing);
  const std::size_t dot = input.type.find('.');
  switch (input.kind) {
    case InputKind::membership:
      if (input.type.starts_with("list.")) {
        changes.set_list(context_.symbols.intern("list", input.type.substr(dot + 1)), input.flag);
      } else {
        changes.set_tag(
            context_.symbols.intern("tag", input.type.substr(dot == input.type.npos ? 0 : dot + 1)),
            input.flag);
      }
      break;
    case InputKind::topic:
      changes.set_topic(context_.symbols.intern("topic", input.type), input.flag);
      break;
    case InputKind::marketing:
      changes.set_marketing(input.flag);
      break;
    case InputKind::variant:
      give_variant(*record, input.type);
      break;
    default:
      break;
  }
  if (!change.empty()) executor_.react(record->key, change, nullptr);
  if (input.kind != InputKind::enroll && input.kind != InputKind::unenroll) return;
  const std::uint32_t workflow = binding.program().find_workflow(input.type);
  if (workflow == kNone || binding.program().workflows[workflow].object != object)
    return reject("unknown workflow");
  if (input.kind == InputKind::enroll) {
    if (executor_.release(*record, binding.workflow(workflow))) return;
    executor_.enroll(*record, workflow, {"by hand", nullptr, 0, nullptr, {}});
    return;
  }
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record->enrolments) {
    if (e.workflow == binding.workflow(workflow)) ids.push_back(e.id);
  }
  for (const std::uint32_t id : ids) executor_.end(*record, id, bytecode::EndReason::unenrolled);
}

}  // namespace wf::engine
