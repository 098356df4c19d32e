// What the filters of lists share. Internal.
#pragma once

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {

/// What a filter of lists works on: the items of an array, also those of arrays in it; the numbers of a
/// range; nothing for nil; else the one value.
Array items_of(const Datum& v, Scratch& scratch);

/// What `item[property]` gives.
struct Property {
  Datum value;
  bool has_properties = true;  ///< false: the item is of a type that has none
};
/// A Fault where a property of this kind makes no sense, such as a name in a number.
Property property_of(const Datum& item, const Datum& property, Scratch& scratch);

}  // namespace wf::liquid
