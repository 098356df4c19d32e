#include "runtime/vm/operators.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <limits>

#include "grammar/value/calendar.hpp"
#include "runtime/vm/moment.hpp"

using namespace wf;
using value::Value;

namespace {

const Value kTrue = Value::boolean(true), kFalse = Value::boolean(false), kUnknown;

Value of(int n) {
  return n == 0 ? kFalse : n == 1 ? kTrue : kUnknown;
}

std::int64_t at(const char* text) {
  return *value::parse_instant(text);
}

}  // namespace

TEST_CASE("and, or and not follow Kleene's tables") {
  const int conjunction[3][3] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
  const int disjunction[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 1, 2}};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      CHECK(vm::kleene_and(of(a), of(b)) == of(conjunction[a][b]));
      CHECK(vm::kleene_or(of(a), of(b)) == of(disjunction[a][b]));
    }
  }
  CHECK(vm::kleene_not(kTrue) == kFalse);
  CHECK(vm::kleene_not(kFalse) == kTrue);
  CHECK(vm::kleene_not(kUnknown) == kUnknown);
}

TEST_CASE("texts are equal after NFKC and case folding") {
  CHECK(vm::equal(Value::text("Lead"), Value::text("lead")) == kTrue);
  CHECK(vm::equal(Value::text("ﾘｰﾄﾞ"), Value::text("リード")) == kTrue);
  CHECK(vm::equal(Value::text("Ｊａｐａｎ"), Value::text("japan")) == kTrue);
  CHECK(vm::equal(Value::text("Japan"), Value::text("日本")) == kFalse);
  CHECK(vm::equal(Value::text("x"), kUnknown) == kUnknown);
}

TEST_CASE("numbers compare by value across kinds") {
  CHECK(vm::equal(Value::integer(2), Value::decimal(2'000'000)) == kTrue);
  CHECK(vm::compare(Value::integer(2), Value::decimal(2'000'001)).as_integer() == -1);
  CHECK(vm::compare(Value::integer(2), Value::text("2")) == kUnknown);
  CHECK(vm::compare(Value::date(3), Value::instant(3)) == kUnknown);
}

TEST_CASE("arithmetic saturates and never divides by zero") {
  const Value most = Value::integer(std::numeric_limits<std::int64_t>::max());
  CHECK(vm::add(most, Value::integer(1)) == most);
  CHECK(vm::multiply(most, Value::integer(2)) == most);
  CHECK(vm::divide(Value::integer(1), Value::integer(0)) == kUnknown);
  CHECK(vm::divide(Value::integer(1), Value::integer(4)) == Value::decimal(250'000));
  CHECK(vm::multiply(Value::decimal(1'500'000), Value::integer(2)) == Value::decimal(3'000'000));
  CHECK(vm::add(Value::date(10), Value::duration(2 * value::kDay)) == Value::date(12));
  CHECK(vm::subtract(Value::instant(10), Value::instant(4)) == Value::duration(6));
}

TEST_CASE("globs match by character and stay linear") {
  CHECK(vm::glob("/pricing/team", "/pricing*"));
  CHECK_FALSE(vm::glob("/price", "/pricing*"));
  CHECK(vm::glob("日本", "?本"));
  CHECK_FALSE(vm::glob("日本", "?"));
  CHECK(vm::glob("", "*"));
  std::string text(2'000, 'a'), pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(vm::glob(text + "b", pattern + "c"));
}

TEST_CASE("operators never fail on any kinds") {
  rc::check("every operator gives a value", [] {
    const auto any = [] {
      const auto n = *rc::gen::arbitrary<std::int64_t>();
      switch (*rc::gen::inRange(0, 9)) {
        case 0:
          return Value();
        case 1:
          return Value::boolean(n % 2 == 0);
        case 2:
          return Value::integer(n);
        case 3:
          return Value::decimal(n);
        case 4:
          return Value::text(std::to_string(n));
        case 5:
          return Value::instant(n);
        case 6:
          return Value::date(static_cast<std::int32_t>(n % 100'000));
        case 7:
          return Value::duration(n);
        default:
          return Value::enumeration(0, static_cast<std::uint32_t>(n & 7));
      }
    };
    const Value a = any(), b = any();
    for (const Value& v : {vm::add(a, b), vm::subtract(a, b), vm::multiply(a, b), vm::divide(a, b),
                           vm::equal(a, b), vm::compare(a, b), vm::matches_glob(a, b), vm::negate(a)}) {
      RC_ASSERT(!v.debug().empty());
    }
    if (!vm::compare(a, b).is_unknown()) {
      RC_ASSERT(vm::compare(a, b).as_integer() == -vm::compare(b, a).as_integer());
    }
  });
}

TEST_CASE("moments move the local date and keep the anchor's time") {
  bytecode::Moment moment;
  moment.zone = "Asia/Tokyo";
  moment.offset = -value::kDay;
  moment.at = 10 * 60;
  const Value anchor = Value::instant(at("2026-11-05T14:00:00+09:00"));
  CHECK(*vm::resolve(moment, {}, anchor, {}, 0) == at("2026-11-04T10:00:00+09:00"));
  moment.at = -1;
  CHECK(*vm::resolve(moment, {}, anchor, {}, 0) == at("2026-11-04T14:00:00+09:00"));
  CHECK_FALSE(vm::resolve(moment, {}, {}, {}, 0).has_value());
  bytecode::Moment date;
  date.zone = "UTC";
  date.offset_days = -60;
  date.at = 9 * 60;
  CHECK(*vm::resolve(date, {}, Value::date(*value::parse_date("2026-12-31")), {}, 0) ==
        at("2026-11-01T09:00:00Z"));
}

TEST_CASE("a day of 25 hours keeps the local time") {
  bytecode::Moment moment;
  moment.zone = "America/New_York";
  moment.offset_days = 1;
  const Value before = Value::instant(at("2026-10-31T12:00:00-04:00"));
  CHECK(*vm::resolve(moment, {}, before, {}, 0) == at("2026-11-01T12:00:00-05:00"));
}

TEST_CASE("next weekday is strictly after today, the next time of day strictly after now") {
  bytecode::Moment moment;
  moment.has_anchor = false;
  moment.zone = "UTC";
  moment.at = 9 * 60;
  moment.next_weekday = 0;
  const std::int64_t monday = at("2026-03-02T08:00:00Z");
  CHECK(*vm::resolve(moment, {}, {}, {}, monday) == at("2026-03-09T09:00:00Z"));
  moment.next_weekday = -1;
  CHECK(*vm::resolve(moment, {}, {}, {}, monday) == at("2026-03-02T09:00:00Z"));
  CHECK(*vm::resolve(moment, {}, {}, {}, at("2026-03-02T09:00:00Z")) == at("2026-03-03T09:00:00Z"));
}

TEST_CASE("a dynamic zone that does not exist falls back to the static one") {
  bytecode::Moment moment;
  moment.zone = "UTC";
  moment.at = 9 * 60;
  const Value date = Value::date(*value::parse_date("2026-03-02"));
  CHECK(*vm::resolve(moment, {}, date, Value::text("Asia/Tokyo"), 0) == at("2026-03-02T09:00:00+09:00"));
  CHECK(*vm::resolve(moment, {}, date, Value::text("Nowhere/At_All"), 0) == at("2026-03-02T09:00:00Z"));
}

TEST_CASE("a closed window opens at its hour plus the record's share of the jitter") {
  bytecode::Window window;
  window.all = {{{0x1f, 9 * 60, 18 * 60}, false, "Asia/Tokyo"}};
  CHECK_FALSE(vm::closed_until(window, {}, 7, at("2026-03-06T17:59:59+09:00")).has_value());
  const std::int64_t opening = at("2026-03-09T09:00:00+09:00");
  for (std::uint64_t key = 0; key < 200; ++key) {
    const auto until = vm::closed_until(window, {}, key, at("2026-03-06T18:00:00+09:00"));
    REQUIRE(until.has_value());
    CHECK(*until >= opening);
    CHECK(*until < opening + 15 * value::kMinute);
    CHECK(*until == *vm::closed_until(window, {}, key, at("2026-03-07T12:00:00+09:00")));
  }
}

TEST_CASE("S15 several hours open where they meet, and a meeting shorter than the jitter is kept") {
  bytecode::Window window;
  window.all = {{{0x7f, 8 * 60, 9 * 60 + 5}, false, "UTC"}, {{0x1f, 9 * 60, 18 * 60}, false, "UTC"}};
  const std::int64_t saturday = at("2026-03-07T12:00:00Z");
  for (std::uint64_t key = 0; key < 200; ++key) {
    const auto until = vm::closed_until(window, {}, key, saturday);
    REQUIRE(until.has_value());
    CHECK(*until >= at("2026-03-09T09:00:00Z"));
    CHECK(*until < at("2026-03-09T09:05:00Z"));
  }
}
