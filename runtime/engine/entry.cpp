// The entry side of the executor: which triggers a change fires, and who may be enrolled.
#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/scores.hpp"

namespace wf::engine {

using bytecode::EndReason;
using bytecode::ReenrollMode;
using bytecode::TriggerKind;

namespace {

std::uint64_t hash_of(const Value& v) {
  value::Writer out;
  out.value(v);
  return value::hash64(out.str());
}

}  // namespace

// ---- triggers
// -----------------------------------------------------------------------------------------------------

bool Executor::reached(const Record& record, const bytecode::Workflow& workflow,
                       const bytecode::Trigger& trigger, const Change& change) {
  const SymbolId counter = context_.active->counter(trigger.counter);
  const bytecode::Counter& spec = context_.active->program().counters[trigger.counter];
  const CounterState* before = nullptr;
  for (const CounterState& old : change.counters) {
    if (old.counter == counter) before = &old;
  }
  if (before == nullptr) return false;
  std::int64_t base = 0;
  const SymbolId symbol = context_.symbols.intern("workflow", workflow.name);
  if (const Memory* memory = record.memory(symbol); memory && spec.window == 0) {
    for (const auto& [id, count] : memory->bases) {
      if (id == counter) base = count;
    }
  }
  const std::int64_t times = trigger.times;
  return count_of(spec, before, context_.now) - base < times &&
         count_of(spec, record.counter(counter), context_.now) - base >= times;
}

bool Executor::moment_fires(const Record& record, std::uint32_t workflow, const bytecode::Trigger& trigger) {
  const RecordView view(context_, *context_.active, record);
  const Value v = vm::evaluate(context_.active->program(), trigger.condition, view, nullptr, context_.now);
  if (v.kind() != value::Kind::instant) return false;
  const SymbolId symbol = context_.active->workflow(workflow);
  if (v.as_instant() > context_.now) return false;
  if (v.as_instant() == context_.now) return true;
  if (trigger.late_ok && context_.now - v.as_instant() <= trigger.late_within) return true;
  context_.tell(record.key, Happening::not_enrolled, symbol, symbol, to_string(EndReason::too_late));
  return false;
}

bool Executor::fires(const Record& record, const bytecode::Trigger& trigger, const Change& change,
                     const Occurrence* occurrence) {
  const Binding& binding = *context_.active;
  const bytecode::Program& program = binding.program();
  const RecordView view(context_, binding, record);
  const vm::Event* event = occurrence ? &occurrence->event : nullptr;
  switch (trigger.kind) {
    case TriggerKind::event:
      if (event == nullptr || occurrence->late ||
          !vm::matches(program, trigger.match, view, *event, context_.now)) {
        return false;
      }
      break;
    case TriggerKind::changes: {
      const std::uint32_t slot = binding.slot(binding.object_index(record.object), trigger.property);
      const bool changed = std::any_of(
          change.properties.begin(), change.properties.end(),
          [&](const auto& entry) { return entry.first == slot && entry.second != record.property(slot); });
      if (!changed) return false;
      break;
    }
    case TriggerKind::becomes:
    case TriggerKind::condition: {
      const RecordView before(context_, binding, record, &change);
      if (!change.created && vm::holds(program, trigger.condition, before, nullptr, context_.now))
        return false;
      if (!vm::holds(program, trigger.condition, view, nullptr, context_.now)) return false;
      if (trigger.retest != kNone) edges_[{record.key, &trigger}] = context_.now;
      break;
    }
    case TriggerKind::created:
      if (!change.created) return false;
      break;
    case TriggerKind::list_added:
    case TriggerKind::list_removed: {
      const std::pair<SymbolId, bool> entry{binding.list(trigger.list),
                                            trigger.kind == TriggerKind::list_added};
      if (std::find(change.lists.begin(), change.lists.end(), entry) == change.lists.end()) return false;
      break;
    }
    case TriggerKind::moment:
      break;
    case TriggerKind::schedule:
      return false;
  }
  return trigger.guard == kNone || vm::holds(program, trigger.guard, view, event, context_.now);
}

std::vector<std::uint32_t> Executor::firing_workflows(const Record& record, const Change& change,
                                                      const Occurrence* occurrence) {
  const Binding& binding = *context_.active;
  const triggers::Index& index = *context_.index;
  const std::uint32_t object = binding.object_index(record.object);
  if (object == kNone) return {};
  std::vector<triggers::TriggerRef> candidates;
  const auto append = [&](std::span<const triggers::TriggerRef> refs) {
    candidates.insert(candidates.end(), refs.begin(), refs.end());
  };
  if (occurrence) index.triggers_of(occurrence->event, candidates);
  for (const auto& [slot, old] : change.properties) {
    const std::uint32_t property = binding.property_at(object, slot);
    if (property != kNone) append(index.on_property(object, property));
  }
  for (const std::uint32_t counter : change.counted) append(index.on_counter(counter));
  for (const auto& [list, added] : change.lists) {
    if (const std::uint32_t i = binding.list_index(list); i != kNone) append(index.on_list(i));
  }
  if (!change.tags.empty()) append(index.on_tags(object));
  if (change.created) append(index.on_created(object));
  if (candidates.empty()) return {};
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  // Lists hold records of every object.
  const auto& workflows = binding.program().workflows;
  std::erase_if(candidates,
                [&](const triggers::TriggerRef& ref) { return workflows[ref.workflow].object != object; });
  for (const triggers::TriggerRef& ref : candidates) plant(record, ref);
  std::vector<std::uint32_t> firing;
  for (const triggers::TriggerRef& ref : candidates) {
    const bytecode::Workflow& workflow = workflows[ref.workflow];
    const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
    const bool known = !firing.empty() && firing.back() == ref.workflow;
    if (known && trigger.retest == kNone) continue;
    if (!fires(record, trigger, change, occurrence) || known) continue;
    if (trigger.times > 0 && !reached(record, workflow, trigger, change)) continue;
    if (trigger.kind == TriggerKind::moment && !moment_fires(record, ref.workflow, trigger)) continue;
    firing.push_back(ref.workflow);
  }
  std::sort(firing.begin(), firing.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (workflows[a].priority != workflows[b].priority) return workflows[a].priority > workflows[b].priority;
    return workflows[a].name < workflows[b].name;
  });
  return firing;
}

// ---- enrolment
// ----------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> Executor::enrolment_key(const Record& record, const bytecode::Workflow& workflow,
                                                     const Occurrence* occurrence) {
  if (workflow.reenroll.key_is_event) {
    return occurrence ? occurrence->key : value::hash64("manual", context_.numbers.next_effect++);
  }
  if (workflow.reenroll.key == kNone) return 0;
  const RecordView view(context_, *context_.active, record);
  const Value v = vm::evaluate(context_.active->program(), workflow.reenroll.key, view,
                               occurrence ? &occurrence->event : nullptr, context_.now);
  if (v.is_unknown()) return std::nullopt;
  return hash_of(context_.active->to_stable(v));
}

std::optional<std::string_view> Executor::entry_refusal(Record& record, std::uint32_t index,
                                                        std::uint64_t key) {
  const Binding& binding = *context_.active;
  const bytecode::Program& program = binding.program();
  const bytecode::Workflow& workflow = program.workflows[index];
  if (workflow.enter_until != 0 && context_.now >= workflow.enter_until) return "campaign_ended";
  const RecordView view(context_, binding, record);
  for (const std::uint32_t list : workflow.suppress) {
    if (view.in_list(list)) return "suppressed";
  }
  if (workflow.unless != kNone && vm::holds(program, workflow.unless, view, nullptr, context_.now))
    return "unless";
  if (!workflow.exclusive_group.empty()) {
    const bool taken =
        std::any_of(record.enrolments.begin(), record.enrolments.end(), [&](const Enrolment& e) {
          const Bound other = e.workflow == binding.workflow(index) ? Bound() : bound(e);
          return other.workflow != nullptr && other.workflow->exclusive_group == workflow.exclusive_group;
        });
    if (taken) return "exclusive_group";
  }
  if (const Memory* memory = record.memory(binding.workflow(index)); memory && memory->times > 0) {
    if (workflow.reenroll.mode == ReenrollMode::never) return "enrolled_before";
    const auto& keys = memory->keys;
    if (workflow.reenroll.mode == ReenrollMode::each_key &&
        std::find(keys.begin(), keys.end(), key) != keys.end()) {
      return "key_used";
    }
    const std::int64_t pause = workflow.reenroll.at_most_once_per;
    if (pause > 0 && context_.now - memory->last_at < pause) return "too_soon";
  }
  if (workflow.goal != kNone && !workflow.goal_is_edge &&
      vm::holds(program, workflow.goal, view, nullptr, context_.now)) {
    return "already_met";
  }
  return std::nullopt;
}

void Executor::note_entry(const bytecode::Workflow& workflow) {
  using bytecode::CampaignPart;
  const bytecode::Campaign& campaign = context_.active->catalogue().campaigns[workflow.campaign];
  if (workflow.part == CampaignPart::story || workflow.part == CampaignPart::audience) return;
  Tally& tally = context_.tallies.of(campaign.name);
  const auto count = [](auto&... figures) { (++figures, ...); };
  if (workflow.part == CampaignPart::joined) count(tally.added, tally.week_added, tally.targets);
  if (workflow.part == CampaignPart::hot) count(tally.hot, tally.week_hot, tally.all_hot);
  if (workflow.part == CampaignPart::responded) count(tally.week_responded, tally.all_responded);
}

bool Executor::enroll(Record& record, std::uint32_t index, std::string why, const Occurrence* occurrence,
                      int depth, std::optional<std::uint64_t> kept_key) {
  const Binding& binding = *context_.active;
  const bytecode::Workflow& workflow = binding.program().workflows[index];
  const SymbolId symbol = binding.workflow(index);
  const std::string name = bytecode::workflow_label(workflow.name);
  const auto refuse = [&](std::string_view reason) {
    context_.batch.count(name, "not_enrolled", reason);
    context_.tell(record.key, Happening::not_enrolled, symbol, symbol, std::string(reason));
    return false;
  };
  const auto key = kept_key ? kept_key : enrolment_key(record, workflow, occurrence);
  if (!key) return refuse("key_unknown");
  const auto running = std::find_if(record.enrolments.begin(), record.enrolments.end(),
                                    [&](const Enrolment& e) { return e.workflow == symbol; });
  if (running != record.enrolments.end()) {
    if (workflow.reenroll.restart) {
      if (const auto refusal = entry_refusal(record, index, *key)) return refuse(*refusal);
      end(record, running->id, EndReason::restarted);
    } else if (workflow.reenroll.mode == ReenrollMode::each_key) {
      Memory& memory = record.memory_or_new(symbol);
      const auto known = [&](const auto& keys) {
        return std::find(keys.begin(), keys.end(), *key) != keys.end();
      };
      if (!known(memory.keys) && !known(memory.kept)) memory.kept.push_back(*key);
      context_.cache.touch(record.key);
      return refuse("enrolled_now_key_kept");
    } else {
      return refuse("enrolled_now");
    }
  } else if (const auto refusal = entry_refusal(record, index, *key)) {
    return refuse(*refusal);
  }
  Memory& memory = record.memory_or_new(symbol);
  ++memory.times;
  memory.last_at = context_.now;
  memory.bases.clear();
  for (const bytecode::Trigger& trigger : workflow.triggers) {
    if (trigger.times == 0 || trigger.counter == kNone) continue;
    const CounterState* state = record.counter(binding.counter(trigger.counter));
    memory.bases.emplace_back(binding.counter(trigger.counter), state ? state->count : 0);
  }
  if (workflow.reenroll.mode == ReenrollMode::each_key) memory.keys.push_back(*key);
  begin(record, index, std::move(why), occurrence, depth);
  return true;
}

void Executor::begin(Record& record, std::uint32_t index, std::string why, const Occurrence* occurrence,
                     int depth) {
  const Binding& binding = *context_.active;
  const bytecode::Workflow& workflow = binding.program().workflows[index];
  const SymbolId symbol = binding.workflow(index);
  const bytecode::Function& body = binding.program().functions[workflow.body];
  Enrolment e;
  e.id = record.next_enrolment++;
  e.code = binding.code();
  e.workflow = symbol;
  e.started_at = context_.now;
  e.locals.resize(body.locals);
  record.enrolments.push_back(std::move(e));
  context_.cache.touch(record.key);
  if (workflow.campaign != kNone) note_entry(workflow);
  if (workflow.part == bytecode::CampaignPart::hot || workflow.part == bytecode::CampaignPart::responded) {
    why =
        explain(campaign_of(binding, RecordView(context_, binding, record), workflow.campaign, context_.now));
  }
  context_.batch.count(bytecode::workflow_label(workflow.name), "enrolled");
  context_.tell(record.key, Happening::enrolled, symbol, symbol, std::move(why));
  run_group(record, record.enrolments.back().id, body.begin, vm::Resume::none, occurrence, depth);
}

}  // namespace wf::engine
