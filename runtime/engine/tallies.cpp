#include "runtime/engine/tallies.hpp"

#include "grammar/value/codec.hpp"
#include "runtime/engine/context.hpp"

namespace wf::engine {
namespace {

constexpr std::uint8_t kTallyFormat = 1;

/// All figures in the order in which they are stored.
template <class T, class Visit>
void each(T& t, Visit visit) {
  for (auto* figure :
       {&t.hot, &t.added, &t.candidates, &t.week_hot, &t.week_responded, &t.week_added, &t.week_mails,
        &t.last_week_mails, &t.targets, &t.all_hot, &t.all_responded, &t.digest_due, &t.summary_due}) {
    visit(*figure);
  }
}

std::string encode(const Tally& tally) {
  value::Writer out;
  out.u8(kTallyFormat);
  each(tally, [&](std::int64_t figure) { out.zigzag(figure); });
  return out.take();
}

Tally decode(std::string_view bytes) {
  value::Reader in(bytes);
  Tally tally;
  const std::uint8_t format = in.u8();
  each(tally, [&](std::int64_t& figure) { figure = in.zigzag(); });
  if (format != kTallyFormat || in.failed() || !in.done()) {
    throw StoreFailure{{ErrorCode::corrupt, "the figures of a campaign do not decode"}};
  }
  return tally;
}

std::string meta_name(std::string_view campaign) {
  return "campaign:" + std::string(campaign);
}

}  // namespace

Tally& Tallies::of(std::string_view campaign) {
  if (const auto it = entries_.find(campaign); it != entries_.end()) return it->second.now;
  Tally stored;
  if (const auto bytes = need(store_.meta(meta_name(campaign)))) stored = decode(*bytes);
  return entries_.emplace(campaign, Entry{stored, stored}).first->second.now;
}

void Tallies::write(store::Frame& frame) const {
  for (const auto& [campaign, entry] : entries_) {
    if (!(entry.now == entry.durable)) frame.meta.push_back({meta_name(campaign), encode(entry.now)});
  }
}

void Tallies::settle() {
  for (auto& [campaign, entry] : entries_) entry.durable = entry.now;
}

}  // namespace wf::engine
