// The records of a test, and values as a test writes them.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {

using value::Kind;
using value::Value;

std::uint32_t TestRecords::find(const ast::Name& name) {
  for (std::size_t i = 0; i < test_.records.size(); ++i) {
    if (test_.records[i].name == name.text) return static_cast<std::uint32_t>(i);
  }
  if (std::find(broken_.begin(), broken_.end(), name.text) != broken_.end()) return kNone;
  schema::report_unknown(context_.sink, Code::unknown_name, name.span,
                         "the test gives no record named `" + name.text + "`", name.text, names());
  return kNone;
}

bool TestRecords::has(const std::string& name) const {
  return std::any_of(test_.records.begin(), test_.records.end(),
                     [&](const TestRecord& record) { return record.name == name; });
}

std::vector<std::string> TestRecords::names() const {
  std::vector<std::string> all;
  for (const TestRecord& record : test_.records) all.push_back(record.name);
  return all;
}

std::optional<Value> TestRecords::record_value(const ast::Name& name, const Type& type) {
  const std::uint32_t record = find(name);
  if (record == kNone) return std::nullopt;
  if (object(record) == type.aux) return Value::ref(type.aux, record);
  const auto& objects = context_.catalogue().objects;
  context_.sink.report(
      Code::wrong_object, name.span,
      "`" + name.text + "` is a " + objects[object(record)].name + ", not a " + objects[type.aux].name);
  return std::nullopt;
}

std::optional<Value> TestRecords::refuse(Span span, const Type& type, const std::string& what) {
  context_.sink.report(Code::type_mismatch, span, "this is no value of `" + what + "`").primary.text =
      "expected " + schema::with_article(schema::type_name(type, context_.catalogue()));
  return std::nullopt;
}

std::optional<Value> TestRecords::constant(const std::vector<ast::Atom>& atoms, Span span, const Type& type,
                                           const std::string& what) {
  if (atoms.size() != 1) return refuse(span, type, what);
  const ast::Atom& atom = atoms[0];
  const std::string* word = schema::word_of(atom);
  if (word && *word == "unknown") return Value();
  if (type.kind == Kind::ref && word) return record_value(schema::path_of(atom)->parts[0], type);
  const auto found = schema::constant_of(atom, type, context_.catalogue(), context_.zone());
  if (found.value) return found.value;
  if (!found.unknown_name) return refuse(atom.span, type, what);
  if (type.kind == Kind::resource) {
    resolve_resource(context_, static_cast<ResourceKind>(type.aux), schema::path_of(atom)->parts[1]);
    return std::nullopt;
  }
  const bytecode::EnumType& names = context_.catalogue().enums[type.aux];
  const std::string name = word ? *word : *schema::text_of(atom);
  schema::report_unknown(context_.sink, Code::unknown_value, atom.span,
                         "`" + name + "` is not a value of `" + names.name + "`", name, names.values);
  return std::nullopt;
}

std::optional<std::uint32_t> check_test_property(Context& context, std::uint32_t object,
                                                 const ast::Name& name) {
  const std::uint32_t property = context.catalogue().find_property(object, name.text);
  if (property != kNone && context.catalogue().objects[object].properties[property].owned) {
    auto& d = context.sink.report(Code::read_only, name.span,
                                  "`" + name.text + "` is written by its workflow alone");
    d.secondary.push_back({context.schema.property(object, property).owner_span, "declared `owned_by`"});
    return std::nullopt;
  }
  if (property != kNone) return property;
  schema::report_unknown(
      context.sink, Code::unknown_property, name.span,
      "`" + context.catalogue().objects[object].name + "` has no property `" + name.text + "`", name.text,
      context.schema.property_names(object));
  return std::nullopt;
}

}  // namespace wf::sema
