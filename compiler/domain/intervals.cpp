#include "compiler/domain/intervals.hpp"

#include <algorithm>
#include <vector>

#include "grammar/value/value.hpp"

namespace wf::domain {

Intervals Intervals::between(std::int64_t low, std::int64_t high) {
  Intervals result;
  if (low <= high) result.parts_.push_back({low, high});
  return result;
}

bool Intervals::contains(std::int64_t value) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Interval& part) { return part.low <= value && value <= part.high; });
}

/// Adds a part that begins at or behind the beginning of the last one.
void Intervals::append(Interval part) {
  if (!parts_.empty()) {
    Interval& last = parts_.back();
    if (last.high == kHighest || part.low <= last.high + 1) {
      last.high = std::max(last.high, part.high);
      return;
    }
  }
  parts_.push_back(part);
}

void Intervals::limit() {
  while (parts_.size() > kMost) {
    std::size_t nearest = 1;
    std::uint64_t gap = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      const auto between =
          static_cast<std::uint64_t>(parts_[i].low) - static_cast<std::uint64_t>(parts_[i - 1].high);
      if (between >= gap) continue;
      gap = between;
      nearest = i;
    }
    parts_[nearest - 1].high = parts_[nearest].high;
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(nearest));
  }
}

Intervals operator&(const Intervals& a, const Intervals& b) {
  Intervals result;
  std::size_t i = 0, j = 0;
  while (i < a.parts_.size() && j < b.parts_.size()) {
    const Interval& x = a.parts_[i];
    const Interval& y = b.parts_[j];
    const std::int64_t low = std::max(x.low, y.low), high = std::min(x.high, y.high);
    if (low <= high) result.append({low, high});
    x.high < y.high ? ++i : ++j;
  }
  result.limit();
  return result;
}

Intervals operator|(const Intervals& a, const Intervals& b) {
  Intervals result;
  std::vector<Interval> all(a.parts_.begin(), a.parts_.end());
  all.insert(all.end(), b.parts_.begin(), b.parts_.end());
  std::sort(all.begin(), all.end(), [](const Interval& x, const Interval& y) { return x.low < y.low; });
  for (const Interval& part : all) result.append(part);
  result.limit();
  return result;
}

Intervals operator-(const Intervals& a, const Intervals& b) {
  Intervals result;
  for (Interval rest : a.parts_) {
    bool left = true;
    for (const Interval& hole : b.parts_) {
      if (hole.high < rest.low || hole.low > rest.high) continue;
      if (hole.low > rest.low) result.append({rest.low, hole.low - 1});
      left = hole.high < rest.high;
      if (!left) break;
      rest.low = hole.high + 1;
    }
    if (left) result.append(rest);
  }
  result.limit();
  return result;
}

Intervals operator+(const Intervals& a, const Intervals& b) {
  Intervals result;
  for (const Interval& x : a.parts_) {
    for (const Interval& y : b.parts_) {
      result = result |
               Intervals::between(value::add_saturating(x.low, y.low), value::add_saturating(x.high, y.high));
    }
  }
  return result;
}

Intervals operator-(const Intervals& a) {
  Intervals result;
  for (auto part = a.parts_.rbegin(); part != a.parts_.rend(); ++part) {
    result.append({value::sub_saturating(0, part->high), value::sub_saturating(0, part->low)});
  }
  return result;
}

}  // namespace wf::domain
