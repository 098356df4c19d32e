// What a loop goes through: items of an array, pairs of an object, numbers of a range, or one text. Internal.
#pragma once

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {

class Sequence {
 public:
  explicit Sequence(const Datum& v) : v_(v) {}
  std::uint64_t size() const;
  /// `[name, value]` of an object is made in `scratch`.
  Datum at(std::uint64_t index, Scratch& scratch) const;

 private:
  Datum v_;
};

}  // namespace wf::liquid
