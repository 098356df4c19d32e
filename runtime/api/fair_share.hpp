// FairShare: how many accepted events of each source wait to be worked off, and whether it may add more.
//
// Inputs are worked off strictly in the order in which they were accepted, so what one source piles up, all
// others wait for. While several sources are active each may therefore have only so many waiting; a source
// that is alone may use the whole backlog. Bounded: sources are known by a hash, and those with the same one
// share.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/store/frame.hpp"

namespace wf::api {

inline constexpr std::uint16_t kSources = 1024;
/// The source of events with this `source`; those without one are a source together.
std::uint16_t source_of(std::string_view name);
/// How many events of which sources a request brings; none: the daemon's own, which are never held up here.
using SourceCounts = std::vector<std::pair<std::uint16_t, std::uint64_t>>;
void count_in(SourceCounts& counts, std::uint16_t source);

class FairShare {
 public:
  /// `share`: events of one source that may wait while another one has sent something within `active_for`
  /// microseconds.
  FairShare(std::uint64_t share, std::int64_t active_for) : share_(share), active_for_(active_for) {}

  /// May this request come in now? From now on its sources are active. A source of which nothing waits may
  /// always send a request, however large it is.
  bool admits(const SourceCounts& counts, std::int64_t now);
  /// They wait from now on …
  void take(const SourceCounts& counts);
  /// … as inputs up to `last` …
  void stored(const SourceCounts& counts, store::InputSeq last);
  /// … or were not stored.
  void give_back(const SourceCounts& counts);
  /// Inputs up to here wait no more.
  void consumed(store::InputSeq seq);

 private:
  struct Use {
    std::uint16_t source = kSources;  ///< kSources: nobody yet
    std::int64_t at = 0;
  };
  struct Waiting {
    store::InputSeq last;
    std::uint16_t source;
    std::uint64_t events;
  };
  void note(std::uint16_t source, std::int64_t now);
  bool is_alone(std::uint16_t source, std::int64_t now) const;

  const std::uint64_t share_;
  const std::int64_t active_for_;
  std::array<std::uint64_t, kSources> waiting_{};
  std::deque<Waiting> stored_;  ///< by `last`
  Use newest_, other_;          ///< the latest use, and the latest of another source than that
};

}  // namespace wf::api
