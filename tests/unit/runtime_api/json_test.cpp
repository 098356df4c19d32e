#include "runtime/api/json.hpp"

#include <catch2/catch.hpp>

using namespace wf;
using api::parse_json;
using value::Value;

TEST_CASE("JSON becomes plain values and back") {
  const std::string text =
      R"({"a":1,"b":-2.5,"c":"x\"\n\u3042","d":[true,false,null],"e":{},"f":[],"g":{"h":[{"i":0}]}})";
  const auto v = parse_json(text);
  REQUIRE(v.ok());
  CHECK(api::integer_member(*v, "a") == 1);
  CHECK(*api::member(*v, "b") == Value::decimal(-2'500'000));
  CHECK(api::text_member(*v, "c") == "x\"\nあ");
  CHECK(api::list_member(*v, "d") == value::List{Value::boolean(true), Value::boolean(false), Value()});
  CHECK(api::member(*v, "none") == nullptr);
  const auto again = parse_json(api::to_json(*v));
  REQUIRE(again.ok());
  CHECK(*again == *v);
}

TEST_CASE("numbers stay exact or are refused") {
  CHECK(*parse_json("9223372036854775807") == Value::integer(INT64_MAX));
  CHECK(*parse_json("0.1") == Value::decimal(100'000));
  CHECK(*parse_json("1e3") == Value::decimal(1'000'000'000));
  CHECK(*parse_json("0.1234567") == Value::decimal(123'457));
  CHECK(*parse_json("9007199254740.993001") == Value::decimal(9'007'199'254'740'993'001));
  CHECK_FALSE(parse_json("9223372036854775808").ok());
  CHECK_FALSE(parse_json("1e300").ok());
  CHECK_FALSE(parse_json("01").ok());
}

TEST_CASE("what is not one JSON document is refused") {
  for (const char* text : {"", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1} {\"b\":2}", "{a:1}", "[1,]", "nul",
                           "\"\xff\"", "{\"a\":1,\"a\":2}", "{\"a\":\"\n\"}", "tru", "[1 2]"}) {
    INFO(text);
    CHECK_FALSE(parse_json(text).ok());
  }
}

TEST_CASE("a repeated key is found among many too") {
  std::string text = "{";
  for (int i = 0; i < 40; ++i) text += "\"k" + std::to_string(i) + "\":1,";
  CHECK(parse_json(text + "\"last\":1}").ok());
  CHECK_FALSE(parse_json(text + "\"k3\":1}").ok());
  CHECK_FALSE(parse_json(text + "\"k39\":1}").ok());
}

TEST_CASE("depth and size are limited") {
  CHECK(parse_json(std::string(60, '[') + std::string(60, ']')).ok());
  CHECK(parse_json(std::string(70, '[') + std::string(70, ']')).error().code == ErrorCode::limit);
  CHECK_FALSE(parse_json(std::string(100'000, '[')).ok());
  std::string wide = "[0";
  for (int i = 0; i < 100'001; ++i) wide += ",0";
  CHECK(parse_json(wide + "]").error().code == ErrorCode::limit);
}
