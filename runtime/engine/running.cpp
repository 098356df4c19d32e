#include "runtime/engine/running.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wf::engine {

namespace {

/// Without a tab: the report shows counters of another form.
constexpr std::string_view kPrefix = "running ";

Point point_of(const Enrolment& e) {
  return {e.code, e.workflow, e.status == EnrolmentStatus::waiting ? e.wait : 0xffffffff};
}

std::string name_of(const Point& point) {
  return std::string(kPrefix) + std::to_string(point.code) + " " + std::to_string(point.workflow) + " " +
         std::to_string(point.wait);
}

std::optional<Point> parse(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  Point point;
  for (std::uint32_t* part : {&point.code, &point.workflow, &point.wait}) {
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), *part);
    if (error != std::errc()) return std::nullopt;
    name.remove_prefix(static_cast<std::size_t>(end - name.data()));
    if (name.starts_with(' ')) name.remove_prefix(1);
  }
  return name.empty() ? std::optional(point) : std::nullopt;
}

}  // namespace

std::vector<Point> points_of(const Record& record) {
  std::vector<Point> points;
  for (const Enrolment& e : record.enrolments) points.push_back(point_of(e));
  return points;
}

void Running::load(const std::vector<store::StatDelta>& stats) {
  counts_.clear();
  changes_.clear();
  for (const store::StatDelta& stat : stats) {
    const auto point = parse(stat.name);
    if (point && stat.delta != 0) counts_[*point] = stat.delta;
  }
}

void Running::recount(Record& record) {
  const auto& enrolments = record.enrolments;
  const bool same =
      std::equal(enrolments.begin(), enrolments.end(), record.counted.begin(), record.counted.end(),
                 [](const Enrolment& e, const Point& point) { return point_of(e) == point; });
  if (same) return;
  forget(record);
  record.counted.clear();
  for (const Enrolment& e : enrolments) {
    record.counted.push_back(point_of(e));
    ++changes_[record.counted.back()];
  }
}

void Running::forget(const Record& record) {
  for (const Point& point : record.counted) --changes_[point];
}

void Running::write(store::Frame& frame) const {
  for (const auto& [point, delta] : changes_) {
    if (delta != 0) frame.stats.push_back({name_of(point), delta});
  }
}

bool Running::settle() {
  bool lost = false;
  for (const auto& [point, delta] : changes_) {
    if (delta == 0) continue;
    const auto it = counts_.try_emplace(point, 0).first;
    it->second += delta;
    if (it->second != 0) continue;
    counts_.erase(it);
    lost = lost || is_left(point.code);
  }
  changes_.clear();
  return lost;
}

/// Not by their sum: a code may have tens of thousands of points, and many of them empty with each batch.
bool Running::is_left(SymbolId code) const {
  const auto it = counts_.lower_bound({code, 0, 0});
  return it == counts_.end() || it->first.code != code;
}

std::int64_t Running::on(SymbolId code) const {
  return sum(counts_, code) + sum(changes_, code);
}

std::int64_t Running::of(SymbolId workflow) const {
  std::int64_t total = 0;
  for (const auto& [point, count] : counts_) total += point.workflow == workflow ? count : 0;
  return total;
}

std::int64_t Running::sum(const Counts& counts, SymbolId code) {
  std::int64_t total = 0;
  for (auto it = counts.lower_bound({code, 0, 0}); it != counts.end() && it->first.code == code; ++it)
    total += it->second;
  return total;
}

}  // namespace wf::engine
