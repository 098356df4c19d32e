// Window: the nearest keys of a long ordered list that mostly stays on disk.
//
// Every live key up to the horizon is in the window, so the next due ones need no disk read; memory stays
// bounded whatever the length of the list.
#pragma once

#include <optional>
#include <set>
#include <vector>

namespace wf::store {

template <class K>
class Window {
 public:
  static constexpr std::size_t kRefill = 8192;
  static constexpr std::size_t kMost = 8 * kRefill;

  void add(const K& key) {
    if (!covers(key)) return;
    keys_.insert(key);
    if (keys_.size() > kMost) trim();
  }

  void remove(const K& key) { keys_.erase(key); }

  const std::set<K>& keys() const { return keys_; }
  /// No live key is missing up to here, this one included.
  bool covers(const K& key) const { return complete_ || (horizon_ && !(*horizon_ < key)); }
  bool complete() const { return complete_; }
  const std::optional<K>& horizon() const { return horizon_; }

  /// `next`: the live keys after the horizon, in order, up to kRefill of them.
  void extend(const std::vector<K>& next) {
    keys_.insert(next.begin(), next.end());
    complete_ = next.size() < kRefill;
    if (!next.empty()) horizon_ = next.back();
  }

 private:
  void trim() {
    auto at = keys_.begin();
    std::advance(at, kMost / 2);
    horizon_ = *at;
    keys_.erase(std::next(at), keys_.end());
    complete_ = false;
  }

  std::set<K> keys_;
  std::optional<K> horizon_;
  bool complete_ = false;
};

}  // namespace wf::store
