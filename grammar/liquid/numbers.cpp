#include "grammar/liquid/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

constexpr int kMaxDigits = 36;
constexpr Wide kWideMax = ((static_cast<Wide>(1) << 126) - 1) * 2 + 1;

[[noreturn]] void too_large() {
  throw Fault{"a number is too large"};
}

Wide power_of_ten(int exponent) {
  Wide power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

/// mantissa × 10^by, when that can be held.
std::optional<Wide> scaled(Wide mantissa, int by) {
  if (mantissa == 0) return 0;
  if (by > kMaxDigits) return {};
  Wide result = 0;
  if (__builtin_mul_overflow(mantissa, power_of_ten(by), &result)) return {};
  return result;
}

double to_double(const Number& n) {
  if (n.exponent == 0) return static_cast<double>(n.mantissa);
  const std::string text = integer_text(n.mantissa) + "e" + std::to_string(n.exponent);
  double result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  return error == std::errc() ? result : n.exponent > 0 ? HUGE_VAL : 0.0;
}

/// From the digits of `text`, whose form was checked: `-12.5e-3`.
Number from_digits(std::string_view text) {
  Number n;
  n.is_fraction = true;
  const bool negative = text.starts_with('-');
  bool after_point = false;
  int digits = 0;
  std::size_t at = negative ? 1 : 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      after_point = true;
    } else if (digits < kMaxDigits) {
      n.mantissa = n.mantissa * 10 + (text[at] - '0');
      if (n.mantissa != 0) ++digits;
      if (after_point) --n.exponent;
    } else if (!after_point) {
      ++n.exponent;
    }
  }
  int exponent = 0;
  if (at < text.size()) {
    const std::size_t start = at + (text.substr(at).starts_with("e+") ? 2 : 1);
    std::from_chars(text.data() + start, text.data() + text.size(), exponent);
  }
  n.exponent += exponent;
  if (negative) n.mantissa = -n.mantissa;
  return n;
}

Number from_double(double v) {
  if (!std::isfinite(v)) too_large();
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, std::chars_format::scientific).ptr;
  return from_digits({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

struct Aligned {
  Wide a, b;
  int exponent;
};

/// Both with one exponent, when that can be held.
std::optional<Aligned> aligned(const Number& a, const Number& b) {
  const int exponent = std::min(a.exponent, b.exponent);
  const auto x = scaled(a.mantissa, a.exponent - exponent);
  const auto y = scaled(b.mantissa, b.exponent - exponent);
  if (!x || !y) return {};
  return Aligned{*x, *y, exponent};
}

bool both_whole(const Number& a, const Number& b) {
  return !a.is_fraction && !b.is_fraction;
}

void require_divisor(const Number& b) {
  if (b.mantissa == 0) throw Fault{"divided by 0"};
}

Wide floor_divided(Wide a, Wide b) {
  const Wide quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Wide floor_remainder(Wide a, Wide b) {
  const Wide remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

/// `digits` places cut off, rounded by `mode`: -1 down, 0 to the nearest, 1 up.
Wide cut(Wide mantissa, int digits, int mode) {
  if (digits > kMaxDigits) return mode < 0 && mantissa < 0 ? -1 : mode > 0 && mantissa > 0 ? 1 : 0;
  const Wide unit = power_of_ten(digits);
  if (mode < 0) return floor_divided(mantissa, unit);
  if (mode > 0) return -floor_divided(-mantissa, unit);
  const Wide remainder = mantissa % unit;
  const Wide away = remainder >= unit - remainder ? 1 : -remainder >= unit + remainder ? -1 : 0;
  return mantissa / unit + away;
}

Number to_integer(const Number& n, int mode) {
  if (n.exponent < 0) return Number::whole(cut(n.mantissa, -n.exponent, mode));
  const auto whole = scaled(n.mantissa, n.exponent);
  if (!whole) too_large();
  return Number::whole(*whole);
}

/// As a text of Ruby starts: spaces, a sign, digits that may be parted by single underscores.
Number leading_integer(std::string_view text) {
  text = strip_start(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  Wide value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && text[i - 1] != '_') continue;
    if (!is_digit(text[i])) break;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text[i] - '0', &value))
      too_large();
  }
  return Number::whole(negative ? -value : value);
}

/// -?DIGITS, and whether .DIGITS and an exponent follow; false when anything else is there.
bool has_number_form(std::string_view text, bool& fraction, bool& exponent) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > start;
  };
  if (!digits()) return false;
  fraction = at < text.size() && text[at] == '.';
  if (fraction && (++at, !digits())) return false;
  exponent = at < text.size() && (text[at] == 'e' || text[at] == 'E');
  if (exponent) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

std::int64_t narrowed(Wide v) {
  if (v > INT64_MAX || v < INT64_MIN) too_large();
  return static_cast<std::int64_t>(v);
}

}  // namespace

Number to_number(const Datum& v) {
  switch (v.type()) {
    case Type::integer:
      return Number::whole(v.as_integer());
    case Type::real:
      return from_double(v.as_real());
    case Type::text: {
      const std::string_view text = strip_end(strip_start(v.as_text()));
      bool fraction = false, exponent = false;
      if (has_number_form(text, fraction, exponent) && fraction && !exponent) return from_digits(text);
      return leading_integer(v.as_text());
    }
    default:
      return {};
  }
}

Datum to_datum(const Number& n) {
  if (!n.is_fraction) return Datum::integer(n.mantissa);
  const double value = to_double(n);
  if (!std::isfinite(value)) too_large();
  return Datum::real(value);
}

std::optional<Datum> parse_number(std::string_view text) {
  bool fraction = false, exponent = false;
  if (!has_number_form(text, fraction, exponent)) return {};
  if (!fraction && !exponent && text.size() <= kMaxDigits) {
    const Number n = from_digits(text);
    return Datum::integer(n.mantissa);
  }
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return {};
  return Datum::real(value);
}

Number add(const Number& a, const Number& b) {
  const bool whole = both_whole(a, b);
  Wide sum = 0;
  const auto both = aligned(a, b);
  if (both && !__builtin_add_overflow(both->a, both->b, &sum) && sum >= -kWideMax)
    return {sum, both->exponent, !whole};
  if (whole) too_large();
  return from_double(to_double(a) + to_double(b));
}

Number subtract(const Number& a, const Number& b) {
  return add(a, {-b.mantissa, b.exponent, b.is_fraction});
}

Number multiply(const Number& a, const Number& b) {
  const bool whole = both_whole(a, b);
  Wide product = 0;
  if (!__builtin_mul_overflow(a.mantissa, b.mantissa, &product) && product >= -kWideMax)
    return {product, a.exponent + b.exponent, !whole};
  if (whole) too_large();
  return from_double(to_double(a) * to_double(b));
}

Number divide(const Number& a, const Number& b) {
  require_divisor(b);
  if (both_whole(a, b)) return Number::whole(floor_divided(a.mantissa, b.mantissa));
  Number result{a.mantissa, a.exponent - b.exponent, true};
  while (result.mantissa != 0 && std::max(result.mantissa, -result.mantissa) < kWideMax / 10) {
    result.mantissa *= 10;
    --result.exponent;
  }
  result.mantissa /= b.mantissa;
  return result;
}

Number modulo(const Number& a, const Number& b) {
  require_divisor(b);
  if (const auto both = aligned(a, b))
    return {floor_remainder(both->a, both->b), both->exponent, !both_whole(a, b)};
  const double divisor = to_double(b);
  const double remainder = std::fmod(to_double(a), divisor);
  return from_double(remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder);
}

int compare(const Number& a, const Number& b) {
  if (const auto both = aligned(a, b)) return both->a < both->b ? -1 : both->a > both->b;
  const double x = to_double(a), y = to_double(b);
  return x < y ? -1 : x > y;
}

Number absolute(const Number& n) {
  return {n.mantissa < 0 ? -n.mantissa : n.mantissa, n.exponent, n.is_fraction};
}

Number floor(const Number& n) {
  return to_integer(n, -1);
}

Number ceiling(const Number& n) {
  return to_integer(n, 1);
}

Number round(const Number& n, std::int64_t places) {
  const int kept = static_cast<int>(std::clamp<std::int64_t>(places, -400, 400));
  if (kept <= 0) {
    if (n.exponent >= -kept) return to_integer(n, 0);
    const Wide rounded = cut(n.mantissa, -n.exponent - kept, 0);
    return to_integer({rounded, -kept, false}, 0);
  }
  if (n.exponent >= -kept) return n;
  return {cut(n.mantissa, -n.exponent - kept, 0), -kept, n.is_fraction};
}

std::int64_t to_whole(const Datum& v) {
  if (v.is(Type::integer)) return narrowed(v.as_integer());
  if (v.is(Type::text)) {
    const std::string_view text = strip_end(strip_start(v.as_text()));
    bool fraction = false, exponent = false;
    const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
    if (has_number_form(digits, fraction, exponent) && !fraction && !exponent)
      return narrowed(leading_integer(text).mantissa);
  }
  throw Fault{"expected a whole number"};
}

std::int64_t to_whole_leniently(const Datum& v) {
  if (v.is(Type::text)) return narrowed(leading_integer(v.as_text()).mantissa);
  const Number n = to_number(v);
  if (!n.is_fraction) return narrowed(n.mantissa);
  return narrowed((n.mantissa < 0 ? ceiling(n) : floor(n)).mantissa);
}

std::string integer_text(Wide v) {
  std::array<char, 48> buffer;
  std::size_t at = buffer.size();
  const bool negative = v < 0;
  do {
    buffer[--at] = static_cast<char>('0' + std::abs(static_cast<int>(v % 10)));
    v /= 10;
  } while (v != 0);
  if (negative) buffer[--at] = '-';
  return {buffer.data() + at, buffer.size() - at};
}

std::string real_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v < 0 ? "-Infinity" : "Infinity";
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t mark = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + mark + (text[mark + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  std::string digits;
  for (const char c : text.substr(0, mark)) {
    if (is_digit(c)) digits += c;
  }
  std::string out = text.starts_with('-') ? "-" : "";
  const auto pad = [&](std::size_t size) {
    digits.append(size > digits.size() ? size - digits.size() : 0, '0');
  };
  if (exponent >= 16 || exponent < -4) {
    pad(2);
    const std::string sign = exponent < 0 ? "-" : "+";
    const std::string power = std::to_string(std::abs(exponent));
    return out + digits[0] + "." + digits.substr(1) + "e" + sign + (power.size() < 2 ? "0" : "") + power;
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  pad(whole + 1);
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace wf::liquid
