#include "grammar/liquid/json.hpp"

#include <simdjson.h>

#include <unordered_set>

#include "grammar/liquid/numbers.hpp"

namespace wf::liquid {

namespace od = simdjson::ondemand;

namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValues = 1'000'000;

}  // namespace

/// Throws simdjson_error or Error.
class JsonBuilder {
 public:
  explicit JsonBuilder(JsonData& data) : data_(data) {}

  template <class Node>
  void build_root(Node& node) {
    data_.root_ = build(node, 0);
  }

 private:
  template <class Node>
  Datum build(Node&& node, int depth) {
    if (depth > kMaxDepth) throw Error{ErrorCode::limit, "more than 64 levels of nesting"};
    if (++values_ > kMaxValues) throw Error{ErrorCode::limit, "more than 1,000,000 values"};
    switch (od::json_type(node.type())) {
      case od::json_type::object:
        return object(node.get_object(), depth);
      case od::json_type::array:
        return array(node.get_array(), depth);
      case od::json_type::string:
        return Datum::text(keep(std::string_view(node.get_string())));
      case od::json_type::number:
        return number(node.raw_json_token());
      case od::json_type::boolean:
        return Datum::boolean(node.get_bool());
      case od::json_type::null:
        break;
    }
    if (!bool(node.is_null())) throw Error{ErrorCode::invalid, "not valid JSON"};
    return {};
  }

  Datum object(od::object object, int depth) {
    std::vector<Object::Field> fields;
    std::unordered_set<std::string_view> names;
    for (auto field : object) {
      const std::string_view name = keep(std::string_view(field.unescaped_key()));
      if (!names.insert(name).second)
        throw Error{ErrorCode::invalid, "the name `" + std::string(name) + "` is there twice"};
      fields.emplace_back(name, build(field.value().value(), depth + 1));
    }
    return Datum::object(data_.objects_.emplace_back(std::move(fields)));
  }

  Datum array(od::array array, int depth) {
    Array items;
    for (auto item : array) items.push_back(build(item.value(), depth + 1));
    return Datum::array(data_.arrays_.emplace_back(std::move(items)));
  }

  static Datum number(std::string_view token) {
    token = token.substr(0, token.find_first_of(" \t\r\n,]}"));
    const std::string_view digits = token.starts_with('-') ? token.substr(1) : token;
    const bool padded = digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]);
    const auto number = parse_number(token);
    if (!number || padded)
      throw Error{ErrorCode::invalid, "the number " + std::string(token) + " is out of range or malformed"};
    return *number;
  }

  std::string_view keep(std::string_view text) { return data_.texts_.emplace_back(text); }

  JsonData& data_;
  std::size_t values_ = 0;
};

Result<std::unique_ptr<JsonData>> JsonData::parse(std::string_view text) {
  auto data = std::make_unique<JsonData>();
  try {
    const simdjson::padded_string padded(text);
    od::parser parser;
    od::document document = parser.iterate(padded);
    if (bool(document.is_scalar())) {
      // Numbers and words that stand alone are read in other ways; no template's data is one.
      return Error{ErrorCode::invalid, "expected an object or an array"};
    }
    JsonBuilder(*data).build_root(document);
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      return Error{ErrorCode::invalid, "something follows the JSON value"};
    return data;
  } catch (const simdjson::simdjson_error& problem) {
    return Error{ErrorCode::invalid, std::string("not valid JSON: ") + problem.what()};
  } catch (const Error& problem) {
    return problem;
  }
}

}  // namespace wf::liquid
