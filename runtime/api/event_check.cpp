#include "runtime/api/event_check.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/api/json.hpp"
#include "runtime/crm/convert.hpp"

namespace wf::api {

using bytecode::kNone;
using bytecode::ResourceKind;
using engine::InputKind;
using value::Kind;
using value::Value;

namespace {

constexpr std::size_t kLongestSubject = 1024;

struct BuiltIn {
  const char* type;
  InputKind kind;
  bool flag;
  const char* name;  ///< member of `data` that names the list, tag, topic or workflow
};
constexpr std::array kBuiltIns = {
    BuiltIn{"record.upsert", InputKind::upsert, true, nullptr},
    BuiltIn{"record.set", InputKind::set, true, nullptr},
    BuiltIn{"record.merge", InputKind::merge, true, "with"},
    BuiltIn{"list.add", InputKind::membership, true, "list"},
    BuiltIn{"list.remove", InputKind::membership, false, "list"},
    BuiltIn{"tag.add", InputKind::membership, true, "tag"},
    BuiltIn{"tag.remove", InputKind::membership, false, "tag"},
    BuiltIn{"topic.subscribe", InputKind::topic, true, "topic"},
    BuiltIn{"topic.unsubscribe", InputKind::topic, false, "topic"},
    BuiltIn{"marketing.set", InputKind::marketing, true, nullptr},
    BuiltIn{"workflow.enroll", InputKind::enroll, true, "workflow"},
    BuiltIn{"workflow.unenroll", InputKind::unenroll, true, "workflow"},
};
constexpr bytecode::Type kBoolean{Kind::boolean, bytecode::Format::plain, 0, false};

Error invalid(std::string message) {
  return {ErrorCode::invalid, std::move(message)};
}

std::string quoted(std::string_view name) {
  return "`" + std::string(name) + "`";
}

/// "there is no KIND `NAME`; did you mean …"
Error unheard(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  const std::string hint = text::did_you_mean(name, known);
  return invalid("there is no " + std::string(kind) + " " + quoted(name) + (hint.empty() ? "" : "; " + hint));
}

template <class Items>
std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

std::vector<std::string> shown_properties(const bytecode::Object& object) {
  std::vector<std::string> names;
  for (const bytecode::Property& property : object.properties) {
    if (!property.hidden) names.push_back(property.name);
  }
  return names;
}

/// Whoever is a target of a campaign stays one; an audience is changed by steps, which ask for consent.
std::vector<std::string> open_lists(const bytecode::Catalogue& catalogue, bool add) {
  std::vector<std::string> names;
  for (const bytecode::StaticList& list : catalogue.lists) {
    if (list.name.find('.') == std::string::npos) names.push_back(list.name);
  }
  for (const bytecode::Campaign& campaign : catalogue.campaigns) {
    if (add) names.push_back(catalogue.lists[campaign.members].name);
  }
  return names;
}

const Value* entry(const value::Map& map, std::string_view name) {
  const auto it = std::find_if(map.begin(), map.end(), [&](const auto& e) { return e.first == name; });
  return it == map.end() ? nullptr : &it->second;
}

/// A text or number as text; absent when it is neither.
std::optional<std::string> as_name(const Value& v) {
  if (v.kind() == Kind::text) return std::string(v.as_text());
  if (v.kind() == Kind::integer) return v.debug();
  return std::nullopt;
}

}  // namespace

/// An event on its way through the checks.
struct EventCheck::Draft {
  const Value& raw;
  bool cloud = false;
  std::string id, source, time;
  value::Map data;
  engine::InputEvent event;
  std::uint32_t type = kNone;  // of the project's events
  const BuiltIn* built_in = nullptr;
  std::uint32_t object = kNone;
};

EventCheck::EventCheck(const bytecode::Program& program) : program_(program), catalogue_(program.catalogue) {
  types_ = names_of(catalogue_.events);
  for (const BuiltIn& built_in : kBuiltIns) types_.push_back(built_in.type);
}

Result<CheckedEvent> EventCheck::check(const Value& raw, bool cloud_event) const {
  if (raw.kind() != Kind::map) return invalid("an event is a JSON object");
  const Value* version = member(raw, "specversion");
  if (cloud_event && version == nullptr) return invalid("`specversion` is missing");
  if (version != nullptr && text_member(raw, "specversion") != "1.0")
    return invalid("`specversion` must be \"1.0\"");
  Draft draft{raw, version != nullptr};
  for (const auto step : {&EventCheck::read_envelope, &EventCheck::find_type, &EventCheck::find_object,
                          &EventCheck::find_subject}) {
    if (const auto done = (this->*step)(draft); !done) return done.error();
  }
  const auto fits = draft.built_in ? check_built_in(draft) : check_event_data(draft);
  if (!fits) return fits.error();
  if (const auto known = check_properties(draft, draft.event.properties); !known) return known.error();
  draft.event.object = catalogue_.objects[draft.object].name;
  const store::DedupeId dedupe = draft.id.empty() ? store::DedupeId{} : dedupe_id(draft.source, draft.id);
  return CheckedEvent{std::move(draft.event), dedupe, std::move(draft.source)};
}

Result<void> EventCheck::read_envelope(Draft& draft) const {
  for (const auto& [name, v] : draft.raw.as_map()) {
    if (const auto read = read_member(draft, name, v); !read) return read;
  }
  if (draft.event.type.empty()) return invalid("`type` is missing");
  if (draft.cloud && (draft.id.empty() || draft.source.empty())) {
    return invalid("a CloudEvent needs `id` and `source`");
  }
  if (draft.time.empty()) return {};
  const auto at = value::parse_instant(draft.time);
  if (!at) return invalid("`time` must be a date and time with offset such as 2026-03-02T09:00:00+09:00");
  draft.event.occurred_at = *at;
  return {};
}

Result<void> EventCheck::read_member(Draft& draft, const std::string& name, const Value& v) const {
  if (v.is_unknown()) return {};
  const std::array<std::pair<const char*, std::string*>, 6> texts = {{{"type", &draft.event.type},
                                                                      {"subject", &draft.event.subject},
                                                                      {"object", &draft.event.object},
                                                                      {"id", &draft.id},
                                                                      {"source", &draft.source},
                                                                      {"time", &draft.time}}};
  for (const auto& [key, target] : texts) {
    if (name != key) continue;
    const auto text = as_name(v);
    if (!text) return invalid(quoted(name) + " must be text");
    if (name == "subject" && !target->empty()) return invalid("two members name the record");
    *target = *text;
    return {};
  }
  if (name == "data" || name == "properties") {
    if (v.kind() != Kind::map) return invalid(quoted(name) + " must be an object");
    (name == "data" ? draft.data : draft.event.properties) = v.as_map();
    return {};
  }
  if (name == "marketing" || name == "create") {
    const auto flag = crm::convert(catalogue_, kBoolean, v);
    if (!flag || flag->is_unknown()) return invalid(quoted(name) + " must be true or false");
    if (name == "create") draft.event.create = flag->as_boolean();
    if (name == "marketing") draft.event.marketing = flag->as_boolean();
    return {};
  }
  if (catalogue_.find_object(name) != kNone) {
    const auto text = as_name(v);
    if (!text) return invalid(quoted(name) + " must be text");
    if (!draft.event.subject.empty()) return invalid("two members name the record");
    draft.event.object = name;
    draft.event.subject = *text;
    return {};
  }
  if (draft.cloud) return {};
  std::vector<std::string> known = names_of(catalogue_.objects);
  known.insert(known.end(), {"type", "subject", "object", "id", "source", "time", "data", "properties",
                             "marketing", "create"});
  return unheard("member", name, known);
}

Result<void> EventCheck::find_type(Draft& draft) const {
  draft.type = catalogue_.find_event(draft.event.type);
  if (draft.type != kNone) return {};
  for (const BuiltIn& built_in : kBuiltIns) {
    if (draft.event.type == built_in.type) draft.built_in = &built_in;
  }
  if (draft.built_in == nullptr) return unheard("event", draft.event.type, types_);
  draft.event.kind = draft.built_in->kind;
  draft.event.flag = draft.built_in->flag;
  return {};
}

Result<void> EventCheck::find_object(Draft& draft) const {
  const std::uint32_t declared = draft.type == kNone ? kNone : catalogue_.events[draft.type].object;
  if (draft.event.object.empty()) {
    draft.object = declared != kNone ? declared : catalogue_.find_object("contact");
    return draft.object != kNone ? Result<void>() : invalid("`object` is missing");
  }
  draft.object = catalogue_.find_object(draft.event.object);
  if (draft.object == kNone) return unheard("object", draft.event.object, names_of(catalogue_.objects));
  if (declared == kNone || declared == draft.object) return {};
  return invalid(quoted(draft.event.type) + " is an event of a " + catalogue_.objects[declared].name +
                 ", not of a " + draft.event.object);
}

Result<void> EventCheck::find_subject(Draft& draft) const {
  std::string& subject = draft.event.subject;
  subject = crm::trim(subject);
  if (subject.empty()) {
    for (const bytecode::Property& property : catalogue_.objects[draft.object].properties) {
      if (!property.unique || !subject.empty()) continue;
      const Value* v = entry(draft.data, property.name);
      if (v == nullptr) v = entry(draft.event.properties, property.name);
      const std::string text = v == nullptr ? "" : crm::trim(as_name(*v).value_or(""));
      if (text.empty()) continue;
      subject = property.type.format == bytecode::Format::email ? text : property.name + ":" + text;
    }
  }
  return check_subject(draft.object, subject);
}

Result<void> EventCheck::check_subject(std::uint32_t of, const std::string& subject) const {
  const bytecode::Object& object = catalogue_.objects[of];
  if (subject.empty()) return invalid("it names no record: `subject` is missing");
  if (subject.size() > kLongestSubject) return invalid("`subject` is too long");
  if (subject.find('@') == subject.npos) return {};
  for (const bytecode::Property& property : object.properties) {
    if (!property.unique || property.type.format != bytecode::Format::email) continue;
    const bool named = subject.starts_with(property.name + ":");
    const std::string address = named ? subject.substr(property.name.size() + 1) : subject;
    if (!crm::is_email(address)) return invalid(quoted(address) + " is not an e-mail address");
  }
  return {};
}

bool EventCheck::brings_answers(const Draft& draft) const {
  for (const bytecode::EventParameter& parameter : catalogue_.events[draft.type].parameters) {
    const bool asks = parameter.type.kind == Kind::resource &&
                      (parameter.type.aux == static_cast<std::uint32_t>(ResourceKind::form) ||
                       parameter.type.aux == static_cast<std::uint32_t>(ResourceKind::survey));
    const Value* v = asks ? entry(draft.data, parameter.name) : nullptr;
    if (v && !v->is_unknown()) return true;
  }
  return false;
}

Result<void> EventCheck::check_event_data(Draft& draft) const {
  const bytecode::EventType& type = catalogue_.events[draft.type];
  for (const bytecode::EventParameter& parameter : type.parameters) {
    const Value* given = entry(draft.data, parameter.name);
    const auto v = crm::convert(catalogue_, parameter.type, given ? *given : Value());
    if (!v) return invalid(quoted(parameter.name) + ": " + v.error().message);
    if (v->is_unknown() && !parameter.type.nullable) {
      return invalid(quoted(type.name) + " needs " + quoted(parameter.name) + " in `data`");
    }
  }
  const bool answers = brings_answers(draft);
  for (const auto& [name, v] : draft.data) {
    if (const auto known = check_key(draft, answers, name); !known) return known;
    const bool is_parameter = std::any_of(type.parameters.begin(), type.parameters.end(),
                                          [&](const auto& parameter) { return parameter.name == name; });
    if (is_parameter) continue;
    if (const auto fits = check_property(draft, name, v); !fits) return fits;
  }
  draft.event.data = std::move(draft.data);
  return {};
}

/// A key of `data` is a parameter of the event; with the answers of a form or survey also a property of the
/// record.
Result<void> EventCheck::check_key(const Draft& draft, bool answers, const std::string& name) const {
  std::vector<std::string> known = names_of(catalogue_.events[draft.type].parameters);
  if (answers) {
    const auto more = shown_properties(catalogue_.objects[draft.object]);
    known.insert(known.end(), more.begin(), more.end());
  }
  if (std::find(known.begin(), known.end(), name) != known.end()) return {};
  const std::string hint = text::did_you_mean(name, known);
  return invalid(quoted(draft.event.type) + " has no " + quoted(name) + (hint.empty() ? "" : "; " + hint));
}

/// The other record of a merge: a subject like that of the first.
Result<void> EventCheck::take_other(Draft& draft) const {
  const Value* with = entry(draft.data, "with");
  const std::string other = with ? crm::trim(as_name(*with).value_or("")) : "";
  if (other.empty()) return invalid("`with` in `data` must name the record that is merged into this one");
  if (other == draft.event.subject) return invalid("a record cannot be merged with itself");
  if (const auto fits = check_subject(draft.object, other); !fits) return fits;
  draft.event.type = other;
  return {};
}

Result<void> EventCheck::check_built_in(Draft& draft) const {
  switch (draft.event.kind) {
    case InputKind::upsert:
    case InputKind::set:
      return take_properties(draft);
    case InputKind::marketing: {
      const Value* given = entry(draft.data, "marketing");
      const auto flag = crm::convert(catalogue_, kBoolean, given ? *given : Value());
      if (flag && !flag->is_unknown()) {
        draft.event.flag = flag->as_boolean();
      } else if (draft.event.marketing) {
        draft.event.flag = *draft.event.marketing;
      } else {
        return invalid("`marketing` in `data` must be true or false");
      }
      draft.event.marketing.reset();
      return {};
    }
    case InputKind::membership:
      if (draft.built_in->name == std::string_view("list"))
        return take_name(draft, ResourceKind::list, "list.");
      break;
    case InputKind::topic:
      return take_name(draft, ResourceKind::topic, "");
    case InputKind::merge:
      return take_other(draft);
    default:
      return take_name(draft, ResourceKind::workflow, "");
  }
  const Value* tag = entry(draft.data, "tag");
  const std::string name = tag ? crm::trim(as_name(*tag).value_or("")) : "";
  if (name.empty()) return invalid("`tag` in `data` is missing");
  draft.event.type = "tag." + name;
  return {};
}

Result<void> EventCheck::take_properties(Draft& draft) const {
  const bool declared = catalogue_.find_property(draft.object, "marketing") != kNone;
  for (auto& [name, v] : draft.data) {
    if (name != "marketing" || declared) {
      draft.event.properties.emplace_back(name, v);
      continue;
    }
    const auto flag = crm::convert(catalogue_, kBoolean, v);
    if (!flag) return invalid("`marketing`: " + flag.error().message);
    if (!flag->is_unknown()) draft.event.marketing = flag->as_boolean();
  }
  draft.event.type.clear();
  return {};
}

Result<void> EventCheck::take_name(Draft& draft, ResourceKind kind, const std::string& prefix) const {
  const std::string member = draft.built_in->name;
  const Value* given = entry(draft.data, member);
  std::string name = given ? as_name(*given).value_or("") : "";
  if (name.starts_with(member + ".")) name.erase(0, member.size() + 1);
  const bool all_topics = kind == ResourceKind::topic && name.empty();
  if (name.empty() && !all_topics) return invalid(quoted(member) + " in `data` is missing");
  std::vector<std::string> known;
  if (kind == ResourceKind::list) known = open_lists(catalogue_, draft.event.flag);
  if (kind == ResourceKind::topic) known = names_of(catalogue_.topics);
  if (kind == ResourceKind::workflow) known = names_of(program_.workflows);
  if (!all_topics && std::find(known.begin(), known.end(), name) == known.end())
    return unheard(member, name, known);
  draft.event.type = prefix + name;
  return {};
}

Result<void> EventCheck::check_properties(const Draft& draft, const value::Map& properties) const {
  for (const auto& [name, v] : properties) {
    if (const auto fits = check_property(draft, name, v); !fits) return fits;
  }
  return {};
}

Result<void> EventCheck::check_property(const Draft& draft, const std::string& name, const Value& v) const {
  const bytecode::Object& object = catalogue_.objects[draft.object];
  const std::uint32_t index = catalogue_.find_property(draft.object, name);
  if (index == kNone || object.properties[index].hidden) {
    return unheard(object.name + " property", name, shown_properties(object));
  }
  const bytecode::Property& property = object.properties[index];
  const auto converted = crm::convert(catalogue_, property.type, v);
  if (!converted) return invalid(quoted(name) + ": " + converted.error().message);
  return crm::check_property(property, *converted);
}

store::DedupeId dedupe_id(std::string_view source, std::string_view id) {
  value::Writer text;
  text.bytes(source);
  text.bytes(id);
  static_assert(sizeof(store::DedupeId) == crypto_generichash_BYTES_MIN);
  store::DedupeId hash{};
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), sizeof hash,
                     reinterpret_cast<const unsigned char*>(text.str().data()), text.size(), nullptr, 0);
  if (hash == store::DedupeId{}) hash[0] = 1;
  return hash;
}

}  // namespace wf::api
