// RefCache: where the history of recently used records ends, so that an append need not look it up.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>

#include "runtime/store/frame.hpp"

namespace wf::store {

/// Forgets in two generations: what was not used while the newer one filled up.
class RefCache {
 public:
  static constexpr std::size_t kGeneration = 1u << 17;

  void put(Key key, HistoryRef ref) {
    if (newer_.size() >= kGeneration) {
      older_ = std::move(newer_);
      newer_.clear();
    }
    newer_.insert_or_assign(key, ref);
  }

  std::optional<HistoryRef> find(Key key) const {
    for (const auto* generation : {&newer_, &older_})
      if (const auto at = generation->find(key); at != generation->end()) return at->second;
    return std::nullopt;
  }

 private:
  boost::unordered_flat_map<Key, HistoryRef> newer_;
  boost::unordered_flat_map<Key, HistoryRef> older_;
};

}  // namespace wf::store
