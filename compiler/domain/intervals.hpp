// Intervals: a set of whole numbers as a union of at most 8 intervals, for everything that has an order.
//
// All ordered values of the language are whole numbers in their own unit (a decimal counts millionths, an
// instant microseconds), so an open end is the closed end next to it: `x > 5` is [6, …]. Where a result would
// need more intervals, the two nearest become one: the set only grows.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace wf::domain {

struct Interval {
  std::int64_t low = 0, high = 0;  ///< both included
  friend bool operator==(const Interval&, const Interval&) = default;
};

class Intervals {
 public:
  static constexpr std::size_t kMost = 8;
  static constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

  /// No number.
  Intervals() = default;
  static Intervals all() { return between(kLowest, kHighest); }
  /// low … high, both included; none when low > high.
  static Intervals between(std::int64_t low, std::int64_t high);
  static Intervals one(std::int64_t value) { return between(value, value); }

  bool empty() const { return parts_.empty(); }
  bool is_all() const { return parts_.size() == 1 && parts_[0] == Interval{kLowest, kHighest}; }
  bool contains(std::int64_t value) const;
  /// Is there exactly one number in it?
  bool is_one() const { return parts_.size() == 1 && parts_[0].low == parts_[0].high; }
  std::int64_t low() const { return parts_.front().low; }  ///< not of an empty set
  std::int64_t high() const { return parts_.back().high; }
  std::span<const Interval> parts() const { return {parts_.data(), parts_.size()}; }

  friend bool operator==(const Intervals&, const Intervals&) = default;
  friend Intervals operator&(const Intervals& a, const Intervals& b);
  friend Intervals operator|(const Intervals& a, const Intervals& b);
  /// What is in `a` and not in `b`; `b` must be exact.
  friend Intervals operator-(const Intervals& a, const Intervals& b);

  /// Every a + b; ends that overflow are the lowest or highest number, as the language saturates.
  friend Intervals operator+(const Intervals& a, const Intervals& b);
  /// Every -a.
  friend Intervals operator-(const Intervals& a);

 private:
  void append(Interval part);
  void limit();
  boost::container::small_vector<Interval, 2> parts_;  ///< ascending, with numbers between them
};

}  // namespace wf::domain
