// The .wfb file:
//
//   magic "WFB\x01" · u32 version · 32 bytes schema fingerprint · u32 number of sections
//   a row a section: u32 id · u32 offset · u32 length, in order and without gaps
//   the sections · SHA-256 of all before it
//
// Nothing in it depends on time, place or addresses: equal programs give equal bytes.
#include <sodium.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "grammar/value/codec.hpp"
#include "runtime/bytecode/bundle_fields.hpp"
#include "runtime/bytecode/program.hpp"
#include "runtime/bytecode/sha256.hpp"
#include "runtime/bytecode/templates.hpp"

namespace wf::bytecode {
namespace {

constexpr std::string_view kMagic("WFB\x01", 4);
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kHashBytes = std::tuple_size_v<Hash>;
constexpr std::size_t kRowBytes = 3 * sizeof(std::uint32_t);
constexpr std::size_t kHeaderBytes = kMagic.size() + sizeof kVersion + kHashBytes + sizeof(std::uint32_t);
constexpr std::size_t kTableBytes = bundle::kSections * kRowBytes;
/// Items of all vectors together: a small hostile file must not become gigabytes of memory.
constexpr std::size_t kMaxItems = 2u << 20;

std::string_view as_bytes(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Hash hash_at(std::string_view bytes, std::size_t offset) {
  Hash hash;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), hash.size(), hash.begin());
  return hash;
}

class Encoder {
 public:
  static constexpr bool kReading = false;
  explicit Encoder(value::Writer& out) : out_(out) {}

  template <class... T>
  void operator()(const T&... items) {
    (item(items), ...);
  }
  void words(const std::vector<Word>& words) {
    out_.varint(words.size());
    for (const Word w : words) out_.u32(w);
  }

 private:
  void item(bool b) { out_.u8(b ? 1 : 0); }
  void item(std::uint8_t n) { out_.u8(n); }
  // One more, so that kNone takes a byte.
  void item(std::uint32_t n) { out_.varint(n + 1u); }
  void item(std::int8_t n) { out_.zigzag(n); }
  void item(std::int32_t n) { out_.zigzag(n); }
  void item(std::int64_t n) { out_.zigzag(n); }
  void item(const std::string& s) { out_.bytes(s); }
  void item(const value::Value& v) { out_.value(v); }
  template <class E>
  requires std::is_enum_v<E>
  void item(E e) { out_.u8(static_cast<std::uint8_t>(e)); }
  template <class T>
  void item(const std::optional<T>& o) {
    item(o.has_value());
    if (o) item(*o);
  }
  template <class T>
  void item(const std::vector<T>& v) {
    out_.varint(v.size());
    for (const T& x : v) item(x);
  }
  template <class T>
  requires std::is_class_v<T>
  void item(const T& t) { bundle::fields(*this, t); }

  value::Writer& out_;
};

class Decoder {
 public:
  static constexpr bool kReading = true;
  Decoder(std::string_view bytes, std::size_t& items_left) : in_(bytes), items_left_(items_left) {}

  template <class... T>
  void operator()(T&... items) {
    (item(items), ...);
  }
  void words(std::vector<Word>& words) {
    const std::size_t n = in_.count(sizeof(Word));
    words.reserve(n);
    for (std::size_t i = 0; i < n; ++i) words.push_back(in_.u32());
  }
  /// Everything was well formed and nothing is left over.
  bool complete() const { return !in_.failed() && in_.remaining() == 0; }

 private:
  void item(bool& b) { b = byte_up_to(1) != 0; }
  void item(std::uint8_t& n) { n = in_.u8(); }
  void item(std::uint32_t& n) {
    const std::uint64_t stored = in_.varint();
    if (stored > kNone) in_.fail();
    n = static_cast<std::uint32_t>(stored) - 1u;
  }
  void item(std::int8_t& n) { signed_item(n); }
  void item(std::int32_t& n) { signed_item(n); }
  void item(std::int64_t& n) { n = in_.zigzag(); }
  void item(std::string& s) { s = in_.bytes(); }
  void item(value::Value& v) { v = in_.value(); }
  template <class E>
  requires std::is_enum_v<E>
  void item(E& e) { e = static_cast<E>(byte_up_to(static_cast<std::uint8_t>(bundle::kLast<E>))); }
  template <class T>
  void item(std::optional<T>& o) {
    bool present = false;
    item(present);
    if (present) item(o.emplace());
  }
  template <class T>
  void item(std::vector<T>& v) {
    const std::size_t n = in_.count();
    if (n > items_left_) return in_.fail();
    items_left_ -= n;
    for (std::size_t i = 0; i < n && !in_.failed(); ++i) item(v.emplace_back());
  }
  template <class T>
  requires std::is_class_v<T>
  void item(T& t) { bundle::fields(*this, t); }

  std::uint8_t byte_up_to(std::uint8_t last) {
    const std::uint8_t b = in_.u8();
    if (b > last) in_.fail();
    return in_.failed() ? 0 : b;
  }
  template <class T>
  void signed_item(T& n) {
    const std::int64_t wide = in_.zigzag();
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) return in_.fail();
    n = static_cast<T>(wide);
  }

  value::Reader in_;
  std::size_t& items_left_;
};

void describe(value::Writer& out, const Catalogue& catalogue, const Type& type) {
  out.u8(static_cast<std::uint8_t>(type.kind));
  out.u8(static_cast<std::uint8_t>(type.format));
  out.u8(type.nullable ? 1 : 0);
  if (type.kind == value::Kind::enumeration) {
    const EnumType& e = catalogue.enums[type.aux];
    out.u8(e.ordered ? 1 : 0);
    out.varint(e.values.size());
    for (const std::string& v : e.values) out.bytes(v);
  } else if (type.kind == value::Kind::ref) {
    out.bytes(catalogue.objects[type.aux].name);
  } else {
    out.varint(type.aux);
  }
}

Error corrupt(std::string what) {
  return {ErrorCode::corrupt, "the bundle is damaged: " + std::move(what)};
}

/// Magic, version, size and checksum.
Result<void> check_envelope(std::string_view bytes) {
  if (bytes.size() > kMaxBundleBytes) {
    return Error{ErrorCode::limit, "the bundle is larger than " + std::to_string(kMaxBundleBytes) + " bytes"};
  }
  if (!bytes.starts_with(kMagic)) return corrupt("it does not begin as a bundle does");
  if (bytes.size() < kHeaderBytes + kTableBytes + kHashBytes) return corrupt("it is cut off");
  value::Reader in(bytes.substr(kMagic.size()));
  if (const std::uint32_t version = in.u32(); version != kVersion) {
    return Error{ErrorCode::unsupported, "the bundle has format " + std::to_string(version) +
                                             ", this program reads format " + std::to_string(kVersion)};
  }
  const std::size_t body = bytes.size() - kHashBytes;
  if (sha256(bytes.substr(0, body)) != hash_at(bytes, body)) return corrupt("its checksum is wrong");
  return {};
}

/// The bytes of each section; nothing unless the table lists all of them in order and without gaps.
std::optional<std::vector<std::string_view>> split_sections(std::string_view bytes) {
  value::Reader in(bytes.substr(kHeaderBytes - sizeof(std::uint32_t)));
  if (in.u32() != bundle::kSections) return std::nullopt;
  std::vector<std::string_view> sections;
  std::size_t expected = kHeaderBytes + kTableBytes;
  const std::size_t end = bytes.size() - kHashBytes;
  for (std::uint32_t id = 1; id <= bundle::kSections; ++id) {
    const bool in_order = in.u32() == id && in.u32() == expected;
    const std::size_t length = in.u32();
    if (in.failed() || !in_order || length > end - expected) return std::nullopt;
    sections.push_back(bytes.substr(expected, length));
    expected += length;
  }
  if (expected != end) return std::nullopt;
  return sections;
}

}  // namespace

Hash sha256(std::string_view bytes) {
  Hash hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hash;
}

Hash schema_fingerprint(const Catalogue& catalogue) {
  value::Writer out;
  out.varint(catalogue.objects.size());
  for (const Object& object : catalogue.objects) {
    out.bytes(object.name);
    out.varint(object.properties.size());
    for (const Property& property : object.properties) {
      out.bytes(property.name);
      out.u8(property.unique ? 1 : 0);
      describe(out, catalogue, property.type);
    }
  }
  out.varint(catalogue.events.size());
  for (const EventType& event : catalogue.events) {
    out.bytes(event.name);
    out.bytes(catalogue.objects[event.object].name);
    out.varint(event.parameters.size());
    for (const EventParameter& parameter : event.parameters) {
      out.bytes(parameter.name);
      describe(out, catalogue, parameter.type);
    }
  }
  return sha256(out.str());
}

std::string write_bundle(const Program& program) {
  value::Writer out;
  out.raw(kMagic);
  out.u32(kVersion);
  out.raw(as_bytes(schema_fingerprint(program.catalogue)));
  out.u32(bundle::kSections);
  for (std::size_t i = 0; i < kTableBytes / sizeof(std::uint32_t); ++i) out.u32(0);
  for (std::uint32_t id = 1; id <= bundle::kSections; ++id) {
    const auto begin = static_cast<std::uint32_t>(out.size());
    Encoder encoder(out);
    bundle::section(encoder, static_cast<bundle::Section>(id), program);
    const std::size_t row = kHeaderBytes + (id - 1) * kRowBytes;
    out.patch_u32(row, id);
    out.patch_u32(row + 4, begin);
    out.patch_u32(row + 8, static_cast<std::uint32_t>(out.size()) - begin);
  }
  out.raw(as_bytes(sha256(out.str())));
  return out.take();
}

Result<Program> read_bundle(std::string_view bytes) {
  if (auto envelope = check_envelope(bytes); !envelope) return envelope.error();
  const auto sections = split_sections(bytes);
  if (!sections) return corrupt("its table of sections is wrong");
  Program program;
  std::size_t items_left = kMaxItems;
  for (std::uint32_t id = 1; id <= bundle::kSections; ++id) {
    Decoder decoder((*sections)[id - 1], items_left);
    bundle::section(decoder, static_cast<bundle::Section>(id), program);
    if (!decoder.complete()) return corrupt("section " + std::to_string(id) + " is malformed");
  }
  if (auto verified = verify(program); !verified) return verified.error();
  if (schema_fingerprint(program.catalogue) != hash_at(bytes, kMagic.size() + sizeof kVersion)) {
    return corrupt("its schema fingerprint is wrong");
  }
  program.catalogue.sort_names();
  compile_templates(program);
  return program;
}

Hash bundle_hash(std::string_view bytes) {
  if (bytes.size() < kHashBytes) return Hash{};
  return hash_at(bytes, bytes.size() - kHashBytes);
}

}  // namespace wf::bytecode
