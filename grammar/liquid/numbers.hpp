// Numbers as Liquid has them: whole numbers, and decimal fractions that are exact while they are reckoned
// with (10.1 - 2.2 is 7.9) and floats when they are shown or kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "grammar/liquid/datum.hpp"

namespace wf::liquid {

/// mantissa × 10^exponent; a whole number has the exponent 0 and is not a fraction, 1.0 is one.
struct Number {
  Wide mantissa = 0;
  int exponent = 0;
  bool is_fraction = false;

  static Number whole(Wide v) { return {v, 0, false}; }
};

/// Numbers as they are; texts by what they start with ("12 cm" is 12, but only a whole text is a fraction:
/// "1.5"); anything else is 0.
Number to_number(const Datum& v);
Datum to_datum(const Number& n);
/// A number written as `-12` or `-12.5`, also with an exponent; nothing for anything else. One that is too
/// large to be held exactly is a float.
std::optional<Datum> parse_number(std::string_view text);

// Results that cannot be held are a Fault; so is a division by zero.
Number add(const Number& a, const Number& b);
Number subtract(const Number& a, const Number& b);
Number multiply(const Number& a, const Number& b);
/// Whole numbers give the whole number below.
Number divide(const Number& a, const Number& b);
/// What is left of it: has the sign of `b`.
Number modulo(const Number& a, const Number& b);
/// Below 0, 0 or above 0.
int compare(const Number& a, const Number& b);

Number absolute(const Number& n);
Number floor(const Number& n);
Number ceiling(const Number& n);
/// To so many places after the point; halves away from zero. Without places the result is a whole number.
Number round(const Number& n, std::int64_t places);

/// A whole number from a whole number or a text that is one; anything else is a Fault.
std::int64_t to_whole(const Datum& v);
/// The same from anything: what a text starts with, a number without its fraction, else 0. Beyond 64 bits a
/// Fault.
std::int64_t to_whole_leniently(const Datum& v);

std::string integer_text(Wide v);
/// The shortest text that gives the same float, always with a point: 1.0, 0.1, 1.0e+20.
std::string real_text(double v);

}  // namespace wf::liquid
