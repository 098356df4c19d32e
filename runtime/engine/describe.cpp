#include "runtime/engine/describe.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "runtime/engine/display.hpp"
#include "runtime/engine/kpis.hpp"
#include "runtime/engine/scores.hpp"

namespace wf::engine {

namespace {

const char* status_name(EnrolmentStatus status) {
  switch (status) {
    case EnrolmentStatus::deferred:
      return "deferred";
    case EnrolmentStatus::held:
      return "held";
    case EnrolmentStatus::running:
    case EnrolmentStatus::waiting:
      break;
  }
  return "waiting";
}

/// Null when it has none.
const bytecode::Step* step_of_wait(const Binding* binding, std::uint32_t wait) {
  if (binding == nullptr || wait == kNone) return nullptr;
  const std::uint32_t step = binding->program().waits[wait].step;
  return step == kNone ? nullptr : &binding->program().steps[step];
}

EnrolmentInfo enrolment_info(Context& context, const Enrolment& e) {
  const bool paused = context.switches.is_paused(e.workflow);
  const bytecode::Step* step = step_of_wait(context.binding(e.code), e.wait);
  return {std::string(context.symbols.name(e.workflow)),
          paused ? "paused" : status_name(e.status),
          step ? step->label : "",
          e.id,
          e.started_at,
          e.due};
}

}  // namespace

std::optional<RecordInfo> describe_record(Context& context, Key key) {
  const auto row = need(context.store.load(key));
  if (!row) return std::nullopt;
  const Record record = need(decode_record(key, row->hot, row->cold, context.layout));
  if (record.object == 0) {  // deleted, or merged
    return record.forward.to == 0 ? std::nullopt : describe_record(context, record.forward.to);
  }
  RecordInfo info;
  info.key = key;
  info.object = context.symbols.name(record.object);
  info.created_at = record.created_at;
  info.marketing = record.marketing == Marketing::yes;
  info.suppressed = context.symbols.name(record.suppressed);
  info.history = row->history;
  const std::uint32_t object = context.active->object_index(record.object);
  const RecordView view(context, *context.active, record);
  const auto& catalogue = context.active->catalogue();
  for (std::uint32_t p = 0; object != kNone && p < catalogue.objects[object].properties.size(); ++p) {
    if (catalogue.objects[object].properties[p].hidden) continue;
    const Value v = view.property(p);
    if (!v.is_unknown())
      info.properties.emplace_back(catalogue.objects[object].properties[p].name, display(catalogue, v));
  }
  const std::int64_t now = context.numbers.clock;
  for (std::uint32_t i = 0; object != kNone && i < catalogue.scorings.size(); ++i) {
    if (catalogue.scorings[i].object == object)
      info.scores.push_back(score_of(*context.active, view, i, now));
  }
  for (std::uint32_t i = 0; object != kNone && i < catalogue.campaigns.size(); ++i) {
    const bytecode::Campaign& campaign = catalogue.campaigns[i];
    if (campaign.object != object || !view.in_list(campaign.members)) continue;
    info.campaigns.push_back(campaign_of(*context.active, view, i, now));
  }
  for (const Membership& m : record.lists) info.lists.emplace_back(context.symbols.name(m.set));
  for (const Membership& m : record.tags) info.tags.emplace_back(context.symbols.name(m.set));
  for (const Assignment& a : record.assignments) {
    info.variants.emplace_back(context.symbols.name(a.experiment), context.symbols.name(a.arm));
  }
  for (const TopicState& t : record.topics) {
    if (!t.subscribed) info.unsubscribed.emplace_back(context.symbols.name(t.topic));
  }
  for (const Enrolment& e : record.enrolments) info.enrolments.push_back(enrolment_info(context, e));
  return info;
}

std::vector<WorkflowInfo> list_workflows(Context& context) {
  std::map<SymbolId, WorkflowInfo> found;
  const auto& workflows = context.active->program().workflows;
  for (std::uint32_t w = 0; w < workflows.size(); ++w) {
    WorkflowInfo& info = found[context.active->workflow(w)];
    info.title = workflows[w].title;
    info.object = context.active->catalogue().objects[workflows[w].object].name;
  }
  // Versions in which the same wait stands at the same place are told as one.
  std::map<std::tuple<SymbolId, std::string, std::uint32_t, std::string>, std::int64_t> places;
  for (const auto& [point, count] : context.running.counts()) {
    found[point.workflow].running += count;
    const Binding* binding = context.binding(point.code);
    const bytecode::Step* step = step_of_wait(binding, point.wait);
    places[{point.workflow, step ? binding->program().files[step->file] : "", step ? step->line : 0,
            step ? step->label : ""}] += count;
  }
  for (const auto& [place, count] : places) {
    const auto& [workflow, file, line, step] = place;
    found[workflow].steps.push_back({step, file, line, count});
  }
  std::vector<WorkflowInfo> list;
  for (auto& [symbol, info] : found) {
    info.name = context.symbols.name(symbol);
    const SwitchState state = context.switches.state(symbol);
    info.off = state.off;
    info.paused = state.paused;
    info.draining = state.draining;
    info.off_since = state.off_since;
    info.paused_since = state.paused_since;
    info.parked = context.switches.parked(symbol);
    list.push_back(std::move(info));
  }
  std::sort(list.begin(), list.end(), [](const WorkflowInfo& a, const WorkflowInfo& b) {
    return std::pair(a.object.empty(), a.name) < std::pair(b.object.empty(), b.name);
  });
  return list;
}

std::vector<RunningPoint> describe_running(Context& context) {
  std::vector<RunningPoint> points;
  for (const auto& [point, count] : context.running.counts()) {
    RunningPoint& out = points.emplace_back();
    out.code = context.symbols.name(point.code);
    out.workflow = context.symbols.name(point.workflow);
    out.wait = point.wait;
    out.count = count;
    const Binding* binding = point.wait == kNone ? nullptr : context.binding(point.code);
    if (binding == nullptr || point.wait >= binding->program().waits.size()) continue;
    const std::uint32_t step = binding->program().waits[point.wait].step;
    if (step != kNone) out.step = binding->program().steps[step].label;
  }
  return points;
}

std::vector<HistoryItem> read_history(Context& context, store::HistoryRef& from, std::size_t limit) {
  std::vector<HistoryItem> items;
  while (from.frame != 0 && items.size() < limit) {
    const auto entries = need(context.store.history(from, std::min<std::size_t>(limit - items.size(), 32)));
    for (const store::HistoryEntry& entry : entries) {
      auto decoded = need(decode_history(entry.body));
      items.insert(items.end(), decoded.rbegin(), decoded.rend());
    }
  }
  return items;
}

std::vector<ReportRow> read_report(Context& context) {
  std::vector<ReportRow> rows;
  for (const store::StatDelta& stat : need(context.store.stats())) {
    const std::size_t first = stat.name.find('\t');
    const std::size_t second = stat.name.find('\t', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    rows.push_back({stat.name.substr(0, first), stat.name.substr(first + 1, second - first - 1),
                    stat.name.substr(second + 1), stat.delta});
  }
  if (context.active != nullptr) add_kpis(context.active->program(), rows);
  std::sort(rows.begin(), rows.end(), [](const ReportRow& a, const ReportRow& b) {
    return std::tie(a.subject, a.metric, a.detail) < std::tie(b.subject, b.metric, b.detail);
  });
  return rows;
}

}  // namespace wf::engine
