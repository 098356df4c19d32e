// The operators of the language over three-valued values, written from the specification: exact arithmetic in
// 128 bits that saturates at the end, comparisons with unknown are unknown, Kleene's logic.
#pragma once

#include <string>
#include <string_view>

#include "grammar/value/value.hpp"

namespace wf::reference {

using value::Value;

enum class Truth : std::uint8_t { no, yes, unknown };

Truth truth(const Value& v);
Value as_value(Truth t);
Truth negation(Truth a);
Truth conjunction(Truth a, Truth b);
Truth disjunction(Truth a, Truth b);

Truth equal(const Value& a, const Value& b);
/// -1, 0, 1 as an integer; unknown where there is no order.
Value order(const Value& a, const Value& b);

Value sum(const Value& a, const Value& b);
Value difference(const Value& a, const Value& b);
Value product(const Value& a, const Value& b);
Value quotient(const Value& a, const Value& b);
Value negative(const Value& a);

/// Texts are compared without regard to case and width.
std::string folded(std::string_view text);
/// `*` is any text, `?` one character.
bool matches(std::string_view text, std::string_view pattern);

}  // namespace wf::reference
