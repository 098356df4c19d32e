#include "grammar/value/value.hpp"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "generators.hpp"

namespace wf::value {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST_CASE("a value gives back what it was made of") {
  CHECK(Value().is_unknown());
  CHECK(Value::boolean(true).as_boolean());
  CHECK(Value::integer(-7).as_integer() == -7);
  CHECK(Value::decimal(1'500'000).as_micros() == 1'500'000);
  CHECK(Value::text("日本").as_text() == "日本");
  CHECK(Value::text("").as_text().empty());
  CHECK(Value::text(std::string_view("a\0b", 3)).as_text() == std::string_view("a\0b", 3));
  CHECK(Value::date(-1).as_date() == -1);
  CHECK(Value::time_of_day(540).as_time_of_day() == 540);
  CHECK(Value::ref(3, ~0ULL).as_key() == ~0ULL);
  CHECK(Value::ref(3, 1).aux() == 3);
  CHECK(Value::enumeration(2, 5).as_ordinal() == 5);
  CHECK(Value::list({}).as_list().empty());
  CHECK(Value::map({}).as_map().empty());
  CHECK(Value::map({{"b", Value::integer(1)}, {"a", Value::integer(2)}}).as_map()[0].first == "b");
}

TEST_CASE("an integer as micros is saturated") {
  CHECK(Value::integer(2).as_micros() == 2'000'000);
  CHECK(Value::integer(kMax).as_micros() == kMax);
  CHECK(Value::integer(kMin).as_micros() == kMin);
}

TEST_CASE("copies share, moves leave unknown behind") {
  Value a = Value::text("shared text that is not short");
  Value b = a;
  CHECK(a.as_text().data() == b.as_text().data());
  Value c = std::move(a);
  CHECK(a.is_unknown());
  CHECK(c == b);
}

TEST_CASE("a value can be assigned to itself and from a part of itself") {
  Value list = Value::list({Value::text("inner"), Value::integer(1)});
  const Value& self = list;
  list = self;
  CHECK(list.as_list().size() == 2);
  list = list.as_list()[0];
  CHECK(list.as_text() == "inner");
  Value nested = Value::list({Value::list({Value::integer(9)})});
  nested = Value(nested.as_list()[0]);
  CHECK(nested.as_list()[0].as_integer() == 9);
}

TEST_CASE("copies may live in several threads") {
  Value shared = Value::list({Value::text("one"), Value::map({{"k", Value::text("two")}})});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([shared] {
      for (int n = 0; n < 10'000; ++n) {
        Value copy = shared;
        Value item = copy.as_list()[1];
        if (item.as_map().size() != 1) std::abort();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(shared.as_list()[0].as_text() == "one");
}

TEST_CASE("equality") {
  CHECK(Value() == Value());
  CHECK(Value::integer(2) == Value::decimal(2'000'000));
  CHECK_FALSE(Value::integer(2) == Value::decimal(2'000'001));
  CHECK_FALSE(Value::integer(kMax) == Value::decimal(kMax));
  CHECK_FALSE(Value::integer(1) == Value::boolean(true));
  CHECK_FALSE(Value::instant(0) == Value::duration(0));
  CHECK_FALSE(Value::text("a") == Value::text("A"));
  CHECK(Value::text("") == Value::text(""));
  CHECK_FALSE(Value::text("") == Value());
  CHECK_FALSE(Value::ref(1, 7) == Value::ref(2, 7));
  CHECK_FALSE(Value::enumeration(1, 0) == Value::enumeration(1, 1));
  CHECK(Value::list({Value::integer(1)}) == Value::list({Value::decimal(1'000'000)}));
  CHECK_FALSE(Value::list({Value::integer(1)}) == Value::list({}));
  CHECK_FALSE(Value::map({{"a", Value()}}) == Value::map({{"b", Value()}}));
}

TEST_CASE("debug text") {
  CHECK(Value().debug() == "unknown");
  CHECK(Value::decimal(1'500'000).debug() == "1.5");
  CHECK(Value::text("a\"b\\c\n\x01").debug() == R"("a\"b\\c\n\x01")");
  CHECK(Value::instant(1'772'409'600'000'000).debug() == "2026-03-02T00:00:00Z");
  CHECK(Value::date(0).debug() == "1970-01-01");
  CHECK(Value::list({Value::integer(1), Value::integer(2)}).debug() == "[1, 2]");
  CHECK(Value::map({{"k", Value::boolean(false)}, {"l", Value()}}).debug() ==
        R"({"k": false, "l": unknown})");
  CHECK(Value::ref(1, 42).debug() == "ref#1:42");
}

TEST_CASE("decimal text is read exactly") {
  std::int64_t micros = -1;
  auto parse = [&micros](std::string_view text) { return parse_decimal(text, micros); };
  CHECK((parse("-12.5") && micros == -12'500'000));
  CHECK((parse("0") && micros == 0));
  CHECK((parse("-0.000001") && micros == -1));
  CHECK((parse("007.10") && micros == 7'100'000));
  CHECK((parse("9223372036854.775807") && micros == kMax));
  CHECK((parse("-9223372036854.775808") && micros == kMin));
  micros = 42;
  for (const char* bad :
       {"", "-", ".", "1.", ".5", "+1", "1.2345678", "1,5", "1e3", " 1", "1 ", "--1", "1.-2",
        "9223372036854.775808", "-9223372036854.775809", "99999999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse(bad));
  }
  CHECK(micros == 42);
}

TEST_CASE("decimals print in their shortest form") {
  CHECK(format_decimal(12'500'000) == "12.5");
  CHECK(format_decimal(3'000'000) == "3");
  CHECK(format_decimal(-1) == "-0.000001");
  CHECK(format_decimal(kMin) == "-9223372036854.775808");
  CHECK(format_decimal(10'000'000) == "10");
}

TEST_CASE("decimals survive printing and reading") {
  rc::prop("parse(format(n)) == n", [](std::int64_t n) {
    std::int64_t back = 0;
    RC_ASSERT(parse_decimal(format_decimal(n), back));
    RC_ASSERT(back == n);
  });
}

TEST_CASE("arithmetic stays within its range") {
  CHECK(add_saturating(kMax, 1) == kMax);
  CHECK(add_saturating(kMin, -1) == kMin);
  CHECK(add_saturating(2, 3) == 5);
  CHECK(sub_saturating(kMin, 1) == kMin);
  CHECK(sub_saturating(kMax, -1) == kMax);
  CHECK(sub_saturating(0, kMin) == kMax);
  CHECK(mul_saturating(kMax, 2) == kMax);
  CHECK(mul_saturating(kMax, -2) == kMin);
  CHECK(mul_saturating(kMin, -1) == kMax);
  CHECK(mul_saturating(-4, 5) == -20);
}

TEST_CASE("every kind has its own name") {
  CHECK(std::string(to_string(Kind::unknown)) == "unknown");
  CHECK(std::string(to_string(Kind::time_of_day)) == "time_of_day");
  CHECK(std::string(to_string(Kind::map)) == "map");
}

}  // namespace
}  // namespace wf::value
