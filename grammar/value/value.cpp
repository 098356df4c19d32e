#include "grammar/value/value.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <new>

#include "grammar/value/calendar.hpp"

namespace wf::value {

struct Value::Block::Text : Block {
  explicit Text(std::size_t length) : size(length) {}
  std::size_t size;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }

  static Text* make(std::string_view utf8) {
    void* memory = ::operator new(sizeof(Text) + utf8.size());
    Text* text = new (memory) Text(utf8.size());
    std::memcpy(text->bytes(), utf8.data(), utf8.size());
    return text;
  }
};

struct Value::Block::Items : Block {
  explicit Items(List items) : list(std::move(items)) {}
  List list;
};

struct Value::Block::Entries : Block {
  explicit Entries(Map entries) : map(std::move(entries)) {}
  Map map;
};

namespace {

using Limits = std::numeric_limits<std::int64_t>;

bool equal_numbers(const Value& a, const Value& b) {
  if (a.kind() == b.kind()) {
    return a.kind() == Kind::integer ? a.as_integer() == b.as_integer() : a.as_micros() == b.as_micros();
  }
  const Value& whole = a.kind() == Kind::integer ? a : b;
  const Value& decimal = a.kind() == Kind::integer ? b : a;
  return decimal.as_micros() % kMicro == 0 && decimal.as_micros() / kMicro == whole.as_integer();
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_debug(std::string& out, const Value& v);

void append_list(std::string& out, const List& items) {
  out += '[';
  for (const Value& item : items) {
    if (&item != items.data()) out += ", ";
    append_debug(out, item);
  }
  out += ']';
}

void append_map(std::string& out, const Map& entries) {
  out += '{';
  for (const auto& entry : entries) {
    if (&entry != entries.data()) out += ", ";
    append_quoted(out, entry.first);
    out += ": ";
    append_debug(out, entry.second);
  }
  out += '}';
}

std::string indexed(const char* word, std::uint32_t index, std::uint64_t member) {
  return std::string(word) + '#' + std::to_string(index) + ':' + std::to_string(member);
}

void append_debug(std::string& out, const Value& v) {
  switch (v.kind()) {
    case Kind::unknown:
      out += "unknown";
      break;
    case Kind::boolean:
      out += v.as_boolean() ? "true" : "false";
      break;
    case Kind::integer:
      out += std::to_string(v.as_integer());
      break;
    case Kind::decimal:
      out += format_decimal(v.as_micros());
      break;
    case Kind::text:
      append_quoted(out, v.as_text());
      break;
    case Kind::instant:
      out += format_instant(v.as_instant());
      break;
    case Kind::date:
      out += format_date(v.as_date());
      break;
    case Kind::time_of_day:
      out += format_time_of_day(v.as_time_of_day());
      break;
    case Kind::duration:
      out += format_duration(v.as_duration());
      break;
    case Kind::enumeration:
      out += indexed("enum", v.aux(), v.as_ordinal());
      break;
    case Kind::ref:
      out += indexed("ref", v.aux(), v.as_key());
      break;
    case Kind::resource:
      out += indexed("resource", v.aux(), v.as_resource());
      break;
    case Kind::list:
      append_list(out, v.as_list());
      break;
    case Kind::map:
      append_map(out, v.as_map());
      break;
  }
}

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::unknown:
      return "unknown";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::decimal:
      return "decimal";
    case Kind::text:
      return "text";
    case Kind::instant:
      return "instant";
    case Kind::date:
      return "date";
    case Kind::time_of_day:
      return "time_of_day";
    case Kind::duration:
      return "duration";
    case Kind::enumeration:
      return "enumeration";
    case Kind::ref:
      return "ref";
    case Kind::resource:
      return "resource";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
  }
  return "?";
}

void Value::release() noexcept {
  if (block()->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  switch (kind_) {
    case Kind::text: {
      auto* text = static_cast<Block::Text*>(block());
      text->~Text();
      ::operator delete(text);
      return;
    }
    case Kind::list:
      delete static_cast<Block::Items*>(block());
      return;
    default:
      delete static_cast<Block::Entries*>(block());
      return;
  }
}

Value Value::text(std::string_view utf8) {
  Block* block = utf8.empty() ? nullptr : Block::Text::make(utf8);
  return Value(Kind::text, 0, reinterpret_cast<std::int64_t>(block));
}

Value Value::list(List items) {
  Block* block = items.empty() ? nullptr : new Block::Items(std::move(items));
  return Value(Kind::list, 0, reinterpret_cast<std::int64_t>(block));
}

Value Value::map(Map items) {
  Block* block = items.empty() ? nullptr : new Block::Entries(std::move(items));
  return Value(Kind::map, 0, reinterpret_cast<std::int64_t>(block));
}

std::int64_t Value::as_micros() const {
  WF_ASSERT(is_number());
  return kind_ == Kind::decimal ? payload_ : mul_saturating(payload_, kMicro);
}

std::string_view Value::as_text() const {
  WF_ASSERT(kind_ == Kind::text);
  if (!payload_) return {};
  auto* text = static_cast<Block::Text*>(block());
  return {text->bytes(), text->size};
}

const List& Value::as_list() const {
  WF_ASSERT(kind_ == Kind::list);
  static const List kEmpty;
  return payload_ ? static_cast<Block::Items*>(block())->list : kEmpty;
}

const Map& Value::as_map() const {
  WF_ASSERT(kind_ == Kind::map);
  static const Map kEmpty;
  return payload_ ? static_cast<Block::Entries*>(block())->map : kEmpty;
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.kind_ != b.kind_ || a.aux_ != b.aux_) return false;
  if (a.payload_ == b.payload_) return true;
  switch (a.kind_) {
    case Kind::text:
      return a.as_text() == b.as_text();
    case Kind::list:
      return a.as_list() == b.as_list();
    case Kind::map:
      return a.as_map() == b.as_map();
    default:
      return false;
  }
}

std::string Value::debug() const {
  std::string out;
  append_debug(out, *this);
  return out;
}

bool parse_decimal(std::string_view text, std::int64_t& micros) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == text.npos ? std::string_view{} : text.substr(point + 1);
  auto digits = [](std::string_view s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(whole)) return false;
  if (point != text.npos && (!digits(fraction) || fraction.size() > 6)) return false;

  // Digit by digit below zero, where the range has one number more.
  std::int64_t sum = 0;
  auto push = [&sum](int digit) {
    return !__builtin_mul_overflow(sum, 10, &sum) && !__builtin_sub_overflow(sum, digit, &sum);
  };
  for (char c : whole) {
    if (!push(c - '0')) return false;
  }
  for (std::size_t place = 0; place < 6; ++place) {
    if (!push(place < fraction.size() ? fraction[place] - '0' : 0)) return false;
  }
  if (!negative && sum == Limits::min()) return false;
  micros = negative ? sum : -sum;
  return true;
}

std::string format_decimal(std::int64_t micros) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(micros);
  if (micros < 0) magnitude = ~magnitude + 1;
  std::string out = micros < 0 ? "-" : "";
  out += std::to_string(magnitude / kMicro);
  std::uint64_t rest = magnitude % kMicro;
  if (rest == 0) return out;
  std::string places = std::to_string(rest);
  places.insert(0, 6 - places.size(), '0');
  places.erase(places.find_last_not_of('0') + 1);
  return out + '.' + places;
}

std::int64_t add_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? Limits::min() : Limits::max();
}

std::int64_t sub_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t difference;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b > 0 ? Limits::min() : Limits::max();
}

std::int64_t mul_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t product;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) != (b < 0) ? Limits::min() : Limits::max();
}

}  // namespace wf::value
