// hash: keys of the in-memory indexes of the stores.
#pragma once

#include <string>
#include <tuple>
#include <utility>

#include "runtime/store/frame.hpp"

namespace wf::store {

using IdentityKey = std::pair<std::uint32_t, std::string>;  ///< object, id
using LinkKey = std::tuple<std::uint32_t, Key, Key>;        ///< assoc, to, from

inline constexpr DedupeId kNoId{};

inline std::size_t blend(std::uint64_t a, std::uint64_t b) {
  std::uint64_t n = (a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6))) * 0xff51afd7ed558ccdULL;
  return static_cast<std::size_t>(n ^ (n >> 32));
}

struct HashId {
  std::size_t operator()(const DedupeId& id) const { return blend(id[0], id[1]); }
};

struct HashIdentity {
  std::size_t operator()(const IdentityKey& key) const {
    return blend(key.first, std::hash<std::string>{}(key.second));
  }
};

struct HashTimer {
  std::size_t operator()(const Timer& timer) const {
    const std::uint64_t rest = (std::uint64_t{timer.enrolment} << 32 | timer.step) + timer.kind;
    return blend(blend(static_cast<std::uint64_t>(timer.due), timer.record), rest);
  }
};

}  // namespace wf::store
