#include "compiler/wfc/json_schema.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/schema/fields.hpp"
#include "grammar/text/render.hpp"

namespace wf::wfc {
namespace {

using schema::FieldForm;
using yaml::Form;
using yaml::Part;
using yaml::Parts;
using yaml::Shape;

using Json = std::string;
using Members = std::vector<std::pair<std::string, Json>>;

Json text(std::string_view value) {
  Json out;
  text::append_json_string(out, value);
  return out;
}
Json object(const Members& members) {
  Json out = "{";
  for (const auto& [name, value] : members) out += (out.size() > 1 ? "," : "") + text(name) + ":" + value;
  return out + "}";
}
Json array(const std::vector<Json>& items) {
  Json out = "[";
  for (const Json& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}
Json texts(const std::vector<std::string>& values) {
  std::vector<Json> items;
  for (const std::string& value : values) items.push_back(text(value));
  return array(items);
}

Json refers_to(const std::string& name) {
  return object({{"$ref", text("#/definitions/" + name)}});
}
Json any_of(const std::vector<Json>& choices) {
  return object({{"anyOf", array(choices)}});
}
Json list_of(const Json& item) {
  return object({{"type", text("array")}, {"items", item}});
}
Json one_or_list(const Json& item) {
  return any_of({item, list_of(item)});
}
Json map_of(const Json& value) {
  return object({{"type", text("object")}, {"additionalProperties", value}});
}
/// A mapping with these keys and no others.
Json mapping(const Members& members, const std::vector<std::string>& required, const std::string& doc = {}) {
  Members out = {{"type", text("object")}};
  if (!doc.empty()) out.emplace_back("description", text(doc));
  out.emplace_back("properties", object(members));
  out.emplace_back("required", texts(required));
  out.emplace_back("additionalProperties", "false");
  return object(out);
}

std::string with_underscores(std::string key) {
  std::replace(key.begin(), key.end(), ' ', '_');
  return key;
}

// ---- forms of statements ---------------------------------------------------------------------------------

Json value_of(Shape shape) {
  switch (shape) {
    case Shape::flag:
      return object({{"enum", "[true,\"true\"]"}});
    case Shape::steps:
      return refers_to("steps");
    case Shape::chain:
      return list_of(refers_to("else_if"));
    case Shape::arms:
      return map_of(refers_to("steps"));
    case Shape::variants:
      return list_of(refers_to("variant"));
    case Shape::items:
      return list_of(refers_to("piece"));
    case Shape::failure:
      return any_of({refers_to("piece"), refers_to("failure")});
    case Shape::code:
    case Shape::word:
    case Shape::text:
    case Shape::points:
      break;
  }
  return refers_to("piece");
}

void add_keys(const Parts& parts, bool is_optional, Members& members, std::vector<std::string>& required) {
  for (const Part& part : parts) {
    add_keys(part.group, true, members, required);
    if (part.key.empty()) continue;
    members.emplace_back(part.key, value_of(part.shape));
    const bool may_lack = is_optional || part.shape == Shape::chain || part.shape == Shape::variants;
    if (!may_lack) required.push_back(part.key);
  }
}

Json mapping_of(const Form& form) {
  Members members;
  std::vector<std::string> required;
  add_keys(form.parts, false, members, required);
  return mapping(members, required);
}
Json mappings_of(const std::vector<Form>& forms) {
  std::vector<Json> all;
  for (const Form& form : forms) all.push_back(mapping_of(form));
  return any_of(all);
}

/// All ways to say the actions that begin with a key.
Json action(const std::string& head, const std::set<std::string>& keys) {
  Members members, tail;
  for (const std::string& key : keys) {
    members.emplace_back(key, any_of({refers_to("piece"), list_of(refers_to("piece")), refers_to("data")}));
    // `with_subject` may be written `with: { subject: … }`.
    const std::size_t first = key.find('_');
    if (first != key.npos && first > 0 && !keys.contains(key.substr(0, first)))
      members.emplace_back(key.substr(0, first), refers_to("data"));
  }
  std::vector<std::string> none;
  add_keys(yaml::action_tail().parts, true, tail, none);
  members.insert(members.end(), tail.begin(), tail.end());
  return mapping(members, {head});
}

Json step(const yaml::Actions& actions) {
  std::vector<Json> choices = {object({{"type", text("string")}})};
  for (const Form& form : yaml::step_forms()) choices.push_back(mapping_of(form));
  std::map<std::string, std::set<std::string>> keys;
  for (const Form& form : actions.forms()) {
    for (const std::string& key : yaml::keys_of(form)) {
      if (!key.empty()) keys[form.head].insert(key);
    }
  }
  for (const auto& [head, all] : keys) choices.push_back(action(head, all));
  return any_of(choices);
}

// ---- declarations ----------------------------------------------------------------------------------------

Json field(const schema::FieldRow& row) {
  Json value = refers_to("piece");
  switch (row.form) {
    case FieldForm::word:
      if (!row.argument.empty()) {
        std::vector<std::string> words(1);
        for (const char c : row.argument) {
          if (c == '|') {
            words.emplace_back();
          } else {
            words.back() += c;
          }
        }
        value = object({{"enum", texts(words)}});
      }
      break;
    case FieldForm::texts:
    case FieldForm::hours:
    case FieldForm::list:
    case FieldForm::references:
      value = one_or_list(refers_to("piece"));
      break;
    case FieldForm::content:
    case FieldForm::file:
      value = any_of({refers_to("piece"), mapping({{"file", refers_to("piece")}}, {"file"})});
      break;
    case FieldForm::any:
      value = any_of({refers_to("piece"), refers_to("data"), list_of(refers_to("piece"))});
      break;
    default:
      break;
  }
  return row.repeats ? one_or_list(value) : value;
}

/// A document: `KIND: NAME`, for the first one `wf: 1`, and the members.
Json document(const std::string& kind, Members members, std::vector<std::string> required,
              const std::string& doc) {
  members.insert(members.begin(), {{"wf", object({{"enum", "[1,\"1\"]"}})}, {kind, refers_to("piece")}});
  required.insert(required.begin(), kind);
  return mapping(members, required, doc);
}

Json resource(const std::string& kind) {
  Members members;
  std::vector<std::string> required;
  for (const schema::FieldRow& row : schema::field_table()) {
    if (row.kind != kind) continue;
    members.emplace_back(row.name, field(row));
    if (row.required) required.emplace_back(row.name);
  }
  return document(kind, members, required, "A declaration of the kind " + kind);
}

/// Kinds whose fields are read by code of their own.
Json open_document(const std::string& kind) {
  return object(
      {{"type", text("object")},
       {"properties", object({{"wf", object({{"enum", "[1,\"1\"]"}})}, {kind, refers_to("piece")}})},
       {"required", texts({kind})},
       {"additionalProperties", any_of({refers_to("piece"), refers_to("data"),
                                        list_of(any_of({refers_to("piece"), refers_to("data")}))})}});
}

Json window() {
  return one_or_list(any_of({refers_to("piece"), mapping_of(yaml::window_form())}));
}

Json workflow(const std::string& kind, const std::vector<std::string>& headers) {
  const Json line = one_or_list(refers_to("piece"));
  Members members = {{"object", refers_to("piece")},
                     {"title", refers_to("piece")},
                     {"owner", refers_to("piece")},
                     {"enroll", one_or_list(refers_to("enrolment"))},
                     {"suppress", line},
                     {"unless", line},
                     {"reenroll", refers_to("piece")},
                     {"goal", refers_to("piece")},
                     {"cancel", line},
                     {"window", window()},
                     {"pause_dates", line},
                     {"allow", line},
                     {"steps", refers_to("steps")}};
  for (const std::string& header : headers) members.emplace_back(with_underscores(header), line);
  return document(kind, members, {}, "What is done with each record that is enrolled");
}

Json campaign() {
  const Json line = one_or_list(refers_to("piece"));
  return document("campaign",
                  {{"object", refers_to("piece")},
                   {"title", refers_to("piece")},
                   {"owner", refers_to("piece")},
                   {"status", refers_to("piece")},
                   {"runs", any_of({refers_to("piece"), mapping_of(yaml::runs_form())})},
                   {"audience", line},
                   {"scoring", refers_to("piece")},
                   {"digest", refers_to("piece")},
                   {"summary", refers_to("piece")},
                   {"suppress", line},
                   {"window", window()},
                   {"stories", list_of(mapping_of(yaml::story_form()))},
                   {"when_becomes", map_of(refers_to("steps"))}},
                  {"object"}, "Stories for an audience in a time, with its statuses");
}

std::vector<std::pair<std::string, Json>> declarations(const std::vector<std::string>& headers) {
  const Json line = one_or_list(refers_to("piece"));
  std::vector<std::pair<std::string, Json>> all = {
      {"workflow", workflow("workflow", headers)},
      {"sequence", workflow("sequence", headers)},
      {"campaign", campaign()},
      {"segment",
       document("segment", {{"object", refers_to("piece")}, {"title", refers_to("piece")}, {"where", line}},
                {"object"}, "A named condition")},
      {"scoring", document("scoring",
                           {{"object", refers_to("piece")},
                            {"title", refers_to("piece")},
                            {"hot", refers_to("piece")},
                            {"hot_at", refers_to("piece")},
                            {"bands", list_of(mapping_of(yaml::band_form()))}},
                           {"object"}, "Points, and from how many on a record is hot")},
      {"object", document("object", {{"properties", map_of(refers_to("piece"))}}, {}, "A kind of record")},
      {"extend",
       document("extend", {{"properties", map_of(refers_to("piece"))}}, {}, "More properties of an object")},
      {"event", document("event",
                         {{"object", refers_to("piece")},
                          {"parameters", map_of(refers_to("piece"))},
                          {"phrase", refers_to("piece")}},
                         {}, "Something that happens to records")},
      {"test", document("test",
                        {{"start", refers_to("piece")},
                         {"given", list_of(any_of({refers_to("piece"), refers_to("data")}))},
                         {"timeline", list_of(any_of({refers_to("piece"), map_of(refers_to("piece"))}))}},
                        {}, "A run in virtual time")}};
  std::set<std::string> resources;
  for (const schema::FieldRow& row : schema::field_table()) resources.insert(std::string(row.kind));
  for (const std::string& kind : resources) all.emplace_back(kind, resource(kind));
  for (const char* kind : {"policy", "action"}) all.emplace_back(kind, open_document(kind));
  return all;
}

}  // namespace

std::string json_schema(const yaml::Actions& actions, const std::vector<std::string>& headers) {
  const Json scalar = array({text("string"), text("number"), text("boolean")});
  Members definitions = {
      {"piece", object({{"type", scalar}, {"description", text("A piece of the language, or a text")}})},
      {"data", map_of(any_of({refers_to("piece"), refers_to("data"), list_of(refers_to("piece"))}))},
      {"steps", any_of({list_of(refers_to("step")), object({{"type", text("null")}})})},
      {"step", step(actions)},
      {"else_if", mapping_of(yaml::chain_form())},
      {"variant", mappings_of(yaml::variant_forms())},
      {"failure", mapping_of(yaml::failure_form())},
      {"enrolment", any_of({refers_to("piece"), mappings_of(yaml::enrol_forms())})},
  };
  std::vector<Json> choices;
  for (const auto& [kind, schema] : declarations(headers)) {
    definitions.emplace_back("declare_" + kind, schema);
    choices.push_back(refers_to("declare_" + kind));
  }
  return object({{"$schema", text("http://json-schema.org/draft-07/schema#")},
                 {"title", text("wf in YAML: one declaration a document")},
                 {"type", text("object")},
                 {"anyOf", array(choices)},
                 {"definitions", object(definitions)}}) +
         "\n";
}

}  // namespace wf::wfc
