#include "grammar/value/codec.hpp"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <limits>

#include "generators.hpp"

namespace wf::value {
namespace {

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

template <class Write>
std::string written(Write write) {
  Writer out;
  write(out);
  return out.take();
}

Value nested(int depth) {
  Value v = Value::integer(1);
  for (int i = 0; i < depth; ++i) v = i % 2 ? Value::map({{"k", v}}) : Value::list({v});
  return v;
}

TEST_CASE("bytes on disk") {
  CHECK(hex(written([](Writer& w) { w.varint(0); })) == "00");
  CHECK(hex(written([](Writer& w) { w.varint(300); })) == "ac02");
  CHECK(hex(written([](Writer& w) { w.varint(~0ULL); })) == "ffffffffffffffffff01");
  CHECK(hex(written([](Writer& w) { w.zigzag(-1), w.zigzag(1), w.zigzag(-65); })) == "01028101");
  CHECK(hex(written([](Writer& w) { w.u32(0x01020304), w.u64(5); })) == "040302010500000000000000");
  CHECK(hex(written([](Writer& w) { w.bytes("ab"); })) == "026162");
  CHECK(hex(written([](Writer& w) { w.value(Value::text("ab")); })) == "04026162");
  CHECK(hex(written([](Writer& w) {
          w.value(Value::list({Value::boolean(true), Value()}));
        })) == "0c02010100");
}

TEST_CASE("a written number can be patched") {
  Writer out;
  out.u8(9);
  out.u32(0);
  out.u8(8);
  out.patch_u32(1, 0xa1b2c3d4);
  CHECK(hex(out.str()) == "09d4c3b2a108");
}

TEST_CASE("extreme numbers survive") {
  for (std::int64_t n : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                         std::numeric_limits<std::int64_t>::max()}) {
    std::string bytes = written([n](Writer& w) { w.zigzag(n); });
    Reader in(bytes);
    CHECK(in.zigzag() == n);
    CHECK((in.done() && !in.failed()));
  }
}

TEST_CASE("reading beyond the end fails and stays failed") {
  std::string bytes = written([](Writer& w) { w.u8(7), w.u8(1); });
  Reader in(bytes);
  CHECK(in.u8() == 7);
  CHECK(in.u32() == 0);
  CHECK(in.failed());
  CHECK(in.u8() == 0);
  CHECK(in.done());
  CHECK(in.remaining() == 0);
  CHECK(in.raw(0).empty());
}

TEST_CASE("an empty input is done but not failed") {
  Reader in("");
  CHECK(in.done());
  CHECK_FALSE(in.failed());
  in.u8();
  CHECK(in.failed());
}

TEST_CASE("malformed numbers are refused") {
  auto fails = [](std::string_view bytes) {
    Reader in(bytes);
    in.varint();
    return in.failed();
  };
  CHECK(fails("\xff"));                                          // cut off
  CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));      // 65 bits
  CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));  // too long
  CHECK(fails(std::string_view("\x81\x00", 2)));                 // not the shortest form
  CHECK_FALSE(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
}

TEST_CASE("malformed values are refused") {
  auto fails = [](std::string_view bytes) {
    Reader in(bytes);
    Value v = in.value();
    CHECK(v.is_unknown());
    return in.failed();
  };
  CHECK(fails("\x0e"));      // no such kind
  CHECK(fails("\x01\x02"));  // neither false nor true
  CHECK(
      fails("\x04\x05"
            "abc"));                                                                    // text cut off
  CHECK(fails(std::string("\x06") + written([](Writer& w) { w.zigzag(1LL << 31); })));  // date out of range
  CHECK(fails(std::string("\x09\x01") + written([](Writer& w) { w.varint(1ULL << 32); })));
  CHECK(fails(std::string("\x0c") + written([](Writer& w) { w.varint(1ULL << 40); })));  // absurd count
  CHECK(fails("\x0c\x02\x01\x01"));                                                      // one item of two
}

TEST_CASE("a count must fit into what follows") {
  std::string bytes = written([](Writer& w) { w.varint(3), w.raw("123456"); });
  CHECK(Reader(bytes).count() == 3);
  CHECK(Reader(bytes).count(2) == 3);
  Reader in(bytes);
  CHECK(in.count(3) == 0);
  CHECK(in.failed());
  std::string huge = written([](Writer& w) { w.varint(~0ULL), w.raw("123456"); });
  CHECK(Reader(huge).count(0) == 0);
}

TEST_CASE("nesting is limited to 32") {
  for (int depth : {1, 31, 32}) {
    std::string bytes = written([depth](Writer& w) { w.value(nested(depth)); });
    Reader in(bytes);
    CHECK(in.value() == nested(depth));
    CHECK_FALSE(in.failed());
  }
  std::string bytes = written([](Writer& w) { w.value(nested(33)); });
  Reader in(bytes);
  CHECK(in.value().is_unknown());
  CHECK(in.failed());
  std::string bomb(100'000, '\x0c');
  for (std::size_t i = 1; i < bomb.size(); i += 2) bomb[i] = 1;
  Reader deep(bomb);
  CHECK(deep.value().is_unknown());
  CHECK(deep.failed());
}

TEST_CASE("decode undoes encode") {
  rc::prop("values", [](const Value& v) {
    std::string bytes = written([&v](Writer& w) { w.value(v); });
    Reader in(bytes);
    Value back = in.value();
    RC_ASSERT_FALSE(in.failed());
    RC_ASSERT(in.done());
    RC_ASSERT(back == v);
    RC_ASSERT(back.kind() == v.kind());
    RC_ASSERT(written([&back](Writer& w) { w.value(back); }) == bytes);
  });
  rc::prop("fields",
           [](std::uint8_t a, std::uint32_t b, std::uint64_t c, std::int64_t d, const std::string& e) {
             Writer out;
             out.u8(a), out.u32(b), out.u64(c), out.varint(c), out.zigzag(d), out.bytes(e), out.raw(e);
             Reader in(out.str());
             RC_ASSERT(in.u8() == a);
             RC_ASSERT(in.u32() == b);
             RC_ASSERT(in.u64() == c);
             RC_ASSERT(in.varint() == c);
             RC_ASSERT(in.zigzag() == d);
             RC_ASSERT(in.bytes() == e);
             RC_ASSERT(in.raw(e.size()) == e);
             RC_ASSERT((in.done() && !in.failed()));
           });
}

TEST_CASE("a cut or changed encoding is refused or reads as another value, and never beyond its end") {
  rc::prop("a prefix is refused", [](const Value& v, std::uint32_t cut) {
    std::string bytes = written([&v](Writer& w) { w.value(v); });
    std::string part = bytes.substr(0, cut % bytes.size());  // its own allocation: sanitizers see an overrun
    Reader in(part);
    in.value();
    RC_ASSERT(in.failed());
  });
  rc::prop("random bytes", [](const std::vector<std::uint8_t>& noise) {
    std::string bytes(noise.begin(), noise.end());
    Reader in(bytes);
    while (!in.done()) in.value();
    RC_ASSERT(in.offset() <= bytes.size());
  });
  rc::prop("one byte changed", [](const Value& v, std::uint32_t position, std::uint8_t byte) {
    std::string bytes = written([&v](Writer& w) { w.value(v); });
    bytes[position % bytes.size()] = static_cast<char>(byte);
    Reader in(bytes);
    Value back = in.value();
    if (in.failed()) return;
    // What is accepted has this one encoding.
    RC_ASSERT(written([&back](Writer& w) { w.value(back); }) == bytes.substr(0, in.offset()));
  });
}

TEST_CASE("hash64 is FNV-1a") {
  CHECK(hash64("") == 0xcbf29ce484222325ULL);
  CHECK(hash64("a") == 0xaf63dc4c8601ec8cULL);
  CHECK(hash64("foobar") == 0x85944171f73967e8ULL);
  CHECK(hash64("bar", hash64("foo")) == hash64("foobar"));
}

}  // namespace
}  // namespace wf::value
