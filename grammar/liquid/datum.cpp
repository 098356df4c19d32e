#include "grammar/liquid/datum.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "grammar/liquid/scratch.hpp"
#include "grammar/text/result.hpp"

namespace wf::liquid {
namespace {

constexpr std::size_t kFewFields = 8;

bool equal_numbers(const Datum& a, const Datum& b) {
  if (a.is(Type::integer) && b.is(Type::integer)) return a.as_integer() == b.as_integer();
  const auto as_double = [](const Datum& v) {
    return v.is(Type::integer) ? static_cast<double>(v.as_integer()) : v.as_real();
  };
  return as_double(a) == as_double(b);
}

bool equal_objects(const Object& a, const Object& b, Scratch& scratch) {
  if (a.fields().size() != b.fields().size()) return false;
  return std::all_of(a.fields().begin(), a.fields().end(), [&](const Object::Field& field) {
    const Datum* other = b.find(field.first);
    return other != nullptr && equals(field.second, *other, scratch);
  });
}

}  // namespace

Datum Datum::boolean(bool v) {
  Datum made;
  made.type_ = Type::boolean;
  made.payload_.boolean = v;
  return made;
}

Datum Datum::integer(Wide v) {
  Datum made;
  made.type_ = Type::integer;
  made.payload_.integer = {static_cast<std::uint64_t>(v), static_cast<std::int64_t>(v >> 64)};
  return made;
}

Datum Datum::real(double v) {
  Datum made;
  made.type_ = Type::real;
  made.payload_.real = v;
  return made;
}

Datum Datum::text(std::string_view v) {
  Datum made;
  made.type_ = Type::text;
  made.payload_.text = {v.data(), v.size()};
  return made;
}

Datum Datum::markup(std::string_view v) {
  Datum made = text(v);
  made.is_markup_ = true;
  return made;
}

Datum Datum::array(const Array& v) {
  Datum made;
  made.type_ = Type::array;
  made.payload_.array = &v;
  return made;
}

Datum Datum::object(const Object& v) {
  Datum made;
  made.type_ = Type::object;
  made.payload_.object = &v;
  return made;
}

Datum Datum::range(Range v) {
  Datum made;
  made.type_ = Type::range;
  made.payload_.range = v;
  return made;
}

Datum Datum::loop(const Loop& v) {
  Datum made;
  made.type_ = Type::loop;
  made.payload_.loop = &v;
  return made;
}

Datum Datum::blank() {
  Datum made;
  made.type_ = Type::blank;
  return made;
}

Datum Datum::empty() {
  Datum made;
  made.type_ = Type::empty;
  return made;
}

Wide Datum::as_integer() const {
  return static_cast<Wide>(payload_.integer.high) * (static_cast<Wide>(1) << 64) +
         static_cast<Wide>(payload_.integer.low);
}

Object::Object(std::vector<Field> fields) : fields_(std::move(fields)) {
  if (fields_.size() <= kFewFields) return;
  by_name_.resize(fields_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::sort(by_name_.begin(), by_name_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return fields_[a].first < fields_[b].first; });
}

const Datum* Object::find(std::string_view name) const {
  if (by_name_.empty()) {
    for (const Field& field : fields_) {
      if (field.first == name) return &field.second;
    }
    return nullptr;
  }
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [&](std::uint32_t at, std::string_view wanted) { return fields_[at].first < wanted; });
  if (found == by_name_.end() || fields_[*found].first != name) return nullptr;
  return &fields_[*found].second;
}

Datum Loop::member(std::string_view wanted) const {
  if (wanted == "index") return Datum::integer(index0 + 1);
  if (wanted == "index0") return Datum::integer(index0);
  if (wanted == "rindex") return Datum::integer(length - index0);
  if (wanted == "rindex0") return Datum::integer(length - index0 - 1);
  if (wanted == "first") return Datum::boolean(index0 == 0);
  if (wanted == "last") return Datum::boolean(index0 + 1 == length);
  if (wanted == "length") return Datum::integer(length);
  if (!is_table) {
    if (wanted == "name") return Datum::text(name);
    return wanted == "parentloop" && parent != nullptr ? Datum::loop(*parent) : Datum();
  }
  if (wanted == "col") return Datum::integer(column);
  if (wanted == "col0") return Datum::integer(column - 1);
  if (wanted == "col_first") return Datum::boolean(column == 1);
  if (wanted == "col_last") return Datum::boolean(column == columns);
  if (wanted == "row") return Datum::integer(row);
  return {};
}

bool equals(const Datum& a, const Datum& b, Scratch& scratch) {
  scratch.work(1);
  if (a.is(Type::blank) && b.is(Type::text)) scratch.read(b.as_text());
  if (a.is(Type::blank) || a.is(Type::empty)) return a.is(Type::blank) ? is_blank(b) : is_empty(b);
  if (b.is(Type::blank) || b.is(Type::empty)) return equals(b, a, scratch);
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::boolean:
      return a.as_boolean() == b.as_boolean();
    case Type::text:
      scratch.read(a.as_text());
      return a.as_text() == b.as_text();
    case Type::array:
      return std::equal(a.as_array().begin(), a.as_array().end(), b.as_array().begin(), b.as_array().end(),
                        [&](const Datum& x, const Datum& y) { return equals(x, y, scratch); });
    case Type::object:
      return equal_objects(a.as_object(), b.as_object(), scratch);
    case Type::range:
      return a.as_range().first == b.as_range().first && a.as_range().last == b.as_range().last;
    case Type::loop:
      return &a.as_loop() == &b.as_loop();
    default:
      return true;
  }
}

bool is_empty(const Datum& v) {
  switch (v.type()) {
    case Type::text:
      return v.as_text().empty();
    case Type::array:
      return v.as_array().empty();
    case Type::object:
      return v.as_object().fields().empty();
    default:
      return false;
  }
}

bool is_blank(const Datum& v) {
  if (v.is(Type::text)) return strip_start(v.as_text()).empty();
  return !v.truthy() || is_empty(v);
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t byte_of(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && index-- == 0) break;
  }
  return at;
}

std::size_t find_part(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size() || wanted.size() > text.size() - from) return text.npos;
  if (wanted.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? text.npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::string_view strip_start(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view strip_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace wf::liquid
