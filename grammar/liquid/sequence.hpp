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

/// The first and last item, character or number; the first pair of an object. Nil without one.
Datum first_of(const Datum& v, Scratch& scratch);
Datum last_of(const Datum& v, Scratch& scratch);
/// How many of them there are; 0 for what has none.
std::uint64_t size_of(const Datum& v);

}  // namespace wf::liquid
