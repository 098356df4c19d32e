// Three-valued operators of the language on values. Unknown in, unknown out, unless a table says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "grammar/value/value.hpp"

namespace wf::vm {

using value::Value;

/// Nothing: unknown.
using Truth = std::optional<bool>;
/// Unknown for what is no boolean.
inline Truth truth_of(const Value& v) {
  return v.kind() == value::Kind::boolean ? Truth(v.as_boolean()) : std::nullopt;
}
inline Truth both(Truth a, Truth b) {
  if (a == false || b == false) return false;
  return a && b ? Truth(true) : std::nullopt;
}
inline Truth either(Truth a, Truth b) {
  if (a == true || b == true) return true;
  return a && b ? Truth(false) : std::nullopt;
}
inline Truth negated(Truth a) {
  return a ? Truth(!*a) : std::nullopt;
}
/// Texts are equal after NFKC and case folding; numbers by value; a date and an instant never.
Truth equals(const Value& a, const Value& b);
/// -1, 0, 1; nothing when either is unknown or they cannot be ordered.
std::optional<int> order_of(const Value& a, const Value& b);

// The same as values.
Value kleene_and(const Value& a, const Value& b);
Value kleene_or(const Value& a, const Value& b);
Value kleene_not(const Value& a);
Value equal(const Value& a, const Value& b);
Value compare(const Value& a, const Value& b);

Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
Value divide(const Value& a, const Value& b);
Value negate(const Value& a);

/// A text made of others grows no longer: its beginning is dropped.
inline constexpr std::size_t kMaxJoinedText = 64 * 1024;
/// One behind the other; what is no text is empty.
Value join_texts(const Value& a, const Value& b);

/// What texts, lists and maps have in them.
std::size_t bytes_of(const std::vector<Value>& values);

enum class TextTest : std::uint8_t { contains, starts_with, ends_with };
Value test_text(TextTest test, const Value& text, const Value& part);
/// `*` any characters, `?` one character; raw. Linear in text times pattern.
Value matches_glob(const Value& text, const Value& pattern);
bool glob(std::string_view text, std::string_view pattern);

}  // namespace wf::vm
