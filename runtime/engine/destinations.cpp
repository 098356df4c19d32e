#include "runtime/engine/destinations.hpp"

#include <algorithm>

namespace wf::engine {

namespace {

/// Nothing is put off further than this at once, so that a destination that works again is used again.
constexpr std::int64_t kFarthestSlot = value::kMinute;
/// What is put off is looked at again after this at the earliest: each look is a write.
constexpr std::int64_t kNearestSlot = value::kSecond / 20;
/// Pace at which the queue of a closed destination comes due again.
constexpr std::int64_t kReopeningSpacing = value::kSecond / 32;

}  // namespace

std::int64_t Destinations::next_slot(State& state, std::int64_t from, std::int64_t spacing) const {
  const std::int64_t first = from + kNearestSlot;
  state.slot = std::clamp(state.slot + spacing, first, first + kFarthestSlot);
  return state.slot;
}

Destinations::Verdict Destinations::admit(const std::string& name, std::size_t most, std::int64_t now) {
  if (!limits_) return {};
  State& state = states_[name];
  if (state.closed_until > now) return {false, next_slot(state, state.closed_until, kReopeningSpacing)};
  if (state.broken && state.under_way > 0) return {false, next_slot(state, now, kReopeningSpacing)};
  if (state.under_way < most) return {};
  // As fast as it has been answering, or slower when it has stopped to.
  const std::int64_t pace = std::max(state.mean, now - state.progress);
  const std::int64_t spacing = pace / static_cast<std::int64_t>(most);
  return {false, spacing == 0 ? 0 : next_slot(state, now, spacing)};
}

void Destinations::left(const std::string& name, std::uint64_t effect, std::int64_t now) {
  State& state = states_[name];
  if (state.under_way++ == 0) state.progress = now;
  under_way_[effect] = {name, now};
}

void Destinations::answered(std::uint64_t effect, bool works, std::int64_t closed_until, std::int64_t now) {
  const auto found = under_way_.find(effect);
  if (found == under_way_.end()) return;
  State& state = states_[found->second.name];
  const std::int64_t took = now - found->second.at;
  under_way_.erase(found);
  --state.under_way;
  state.mean = state.mean == 0 ? took : (7 * state.mean + took) / 8;
  state.progress = now;
  state.closed_until = std::max(state.closed_until, closed_until);
  if (!limits_) return;
  if (works) {
    state.failures.clear();
    state.broken = false;
    return;
  }
  state.failures.push_back(now);
  if (state.failures.size() > limits_->failures) state.failures.pop_front();
  const bool many =
      state.failures.size() == limits_->failures && now - state.failures.front() <= limits_->within;
  if (!many && !state.broken) return;
  state.broken = true;
  state.closed_until = std::max(state.closed_until, now + limits_->closed_for);
}

void Destinations::take_back(std::uint64_t effect) {
  const auto found = under_way_.find(effect);
  if (found == under_way_.end()) return;
  --states_[found->second.name].under_way;
  under_way_.erase(found);
}

std::vector<ClosedDestination> Destinations::closed(std::int64_t now) const {
  std::vector<ClosedDestination> closed;
  for (const auto& [name, state] : states_) {
    if (state.closed_until > now || state.broken) closed.push_back({name, state.closed_until});
  }
  return closed;
}

std::string destination_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::string(url);
  const std::size_t end = url.find_first_of("/?#", scheme + 3);
  std::string name(url.substr(0, end));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

}  // namespace wf::engine
