#include "runtime/api/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "grammar/text/render.hpp"

namespace wf::api {

using value::Kind;
using value::Value;
namespace od = simdjson::ondemand;

namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValues = 100'000;
constexpr std::size_t kFewKeys = 16;

/// Builds one value; throws simdjson_error or Error.
class Builder {
 public:
  template <class Node>
  Value build(Node&& node, int depth) {
    if (depth > kMaxDepth) throw Error{ErrorCode::limit, "more than 64 levels of nesting"};
    if (++values_ > kMaxValues) throw Error{ErrorCode::limit, "more than 100,000 values"};
    switch (od::json_type(node.type())) {
      case od::json_type::object:
        return object(node.get_object(), depth);
      case od::json_type::array:
        return array(node.get_array(), depth);
      case od::json_type::string:
        return Value::text(std::string_view(node.get_string()));
      case od::json_type::number:
        return number(node);
      case od::json_type::boolean:
        return Value::boolean(node.get_bool());
      case od::json_type::null:
        break;
    }
    if (!bool(node.is_null())) throw Error{ErrorCode::invalid, "not valid JSON"};
    return {};
  }

 private:
  Value object(od::object object, int depth) {
    value::Map map;
    std::unordered_set<std::string> many;
    for (auto field : object) {
      std::string key(std::string_view(field.unescaped_key()));
      if (is_repeated(map, many, key))
        throw Error{ErrorCode::invalid, "the key `" + key + "` is there twice"};
      map.emplace_back(std::move(key), build(field.value().value(), depth + 1));
    }
    return Value::map(std::move(map));
  }

  static bool is_repeated(const value::Map& map, std::unordered_set<std::string>& many,
                          const std::string& key) {
    if (map.size() < kFewKeys) {
      return std::any_of(map.begin(), map.end(), [&](const auto& entry) { return entry.first == key; });
    }
    if (many.empty()) {
      for (const auto& [name, v] : map) many.insert(name);
    }
    return !many.insert(key).second;
  }

  Value array(od::array array, int depth) {
    value::List list;
    for (auto item : array) list.push_back(build(item.value(), depth + 1));
    return Value::list(std::move(list));
  }

  template <class Node>
  Value number(Node& node) {
    std::string_view token = node.raw_json_token();
    token = token.substr(0, token.find_first_of(" \t\r\n,]}"));
    if (token.find_first_of(".eE") == token.npos) {
      std::int64_t whole = 0;
      if (node.get_int64().get(whole) == simdjson::SUCCESS) return Value::integer(whole);
      throw Error{ErrorCode::invalid, "the number " + std::string(token) + " is out of range or malformed"};
    }
    const double number = node.get_double();
    std::int64_t micros = 0;
    if (value::parse_decimal(token, micros)) return Value::decimal(micros);
    const double scaled = std::round(number * 1e6);
    if (!(std::abs(scaled) < 9e18)) {
      throw Error{ErrorCode::invalid, "the number " + std::string(token) + " is out of range"};
    }
    return Value::decimal(static_cast<std::int64_t>(scaled));
  }

  std::size_t values_ = 0;
};

}  // namespace

struct JsonReader::Parser {
  od::parser parser;
};

const std::size_t JsonReader::kPadding = simdjson::SIMDJSON_PADDING;

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

Result<Value> JsonReader::read(std::string_view padded) {
  try {
    od::document document =
        parser_->parser.iterate(padded.data(), padded.size(), padded.size() + simdjson::SIMDJSON_PADDING);
    Value v = Builder().build(document, 0);
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return Error{ErrorCode::invalid, "something follows the JSON value"};
    }
    return v;
  } catch (const simdjson::simdjson_error& problem) {
    return Error{ErrorCode::invalid, std::string("not valid JSON: ") + problem.what()};
  } catch (const Error& problem) {
    return problem;
  }
}

Result<Value> parse_json(std::string_view text) {
  std::string padded(text);
  padded.append(JsonReader::kPadding, '\0');
  return JsonReader().read(std::string_view(padded).substr(0, text.size()));
}

void append_json(std::string& out, const Value& v) {
  switch (v.kind()) {
    case Kind::unknown:
      out += "null";
      return;
    case Kind::boolean:
      out += v.as_boolean() ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(v.as_integer());
      return;
    case Kind::decimal:
      out += value::format_decimal(v.as_micros());
      return;
    case Kind::text:
      return text::append_json_string(out, v.as_text());
    case Kind::list: {
      char separator = '[';
      for (const Value& item : v.as_list()) {
        out += separator;
        append_json(out, item);
        separator = ',';
      }
      out += v.as_list().empty() ? "[]" : "]";
      return;
    }
    case Kind::map: {
      char separator = '{';
      for (const auto& [key, item] : v.as_map()) {
        out += separator;
        text::append_json_string(out, key);
        out += ':';
        append_json(out, item);
        separator = ',';
      }
      out += v.as_map().empty() ? "{}" : "}";
      return;
    }
    default:
      return text::append_json_string(out, v.debug());
  }
}

std::string to_json(const Value& v) {
  std::string out;
  append_json(out, v);
  return out;
}

const Value* member(const Value& v, std::string_view name) {
  if (v.kind() != Kind::map) return nullptr;
  for (const auto& [key, item] : v.as_map()) {
    if (key == name) return &item;
  }
  return nullptr;
}

std::string text_member(const Value& v, std::string_view name) {
  const Value* found = member(v, name);
  if (found == nullptr) return {};
  if (found->kind() == Kind::text) return std::string(found->as_text());
  return found->is_number() ? found->debug() : std::string();
}

std::int64_t integer_member(const Value& v, std::string_view name) {
  const Value* found = member(v, name);
  return found != nullptr && found->kind() == Kind::integer ? found->as_integer() : 0;
}

const value::List& list_member(const Value& v, std::string_view name) {
  static const value::List none;
  const Value* found = member(v, name);
  return found != nullptr && found->kind() == Kind::list ? found->as_list() : none;
}

}  // namespace wf::api
