// Random values for the property tests.
#pragma once

#include <rapidcheck.h>

#include "grammar/value/value.hpp"

namespace wf::value::test {

constexpr int kItems = 8;  // small, as sizes multiply with each level

inline rc::Gen<Value> scalar_value() {
  using rc::gen::arbitrary;
  using rc::gen::map;
  auto int64 = arbitrary<std::int64_t>();
  auto int32 = arbitrary<std::int32_t>();
  auto index = arbitrary<std::uint32_t>();
  return rc::gen::oneOf(
      rc::gen::just(Value()), map(arbitrary<bool>(), Value::boolean), map(int64, Value::integer),
      map(int64, Value::decimal),
      map(arbitrary<std::string>(), [](const std::string& s) { return Value::text(s); }),
      map(int64, Value::instant), map(int32, Value::date), map(int32, Value::time_of_day),
      map(int64, Value::duration),
      map(rc::gen::pair(index, index), [](auto p) { return Value::enumeration(p.first, p.second); }),
      map(rc::gen::pair(index, arbitrary<std::uint64_t>()),
          [](auto p) { return Value::ref(p.first, p.second); }),
      map(rc::gen::pair(index, index), [](auto p) { return Value::resource(p.first, p.second); }));
}

inline rc::Gen<Value> any_value(int depth = 3) {
  if (depth == 0) return scalar_value();
  auto items = rc::gen::resize(kItems, rc::gen::container<List>(any_value(depth - 1)));
  auto entry = rc::gen::pair(rc::gen::arbitrary<std::string>(), any_value(depth - 1));
  auto entries = rc::gen::resize(kItems, rc::gen::container<Map>(entry));
  return rc::gen::weightedOneOf<Value>(
      {{4, scalar_value()},
       {1, rc::gen::map(items, [](List l) { return Value::list(std::move(l)); })},
       {1, rc::gen::map(entries, [](Map m) { return Value::map(std::move(m)); })}});
}

}  // namespace wf::value::test

namespace rc {

template <>
struct Arbitrary<wf::value::Value> {
  static Gen<wf::value::Value> arbitrary() { return wf::value::test::any_value(); }
};

}  // namespace rc

namespace wf::value {

inline void showValue(const Value& value, std::ostream& out) {
  out << value.debug();
}

}  // namespace wf::value
