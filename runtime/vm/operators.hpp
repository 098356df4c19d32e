// Three-valued operators of the language on values. Unknown in, unknown out, unless a table says otherwise.
#pragma once

#include <cstdint>
#include <string_view>

#include "grammar/value/value.hpp"

namespace wf::vm {

using value::Value;

Value kleene_and(const Value& a, const Value& b);
Value kleene_or(const Value& a, const Value& b);
Value kleene_not(const Value& a);

/// Texts are equal after NFKC and case folding; numbers by value; a date and an instant never.
Value equal(const Value& a, const Value& b);
/// -1, 0, 1 as an integer; unknown when either is unknown or they cannot be ordered.
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
