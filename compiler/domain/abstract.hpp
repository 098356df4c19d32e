// Abstract: what a value can be at one place: unknown, and which known values. The γ of an Abstract is the
// set of values that it contains; every operation may make that set larger than it has to be, never smaller.
#pragma once

#include <string>
#include <variant>

#include "compiler/domain/bits.hpp"
#include "compiler/domain/constants.hpp"
#include "compiler/domain/intervals.hpp"

namespace wf::domain {

/// Known values by the kind of their type: enum or bool, ordered, text or resource, and any (records).
using Values = std::variant<std::monostate, Bits, Intervals, Constants>;

bool is_empty(const Values& values);
/// The two must be of one kind, or any; the result is of the kind of the narrower one.
Values intersection(const Values& a, const Values& b);
Values united(const Values& a, const Values& b);
/// What is in `a` and not in `b`; `b` must be exact.
Values difference(const Values& a, const Values& b);

struct Abstract {
  bool known = true, unknown = true;
  Values values;  ///< those it can have when it is known

  static Abstract of(Values values, bool unknown = false) {
    return Abstract{!is_empty(values), unknown, std::move(values)}.normal();
  }
  static Abstract only_unknown() { return Abstract{false, true, {}}; }
  static Abstract any_known() { return Abstract{true, false, {}}; }
  /// No value at all: the place cannot be reached.
  static Abstract nothing() { return Abstract{false, false, {}}; }

  bool is_nothing() const { return !known && !unknown; }
  /// The same set in the form by which sets are compared.
  Abstract normal() &&;

  friend bool operator==(const Abstract&, const Abstract&) = default;
};

Abstract joined(const Abstract& a, const Abstract& b);
Abstract met(const Abstract& a, const Abstract& b);
/// Is every value of `a` in `b`? May say no where it is so.
bool within(const Abstract& a, const Abstract& b);

}  // namespace wf::domain
