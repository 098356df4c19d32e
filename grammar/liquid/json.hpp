// Data for templates from JSON.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "grammar/liquid/datum.hpp"
#include "grammar/text/result.hpp"

namespace wf::liquid {

/// Owns what its values refer to.
class JsonData {
 public:
  /// Whole numbers may have up to 36 digits, others are floats. Errors: invalid (not one JSON document in
  /// UTF-8, a name that is there twice, a number out of range), limit (more than 64 levels or 1,000,000
  /// values).
  static Result<std::unique_ptr<JsonData>> parse(std::string_view text);

  const Datum& root() const { return root_; }
  /// Null when the root is no object.
  const Object* object() const { return root_.is(Type::object) ? &root_.as_object() : nullptr; }

 private:
  friend class JsonBuilder;
  Datum root_;
  std::deque<std::string> texts_;
  std::deque<Array> arrays_;
  std::deque<Object> objects_;
};

}  // namespace wf::liquid
