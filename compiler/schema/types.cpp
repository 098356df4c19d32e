#include "compiler/schema/types.hpp"

#include "compiler/schema/report.hpp"

namespace wf::schema {
namespace {

struct Row {
  std::string_view name;
  value::Kind kind;
  bytecode::Format format;
};
constexpr Row kScalars[] = {
    {"text", value::Kind::text, bytecode::Format::plain},
    {"int", value::Kind::integer, bytecode::Format::plain},
    {"decimal", value::Kind::decimal, bytecode::Format::plain},
    {"bool", value::Kind::boolean, bytecode::Format::plain},
    {"date", value::Kind::date, bytecode::Format::plain},
    {"datetime", value::Kind::instant, bytecode::Format::plain},
    {"time", value::Kind::time_of_day, bytecode::Format::plain},
    {"duration", value::Kind::duration, bytecode::Format::plain},
    {"email", value::Kind::text, bytecode::Format::email},
    {"url", value::Kind::text, bytecode::Format::url},
    {"phone", value::Kind::text, bytecode::Format::phone},
    {"timezone", value::Kind::text, bytecode::Format::timezone},
};

std::vector<std::string> type_words() {
  std::vector<std::string> words{"enum"};
  for (const Row& row : kScalars) words.emplace_back(row.name);
  for (std::size_t i = 0; i < kResourceKinds; ++i) {
    words.emplace_back(bytecode::to_string(static_cast<ResourceKind>(i)));
  }
  return words;
}

}  // namespace

std::optional<bytecode::Type> scalar_type(const ast::TypeRef& ref, const Schema& schema, TypePlace place,
                                          text::DiagnosticSink& sink) {
  const std::string& name = ref.name.text;
  const auto resource = bytecode::resource_kind(name);
  if (resource && (place == TypePlace::parameter || name != "email")) {
    return bytecode::Type{value::Kind::resource, bytecode::Format::plain,
                          static_cast<std::uint32_t>(*resource), ref.nullable};
  }
  for (const Row& row : kScalars) {
    if (row.name == name) return bytecode::Type{row.kind, row.format, 0, ref.nullable};
  }
  const std::uint32_t object = schema.catalogue.find_object(name);
  if (object != kNone && place == TypePlace::parameter) {
    return bytecode::Type{value::Kind::ref, bytecode::Format::plain, object, ref.nullable};
  }
  if (object != kNone) {
    auto& d = sink.report(text::Code::unknown_type, ref.name.span, "`" + name + "` is an object, not a type");
    d.primary.text = "an association is written `-> " + name + "`";
    d.fixes.push_back({"write `-> " + name + "`",
                       text::Applicability::machine,
                       {{{ref.name.span.file, ref.name.span.begin, ref.name.span.begin}, "-> "}}});
    return std::nullopt;
  }
  report_unknown(sink, text::Code::unknown_type, ref.name.span, "no type is named `" + name + "`", name,
                 type_words());
  return std::nullopt;
}

std::string type_name(const bytecode::Type& type, const bytecode::Catalogue& catalogue) {
  switch (type.kind) {
    case value::Kind::integer:
      return "whole number";
    case value::Kind::decimal:
      return "number";
    case value::Kind::boolean:
      return "truth value";
    case value::Kind::instant:
      return "date and time";
    case value::Kind::time_of_day:
      return "time of day";
    case value::Kind::enumeration:
      return "value of `" + catalogue.enums[type.aux].name + "`";
    case value::Kind::ref:
      return catalogue.objects[type.aux].name;
    case value::Kind::resource:
      return bytecode::to_string(static_cast<ResourceKind>(type.aux));
    case value::Kind::text:
      if (type.format == bytecode::Format::timezone) return "timezone";
      return "text";
    default:
      return value::to_string(type.kind);
  }
}

}  // namespace wf::schema
