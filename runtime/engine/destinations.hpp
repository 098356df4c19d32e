// Internal to the engine: the places that effects go to, and when another may leave for each of them.
//
// A bulkhead bounds what is under way to one destination, a circuit breaker stops trying one that fails: what
// is dead or slow delays only itself. In memory only: after a restart every destination gets a new chance.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/value/calendar.hpp"
#include "runtime/engine/engine.hpp"

namespace wf::engine {

class Destinations {
 public:
  explicit Destinations(std::optional<DestinationLimits> limits) : limits_(limits) {}

  struct Verdict {
    bool may_leave = true;
    std::int64_t later = 0;  ///< look again then; 0: leave it where it is, an answer is about to come
  };
  /// May one more effect leave for `name` now? `most`: under way at once.
  Verdict admit(const std::string& name, std::size_t most, std::int64_t now);
  void left(const std::string& name, std::uint64_t effect, std::int64_t now);
  /// The answer of an effect that left. `works`: the destination took or refused it, as one that lives does.
  /// `closed_until`: it asked for a pause; 0: it did not.
  void answered(std::uint64_t effect, bool works, std::int64_t closed_until, std::int64_t now);
  /// It did not leave after all.
  void take_back(std::uint64_t effect);

  std::size_t under_way() const { return under_way_.size(); }
  bool is_under_way(std::uint64_t effect) const { return under_way_.contains(effect); }
  /// Those that are closed at `now`.
  std::vector<ClosedDestination> closed(std::int64_t now) const;

 private:
  struct State {
    std::size_t under_way = 0;
    std::deque<std::int64_t> failures;  // the newest ones, of at most limits.failures
    std::int64_t closed_until = 0;      // 0: closed by nothing
    bool broken = false;                // one probe at a time until it works again
    std::int64_t mean = 0;              // from leaving to its answer
    std::int64_t progress = 0;          // last answer, or the first departure after a pause
    std::int64_t slot = 0;              // the last one that was given away
  };
  struct Departure {
    std::string name;
    std::int64_t at = 0;
  };
  std::int64_t next_slot(State& state, std::int64_t from, std::int64_t spacing) const;

  const std::optional<DestinationLimits> limits_;
  std::map<std::string, State> states_;
  std::map<std::uint64_t, Departure> under_way_;
};

/// The destination of a URL: its scheme, host and port. The text itself when it is none.
std::string destination_of_url(std::string_view url);

}  // namespace wf::engine
