#include "compiler/domain/abstract.hpp"

namespace wf::domain {
namespace {

/// Applies `op` to two values of one kind.
template <class Op>
Values apply(const Values& a, const Values& b, Op op) {
  if (const auto* x = std::get_if<Bits>(&a)) return op(*x, std::get<Bits>(b));
  if (const auto* x = std::get_if<Intervals>(&a)) return op(*x, std::get<Intervals>(b));
  return op(std::get<Constants>(a), std::get<Constants>(b));
}

bool is_any(const Values& values) {
  return std::holds_alternative<std::monostate>(values);
}

}  // namespace

bool is_empty(const Values& values) {
  if (const auto* x = std::get_if<Bits>(&values)) return x->empty();
  if (const auto* x = std::get_if<Intervals>(&values)) return x->empty();
  if (const auto* x = std::get_if<Constants>(&values)) return x->empty();
  return false;
}

Values intersection(const Values& a, const Values& b) {
  if (is_any(a)) return b;
  if (is_any(b) || a.index() != b.index()) return a;
  return apply(a, b, [](const auto& x, const auto& y) -> Values { return x & y; });
}

Values united(const Values& a, const Values& b) {
  if (is_any(a) || is_any(b) || a.index() != b.index()) return {};
  return apply(a, b, [](const auto& x, const auto& y) -> Values { return x | y; });
}

Values difference(const Values& a, const Values& b) {
  if (is_any(a) || is_any(b) || a.index() != b.index()) return a;
  return apply(a, b, [](const auto& x, const auto& y) -> Values { return x - y; });
}

Abstract Abstract::normal() && {
  known = known && !is_empty(values);
  if (!known) values = {};
  return std::move(*this);
}

Abstract joined(const Abstract& a, const Abstract& b) {
  if (!a.known) return {b.known, a.unknown || b.unknown, b.values};
  if (!b.known) return {true, a.unknown || b.unknown, a.values};
  return {true, a.unknown || b.unknown, united(a.values, b.values)};
}

Abstract met(const Abstract& a, const Abstract& b) {
  if (!a.known || !b.known) return {false, a.unknown && b.unknown, {}};
  return Abstract{true, a.unknown && b.unknown, intersection(a.values, b.values)}.normal();
}

bool within(const Abstract& a, const Abstract& b) {
  if ((a.unknown && !b.unknown) || (a.known && !b.known)) return false;
  if (!a.known || is_any(b.values)) return true;
  // Difference may only be taken from an exact set, and these sets are what they say: a ⊆ b means a ∩ b = a.
  return !is_any(a.values) && intersection(a.values, b.values) == a.values;
}

}  // namespace wf::domain
