#include "grammar/liquid/lists.hpp"

#include "grammar/liquid/sequence.hpp"

namespace wf::liquid {
namespace {

void add_flat(Array& out, const Array& items, Scratch& scratch) {
  for (const Datum& item : items) {
    scratch.work(1);
    if (item.is(Type::array)) {
      add_flat(out, item.as_array(), scratch);
    } else {
      out.push_back(item);
    }
    if (out.size() * sizeof(Datum) > scratch.memory_left()) scratch.charge(out.size() * sizeof(Datum));
  }
}

[[noreturn]] void no_such_property() {
  throw Fault{"an item has no properties that could be selected"};
}

/// As Ruby has it: the text itself when it is a part, the character of a number.
Datum part_of(std::string_view text, const Datum& property) {
  if (property.is(Type::text)) {
    return find_part(text, property.as_text()) != text.npos ? property : Datum();
  }
  if (!property.is(Type::integer)) no_such_property();
  const auto length = static_cast<Wide>(length_of(text));
  const Wide index = property.as_integer() < 0 ? property.as_integer() + length : property.as_integer();
  if (index < 0 || index >= length) return {};
  const std::size_t begin = byte_of(text, static_cast<std::size_t>(index));
  return Datum::text(text.substr(begin, byte_of(text.substr(begin), 1)));
}

/// As Ruby has it: a bit of the number.
Datum bit_of(Wide number, const Datum& property) {
  if (!property.is(Type::integer)) no_such_property();
  const Wide at = property.as_integer();
  if (at < 0) return Datum::integer(0);
  return Datum::integer(at > 126 ? (number < 0 ? 1 : 0) : number >> static_cast<int>(at) & 1);
}

}  // namespace

Array items_of(const Datum& v, Scratch& scratch) {
  Array out;
  if (v.is(Type::array)) {
    add_flat(out, v.as_array(), scratch);
  } else if (v.is(Type::range)) {
    const Sequence numbers(v);
    if (numbers.size() > scratch.memory_left() / sizeof(Datum)) scratch.charge(SIZE_MAX);
    scratch.work(numbers.size());
    for (std::uint64_t n = 0; n < numbers.size(); ++n) out.push_back(numbers.at(n, scratch));
  } else if (!v.is_nil() && !v.is(Type::loop)) {
    out.push_back(v);
  }
  return out;
}

Property property_of(const Datum& item, const Datum& property, Scratch& scratch) {
  switch (item.type()) {
    case Type::object: {
      const Datum* field = property.is(Type::text) ? item.as_object().find(property.as_text()) : nullptr;
      return {field == nullptr ? Datum() : *field};
    }
    case Type::text:
      scratch.read(item.as_text());
      if (property.is_nil()) return {{}, false};
      return {part_of(item.as_text(), property)};
    case Type::integer:
      return {bit_of(item.as_integer(), property)};
    default:
      return {{}, false};
  }
}

}  // namespace wf::liquid
