#include "runtime/engine/describe.hpp"

#include "runtime/engine/display.hpp"
#include "runtime/engine/scores.hpp"

namespace wf::engine {

namespace {

EnrolmentInfo enrolment_info(Context& context, const Enrolment& e) {
  EnrolmentInfo info{std::string(context.symbols.name(e.workflow)), "", "", e.id, e.started_at, e.due};
  info.status = e.status == EnrolmentStatus::deferred ? "deferred"
                : e.status == EnrolmentStatus::held   ? "held"
                                                      : "waiting";
  const Binding* binding = context.binding(e.code);
  if (binding && e.wait != kNone) {
    const std::uint32_t step = binding->program().waits[e.wait].step;
    if (step != kNone) info.step = binding->program().steps[step].label;
  }
  return info;
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

}  // namespace wf::engine
