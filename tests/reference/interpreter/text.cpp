#include "tests/reference/interpreter/text.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "grammar/value/calendar.hpp"

namespace wf::reference {

using bytecode::Catalogue;
using bytecode::ResourceKind;
using value::Kind;
using value::Value;

namespace {

std::string name_of(const Catalogue& catalogue, const Value& v) {
  if (v.kind() == Kind::enumeration) return catalogue.enums.at(v.aux()).values.at(v.as_ordinal());
  return catalogue.resource_name(static_cast<ResourceKind>(v.aux()), v.as_resource());
}

std::string title_of(const Catalogue& catalogue, const Value& v) {
  std::string title;
  if (v.kind() == Kind::enumeration) {
    const auto& titles = catalogue.enums.at(v.aux()).titles;
    if (v.as_ordinal() < titles.size()) title = titles[v.as_ordinal()];
  } else if (static_cast<ResourceKind>(v.aux()) == ResourceKind::user) {
    title = catalogue.users.at(v.as_resource()).title;
  } else if (static_cast<ResourceKind>(v.aux()) == ResourceKind::team) {
    title = catalogue.teams.at(v.as_resource()).title;
  }
  return title.empty() ? name_of(catalogue, v) : title;
}

bool is_named(const Value& v) {
  return v.kind() == Kind::enumeration || v.kind() == Kind::resource;
}

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
    default:
      return {};
  }
}

/// ASCII and full-width letters; generated texts have no others with two cases.
std::string with_letters(std::string text, bool upper) {
  const auto change = [&](unsigned char first, unsigned char last, std::size_t at, int shift) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= first && c <= last) text[at] = static_cast<char>(c + shift);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    upper ? change('a', 'z', at, 'A' - 'a') : change('A', 'Z', at, 'a' - 'A');
    if (text.compare(at, 2, upper ? "\xef\xbd" : "\xef\xbc") != 0 || at + 2 >= text.size()) continue;
    const auto letter = static_cast<unsigned char>(text[at + 2]);
    if (upper ? letter < 0x81 || letter > 0x9a : letter < 0xa1 || letter > 0xba) continue;
    text[at + 1] = upper ? '\xbc' : '\xbd';
    text[at + 2] = static_cast<char>(upper ? letter + 0x20 : letter - 0x20);
    at += 2;
  }
  return text;
}

std::string stripped(const std::string& text) {
  const char* blanks = " \t\n\r\f\v";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool is_missing(const Value& v) {
  return v.is_unknown() || (v.kind() == Kind::boolean && !v.as_boolean()) ||
         (v.kind() == Kind::text && v.as_text().empty());
}

/// `name: 'text'` behind a bar.
struct Filter {
  std::string name, argument;
};

Value filtered(const Value& v, const Filter& filter, Escape escape) {
  if (filter.name == "default") return is_missing(v) ? Value::text(filter.argument) : v;
  if (filter.name == "upcase") return Value::text(with_letters(text_of(v), true));
  if (filter.name == "downcase") return Value::text(with_letters(text_of(v), false));
  if (filter.name == "strip") return Value::text(stripped(text_of(v)));
  if (filter.name == "escape") return escape == Escape::html ? v : Value::text(html_text(text_of(v)));
  throw std::logic_error("the reference interpreter does not know the filter " + filter.name);
}

Filter filter_of(const std::string& written) {
  const auto colon = written.find(':');
  if (colon == written.npos) return {stripped(written), {}};
  std::string argument = stripped(written.substr(colon + 1));
  if (!argument.empty() && (argument[0] == '\'' || argument[0] == '"'))
    argument = argument.substr(1, argument.size() - 2);
  return {stripped(written.substr(0, colon)), argument};
}

std::string dotted(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& name : path) out += (out.empty() ? "" : ".") + name;
  return out;
}

Value value_of(const bytecode::Template& t, const std::string& path, const Placeholders& values) {
  for (const bytecode::TemplateRead& read : t.reads) {
    if (dotted(read.path) != path) continue;
    switch (read.source) {
      case bytecode::PlaceholderSource::unsubscribe_url:
        return Value::text(values.unsubscribe_url);
      case bytecode::PlaceholderSource::sender_name:
        return Value::text(values.sender_name);
      case bytecode::PlaceholderSource::sender_address:
        return Value::text(values.sender_address);
      default:
        return values.arguments.at(read.argument);
    }
  }
  throw std::logic_error("the template does not say that it reads " + path);
}

/// The inside of `{{ … }}`; no text in it has a bar.
std::string output_of(const bytecode::Template& t, std::string inside, Escape escape,
                      const Placeholders& values) {
  std::vector<std::string> parts(1);
  for (const char c : inside) {
    if (c == '|') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  Value v = value_of(t, stripped(parts[0]), values);
  for (std::size_t i = 1; i < parts.size(); ++i) v = filtered(v, filter_of(parts[i]), escape);
  return escape == Escape::html ? html_text(text_of(v)) : text_of(v);
}

}  // namespace

std::string resource_path(const Catalogue& catalogue, const Value& resource) {
  return std::string(to_string(static_cast<ResourceKind>(resource.aux()))) + "." +
         name_of(catalogue, resource);
}

Value plain(const Catalogue& catalogue, const Value& v) {
  if (is_named(v)) return Value::text(title_of(catalogue, v));
  return v.kind() == Kind::ref ? Value() : v;
}

std::string display(const Catalogue& catalogue, const Value& v) {
  if (v.is_unknown()) return "unknown";
  if (v.kind() == Kind::ref) return catalogue.objects.at(v.aux()).name + " #" + std::to_string(v.as_key());
  if (v.kind() == Kind::instant) return value::format_instant(v.as_instant(), catalogue.zone);
  return text_of(plain(catalogue, v));
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json(const Catalogue& catalogue, const Value& v) {
  switch (v.kind()) {
    case Kind::unknown:
      return "null";
    case Kind::boolean:
    case Kind::integer:
    case Kind::decimal:
      return text_of(v);
    case Kind::enumeration:
    case Kind::resource:
      return json_text(name_of(catalogue, v));
    case Kind::ref:
      return json_text(std::to_string(v.as_key()));
    default:
      return json_text(text_of(v));
  }
}

std::string render(const bytecode::Template& t, Escape escape, const Placeholders& values) {
  if (t.text.find("{%") != t.text.npos)
    throw std::logic_error("the reference interpreter does not know the tags of templates");
  std::string out;
  for (std::size_t at = 0; at < t.text.size();) {
    const std::size_t open = std::min(t.text.find("{{", at), t.text.size());
    out += t.text.substr(at, open - at);
    if (open == t.text.size()) break;
    const std::size_t close = t.text.find("}}", open);
    out += output_of(t, t.text.substr(open + 2, close - open - 2), escape, values);
    at = close + 2;
  }
  return out;
}

}  // namespace wf::reference
