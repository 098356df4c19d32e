#include "runtime/vm/moment.hpp"

#include <vector>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::vm {

std::optional<std::int64_t> closed_until(const bytecode::Window& window, std::span<const value::Value> zones,
                                         std::uint64_t key, std::int64_t now) {
  std::vector<value::ZonedWindow> all;
  std::size_t next = 0;
  for (const bytecode::Opening& opening : window.all) {
    const bool dynamic = opening.dynamic_zone && next < zones.size();
    all.push_back({opening.hours, dynamic ? bytecode::zone_of(opening.zone, zones[next++]) : opening.zone});
  }
  if (value::is_open(all, now)) return std::nullopt;
  const auto opening = value::next_open(all, now);
  if (!opening) return now + 365 * value::kDay;
  const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
  const auto jitter =
      static_cast<std::int64_t>(value::hash64(bytes) % static_cast<std::uint64_t>(kWindowJitter));
  // A window shorter than the jitter must still be open at the instant chosen.
  const std::int64_t chosen = *opening + jitter;
  return value::is_open(all, chosen) ? chosen : *opening;
}

}  // namespace wf::vm
