#include "runtime/engine/display.hpp"

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

std::string list_text(const value::List& items) {
  std::string out;
  for (const Value& item : items) out += (&item == items.data() ? "" : ", ") + text_of(item);
  return out;
}

}  // namespace

std::string text_of(const Value& v) {
  switch (v.kind()) {
    case Kind::boolean:
      return v.as_boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(v.as_integer());
    case Kind::decimal:
      return value::format_decimal(v.as_micros());
    case Kind::text:
      return std::string(v.as_text());
    case Kind::instant:
      return value::format_instant(v.as_instant());
    case Kind::date:
      return value::format_date(v.as_date());
    case Kind::time_of_day:
      return value::format_time_of_day(v.as_time_of_day());
    case Kind::duration:
      return value::format_duration(v.as_duration());
    case Kind::list:
      return list_text(v.as_list());
    case Kind::unknown:
    case Kind::enumeration:
    case Kind::ref:
    case Kind::resource:
    case Kind::map:
      return {};
  }
  return {};
}

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
  return text_of(plain(catalogue, v));
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
      out += text_of(v);
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
      return text::append_json_string(out, text_of(v));
  }
}

}  // namespace wf::engine
