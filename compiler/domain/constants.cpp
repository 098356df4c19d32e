#include "compiler/domain/constants.hpp"

#include <algorithm>
#include <iterator>

namespace wf::domain {
namespace {

using Items = std::vector<std::string>;

void sort_unique(Items& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

Items common(const Items& a, const Items& b) {
  Items out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Items both(const Items& a, const Items& b) {
  Items out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

Items without(const Items& a, const Items& b) {
  Items out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

}  // namespace

Constants Constants::only(Items items) {
  sort_unique(items);
  Constants result;
  result.complement_ = items.size() > kMost;
  if (!result.complement_) result.items_ = std::move(items);
  return result;
}

Constants Constants::all_but(Items items) {
  sort_unique(items);
  if (items.size() > kMost) items.resize(kMost);
  Constants result;
  result.complement_ = true;
  result.items_ = std::move(items);
  return result;
}

bool Constants::contains(const std::string& item) const {
  return std::binary_search(items_.begin(), items_.end(), item) != complement_;
}

Constants operator&(const Constants& a, const Constants& b) {
  if (a.complement_ && b.complement_) return Constants::all_but(both(a.items_, b.items_));
  if (a.complement_) return Constants::only(without(b.items_, a.items_));
  if (b.complement_) return Constants::only(without(a.items_, b.items_));
  return Constants::only(common(a.items_, b.items_));
}

Constants operator|(const Constants& a, const Constants& b) {
  if (a.complement_ && b.complement_) return Constants::all_but(common(a.items_, b.items_));
  if (a.complement_) return Constants::all_but(without(a.items_, b.items_));
  if (b.complement_) return Constants::all_but(without(b.items_, a.items_));
  return Constants::only(both(a.items_, b.items_));
}

Constants operator-(const Constants& a, const Constants& b) {
  Constants rest = b;
  rest.complement_ = !b.complement_;
  return a & rest;
}

}  // namespace wf::domain
