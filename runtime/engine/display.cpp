#include "runtime/engine/display.hpp"

#include "grammar/liquid/template.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::engine {

using bytecode::Catalogue;
using bytecode::ResourceKind;
using value::Kind;
using value::Value;

namespace {

std::string titled(const std::string& title, const std::string& name) {
  return title.empty() ? name : title;
}

std::string enum_text(const Catalogue& catalogue, const Value& v, bool by_title) {
  const bytecode::EnumType& type = catalogue.enums[v.aux()];
  const std::uint32_t ordinal = v.as_ordinal();
  if (by_title && ordinal < type.titles.size() && !type.titles[ordinal].empty()) return type.titles[ordinal];
  return type.values[ordinal];
}

std::string resource_text(const Catalogue& catalogue, const Value& v, bool by_title) {
  const auto kind = static_cast<ResourceKind>(v.aux());
  if (by_title && kind == ResourceKind::user) {
    const bytecode::User& user = catalogue.users[v.as_resource()];
    return titled(user.title, user.name);
  }
  if (by_title && kind == ResourceKind::team) {
    const bytecode::Team& team = catalogue.teams[v.as_resource()];
    return titled(team.title, team.name);
  }
  return catalogue.resource_name(kind, v.as_resource());
}

}  // namespace

Value plain(const Catalogue& catalogue, const Value& v) {
  if (v.kind() == Kind::enumeration) return Value::text(enum_text(catalogue, v, true));
  if (v.kind() == Kind::resource) return Value::text(resource_text(catalogue, v, true));
  if (v.kind() == Kind::ref) return {};
  return v;
}

std::string display(const Catalogue& catalogue, const Value& v) {
  if (v.is_unknown()) return "unknown";
  if (v.kind() == Kind::ref) return catalogue.objects[v.aux()].name + " #" + std::to_string(v.as_key());
  if (v.kind() == Kind::instant) return value::format_instant(v.as_instant(), catalogue.zone);
  return liquid::to_text(plain(catalogue, v));
}

void append_json(std::string& out, const Catalogue& catalogue, const Value& v) {
  switch (v.kind()) {
    case Kind::unknown:
      out += "null";
      return;
    case Kind::boolean:
      out += v.as_boolean() ? "true" : "false";
      return;
    case Kind::integer:
    case Kind::decimal:
      out += liquid::to_text(v);
      return;
    case Kind::enumeration:
      return text::append_json_string(out, enum_text(catalogue, v, false));
    case Kind::resource:
      return text::append_json_string(out, resource_text(catalogue, v, false));
    case Kind::instant:
      return text::append_json_string(out, value::format_instant(v.as_instant()));
    case Kind::ref:
      return text::append_json_string(out, std::to_string(v.as_key()));
    case Kind::list: {
      out += '[';
      for (std::size_t i = 0; i < v.as_list().size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, catalogue, v.as_list()[i]);
      }
      out += ']';
      return;
    }
    default:
      return text::append_json_string(out, liquid::to_text(v));
  }
}

std::string render(const bytecode::Template& tmpl, Target target, const RenderInputs& inputs) {
  liquid::Template converted;
  std::vector<const bytecode::TemplatePart*> outputs;
  for (const bytecode::TemplatePart& part : tmpl.parts) {
    if (!part.placeholder) {
      converted.parts.emplace_back(part.text);
      continue;
    }
    liquid::Output output;
    for (const auto& filter : part.filters) output.filters.push_back({filter.name, filter.arguments, 0, 0});
    outputs.push_back(&part);
    converted.parts.emplace_back(std::move(output));
  }
  const auto lookup = [&](std::size_t n, const liquid::Output&) -> Value {
    const bytecode::TemplatePart& part = *outputs[n];
    switch (part.source) {
      case bytecode::PlaceholderSource::unsubscribe_url:
        return Value::text(inputs.unsubscribe_url);
      case bytecode::PlaceholderSource::sender_name:
        return Value::text(inputs.sender_name);
      case bytecode::PlaceholderSource::sender_address:
        return Value::text(inputs.sender_address);
      case bytecode::PlaceholderSource::argument:
        break;
    }
    return inputs.arguments && part.argument < inputs.arguments->size() ? (*inputs.arguments)[part.argument]
                                                                        : Value();
  };
  const liquid::Escape escape = target == Target::html     ? liquid::Escape::html
                                : target == Target::header ? liquid::Escape::header
                                                           : liquid::Escape::none;
  return liquid::render(converted, escape, lookup);
}

}  // namespace wf::engine
