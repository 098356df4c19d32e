#include "runtime/api/fair_share.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::api {

std::uint16_t source_of(std::string_view name) {
  return static_cast<std::uint16_t>(value::hash64(name) % kSources);
}

void count_in(SourceCounts& counts, std::uint16_t source) {
  const auto found =
      std::find_if(counts.begin(), counts.end(), [&](const auto& count) { return count.first == source; });
  if (found != counts.end()) {
    ++found->second;
  } else {
    counts.emplace_back(source, 1);
  }
}

void FairShare::note(std::uint16_t source, std::int64_t now) {
  if (newest_.source != source) other_ = std::exchange(newest_, {source, now});
  newest_.at = now;
}

bool FairShare::is_alone(std::uint16_t source, std::int64_t now) const {
  const Use& use = newest_.source == source ? other_ : newest_;
  return use.source == kSources || now - use.at > active_for_;
}

bool FairShare::admits(const SourceCounts& counts, std::int64_t now) {
  for (const auto& [source, events] : counts) note(source, now);
  return std::all_of(counts.begin(), counts.end(), [&](const auto& count) {
    const std::uint64_t waiting = waiting_[count.first];
    return waiting == 0 || waiting + count.second <= share_ || is_alone(count.first, now);
  });
}

void FairShare::take(const SourceCounts& counts) {
  for (const auto& [source, events] : counts) waiting_[source] += events;
}

void FairShare::give_back(const SourceCounts& counts) {
  for (const auto& [source, events] : counts) waiting_[source] -= events;
}

void FairShare::stored(const SourceCounts& counts, store::InputSeq last) {
  for (const auto& [source, events] : counts) stored_.push_back({last, source, events});
}

void FairShare::consumed(store::InputSeq seq) {
  while (!stored_.empty() && stored_.front().last <= seq) {
    waiting_[stored_.front().source] -= stored_.front().events;
    stored_.pop_front();
  }
}

}  // namespace wf::api
