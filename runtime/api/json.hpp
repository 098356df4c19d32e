// JSON text to and from plain values: objects are maps, arrays lists, null is unknown, numbers integers or
// decimals.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"

namespace wf::api {

/// Parses many documents with one set of buffers. One thread.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// Bytes that must be readable behind every text given to read().
  static const std::size_t kPadding;

  /// Errors: invalid (not one JSON document in UTF-8, a repeated key, a number out of range), limit (more
  /// than 64 levels or 100,000 values).
  Result<value::Value> read(std::string_view padded);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// One document; copies the text.
Result<value::Value> parse_json(std::string_view text);

void append_json(std::string& out, const value::Value& v);
std::string to_json(const value::Value& v);

/// The member of a map; null when `v` is no map or has none of that name.
const value::Value* member(const value::Value& v, std::string_view name);
/// A text member as it is, a number as text; "" without one.
std::string text_member(const value::Value& v, std::string_view name);
/// 0 without one.
std::int64_t integer_member(const value::Value& v, std::string_view name);
/// Empty without one.
const value::List& list_member(const value::Value& v, std::string_view name);

}  // namespace wf::api
