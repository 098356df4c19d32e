#include "tests/reference/interpreter/operators.hpp"

#include <algorithm>
#include <limits>

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::reference {

using value::Kind;
using value::kMicro;

namespace {

__extension__ using Wide = __int128;

std::int64_t saturated(Wide n) {
  constexpr Wide low = std::numeric_limits<std::int64_t>::min();
  constexpr Wide high = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(n < low ? low : n > high ? high : n);
}

bool whole(const Value& a, const Value& b) {
  return a.kind() == Kind::integer && b.kind() == Kind::integer;
}
bool numbers(const Value& a, const Value& b) {
  return a.is_number() && b.is_number();
}

Value number(bool integer, Wide n) {
  return integer ? Value::integer(saturated(n)) : Value::decimal(saturated(n));
}

/// What two values of one kind, other than texts and numbers, are ordered by.
std::int64_t rank(const Value& v) {
  switch (v.kind()) {
    case Kind::instant:
      return v.as_instant();
    case Kind::date:
      return v.as_date();
    case Kind::time_of_day:
      return v.as_time_of_day();
    case Kind::duration:
      return v.as_duration();
    default:
      return v.as_ordinal();
  }
}

bool has_rank(Kind kind) {
  return kind == Kind::instant || kind == Kind::date || kind == Kind::time_of_day || kind == Kind::duration ||
         kind == Kind::enumeration;
}

std::size_t character_length(std::string_view text) {
  std::size_t n = 1;
  while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xc0) == 0x80) ++n;
  return n;
}

}  // namespace

Truth truth(const Value& v) {
  if (v.kind() != Kind::boolean) return Truth::unknown;
  return v.as_boolean() ? Truth::yes : Truth::no;
}

Value as_value(Truth t) {
  return t == Truth::unknown ? Value() : Value::boolean(t == Truth::yes);
}

Truth negation(Truth a) {
  if (a == Truth::unknown) return a;
  return a == Truth::yes ? Truth::no : Truth::yes;
}

Truth conjunction(Truth a, Truth b) {
  if (a == Truth::no || b == Truth::no) return Truth::no;
  return a == Truth::yes && b == Truth::yes ? Truth::yes : Truth::unknown;
}

Truth disjunction(Truth a, Truth b) {
  return negation(conjunction(negation(a), negation(b)));
}

Truth equal(const Value& a, const Value& b) {
  if (a.is_unknown() || b.is_unknown()) return Truth::unknown;
  const bool texts = a.kind() == Kind::text && b.kind() == Kind::text;
  const bool same = texts ? folded(a.as_text()) == folded(b.as_text()) : a == b;
  return same ? Truth::yes : Truth::no;
}

Value order(const Value& a, const Value& b) {
  const auto sign = [](std::int64_t x, std::int64_t y) {
    return Value::integer(static_cast<int>(x > y) - static_cast<int>(x < y));
  };
  if (numbers(a, b))
    return whole(a, b) ? sign(a.as_integer(), b.as_integer()) : sign(a.as_micros(), b.as_micros());
  if (a.kind() != b.kind() || !has_rank(a.kind())) return {};
  return sign(rank(a), rank(b));
}

Value sum(const Value& a, const Value& b) {
  if (whole(a, b)) return number(true, Wide{a.as_integer()} + b.as_integer());
  if (numbers(a, b)) return number(false, Wide{a.as_micros()} + b.as_micros());
  if (b.kind() != Kind::duration) {
    return a.kind() == Kind::duration && (b.kind() == Kind::instant || b.kind() == Kind::date) ? sum(b, a)
                                                                                               : Value();
  }
  const std::int64_t length = b.as_duration();
  if (a.kind() == Kind::instant) return Value::instant(saturated(Wide{a.as_instant()} + length));
  if (a.kind() == Kind::date) {
    return Value::date(static_cast<std::int32_t>(a.as_date() + length / value::kDay));
  }
  if (a.kind() == Kind::duration) return Value::duration(saturated(Wide{a.as_duration()} + length));
  return {};
}

Value difference(const Value& a, const Value& b) {
  if (whole(a, b)) return number(true, Wide{a.as_integer()} - b.as_integer());
  if (numbers(a, b)) return number(false, Wide{a.as_micros()} - b.as_micros());
  if (a.kind() == Kind::instant && b.kind() == Kind::instant) {
    return Value::duration(saturated(Wide{a.as_instant()} - b.as_instant()));
  }
  if (a.kind() == Kind::date && b.kind() == Kind::date) {
    return Value::duration((std::int64_t{a.as_date()} - b.as_date()) * value::kDay);
  }
  return b.kind() == Kind::duration ? sum(a, negative(b)) : Value();
}

Value product(const Value& a, const Value& b) {
  if (whole(a, b)) return number(true, Wide{a.as_integer()} * b.as_integer());
  if (numbers(a, b)) return number(false, Wide{a.as_micros()} * b.as_micros() / kMicro);
  return {};
}

Value quotient(const Value& a, const Value& b) {
  if (!numbers(a, b) || b.as_micros() == 0) return {};
  return number(false, Wide{a.as_micros()} * kMicro / b.as_micros());
}

Value negative(const Value& a) {
  if (a.kind() == Kind::integer) return Value::integer(saturated(-Wide{a.as_integer()}));
  if (a.kind() == Kind::decimal) return Value::decimal(saturated(-Wide{a.as_micros()}));
  if (a.kind() == Kind::duration) return Value::duration(saturated(-Wide{a.as_duration()}));
  return {};
}

std::string folded(std::string_view text) {
  return text::fold(text);
}

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches(text, pattern.substr(1)) || (!text.empty() && matches(text.substr(1), pattern));
  }
  if (text.empty()) return false;
  if (pattern[0] == '?') return matches(text.substr(character_length(text)), pattern.substr(1));
  return text[0] == pattern[0] && matches(text.substr(1), pattern.substr(1));
}

}  // namespace wf::reference
