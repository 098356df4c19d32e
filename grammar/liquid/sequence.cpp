#include "grammar/liquid/sequence.hpp"

namespace wf::liquid {

std::uint64_t Sequence::size() const {
  switch (v_.type()) {
    case Type::array:
      return v_.as_array().size();
    case Type::object:
      return v_.as_object().fields().size();
    case Type::range:
      return v_.as_range().size();
    case Type::text:
      return v_.as_text().empty() ? 0 : 1;
    default:
      return 0;
  }
}

Datum Sequence::at(std::uint64_t index, Scratch& scratch) const {
  switch (v_.type()) {
    case Type::array:
      return v_.as_array()[index];
    case Type::object: {
      const auto& [name, value] = v_.as_object().fields()[index];
      return scratch.array({Datum::text(name), value});
    }
    case Type::range:
      return Datum::integer(static_cast<Wide>(v_.as_range().first) + static_cast<Wide>(index));
    default:
      return v_;
  }
}

Datum first_of(const Datum& v, Scratch& scratch) {
  const Sequence items(v);
  if (items.size() == 0) return {};
  if (v.is(Type::text)) return Datum::text(v.as_text().substr(0, byte_of(v.as_text(), 1)));
  return items.at(0, scratch);
}

Datum last_of(const Datum& v, Scratch& scratch) {
  const Sequence items(v);
  if (items.size() == 0 || v.is(Type::object)) return {};
  if (v.is(Type::text)) return Datum::text(v.as_text().substr(byte_of(v.as_text(), size_of(v) - 1)));
  return items.at(items.size() - 1, scratch);
}

std::uint64_t size_of(const Datum& v) {
  return v.is(Type::text) ? length_of(v.as_text()) : Sequence(v).size();
}

}  // namespace wf::liquid
