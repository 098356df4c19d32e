#include "grammar/value/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "grammar/value/calendar.hpp"

namespace wf::value {
namespace {

using Table = std::map<std::string, std::unique_ptr<const Zone>, std::less<>>;

std::vector<Zone::Span> read_spans(const date::time_zone& zone) {
  using namespace date;
  constexpr sys_seconds kFirst = sys_days{year{1800} / 1 / 1};
  constexpr sys_seconds kLast = sys_days{year{2200} / 1 / 1};
  std::vector<Zone::Span> spans;
  for (sys_seconds at = kFirst; at < kLast;) {
    sys_info info = zone.get_info(at);
    auto offset = static_cast<std::int32_t>(info.offset.count());
    bool changed = spans.empty() || spans.back().offset != offset;
    if (changed) spans.push_back({at.time_since_epoch().count(), offset});
    at = info.end;
  }
  spans.front().begin = std::numeric_limits<std::int64_t>::min();
  return spans;
}

std::unique_ptr<const Zone> load(std::string_view name) {
  try {
    return std::make_unique<const Zone>(read_spans(*date::locate_zone(name)));
  } catch (const std::runtime_error&) {  // the library's way to say "no such zone" and "no database"
    if (name == "UTC") return std::make_unique<const Zone>(std::vector<Zone::Span>{{0, 0}});
    return nullptr;
  }
}

const Zone* find_shared(std::string_view name) {
  // Never destroyed: threads may still ask while the process ends.
  static auto& mutex = *new std::shared_mutex;
  static auto& table = *new Table;
  {
    std::shared_lock lock(mutex);
    if (auto found = table.find(name); found != table.end()) return found->second.get();
  }
  auto zone = load(name);
  if (!zone) return nullptr;  // not remembered: names come from data, the table must stay bounded
  std::unique_lock lock(mutex);
  return table.try_emplace(std::string(name), std::move(zone)).first->second.get();
}

std::size_t slot_of(std::string_view name) {
  auto first = static_cast<unsigned char>(name.front());
  auto middle = static_cast<unsigned char>(name[name.size() / 2]);
  auto last = static_cast<unsigned char>(name.back());
  return name.size() * 31 + first * 7 + middle * 5 + last;
}

}  // namespace

std::size_t Zone::index(std::int64_t seconds) const {
  auto after = std::upper_bound(spans_.begin() + 1, spans_.end(), seconds,
                                [](std::int64_t at, const Span& span) { return at < span.begin; });
  return static_cast<std::size_t>(after - spans_.begin()) - 1;
}

std::int64_t Zone::from_local(std::int64_t local_seconds) const {
  // No offset reaches a day, so no earlier span can hold the answer.
  std::size_t span = index(local_seconds - 24 * 60 * 60);
  while (local_seconds - spans_[span].offset >= end(span)) ++span;
  return std::max(local_seconds - spans_[span].offset, spans_[span].begin);
}

const Zone* find_zone(std::string_view name) {
  if (name.empty()) return nullptr;
  struct Entry {
    std::string name;
    const Zone* zone = nullptr;
  };
  thread_local std::array<Entry, 64> recent;
  Entry& entry = recent[slot_of(name) % recent.size()];
  if (entry.name == name) return entry.zone;
  const Zone* zone = find_shared(name);
  if (zone) entry = {std::string(name), zone};
  return zone;
}

bool zone_exists(std::string_view zone) {
  return find_zone(zone) != nullptr;
}

std::string tzdb_version() {
  try {
    return date::get_tzdb().version;
  } catch (const std::runtime_error&) {
    return "none";
  }
}

}  // namespace wf::value
