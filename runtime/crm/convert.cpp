#include "runtime/crm/convert.hpp"

#include <algorithm>
#include <array>

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/vm/operators.hpp"

namespace wf::crm {

using bytecode::Catalogue;
using bytecode::Format;
using bytecode::kNone;
using bytecode::ResourceKind;
using bytecode::Type;
using value::Kind;
using value::Value;

namespace {

Error mismatch(std::string_view expected, const Value& raw) {
  return {ErrorCode::invalid, "expected " + std::string(expected) + ", got " + raw.debug()};
}

Result<Value> to_boolean(const Value& raw) {
  if (raw.kind() == Kind::boolean) return raw;
  if (raw.kind() == Kind::text) {
    const std::string word = text::fold(raw.as_text());
    if (word == "true" || word == "yes" || word == "1") return Value::boolean(true);
    if (word == "false" || word == "no" || word == "0") return Value::boolean(false);
  }
  if (raw.kind() == Kind::integer && (raw.as_integer() == 0 || raw.as_integer() == 1)) {
    return Value::boolean(raw.as_integer() == 1);
  }
  return mismatch("true or false", raw);
}

Result<Value> to_number(const Value& raw, Kind kind) {
  std::int64_t micros = 0;
  if (raw.is_number()) {
    micros = raw.as_micros();
  } else if (raw.kind() != Kind::text || !value::parse_decimal(raw.as_text(), micros)) {
    return mismatch("a number", raw);
  }
  if (kind == Kind::decimal) return Value::decimal(micros);
  if (micros % value::kMicro != 0) return mismatch("a whole number", raw);
  return raw.kind() == Kind::integer ? raw : Value::integer(micros / value::kMicro);
}

Result<Value> to_instant(const Catalogue& catalogue, const Value& raw) {
  if (raw.kind() == Kind::instant) return raw;
  if (raw.kind() == Kind::text) {
    if (const auto instant = value::parse_instant(raw.as_text())) return Value::instant(*instant);
    if (const auto local = value::parse_local(raw.as_text())) {
      return Value::instant(value::to_instant(*local, catalogue.zone));
    }
    if (const auto date = value::parse_date(raw.as_text())) {
      return Value::instant(value::to_instant(*date, 0, catalogue.zone));
    }
  }
  return mismatch("a date and time such as 2026-03-02T09:00:00+09:00", raw);
}

Result<Value> to_date(const Value& raw) {
  if (raw.kind() == Kind::date) return raw;
  if (raw.kind() == Kind::text) {
    if (const auto date = value::parse_date(raw.as_text())) return Value::date(*date);
  }
  return mismatch("a date such as 2026-03-02", raw);
}

Result<Value> to_enumeration(const Catalogue& catalogue, std::uint32_t index, const Value& raw) {
  if (raw.kind() == Kind::enumeration) return raw;
  const bytecode::EnumType& type = catalogue.enums[index];
  if (raw.kind() == Kind::text) {
    for (const auto* names : {&type.values, &type.titles}) {
      const auto exact = std::find(names->begin(), names->end(), raw.as_text());
      if (exact != names->end())
        return Value::enumeration(index, static_cast<std::uint32_t>(exact - names->begin()));
    }
    const std::string sought = text::fold(raw.as_text());
    for (std::uint32_t i = 0; i < type.values.size(); ++i) {
      const bool titled =
          i < type.titles.size() && !type.titles[i].empty() && text::fold(type.titles[i]) == sought;
      if (titled || text::fold(type.values[i]) == sought) return Value::enumeration(index, i);
    }
    const std::string hint = text::did_you_mean(raw.as_text(), type.values);
    return Error{ErrorCode::invalid, "`" + std::string(raw.as_text()) + "` is not a value of `" + type.name +
                                         "`" + (hint.empty() ? "" : "; " + hint)};
  }
  return mismatch("a value of `" + type.name + "`", raw);
}

Result<Value> to_resource(const Catalogue& catalogue, ResourceKind kind, const Value& raw) {
  if (raw.kind() == Kind::resource) return raw;
  if (raw.kind() != Kind::text) return mismatch("the name of a " + std::string(to_string(kind)), raw);
  std::string_view name = raw.as_text();
  const std::string prefix = std::string(to_string(kind)) + ".";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::uint32_t index = catalogue.find_resource(kind, name);
  if (index == kNone && kind == ResourceKind::page) index = page_of(catalogue.pages, name);
  if (index == kNone && kind == ResourceKind::link) index = page_of(catalogue.links, name);
  if (index == kNone && kind == ResourceKind::user) {
    for (std::uint32_t i = 0; i < catalogue.users.size(); ++i) {
      if (text::fold(catalogue.users[i].email) == text::fold(name)) index = i;
    }
  }
  if (index != kNone) return Value::resource(static_cast<std::uint32_t>(kind), index);
  return Error{ErrorCode::invalid,
               "there is no " + prefix.substr(0, prefix.size() - 1) + " `" + std::string(name) + "`"};
}

Result<Value> to_text(const Type& type, const Value& raw) {
  std::string text;
  if (raw.kind() == Kind::text) {
    text = raw.as_text();
  } else if (raw.is_number() || raw.kind() == Kind::boolean) {
    text = raw.debug();
  } else {
    return mismatch("text", raw);
  }
  if (type.format == Format::email && !is_email(text)) {
    return Error{ErrorCode::invalid, "`" + text + "` is not an e-mail address"};
  }
  if (type.format == Format::timezone && !value::zone_exists(text)) {
    return Error{ErrorCode::invalid, "`" + text + "` is not a time zone"};
  }
  return Value::text(text);
}

}  // namespace

std::string trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  constexpr std::string_view wide = "\xe3\x80\x80";  // U+3000
  for (bool again = true; again;) {
    again = false;
    if (!text.empty() && blanks.find(text.front()) != blanks.npos) text.remove_prefix(1), again = true;
    if (!text.empty() && blanks.find(text.back()) != blanks.npos) text.remove_suffix(1), again = true;
    if (text.starts_with(wide)) text.remove_prefix(wide.size()), again = true;
    if (text.ends_with(wide)) text.remove_suffix(wide.size()), again = true;
  }
  return std::string(text);
}

Result<Value> convert(const Catalogue& catalogue, const Type& type, const Value& given,
                      const FindRecord& find) {
  Value raw = given;
  if (raw.kind() == Kind::text) {
    const std::string trimmed = trim(raw.as_text());
    if (trimmed.empty()) return Value();
    if (trimmed.size() != raw.as_text().size()) raw = Value::text(trimmed);
  }
  if (raw.is_unknown()) return raw;
  switch (type.kind) {
    case Kind::boolean:
      return to_boolean(raw);
    case Kind::integer:
    case Kind::decimal:
      return to_number(raw, type.kind);
    case Kind::instant:
      return to_instant(catalogue, raw);
    case Kind::date:
      return to_date(raw);
    case Kind::enumeration:
      return to_enumeration(catalogue, type.aux, raw);
    case Kind::resource:
      return to_resource(catalogue, static_cast<ResourceKind>(type.aux), raw);
    case Kind::text:
      return to_text(type, raw);
    case Kind::ref: {
      if (raw.kind() == Kind::ref) return raw;
      if (raw.kind() != Kind::text) return mismatch("the id of a " + catalogue.objects[type.aux].name, raw);
      if (!find) return raw;
      const std::string id = identity(catalogue.objects[type.aux], raw.as_text());
      if (const auto key = find(type.aux, id)) return Value::ref(type.aux, *key);
      return Error{ErrorCode::invalid, "there is no " + catalogue.objects[type.aux].name + " " + raw.debug()};
    }
    case Kind::time_of_day: {
      if (raw.kind() == Kind::time_of_day) return raw;
      const auto minutes = raw.kind() == Kind::text ? value::parse_time_of_day(raw.as_text()) : std::nullopt;
      return minutes ? Result<Value>(Value::time_of_day(*minutes)) : mismatch("a time such as 09:00", raw);
    }
    case Kind::duration: {
      if (raw.kind() == Kind::duration) return raw;
      const auto us = raw.kind() == Kind::text ? value::parse_compact_duration(raw.as_text()) : std::nullopt;
      return us ? Result<Value>(Value::duration(*us)) : mismatch("a duration such as 2h30m", raw);
    }
    case Kind::list:
    case Kind::map:
    case Kind::unknown:
      break;
  }
  return raw;
}

Result<void> check_property(const bytecode::Property& property, const Value& v) {
  if (property.owned)
    return Error{ErrorCode::invalid, "`" + property.name + "` is written by a workflow alone"};
  if (v.is_unknown()) {
    if (property.type.nullable) return {};
    return Error{ErrorCode::invalid, "`" + property.name + "` must have a value"};
  }
  if (!v.is_number()) return {};
  const std::int64_t micros = v.as_micros();
  const bool low = property.minimum && micros < *property.minimum;
  const bool high = property.maximum && micros > *property.maximum;
  if (low || high)
    return Error{ErrorCode::invalid, v.debug() + " is outside the range of `" + property.name + "`"};
  return {};
}

namespace {

/// What no e-mail address contains.
constexpr std::array<bool, 256> kForbidden = [] {
  std::array<bool, 256> forbidden{};
  for (const char c : std::string_view(" ()<>[]:;,\\\"\x7f")) forbidden[static_cast<unsigned char>(c)] = true;
  for (std::size_t control = 0; control < 0x20; ++control) forbidden[control] = true;
  return forbidden;
}();

}  // namespace

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == text.npos || at != text.rfind('@') || text.size() > 254 || at > 64) return false;
  const std::string_view domain = text.substr(at + 1);
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.find("..") != domain.npos)
    return false;
  if (text.front() == '.' || text[at - 1] == '.' || text.substr(0, at).find("..") != text.npos) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return kForbidden[static_cast<unsigned char>(c)]; });
}

std::string identity(const bytecode::Object& object, std::string_view subject) {
  const std::size_t colon = subject.find(':');
  for (const bytecode::Property& property : object.properties) {
    if (!property.unique) continue;
    if (colon != subject.npos && subject.substr(0, colon) == property.name) {
      return property.name + "=" + text::fold(trim(subject.substr(colon + 1)));
    }
    if (property.type.format == Format::email && subject.find('@') != subject.npos) {
      return property.name + "=" + text::fold(trim(subject));
    }
  }
  return "id=" + trim(subject);
}

std::string identity_of(const bytecode::Property& property, const Value& v) {
  return property.name + "=" + (v.kind() == Kind::text ? text::fold(v.as_text()) : v.debug());
}

std::uint32_t page_of(const std::vector<bytecode::Page>& pages, std::string_view url) {
  std::string_view path = url;
  if (const std::size_t scheme = path.find("://"); scheme != path.npos) {
    const std::size_t slash = path.find('/', scheme + 3);
    path = slash == path.npos ? std::string_view("/") : path.substr(slash);
  }
  std::uint32_t best = kNone;
  std::size_t length = 0;
  for (std::uint32_t i = 0; i < pages.size(); ++i) {
    for (const std::string& pattern : pages[i].urls) {
      if (pattern.size() > length && (vm::glob(path, pattern) || vm::glob(url, pattern))) {
        best = i;
        length = pattern.size();
      }
    }
  }
  return best;
}

}  // namespace wf::crm
