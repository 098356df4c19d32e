#include "tests/contract/store/random_frame.hpp"

#include <algorithm>

namespace wf::store::test {

namespace {

bool same_record(const RecordChange& a, const RecordChange& b) {
  if (a.key != b.key || a.erase != b.erase) return false;
  return a.erase || (a.hot == b.hot && a.cold == b.cold && a.history == b.history);
}

bool same_effect(const Effect& a, const Effect& b) {
  return a.id == b.id && a.record == b.record && a.next_at == b.next_at && a.state == b.state &&
         a.attempts == b.attempts && a.body == b.body;
}

template <class T, class Same>
bool all_same(const std::vector<T>& a, const std::vector<T>& b, Same same_item) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_item);
}

}  // namespace

std::string RandomFrames::text(std::size_t longest) {
  std::string out(below(longest + 1), ' ');
  for (char& c : out) c = static_cast<char>(below(256));
  return out;
}

Key RandomFrames::key() {
  // Shards of both halves of the 16 bits: the order of keys is that of unsigned numbers.
  const Key shard = below(2) == 0 ? 0x0001 : 0xfff0;
  return shard << (64 - kShardBits) | (1 + below(40));
}

RecordChange RandomFrames::change() {
  RecordChange out;
  out.key = key();
  out.erase = below(8) == 0;
  if (out.erase) return out;
  if (below(3) != 0) out.hot = text(60);
  if (below(3) == 0) out.cold = text(300);
  if (below(2) == 0) out.history = "h" + text(90);
  return out;
}

void RandomFrames::add_timers(Frame& frame) {
  for (std::uint64_t i = below(4); i > 0 && !live_timers_.empty(); --i) {
    const std::size_t at = below(live_timers_.size());
    frame.timers_removed.push_back(live_timers_[at]);
    live_timers_.erase(live_timers_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (std::uint64_t i = below(5); i > 0; --i) {
    const auto due = static_cast<std::int64_t>(below(1000)) - 100;
    const Timer timer{due, key(), static_cast<std::uint32_t>(below(3)), next_step_++,
                      static_cast<std::uint8_t>(below(3))};
    frame.timers_added.push_back(timer);
    live_timers_.push_back(timer);
  }
}

void RandomFrames::add_effects(Frame& frame) {
  const auto put = [&](std::uint64_t id) {
    Effect effect{id,
                  key(),
                  static_cast<std::int64_t>(below(1000)),
                  static_cast<EffectState>(below(4)),
                  static_cast<std::uint16_t>(below(9)),
                  text(80)};
    frame.effects_put.push_back(std::move(effect));
  };
  for (std::uint64_t i = below(3); i > 0 && !live_effects_.empty(); --i)
    put(live_effects_[below(live_effects_.size())]);
  for (std::uint64_t i = below(4); i > 0; --i) {
    put(next_effect_);
    live_effects_.push_back(next_effect_++);
  }
  for (std::uint64_t i = below(4); i > 0 && !live_effects_.empty(); --i) {
    const std::size_t at = below(live_effects_.size());
    frame.effects_removed.push_back(live_effects_[at]);
    live_effects_.erase(live_effects_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void RandomFrames::add_names(Frame& frame) {
  for (std::uint64_t i = below(3); i > 0; --i) {
    const std::string id = "p" + std::to_string(below(30)) + "@example.com";
    frame.identities.push_back({static_cast<std::uint32_t>(below(2)), id, below(4) == 0 ? 0 : key()});
  }
  for (std::uint64_t i = below(4); i > 0; --i)
    frame.links.push_back({static_cast<std::uint32_t>(below(2)), key(), 1 + below(3), below(3) == 0});
  if (below(4) == 0) frame.symbols.push_back({static_cast<std::uint32_t>(below(20)), "s" + text(5)});
  for (std::uint64_t i = below(3); i > 0; --i)
    frame.stats.push_back({"stat" + std::to_string(below(6)), static_cast<std::int64_t>(below(9)) - 3});
  if (below(4) == 0) frame.meta.push_back({"meta" + std::to_string(below(5)), text(20)});
}

Frame RandomFrames::next() {
  Frame frame;
  for (std::uint64_t i = below(4); i > 0; --i)
    frame.dedupe.push_back({next_id_++ * 0x9e3779b97f4a7c15ULL, 7});
  for (std::uint64_t i = below(7); i > 0; --i) frame.records.push_back(change());
  add_timers(frame);
  add_effects(frame);
  add_names(frame);
  return frame;
}

bool same(const Frame& a, const Frame& b) {
  return a.consumed == b.consumed && a.dedupe == b.dedupe && all_same(a.records, b.records, same_record) &&
         a.timers_added == b.timers_added && a.timers_removed == b.timers_removed &&
         all_same(a.effects_put, b.effects_put, same_effect) && a.effects_removed == b.effects_removed &&
         all_same(a.identities, b.identities,
                  [](const Identity& x, const Identity& y) {
                    return x.object == y.object && x.id == y.id && x.record == y.record;
                  }) &&
         all_same(a.links, b.links,
                  [](const Link& x, const Link& y) {
                    return x.assoc == y.assoc && x.from == y.from && x.to == y.to && x.remove == y.remove;
                  }) &&
         all_same(a.symbols, b.symbols,
                  [](const Symbol& x, const Symbol& y) { return x.id == y.id && x.name == y.name; }) &&
         all_same(
             a.stats, b.stats,
             [](const StatDelta& x, const StatDelta& y) { return x.name == y.name && x.delta == y.delta; }) &&
         all_same(a.meta, b.meta,
                  [](const MetaPut& x, const MetaPut& y) { return x.key == y.key && x.value == y.value; });
}

}  // namespace wf::store::test
