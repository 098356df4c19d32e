#include "grammar/value/codec.hpp"

#include <algorithm>
#include <limits>

#include "grammar/text/result.hpp"

namespace wf::value {
namespace {

constexpr int kMaxNesting = 32;
// Counts come from untrusted input and may promise more items than follow.
constexpr std::size_t kMaxReserve = 1024;

template <class T>
void append_fixed(std::string& out, T n) {
  char bytes[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(n >> (8 * i));
  out.append(bytes, sizeof bytes);
}

template <class T>
T load_fixed(std::string_view bytes) {
  T n = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    n |= static_cast<T>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return n;
}

/// Reads a signed field whose value must fit into T.
template <class T>
T narrow(Reader& in) {
  std::int64_t n = in.zigzag();
  if (n < std::numeric_limits<T>::min() || n > std::numeric_limits<T>::max()) in.fail();
  return in.failed() ? T{0} : static_cast<T>(n);
}

std::uint32_t narrow_index(Reader& in) {
  std::uint64_t n = in.varint();
  if (n > std::numeric_limits<std::uint32_t>::max()) in.fail();
  return in.failed() ? 0 : static_cast<std::uint32_t>(n);
}

}  // namespace

void Writer::u32(std::uint32_t n) {
  append_fixed(out_, n);
}
void Writer::u64(std::uint64_t n) {
  append_fixed(out_, n);
}

void Writer::varint(std::uint64_t n) {
  char bytes[10];
  std::size_t length = 0;
  for (; n >= 0x80; n >>= 7) bytes[length++] = static_cast<char>(n | 0x80);
  bytes[length++] = static_cast<char>(n);
  out_.append(bytes, length);
}

void Writer::zigzag(std::int64_t n) {
  std::uint64_t doubled = static_cast<std::uint64_t>(n) << 1;
  varint(n < 0 ? ~doubled : doubled);
}

void Writer::bytes(std::string_view s) {
  varint(s.size());
  raw(s);
}

void Writer::value(const Value& v) {
  u8(static_cast<std::uint8_t>(v.kind()));
  switch (v.kind()) {
    case Kind::unknown:
      break;
    case Kind::boolean:
      u8(v.as_boolean() ? 1 : 0);
      break;
    case Kind::integer:
      zigzag(v.as_integer());
      break;
    case Kind::decimal:
      zigzag(v.as_micros());
      break;
    case Kind::text:
      bytes(v.as_text());
      break;
    case Kind::instant:
      zigzag(v.as_instant());
      break;
    case Kind::date:
      zigzag(v.as_date());
      break;
    case Kind::time_of_day:
      zigzag(v.as_time_of_day());
      break;
    case Kind::duration:
      zigzag(v.as_duration());
      break;
    case Kind::enumeration:
      varint(v.aux()), varint(v.as_ordinal());
      break;
    case Kind::ref:
      varint(v.aux()), varint(v.as_key());
      break;
    case Kind::resource:
      varint(v.aux()), varint(v.as_resource());
      break;
    case Kind::list:
      varint(v.as_list().size());
      for (const Value& item : v.as_list()) value(item);
      break;
    case Kind::map:
      varint(v.as_map().size());
      for (const auto& [key, item] : v.as_map()) {
        bytes(key);
        value(item);
      }
      break;
  }
}

void Writer::patch_u32(std::size_t offset, std::uint32_t n) {
  WF_ASSERT(offset <= out_.size() && out_.size() - offset >= sizeof n);
  for (std::size_t i = 0; i < sizeof n; ++i) out_[offset + i] = static_cast<char>(n >> (8 * i));
}

std::string_view Reader::raw(std::size_t length) {
  if (failed_ || length > remaining()) {
    fail();
    return {};
  }
  std::string_view part = in_.substr(at_, length);
  at_ += length;
  return part;
}

std::uint8_t Reader::u8() {
  return load_fixed<std::uint8_t>(raw(1));
}
std::uint32_t Reader::u32() {
  return load_fixed<std::uint32_t>(raw(4));
}
std::uint64_t Reader::u64() {
  return load_fixed<std::uint64_t>(raw(8));
}

std::uint64_t Reader::varint() {
  // Most numbers are small.
  if (at_ < in_.size() && static_cast<std::uint8_t>(in_[at_]) < 0x80) {
    return static_cast<std::uint8_t>(in_[at_++]);
  }
  std::uint64_t n = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = u8();
    if (failed_) return 0;
    std::uint64_t bits = byte & 0x7f;
    bool overflow = shift == 63 && bits > 1;
    bool padded = byte == 0 && shift > 0;  // one number has one encoding, so that equal values hash alike
    if (overflow || padded) break;
    n |= bits << shift;
    if (byte < 0x80) return n;
  }
  fail();
  return 0;
}

std::int64_t Reader::zigzag() {
  std::uint64_t n = varint();
  return static_cast<std::int64_t>((n >> 1) ^ (~(n & 1) + 1));
}

std::string_view Reader::bytes() {
  std::uint64_t length = varint();
  return raw(length);
}

std::size_t Reader::count(std::size_t min_size) {
  std::uint64_t n = varint();
  if (n > remaining() / std::max<std::size_t>(min_size, 1)) fail();
  return failed_ ? 0 : n;
}

Value Reader::value() {
  return value(0);
}

Value Reader::value(int depth) {
  std::uint8_t kind = u8();
  if (failed_) return {};
  switch (static_cast<Kind>(kind)) {
    case Kind::unknown:
      return {};
    case Kind::boolean: {
      std::uint8_t b = u8();
      if (b > 1) fail();
      return failed_ ? Value() : Value::boolean(b != 0);
    }
    case Kind::integer:
      return scalar(Value::integer(zigzag()));
    case Kind::decimal:
      return scalar(Value::decimal(zigzag()));
    case Kind::text:
      return scalar(Value::text(bytes()));
    case Kind::instant:
      return scalar(Value::instant(zigzag()));
    case Kind::date:
      return scalar(Value::date(narrow<std::int32_t>(*this)));
    case Kind::time_of_day:
      return scalar(Value::time_of_day(narrow<std::int32_t>(*this)));
    case Kind::duration:
      return scalar(Value::duration(zigzag()));
    case Kind::enumeration: {
      std::uint32_t index = narrow_index(*this);
      return scalar(Value::enumeration(index, narrow_index(*this)));
    }
    case Kind::ref: {
      std::uint32_t object = narrow_index(*this);
      return scalar(Value::ref(object, varint()));
    }
    case Kind::resource: {
      std::uint32_t resource_kind = narrow_index(*this);
      return scalar(Value::resource(resource_kind, narrow_index(*this)));
    }
    case Kind::list:
      return list(depth + 1);
    case Kind::map:
      return map(depth + 1);
  }
  fail();
  return {};
}

Value Reader::scalar(Value v) const {
  return failed_ ? Value() : v;
}

Value Reader::list(int depth) {
  if (depth > kMaxNesting) fail();
  std::size_t n = count();
  List items;
  items.reserve(std::min(n, kMaxReserve));
  for (std::size_t i = 0; i < n && !failed_; ++i) items.push_back(value(depth));
  return failed_ ? Value() : Value::list(std::move(items));
}

Value Reader::map(int depth) {
  if (depth > kMaxNesting) fail();
  std::size_t n = count(2);
  Map entries;
  entries.reserve(std::min(n, kMaxReserve));
  for (std::size_t i = 0; i < n && !failed_; ++i) {
    std::string key(bytes());
    entries.emplace_back(std::move(key), value(depth));
  }
  return failed_ ? Value() : Value::map(std::move(entries));
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (char c : bytes) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace wf::value
