// Value: one datum of the language, at compile time, in the VM, in records and in effects.
//
// 16 bytes, copied cheaply; texts, lists and maps are shared immutable blocks with an atomic reference count,
// so a Value may be copied to another thread. No binary floating point anywhere.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::value {

enum class Kind : std::uint8_t {
  unknown,  ///< no value; every comparison with it is unknown
  boolean,
  integer,      ///< int64, saturating
  decimal,      ///< fixed point, 6 places, saturating
  text,         ///< UTF-8
  instant,      ///< microseconds since 1970-01-01T00:00Z
  date,         ///< days since 1970-01-01
  time_of_day,  ///< minutes since midnight
  duration,     ///< microseconds
  enumeration,  ///< ordinal of a declared value; `aux` is the enum's index in the catalogue
  ref,          ///< key of a record; `aux` is the object's index
  resource,     ///< index of a declared resource; `aux` is its kind
  list,
  map,  ///< text keys in insertion order
};

const char* to_string(Kind kind);

class Value;
using List = std::vector<Value>;
using Map = std::vector<std::pair<std::string, Value>>;

class Value {
 public:
  Value() = default;
  Value(const Value& other) noexcept : kind_(other.kind_), aux_(other.aux_), payload_(other.payload_) {
    if (shared() && payload_ != 0) block()->references.fetch_add(1, std::memory_order_relaxed);
  }
  Value(Value&& other) noexcept
      : kind_(std::exchange(other.kind_, Kind::unknown)),
        aux_(std::exchange(other.aux_, 0)),
        payload_(std::exchange(other.payload_, 0)) {}
  Value& operator=(const Value& other) noexcept { return *this = Value(other); }
  Value& operator=(Value&& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(aux_, other.aux_);
    std::swap(payload_, other.payload_);
    return *this;
  }
  ~Value() {
    if (shared() && payload_ != 0) release();
  }

  static Value boolean(bool b) { return Value(Kind::boolean, 0, b ? 1 : 0); }
  static Value integer(std::int64_t n) { return Value(Kind::integer, 0, n); }
  /// `micros` is the number times 1,000,000.
  static Value decimal(std::int64_t micros) { return Value(Kind::decimal, 0, micros); }
  static Value text(std::string_view utf8);
  static Value instant(std::int64_t us) { return Value(Kind::instant, 0, us); }
  static Value date(std::int32_t days) { return Value(Kind::date, 0, days); }
  static Value time_of_day(std::int32_t minutes) { return Value(Kind::time_of_day, 0, minutes); }
  static Value duration(std::int64_t us) { return Value(Kind::duration, 0, us); }
  static Value enumeration(std::uint32_t enum_index, std::uint32_t ordinal) {
    return Value(Kind::enumeration, enum_index, ordinal);
  }
  static Value ref(std::uint32_t object, std::uint64_t key) {
    return Value(Kind::ref, object, static_cast<std::int64_t>(key));
  }
  static Value resource(std::uint32_t kind, std::uint32_t index) {
    return Value(Kind::resource, kind, index);
  }
  static Value list(List items);
  static Value map(Map items);

  Kind kind() const { return kind_; }
  bool is_unknown() const { return kind_ == Kind::unknown; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::decimal; }

  // Accessors; the kind must match (asserted).
  bool as_boolean() const { return payload(Kind::boolean) != 0; }
  std::int64_t as_integer() const { return payload(Kind::integer); }
  std::int64_t as_micros() const;  ///< of an integer (saturated) or a decimal
  std::string_view as_text() const;
  std::int64_t as_instant() const { return payload(Kind::instant); }
  std::int32_t as_date() const { return static_cast<std::int32_t>(payload(Kind::date)); }
  std::int32_t as_time_of_day() const { return static_cast<std::int32_t>(payload(Kind::time_of_day)); }
  std::int64_t as_duration() const { return payload(Kind::duration); }
  std::uint32_t as_ordinal() const { return static_cast<std::uint32_t>(payload(Kind::enumeration)); }
  std::uint64_t as_key() const { return static_cast<std::uint64_t>(payload(Kind::ref)); }
  std::uint32_t as_resource() const { return static_cast<std::uint32_t>(payload(Kind::resource)); }
  const List& as_list() const;
  const Map& as_map() const;
  std::uint32_t aux() const { return aux_; }

  /// Same kind and same content. Texts byte for byte; integer and decimal by number. Unknown equals unknown.
  friend bool operator==(const Value& a, const Value& b);

  /// For logs, dumps and tests: `"text"`, `12`, `1.5`, `2026-03-02T00:00:00Z`, `unknown`, `[1, 2]`.
  std::string debug() const;

 private:
  /// Empty texts, lists and maps have none.
  struct Block {
    struct Text;
    struct Items;
    struct Entries;
    std::atomic<std::uint32_t> references{1};
  };
  Value(Kind kind, std::uint32_t aux, std::int64_t payload) : kind_(kind), aux_(aux), payload_(payload) {}
  bool shared() const { return kind_ == Kind::text || kind_ == Kind::list || kind_ == Kind::map; }
  Block* block() const { return reinterpret_cast<Block*>(payload_); }
  void release() noexcept;
  std::int64_t payload(Kind kind) const {
    WF_ASSERT(kind_ == kind);
    return payload_;
  }

  Kind kind_ = Kind::unknown;
  std::uint32_t aux_ = 0;
  std::int64_t payload_ = 0;
};
static_assert(sizeof(Value) == 16);

inline constexpr std::int64_t kMicro = 1'000'000;

/// Decimal text ("-12.5", up to 6 places) to micros; false when malformed or out of range.
bool parse_decimal(std::string_view text, std::int64_t& micros);
/// Shortest text of a decimal: "12.5", "3", "-0.000001".
std::string format_decimal(std::int64_t micros);

// Saturating arithmetic.
std::int64_t add_saturating(std::int64_t a, std::int64_t b);
std::int64_t sub_saturating(std::int64_t a, std::int64_t b);
std::int64_t mul_saturating(std::int64_t a, std::int64_t b);

}  // namespace wf::value
