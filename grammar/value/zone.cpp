#include "grammar/value/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "grammar/value/calendar.hpp"
#include "grammar/value/zone_rule.hpp"

namespace wf::value {
namespace {

using Table = std::map<std::string, std::unique_ptr<const Zone>, std::less<>>;

constexpr const char* kDatabase = "/usr/share/zoneinfo/";
constexpr int kLastYear = 2200;

void append(std::vector<Zone::Span>& spans, Zone::Span span) {
  if (spans.empty() || spans.back().offset != span.offset) spans.push_back(span);
}

/// Appends the changes that the database lists; gives the last one in seconds.
std::int64_t append_listed(std::vector<Zone::Span>& spans, const date::time_zone& zone) {
  date::sys_seconds at = date::sys_days{date::year{1800} / 1 / 1};
  while (true) {
    date::sys_info info = zone.get_info(at);
    append(spans, {at.time_since_epoch().count(), static_cast<std::int32_t>(info.offset.count())});
    if (info.end >= date::sys_days{date::year{kLastYear} / 1 / 1}) return at.time_since_epoch().count();
    at = info.end;
  }
}

/// The rule for the time after the last listed change, which is the last line of a zone's file.
std::string read_rule(const std::string& name) {
  std::ifstream file(kDatabase + name, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!content.ends_with('\n')) return {};
  content.pop_back();
  return content.substr(content.rfind('\n') + 1);
}

std::vector<Zone::Span> read_spans(const date::time_zone& zone) {
  std::vector<Zone::Span> spans;
  std::int64_t last = append_listed(spans, zone);
  spans.front().begin = std::numeric_limits<std::int64_t>::min();
  // The library ignores the rule, so daylight saving would end with the files' lists in 2037.
  int year = from_days(static_cast<std::int32_t>(last / (24 * 60 * 60))).year;
  for (Zone::Span change : changes_by_rule(read_rule(zone.name()), year, kLastYear)) {
    if (change.begin > last) append(spans, change);
  }
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
  // First line of the file: "# version 2026a". The library looks for a file that Debian does not have.
  static const std::string version = [] {
    std::ifstream file(std::string(kDatabase) + "tzdata.zi");
    std::string hash, word, number;
    file >> hash >> word >> number;
    return word == "version" ? number : std::string("unknown");
  }();
  return version;
}

}  // namespace wf::value
