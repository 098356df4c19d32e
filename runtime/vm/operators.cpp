#include "runtime/vm/operators.hpp"

#include <algorithm>
#include <limits>

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::vm {

using value::Kind;

namespace {

bool is_ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_folded(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (is_ascii(a) && is_ascii(b)) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
  }
  return text::fold(a) == text::fold(b);
}

int order(std::int64_t a, std::int64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

Value value_of(Truth truth) {
  return truth ? Value::boolean(*truth) : Value();
}

/// Integers stay integers; with a decimal the result is decimal.
Value number(const Value& a, const Value& b, std::int64_t (*op)(std::int64_t, std::int64_t)) {
  if (a.kind() == Kind::integer && b.kind() == Kind::integer)
    return Value::integer(op(a.as_integer(), b.as_integer()));
  return Value::decimal(op(a.as_micros(), b.as_micros()));
}

__extension__ using Wide = __int128;

Value saturated(Wide micros) {
  constexpr Wide low = std::numeric_limits<std::int64_t>::min(),
                 high = std::numeric_limits<std::int64_t>::max();
  return Value::decimal(static_cast<std::int64_t>(std::clamp(micros, low, high)));
}

std::int32_t whole_days(std::int64_t us) {
  return static_cast<std::int32_t>(us / value::kDay);
}

}  // namespace

Truth equals(const Value& a, const Value& b) {
  if (a.is_unknown() || b.is_unknown()) return std::nullopt;
  if (a.kind() == Kind::text && b.kind() == Kind::text) return equal_folded(a.as_text(), b.as_text());
  return a == b;
}

std::optional<int> order_of(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.kind() == Kind::integer && b.kind() == Kind::integer) return order(a.as_integer(), b.as_integer());
    return order(a.as_micros(), b.as_micros());
  }
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::instant:
      return order(a.as_instant(), b.as_instant());
    case Kind::date:
      return order(a.as_date(), b.as_date());
    case Kind::time_of_day:
      return order(a.as_time_of_day(), b.as_time_of_day());
    case Kind::duration:
      return order(a.as_duration(), b.as_duration());
    case Kind::enumeration:
      return order(a.as_ordinal(), b.as_ordinal());
    default:
      return std::nullopt;
  }
}

Value kleene_and(const Value& a, const Value& b) {
  return value_of(both(truth_of(a), truth_of(b)));
}

Value kleene_or(const Value& a, const Value& b) {
  return value_of(either(truth_of(a), truth_of(b)));
}

Value kleene_not(const Value& a) {
  return value_of(negated(truth_of(a)));
}

Value equal(const Value& a, const Value& b) {
  return value_of(equals(a, b));
}

Value compare(const Value& a, const Value& b) {
  const auto order = order_of(a, b);
  return order ? Value::integer(*order) : Value();
}

Value add(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return number(a, b, value::add_saturating);
  if (b.kind() != Kind::duration) return {};
  switch (a.kind()) {
    case Kind::instant:
      return Value::instant(value::add_saturating(a.as_instant(), b.as_duration()));
    case Kind::date:
      return Value::date(a.as_date() + whole_days(b.as_duration()));
    case Kind::duration:
      return Value::duration(value::add_saturating(a.as_duration(), b.as_duration()));
    default:
      return {};
  }
}

Value subtract(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return number(a, b, value::sub_saturating);
  if (a.kind() == Kind::instant && b.kind() == Kind::instant) {
    return Value::duration(value::sub_saturating(a.as_instant(), b.as_instant()));
  }
  if (a.kind() == Kind::date && b.kind() == Kind::date) {
    return Value::duration((std::int64_t{a.as_date()} - b.as_date()) * value::kDay);
  }
  if (b.kind() == Kind::duration) return add(a, Value::duration(value::sub_saturating(0, b.as_duration())));
  return {};
}

Value multiply(const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) return {};
  if (a.kind() == Kind::integer && b.kind() == Kind::integer) {
    return Value::integer(value::mul_saturating(a.as_integer(), b.as_integer()));
  }
  return saturated(Wide{a.as_micros()} * b.as_micros() / value::kMicro);
}

Value divide(const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number() || b.as_micros() == 0) return {};
  return saturated(Wide{a.as_micros()} * value::kMicro / b.as_micros());
}

Value negate(const Value& a) {
  if (a.kind() == Kind::integer) return Value::integer(value::sub_saturating(0, a.as_integer()));
  if (a.kind() == Kind::decimal) return Value::decimal(value::sub_saturating(0, a.as_micros()));
  if (a.kind() == Kind::duration) return Value::duration(value::sub_saturating(0, a.as_duration()));
  return {};
}

Value join_texts(const Value& a, const Value& b) {
  std::string joined;
  for (const Value* v : {&a, &b}) {
    if (v->kind() == Kind::text) joined += v->as_text();
  }
  if (joined.size() <= kMaxJoinedText) return Value::text(joined);
  std::size_t from = joined.size() - kMaxJoinedText;
  while ((static_cast<unsigned char>(joined[from]) & 0xc0) == 0x80) ++from;  // characters stay whole
  return Value::text(std::string_view(joined).substr(from));
}

std::size_t bytes_of(const std::vector<Value>& values) {
  std::size_t bytes = 0;
  for (const Value& v : values) {
    if (v.kind() == Kind::text) {
      bytes += v.as_text().size();
    } else if (v.kind() == Kind::list) {
      bytes += bytes_of(v.as_list());
    } else if (v.kind() == Kind::map) {
      for (const auto& [name, member] : v.as_map()) bytes += name.size() + bytes_of({member});
    }
  }
  return bytes;
}

Value test_text(TextTest test, const Value& text, const Value& part) {
  if (text.kind() != Kind::text || part.kind() != Kind::text) return {};
  const std::string whole = text::fold(text.as_text()), sought = text::fold(part.as_text());
  switch (test) {
    case TextTest::contains:
      return Value::boolean(whole.find(sought) != std::string::npos);
    case TextTest::starts_with:
      return Value::boolean(whole.starts_with(sought));
    case TextTest::ends_with:
      return Value::boolean(whole.ends_with(sought));
  }
  return {};
}

bool glob(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  const auto next = [&](std::size_t at) {  // a `?` takes one UTF-8 character
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    return at;
  };
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      t = next(t);
      ++p;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++t;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Value matches_glob(const Value& text, const Value& pattern) {
  if (text.kind() != Kind::text || pattern.kind() != Kind::text) return {};
  return Value::boolean(glob(text.as_text(), pattern.as_text()));
}

}  // namespace wf::vm
