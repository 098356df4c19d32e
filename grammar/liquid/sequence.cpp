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

}  // namespace wf::liquid
