// The values that a template works with: untyped, as Liquid has them.
//
// A Datum is a view of 24 bytes: it never owns texts, arrays or objects. Whoever made them (the data of the
// caller, the text of the template, or the Scratch of a rendering) must outlive it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wf::liquid {

class Datum;
class Object;
class Scratch;
struct Loop;
using Array = std::vector<Datum>;
__extension__ typedef __int128 Wide;

enum class Type : std::uint8_t {
  nil,
  boolean,
  integer,
  real,
  text,
  array,
  object,
  range,
  loop,
  blank,
  empty
};

/// Whole numbers from first to last, which are not made one by one.
struct Range {
  std::int64_t first = 0, last = -1;
  /// 0 when it runs backwards.
  std::uint64_t size() const {
    return first > last ? 0 : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
  }
};

class Datum {
 public:
  Datum() = default;
  static Datum boolean(bool v);
  static Datum integer(Wide v);
  static Datum real(double v);
  static Datum text(std::string_view v);
  /// Text that is HTML already: not escaped again where outputs are escaped.
  static Datum markup(std::string_view v);
  static Datum array(const Array& v);
  static Datum object(const Object& v);
  static Datum range(Range v);
  static Datum loop(const Loop& v);
  /// What `blank` and `empty` are in a comparison; everywhere else they are empty texts.
  static Datum blank();
  static Datum empty();

  Type type() const { return type_; }
  bool is(Type type) const { return type_ == type; }
  bool is_number() const { return type_ == Type::integer || type_ == Type::real; }
  bool is_nil() const { return type_ == Type::nil; }
  bool is_markup() const { return is_markup_; }
  /// All but nil and false.
  bool truthy() const { return type_ == Type::boolean ? payload_.boolean : type_ != Type::nil; }

  // Each only for its type.
  bool as_boolean() const { return payload_.boolean; }
  Wide as_integer() const;
  double as_real() const { return payload_.real; }
  std::string_view as_text() const { return {payload_.text.data, payload_.text.size}; }
  const Array& as_array() const { return *payload_.array; }
  const Object& as_object() const { return *payload_.object; }
  Range as_range() const { return payload_.range; }
  const Loop& as_loop() const { return *payload_.loop; }

 private:
  struct Text {
    const char* data;
    std::size_t size;
  };
  struct Halves {
    std::uint64_t low;
    std::int64_t high;
  };
  union Payload {
    bool boolean;
    Halves integer;
    double real;
    Text text;
    const Array* array;
    const Object* object;
    Range range;
    const Loop* loop;
    Payload() : integer{0, 0} {}
  };

  Payload payload_;
  Type type_ = Type::nil;
  bool is_markup_ = false;
};

/// Named values in their order.
class Object {
 public:
  using Field = std::pair<std::string_view, Datum>;
  /// The names must differ.
  explicit Object(std::vector<Field> fields);
  /// Null without such a field.
  const Datum* find(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
  std::vector<std::uint32_t> by_name_;  // only of many fields
};

/// What `forloop` and `tablerowloop` show.
struct Loop {
  std::int64_t index0 = 0, length = 0;
  std::string_view name;
  const Loop* parent = nullptr;
  bool is_table = false;
  std::int64_t columns = 0, column = 1, row = 1;

  Datum member(std::string_view wanted) const;
};

/// Deep, as `==` in a template; 1 equals 1.0, and nothing else of different types is equal. Costs work.
bool equals(const Datum& a, const Datum& b, Scratch& scratch);
/// `a == blank`, `a == empty`.
bool is_blank(const Datum& v);
bool is_empty(const Datum& v);

/// Characters of a UTF-8 text.
std::size_t length_of(std::string_view text);
/// The byte at which character `index` starts, or the end.
std::size_t byte_of(std::string_view text, std::size_t index);
/// Where `wanted` is in the text from byte `from` on, or npos. Takes time in proportion to the text.
std::size_t find_part(std::string_view text, std::string_view wanted, std::size_t from = 0);
/// The text without white space at the start, at the end.
std::string_view strip_start(std::string_view text);
std::string_view strip_end(std::string_view text);
inline bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
/// Letters of ASCII only.
inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace wf::liquid
