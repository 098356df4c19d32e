// The abstract domain: sets of values may grow, never lose one.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

#include "compiler/domain/abstract.hpp"

namespace {

using namespace wf::domain;

/// Small numbers, so that sets meet, and the ends of what can be counted.
rc::Gen<std::int64_t> number() {
  return rc::gen::weightedOneOf<std::int64_t>(
      {{12, rc::gen::inRange<std::int64_t>(-40, 40)},
       {1, rc::gen::element(Intervals::kLowest, Intervals::kLowest + 1, Intervals::kHighest - 1,
                            Intervals::kHighest)}});
}

Intervals intervals() {
  Intervals result;
  const auto parts = *rc::gen::inRange(0, 12);
  for (int i = 0; i < parts; ++i) {
    const auto low = *number();
    const auto width = *rc::gen::inRange<std::int64_t>(0, 5);
    result = result | Intervals::between(low, low > Intervals::kHighest - width ? low : low + width);
  }
  return result;
}

/// At most 4 parts: exact, so that they can be taken away.
Intervals exact_intervals() {
  Intervals result;
  const auto parts = *rc::gen::inRange(0, 4);
  for (int i = 0; i < parts; ++i) result = result | Intervals::one(*number());
  return result;
}

Constants constants() {
  const auto items = *rc::gen::container<std::vector<std::string>>(
      rc::gen::map(rc::gen::inRange(0, 30), [](int i) { return "t" + std::to_string(i); }));
  return *rc::gen::arbitrary<bool>() ? Constants::only(items) : Constants::all_but(items);
}

Bits bits(std::uint32_t size) {
  Bits result(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    if (*rc::gen::arbitrary<bool>()) result.insert(i);
  }
  return result;
}

Abstract abstract() {
  return Abstract::of(intervals(), *rc::gen::arbitrary<bool>());
}

bool is_tidy(const Intervals& set) {
  const auto& parts = set.parts();
  if (parts.size() > Intervals::kMost) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].low > parts[i].high) return false;
    if (i > 0 && parts[i].low <= parts[i - 1].high + 1) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("intervals never lose a number") {
  CHECK(rc::check("union, intersection, difference", [] {
    const Intervals a = intervals(), b = intervals(), hole = exact_intervals();
    const std::int64_t n = *number();
    RC_ASSERT(is_tidy(a | b) && is_tidy(a & b) && is_tidy(a - hole));
    if (a.contains(n) || b.contains(n)) RC_ASSERT((a | b).contains(n));
    if (a.contains(n) && b.contains(n)) RC_ASSERT((a & b).contains(n));
    if (a.contains(n) && !hole.contains(n)) RC_ASSERT((a - hole).contains(n));
  }));
  CHECK(rc::check("sums and negation saturate", [] {
    const Intervals a = intervals(), b = intervals();
    const std::int64_t x = *number(), y = *number();
    if (a.contains(x) && b.contains(y)) {
      std::int64_t sum = 0;
      if (__builtin_add_overflow(x, y, &sum)) sum = x < 0 ? Intervals::kLowest : Intervals::kHighest;
      RC_ASSERT((a + b).contains(sum));
    }
    if (a.contains(x)) RC_ASSERT((-a).contains(x == Intervals::kLowest ? Intervals::kHighest : -x));
  }));
}

TEST_CASE("intervals are exact while eight parts suffice") {
  CHECK(rc::check("a small intersection and difference", [] {
    const Intervals a = exact_intervals(), b = exact_intervals();
    const std::int64_t n = *number();
    RC_ASSERT((a & b).contains(n) == (a.contains(n) && b.contains(n)));
    RC_ASSERT((a | b).contains(n) == (a.contains(n) || b.contains(n)));
    RC_ASSERT((a - b).contains(n) == (a.contains(n) && !b.contains(n)));
  }));
  CHECK((Intervals::between(1, 3) | Intervals::between(4, 6)) == Intervals::between(1, 6));
  CHECK(Intervals::between(5, 4).empty());
  CHECK((Intervals::all() - Intervals::one(Intervals::kHighest)).high() == Intervals::kHighest - 1);
}

TEST_CASE("a ninth part joins the nearest two") {
  Intervals set;
  for (std::int64_t i = 0; i < 8; ++i) set = set | Intervals::one(i * 100);
  set = set | Intervals::one(703);
  CHECK(set.parts().size() == 8);
  CHECK(set.parts().back() == Interval{700, 703});
}

TEST_CASE("constants never lose a text") {
  CHECK(rc::check([] {
    const Constants a = constants(), b = constants();
    const std::string t = "t" + std::to_string(*rc::gen::inRange(0, 35));
    RC_ASSERT(a.items().size() <= Constants::kMost);
    if (a.contains(t) || b.contains(t)) RC_ASSERT((a | b).contains(t));
    if (a.contains(t) && b.contains(t)) RC_ASSERT((a & b).contains(t));
    const Constants one = Constants::only({"t3"});
    if (a.contains(t) && t != "t3") RC_ASSERT((a - one).contains(t));
  }));
  CHECK_FALSE((Constants::only({"a", "b"}) & Constants::all_but({"a"})).contains("a"));
  CHECK((Constants::only({"a"}) & Constants::only({"b"})).empty());
}

TEST_CASE("bits are exact, also beyond 64 values") {
  CHECK(rc::check([] {
    const std::uint32_t size = *rc::gen::element(1u, 2u, 7u, 64u, 65u, 130u, 200u);
    const Bits a = bits(size), b = bits(size);
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < size; ++i) {
      RC_ASSERT((a & b).contains(i) == (a.contains(i) && b.contains(i)));
      RC_ASSERT((a | b).contains(i) == (a.contains(i) || b.contains(i)));
      RC_ASSERT((a - b).contains(i) == (a.contains(i) && !b.contains(i)));
      count += a.contains(i) ? 1 : 0;
    }
    RC_ASSERT(a.count() == count);
    RC_ASSERT(a.empty() == (count == 0));
    RC_ASSERT((a.first() == size) == a.empty());
  }));
}

TEST_CASE("joined and met are what γ says of them") {
  CHECK(rc::check([] {
    const Abstract a = abstract(), b = abstract();
    const std::int64_t n = *number();
    const auto has = [n](const Abstract& v) { return v.known && std::get<Intervals>(v.values).contains(n); };
    if (has(a) || has(b)) RC_ASSERT(has(joined(a, b)));
    if (has(a) && has(b)) RC_ASSERT(has(met(a, b)));
    RC_ASSERT(joined(a, b).unknown == (a.unknown || b.unknown));
    RC_ASSERT(met(a, b).unknown == (a.unknown && b.unknown));
    RC_ASSERT(within(a, joined(a, b)));
    RC_ASSERT(within(met(a, b), a));
    RC_ASSERT(joined(a, a) == a);
    RC_ASSERT(met(a, a) == a);
    if (within(a, b) && has(a)) RC_ASSERT(has(b));
  }));
  CHECK(Abstract::of(Intervals()).is_nothing());
  CHECK(met(Abstract::only_unknown(), Abstract::of(Intervals::all())).is_nothing());
}
