// Objects: properties, types, enums, flags, and the other side of associations.
#include <algorithm>
#include <set>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/types.hpp"

namespace wf::schema {
namespace {

constexpr std::string_view kReservedProperties[] = {"created", "deleted", "created_at",
                                                    "now",     "event",   "marketing"};
constexpr std::string_view kReservedValues[] = {"known", "unknown", "else"};

}  // namespace

std::uint32_t Builder::object_named(const ast::Name& name) {
  const std::uint32_t index = schema_.catalogue.find_object(name.text);
  if (index == kNone) {
    report_unknown(sink_, text::Code::unknown_name, name.span, "no object is named `" + name.text + "`",
                   name.text, schema_.object_names());
  }
  return index;
}

void Builder::declare_objects() {
  each<ast::ObjectDecl>([&](const ast::ObjectDecl& decl, const ast::Decl&) {
    if (decl.extends) return;
    const std::uint32_t first = schema_.catalogue.find_object(decl.name.text);
    if (first != kNone) {
      auto& d =
          report_duplicate(sink_, decl.name.span, schema_.objects[first].name, "object", decl.name.text);
      d.helps.push_back("to add properties to it, write `extend object " + decl.name.text + " { … }`");
      return;
    }
    schema_.catalogue.objects.push_back({decl.name.text, {}, {}});
    schema_.objects.push_back({decl.name.span, {}});
  });
}

void Builder::declare_properties() {
  each<ast::ObjectDecl>([&](const ast::ObjectDecl& decl, const ast::Decl&) {
    const std::uint32_t object = schema_.catalogue.find_object(decl.name.text);
    // A repeated declaration was reported; its properties would only repeat the report.
    const bool repeated = !decl.extends && object != kNone && schema_.objects[object].name != decl.name.span;
    if (repeated) return;
    if (object == kNone) {
      object_named(decl.name);
      return;
    }
    for (const ast::Property& property : decl.properties) {
      if (property.type.association != ast::TypeRef::Association::many) declare_property(object, property);
    }
  });
}

bool Builder::name_is_free(std::uint32_t object, const ast::Name& name) {
  const bytecode::Object& o = schema_.catalogue.objects[object];
  if (std::find(std::begin(kReservedProperties), std::end(kReservedProperties), name.text) !=
      std::end(kReservedProperties)) {
    auto& d =
        sink_.report(text::Code::reserved_name, name.span, "a property cannot be named `" + name.text + "`");
    d.primary.text = "this word has a meaning of its own";
    return false;
  }
  const std::uint32_t first = schema_.catalogue.find_property(object, name.text);
  if (first != kNone) {
    report_duplicate(sink_, name.span, schema_.property(object, first).name, "property",
                     o.name + "." + name.text);
    return false;
  }
  for (const bytecode::Inverse& inverse : o.inverses) {
    if (inverse.name != name.text) continue;
    auto& d = sink_.report(text::Code::duplicate_name, name.span,
                           "the property `" + o.name + "." + name.text + "` is declared twice");
    d.primary.text = "declared again here";
    return false;
  }
  return true;
}

void Builder::declare_property(std::uint32_t object, const ast::Property& decl) {
  if (!name_is_free(object, decl.name)) return;
  const auto type = property_type(object, decl);
  if (!type) {
    schema_.objects[object].broken.push_back(decl.name.text);
    return;
  }
  bytecode::Property property;
  property.name = decl.name.text;
  property.type = *type;
  PropertyInfo info;
  info.name = decl.name.span;
  info.type = decl.type.span;
  info.type_text = sources_.text(decl.type.span);
  read_flags(property, info, decl);
  read_initial(property, decl);
  schema_.catalogue.objects[object].properties.push_back(std::move(property));
  schema_.objects[object].properties.push_back(std::move(info));
}

std::optional<bytecode::Type> Builder::property_type(std::uint32_t object, const ast::Property& decl) {
  const ast::TypeRef& ref = decl.type;
  if (ref.association == ast::TypeRef::Association::one) {
    if (bytecode::resource_kind(decl.name.text)) {
      auto& d = sink_.report(text::Code::reserved_name, decl.name.span,
                             "an association cannot be named `" + decl.name.text + "`");
      d.notes.push_back("`" + decl.name.text + ".x` is always the resource");
      return std::nullopt;
    }
    const std::uint32_t target = object_named(ref.name);
    if (target == kNone) return std::nullopt;
    return bytecode::Type{value::Kind::ref, bytecode::Format::plain, target, ref.nullable};
  }
  if (ref.name.text == "enum") {
    const std::string name = schema_.catalogue.objects[object].name + "." + decl.name.text;
    return bytecode::Type{value::Kind::enumeration, bytecode::Format::plain, declare_enum(name, decl),
                          ref.nullable};
  }
  return scalar_type(ref, schema_, TypePlace::property, sink_);
}

std::uint32_t Builder::declare_enum(const std::string& name, const ast::Property& decl) {
  bytecode::EnumType type;
  type.name = name;
  std::vector<Span> spans;
  for (const ast::EnumValue& value : decl.type.values) {
    const std::string& text = value.name.text;
    if (std::find(std::begin(kReservedValues), std::end(kReservedValues), text) !=
        std::end(kReservedValues)) {
      sink_.report(text::Code::reserved_name, value.name.span, "`" + text + "` cannot be a value of an enum");
      continue;
    }
    const auto first = std::find(type.values.begin(), type.values.end(), text);
    if (first != type.values.end()) {
      report_duplicate(sink_, value.name.span, spans[static_cast<std::size_t>(first - type.values.begin())],
                       "value", text);
      continue;
    }
    type.values.push_back(text);
    type.titles.push_back(value.title.value_or(""));
    spans.push_back(value.name.span);
  }
  const auto ordered = [](const ast::Flag& flag) { return flag.name.text == "ordered"; };
  type.ordered = std::any_of(decl.flags.begin(), decl.flags.end(), ordered);
  schema_.catalogue.enums.push_back(std::move(type));
  return static_cast<std::uint32_t>(schema_.catalogue.enums.size() - 1);
}

void Builder::read_flags(bytecode::Property& property, PropertyInfo& info, const ast::Property& decl) {
  std::set<std::string> seen;
  for (const ast::Flag& flag : decl.flags) {
    if (!seen.insert(flag.name.text).second) {
      sink_.report(text::Code::duplicate_name, flag.name.span, "`" + flag.name.text + "` is written twice");
      continue;
    }
    read_flag(property, info, flag);
  }
}

void Builder::read_flag(bytecode::Property& property, PropertyInfo& info, const ast::Flag& flag) {
  const std::string& name = flag.name.text;
  const auto invalid = [&](const std::string& expected) {
    sink_.report(text::Code::invalid_field, flag.name.span, "`" + name + "` cannot be read").primary.text =
        expected;
  };
  if (name == "unique") {
    property.unique = true;
  } else if (name == "pii") {
    property.pii = true;
  } else if (name == "immutable") {
    property.immutable = true;
  } else if (name == "ordered") {
    if (property.type.kind != value::Kind::enumeration) invalid("only an enum can be `ordered`");
  } else if (name == "title") {
    const std::string* title = flag.arguments.size() == 1 ? text_of(flag.arguments[0]) : nullptr;
    if (title) {
      property.title = *title;
    } else {
      invalid("expected a text in quotes");
    }
  } else if (name == "range") {
    const auto* range =
        flag.arguments.size() == 1 ? std::get_if<ast::NumberRange>(&flag.arguments[0].value) : nullptr;
    const bool number =
        property.type.kind == value::Kind::integer || property.type.kind == value::Kind::decimal;
    if (!number) return invalid("only a number can have a `range`");
    if (!range || (range->from && range->to && *range->from > *range->to)) {
      return invalid("expected a range such as `0..100` or `0..`");
    }
    property.minimum = range->from;
    property.maximum = range->to;
  } else if (name == "rate") {
    const auto* list =
        flag.arguments.size() == 1 ? std::get_if<ast::AtomList>(&flag.arguments[0].value) : nullptr;
    const std::string* word = list && list->items.size() == 1 ? word_of(list->items[0]) : nullptr;
    if (!word || *word != "high") return invalid("expected `rate(high)`");
    info.high_rate = true;
  } else if (name == "owned_by") {
    const auto owner = flag.arguments.size() == 1 ? reference_of(flag.arguments[0]) : std::nullopt;
    if (!owner || owner->kind != ResourceKind::workflow) return invalid("expected `workflow.name`");
    info.owner = refer(ResourceKind::workflow, flag.arguments[0]);
    info.owner_span = flag.name.span;
    property.owned = true;
  } else {
    report_unknown(sink_, text::Code::unknown_field, flag.name.span, "a property has no mark `" + name + "`",
                   name, {"unique", "pii", "immutable", "ordered", "title", "range", "rate", "owned_by"});
  }
}

void Builder::read_initial(bytecode::Property& property, const ast::Property& decl) {
  if (!decl.initial) return;
  const bytecode::Catalogue& catalogue = schema_.catalogue;
  const Constant constant = constant_of(*decl.initial, property.type, catalogue, catalogue.zone);
  if (!constant.value) {
    auto& d = sink_.report(text::Code::type_mismatch, decl.initial->span,
                           "the default of `" + decl.name.text + "` is not of its type");
    d.primary.text = "expected " + with_article(type_name(property.type, catalogue));
    d.secondary.push_back({decl.type.span, "declared here"});
    return;
  }
  if (outside_range(property, *constant.value)) {
    sink_.report(text::Code::out_of_range, decl.initial->span,
                 "the default of `" + decl.name.text + "` is outside its range");
    return;
  }
  property.initial = *constant.value;
}

void Builder::declare_inverses() {
  each<ast::ObjectDecl>([&](const ast::ObjectDecl& decl, const ast::Decl&) {
    const std::uint32_t object = schema_.catalogue.find_object(decl.name.text);
    if (object == kNone || (!decl.extends && schema_.objects[object].name != decl.name.span)) return;
    for (const ast::Property& property : decl.properties) {
      if (property.type.association == ast::TypeRef::Association::many) declare_inverse(object, property);
    }
  });
}

void Builder::declare_inverse(std::uint32_t object, const ast::Property& decl) {
  if (!name_is_free(object, decl.name)) return;
  const std::uint32_t target = object_named(decl.type.name);
  if (target == kNone || !decl.type.inverse) return;
  const ast::Name& name = *decl.type.inverse;
  const std::uint32_t property = schema_.catalogue.find_property(target, name.text);
  if (property == kNone) {
    report_unknown(sink_, text::Code::unknown_property, name.span,
                   "`" + decl.type.name.text + "` has no property `" + name.text + "`", name.text,
                   schema_.property_names(target));
    return;
  }
  const bytecode::Type& type = schema_.catalogue.objects[target].properties[property].type;
  if (type.kind != value::Kind::ref || type.aux != object) {
    const std::string& own = schema_.catalogue.objects[object].name;
    auto& d = sink_.report(
        text::Code::type_mismatch, decl.type.span,
        "`" + decl.type.name.text + "." + name.text + "` is not an association to `" + own + "`");
    d.secondary.push_back({schema_.property(target, property).name, "declared here"});
    return;
  }
  schema_.catalogue.objects[object].inverses.push_back({decl.name.text, target, property});
}

}  // namespace wf::schema
