// What is written, and what comes from outside.
#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "tests/reference/interpreter/interpreter.hpp"
#include "tests/reference/interpreter/text.hpp"

namespace wf::reference {

using bytecode::ResourceKind;
using value::Kind;

namespace {

constexpr unsigned kShardBits = 16;
constexpr std::uint64_t kShards = 16;

Key shard_of(const std::string& identity, const std::string& object) {
  return value::hash64(identity, value::hash64(object)) % kShards << (64 - kShardBits);
}

bool same_identity(const Value& a, const Value& b) {
  if (a.kind() == Kind::text && b.kind() == Kind::text) return folded(a.as_text()) == folded(b.as_text());
  return a == b;
}

/// What is blank on arrival is unknown.
Value trimmed(const Value& v) {
  if (v.kind() != Kind::text) return v;
  const std::string_view text = v.as_text();
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return Value::text(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

}  // namespace

const bytecode::Property& Interpreter::declared(const Record& record, std::uint32_t property) const {
  return catalogue().objects.at(record.object).properties.at(property);
}

Look Interpreter::look(const Record& record, const Event* event) const {
  return {module_, world_, record, record.facts, event, nullptr, now_};
}

Look Interpreter::look_before(const Record& record, const Change& change, const Event* event) const {
  return {module_, world_, record, change.before, event, nullptr, now_};
}

std::string Interpreter::workflow_name(std::uint32_t workflow) const {
  return workflow == kNone ? "" : "workflow." + module_.workflows.at(workflow).head.name;
}

void Interpreter::tell(Key record, std::string_view what, std::string subject, std::uint32_t workflow,
                       std::string detail) {
  if (trace_.size() > kMostLines) throw Endless();
  trace_.push_back({now_, record, what, std::move(subject), workflow_name(workflow), std::move(detail)});
}

Change Interpreter::begin_change(const Record& record) const {
  Change change;
  change.record = record.key;
  change.before = record.facts;
  return change;
}

void Interpreter::end_change(Change& change) const {
  const auto& now = world_.records.at(change.record).facts.properties;
  for (std::uint32_t p = 0; p < now.size(); ++p) {
    if (!(now[p] == change.before.properties.at(p))) change.moved.insert(p);
  }
}

// ---- writes
// ----------------------------------------------------------------------------------------------------

void Interpreter::write(Record& record, std::uint32_t property, const Value& v, Change& change,
                        std::uint32_t workflow) {
  const bytecode::Property& p = declared(record, property);
  Value& place = record.facts.properties.at(property);
  if (place == v) return;
  if (p.unique && !v.is_unknown()) {
    for (const auto& [key, other] : world_.records) {
      if (key == record.key || other.object != record.object) continue;
      if (!same_identity(other.facts.properties.at(property), v)) continue;
      tell(record.key, "error", {}, workflow, "`" + p.name + "` " + v.debug() + " belongs to another record");
      return;
    }
  }
  place = v;
  change.touched = true;
  tell(record.key, "property", "property." + catalogue().objects.at(record.object).name + "." + p.name,
       workflow, display(catalogue(), v));
  auto past = std::make_shared<Past>();
  past->property = property;
  past->value = v;
  past->at = past->received = now_;
  record.history.push_back(std::move(past));
  record.facts.past = record.history.size();
}

/// A number keeps the declared range and the declared kind.
Value Interpreter::clamped(const bytecode::Property& property, Value v) const {
  if (!v.is_number()) return v;
  std::int64_t micros = v.as_micros();
  bool outside = false;
  if (property.minimum && micros < *property.minimum) micros = *property.minimum, outside = true;
  if (property.maximum && micros > *property.maximum) micros = *property.maximum, outside = true;
  if (property.type.kind == v.kind() && !outside) return v;
  return property.type.kind == Kind::integer ? Value::integer(micros / value::kMicro)
                                             : Value::decimal(micros);
}

void Interpreter::add_to(Record& record, std::uint32_t property, const Value& amount, Change& change,
                         std::uint32_t workflow) {
  if (!amount.is_number()) return;
  const Value current = record.facts.properties.at(property);
  const Value total = sum(current.is_number() ? current : Value::integer(0), amount);
  write(record, property, clamped(declared(record, property), total), change, workflow);
}

void Interpreter::set_list(Record& record, std::uint32_t list, bool member, Change& change,
                           std::uint32_t workflow) {
  if ((record.facts.lists.count(list) != 0) == member) return;
  if (member) {
    record.facts.lists.insert(list);
  } else {
    record.facts.lists.erase(list);
  }
  change.lists.emplace_back(list, member);
  change.touched = true;
  tell(record.key, member ? "list_added" : "list_removed", "list." + catalogue().lists.at(list).name,
       workflow);
}

void Interpreter::set_tag(Record& record, const std::string& tag, bool tagged, Change& change,
                          std::uint32_t workflow) {
  if ((record.facts.tags.count(tag) != 0) == tagged) return;
  if (tagged) {
    record.facts.tags.insert(tag);
  } else {
    record.facts.tags.erase(tag);
  }
  change.touched = true;
  tell(record.key, tagged ? "list_added" : "list_removed", "tag." + tag, workflow);
}

void Interpreter::set_topic(Record& record, const std::string& topic, bool subscribed,
                            std::uint32_t workflow) {
  const auto said = record.topics.find(topic);
  if (said != record.topics.end() && said->second == subscribed) return;
  record.topics[topic] = subscribed;
  tell(record.key, subscribed ? "subscribed" : "unsubscribed", "topic." + topic, workflow);
}

void Interpreter::set_marketing(Record& record, bool marketing, std::uint32_t workflow) {
  if (record.marketing == marketing) return;
  record.marketing = marketing;
  tell(record.key, "marketing", {}, workflow, marketing ? "yes" : "no");
}

// ---- inputs
// ----------------------------------------------------------------------------------------------------

Record& Interpreter::create(std::uint32_t object, Key shard) {
  const Key key = shard | world_.next_record++;
  Record& record = world_.records[key];
  record.key = key;
  record.object = object;
  record.created_at = now_;
  record.facts.properties.resize(catalogue().objects.at(object).properties.size());
  return record;
}

Key Interpreter::create_from(const Input& input, Change& change) {
  const bytecode::Object& object = catalogue().objects.at(input.object);
  Record& record = create(input.object, shard_of("id=test:" + input.record, object.name));
  names_[input.record] = record.key;
  change = begin_change(record);
  change.created = true;
  tell(record.key, "created");
  for (std::uint32_t p = 0; p < object.properties.size(); ++p) {
    const Value& initial = object.properties[p].initial;
    if (!initial.is_unknown()) write(record, p, initial, change);
  }
  return record.key;
}

/// A property as it comes from outside. What does not fit is told, and nothing.
std::optional<Value> Interpreter::arrived(Key record, const bytecode::Property& property,
                                          const Value& given) {
  const auto refuse = [&](const std::string& reason) {
    tell(record, "error", {}, kNone, property.name + ": " + reason);
    return std::nullopt;
  };
  if (given.kind() == Kind::ref) {
    const std::string& name = record_names_.at(given.as_key());
    const auto found = names_.find(name);
    const std::string object = catalogue().objects.at(property.type.aux).name;
    if (found == names_.end()) return refuse("there is no " + object + " \"test:" + name + "\"");
    return Value::ref(property.type.aux, found->second);
  }
  const Value v = trimmed(given);
  if (v.is_unknown() && !property.type.nullable) return refuse("`" + property.name + "` must have a value");
  if (v.is_number() && !(clamped(property, v) == v)) {
    return refuse(v.debug() + " is outside the range of `" + property.name + "`");
  }
  return v;
}

void Interpreter::write_outside(Record& record, const Input& input, Change& change) {
  for (const auto& [property, given] : input.properties) {
    const auto v = arrived(record.key, declared(record, property), given);
    if (v) write(record, property, *v, change);
  }
}

void Interpreter::apply(const Input& input) {
  if (input.id != 0 && !ids_.insert(input.id).second) return;
  Change change;
  const auto known = names_.find(input.record);
  if (known == names_.end() && input.kind != Input::Kind::create) return;
  const Key key = known == names_.end() ? create_from(input, change) : known->second;
  Record& record = world_.records.at(key);
  if (known != names_.end()) change = begin_change(record);
  if (input.kind == Input::Kind::event) return apply_event(input, record, std::move(change));
  write_outside(record, input, change);
  if (input.marketing) set_marketing(record, *input.marketing);
  switch (input.kind) {
    case Input::Kind::list:
      set_list(record, input.index, input.flag, change);
      break;
    case Input::Kind::tag:
      set_tag(record, input.tag, input.flag, change);
      break;
    case Input::Kind::topic:
      set_topic(record, input.index == kNone ? "" : catalogue().topics.at(input.index).name, input.flag);
      break;
    case Input::Kind::marketing:
      set_marketing(record, input.flag);
      break;
    default:
      break;
  }
  if (change.touched || change.created) react(key, change, nullptr, 0);
  if (input.kind == Input::Kind::enroll) enroll(key, input.index, "by hand", nullptr, 0);
  if (input.kind == Input::Kind::unenroll) unenroll(key, input.index);
}

void Interpreter::apply_event(const Input& input, Record& record, Change change) {
  const bytecode::EventType& type = catalogue().events.at(input.event);
  auto past = std::make_shared<Past>();
  past->event.type = input.event;
  past->event.parameters.resize(type.parameters.size());
  for (const auto& [parameter, v] : input.parameters) past->event.parameters.at(parameter) = trimmed(v);
  past->event.at = past->at = now_ - input.late;
  past->event.late = input.late > kMaxLateness;
  past->event.key = next_event_key_++;
  past->received = now_;
  std::string detail;
  for (std::size_t p = 0; p < type.parameters.size(); ++p) {
    const Value& v = past->event.parameters[p];
    if (v.is_unknown()) continue;
    detail += (detail.empty() ? "" : ", ") + type.parameters[p].name + "=" + display(catalogue(), v);
  }
  tell(record.key, "event", "event." + type.name, kNone, std::move(detail));
  write_outside(record, input, change);
  if (input.marketing) set_marketing(record, *input.marketing);
  if (type.name == "unsubscribed") {
    std::string topic;
    for (std::size_t p = 0; p < type.parameters.size(); ++p) {
      const Value& v = past->event.parameters[p];
      if (type.parameters[p].name == "topic" && v.kind() == Kind::resource) {
        topic = catalogue().topics.at(v.as_resource()).name;
      }
    }
    set_topic(record, topic, false);
  }
  if (type.name == "email_bounced") record.suppressed = "bounced";
  if (type.name == "email_complained") record.suppressed = "complained";
  past->facts = record.facts;
  record.history.push_back(past);
  record.facts.past = record.history.size();
  change.touched = true;
  react(record.key, change, &past->event, 0);
}

}  // namespace wf::reference
