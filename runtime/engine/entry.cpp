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

namespace {

/// What the refinements `at least n times` count from after an enrolment. Alternatives may share a counter.
std::vector<std::pair<SymbolId, std::int64_t>> counts_now(const Binding& binding,
                                                          const bytecode::Workflow& workflow,
                                                          const Record& record) {
  std::vector<std::pair<SymbolId, std::int64_t>> counts;
  for (const bytecode::Trigger& trigger : workflow.triggers) {
    if (trigger.times == 0 || trigger.counter == kNone) continue;
    const SymbolId counter = binding.counter(trigger.counter);
    const bool known =
        std::any_of(counts.begin(), counts.end(), [&](const auto& c) { return c.first == counter; });
    const CounterState* state = record.counter(counter);
    if (!known) counts.emplace_back(counter, state ? state->count : 0);
  }
  return counts;
}

}  // namespace

bool Executor::reached(const Record& record, const bytecode::Workflow& workflow,
                       const bytecode::Trigger& trigger, const Change& change) {
  const SymbolId counter = context_.active->counter(trigger.counter);
  const bytecode::Counter& spec = context_.active->program().counters[trigger.counter];
  const CounterState* before = nullptr;
  for (const CounterState& old : change.counters) {
    if (old.counter == counter) before = &old;
  }
  if (before == nullptr) return false;
  // With each enrolment the count starts again.
  const SymbolId symbol = context_.symbols.intern("workflow", workflow.name);
  const Memory* memory = record.memory(symbol);
  const auto since_enrolled = [&](const CounterState* state) {
    std::int64_t count = count_of(spec, state, context_.now);
    if (memory == nullptr || memory->times == 0 || state == nullptr) return count;
    if (spec.window != 0) {
      return count - std::count_if(state->times.begin(), state->times.end(), [&](std::int64_t t) {
               return t <= memory->last_at && t > value::sub_saturating(context_.now, spec.window);
             });
    }
    const auto& bases = memory->bases;
    const auto base =
        std::find_if(bases.begin(), bases.end(), [&](const auto& b) { return b.first == counter; });
    return base == bases.end() ? count : count - base->second;
  };
  const std::int64_t times = trigger.times;
  return since_enrolled(before) < times && since_enrolled(record.counter(counter)) >= times;
}

bool Executor::moment_is_due(const Record& record, const bytecode::Trigger& trigger) {
  const RecordView view(context_, *context_.active, record);
  const Value v = vm::evaluate(context_.active->program(), trigger.condition, view, nullptr, context_.now);
  if (v.kind() != value::Kind::instant) return false;
  const std::int64_t late = context_.now - v.as_instant();
  return late == 0 || (late > 0 && trigger.late_ok && late <= trigger.late_within);
}

bool Executor::moment_fires(const Record& record, std::uint32_t workflow, const bytecode::Trigger& trigger) {
  if (moment_is_due(record, trigger)) return true;
  const RecordView view(context_, *context_.active, record);
  const Value v = vm::evaluate(context_.active->program(), trigger.condition, view, nullptr, context_.now);
  if (v.kind() != value::Kind::instant || v.as_instant() > context_.now) return false;
  tell_refusal(record, workflow, to_string(EndReason::too_late));
  return false;
}

/// Also when time turned it true before, and nobody has looked since.
bool Executor::turns_true(const Record& record, SymbolId workflow, const bytecode::Trigger& trigger,
                          const Change& change, const Before& before) {
  const bytecode::Program& program = context_.active->program();
  const RecordView then(context_, *context_.active, record, before);
  const auto held = [&](std::int64_t at) { return vm::holds(program, trigger.condition, then, nullptr, at); };
  bool known = !change.created && held(context_.now);
  if (trigger.retest != kNone) {
    if (known) {
      const std::int64_t seen = timers_seen_until(record.key, workflow);
      known = held(std::max(seen, judged_at(record, workflow, trigger).value_or(seen)));
    }
    judge(record.key, workflow, trigger);
  }
  const RecordView view(context_, *context_.active, record);
  return !known && vm::holds(program, trigger.condition, view, nullptr, context_.now);
}

bool Executor::fires(const Record& record, const triggers::TriggerRef& ref, const Change& change,
                     const Before& before, const Occurrence* occurrence) {
  const Binding& binding = *context_.active;
  const bytecode::Program& program = binding.program();
  const bytecode::Trigger& trigger = program.workflows[ref.workflow].triggers[ref.trigger];
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
    case TriggerKind::condition:
      if (!turns_true(record, binding.workflow(ref.workflow), trigger, change, before)) return false;
      break;
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
    case TriggerKind::related:  // whether its edge has come was found with the change
      break;
    case TriggerKind::schedule:
      return false;
  }
  return trigger.guard == kNone || vm::holds(program, trigger.guard, view, event, context_.now);
}

std::vector<triggers::TriggerRef> Executor::candidates(const Record& record, const Change& change,
                                                       const Occurrence* occurrence) {
  const Binding& binding = *context_.active;
  const triggers::Index& index = *context_.index;
  const std::uint32_t object = binding.object_index(record.object);
  std::vector<triggers::TriggerRef> found;
  if (object == kNone) return found;
  const auto append = [&](std::span<const triggers::TriggerRef> refs) {
    found.insert(found.end(), refs.begin(), refs.end());
  };
  if (occurrence) index.triggers_of(occurrence->event, found);
  for (const auto& [slot, old] : change.properties) {
    if (old == record.property(slot)) continue;  // set back
    const std::uint32_t property = binding.property_at(object, slot);
    if (property != kNone) append(index.on_property(object, property));
  }
  for (const std::uint32_t counter : change.counted) append(index.on_counter(counter));
  for (const auto& [list, added] : change.lists) {
    if (const std::uint32_t i = binding.list_index(list); i != kNone) append(index.on_list(i));
  }
  if (!change.tags.empty()) append(index.on_tags(object));
  if (change.created) append(index.on_created(object));
  return found;
}

std::vector<triggers::TriggerRef> Executor::firing_triggers(const Record& record, const Change& change,
                                                            const Before& before, const Affected* related,
                                                            const Occurrence* occurrence) {
  if (!context_.workflows_on) return {};
  std::vector<triggers::TriggerRef> candidates = this->candidates(record, change, occurrence);
  if (related) {
    for (const auto* refs : {&related->conditions, &related->edges}) {
      candidates.insert(candidates.end(), refs->begin(), refs->end());
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  const Binding& binding = *context_.active;
  const std::uint32_t object = binding.object_index(record.object);
  // Lists hold records of every object.
  const auto& workflows = binding.program().workflows;
  std::erase_if(candidates,
                [&](const triggers::TriggerRef& ref) { return workflows[ref.workflow].object != object; });
  for (const triggers::TriggerRef& ref : candidates) plant(record, ref);
  std::vector<triggers::TriggerRef> firing;
  for (const triggers::TriggerRef& ref : candidates) {
    const bytecode::Workflow& workflow = workflows[ref.workflow];
    const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
    if (!fires(record, ref, change, before, occurrence)) continue;
    if (trigger.times > 0 && !reached(record, workflow, trigger, change)) continue;
    if (trigger.kind == TriggerKind::moment) {
      // Where another alternative enrols, nobody is told that this one came too late.
      const bool known = !firing.empty() && firing.back().workflow == ref.workflow;
      if (known ? !moment_is_due(record, trigger) : !moment_fires(record, ref.workflow, trigger)) continue;
    }
    firing.push_back(ref);
  }
  std::stable_sort(firing.begin(), firing.end(), [&](const auto& a, const auto& b) {
    const bytecode::Workflow &x = workflows[a.workflow], &y = workflows[b.workflow];
    return x.priority != y.priority ? x.priority > y.priority : x.name < y.name;
  });
  return firing;
}

void Executor::enroll_all(Record& record, const std::vector<triggers::TriggerRef>& firing,
                          const Occurrence* occurrence, int depth) {
  for (auto first = firing.begin(); first != firing.end();) {
    const auto last =
        std::find_if(first, firing.end(), [&](const auto& ref) { return ref.workflow != first->workflow; });
    enroll_first(record, {first, last}, "trigger", occurrence, depth);
    first = last;
  }
}

/// Several alternatives fire at once: the first that may, by its own rule of re-enrolment, enrols.
void Executor::enroll_first(Record& record, std::span<const triggers::TriggerRef> alternatives,
                            const char* why, const Occurrence* occurrence, int depth) {
  const bytecode::Workflow& workflow = context_.active->program().workflows[alternatives.front().workflow];
  for (std::size_t i = 0; i + 1 < alternatives.size(); ++i) {
    const bytecode::Trigger& trigger = workflow.triggers[alternatives[i].trigger];
    const bytecode::Trigger& next = workflow.triggers[alternatives[i + 1].trigger];
    if (!trigger.own_reenroll && !next.own_reenroll) continue;
    if (!try_enroll(record, alternatives[i].workflow, {why, occurrence, depth, &trigger, {}})) return;
  }
  const bytecode::Trigger& last = workflow.triggers[alternatives.back().trigger];
  enroll(record, alternatives.back().workflow, {why, occurrence, depth, &last, {}});
}

// ---- enrolment
// ----------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> Executor::enrolment_key(const Record& record, const bytecode::Reenroll& rules,
                                                     const Occurrence* occurrence) {
  if (rules.key_is_event) {
    return occurrence ? occurrence->key : value::hash64("manual", context_.numbers.next_effect++);
  }
  if (rules.key == kNone) return 0;
  const RecordView view(context_, *context_.active, record);
  const Value v = vm::evaluate(context_.active->program(), rules.key, view,
                               occurrence ? &occurrence->event : nullptr, context_.now);
  if (v.is_unknown()) return std::nullopt;
  return hash_of(context_.active->to_stable(v));
}

std::optional<std::string_view> Executor::entry_refusal(Record& record, std::uint32_t index,
                                                        const bytecode::Reenroll& rules, std::uint64_t key) {
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
    if (rules.mode == ReenrollMode::never) return "enrolled_before";
    const auto& keys = memory->keys;
    if (rules.mode == ReenrollMode::each_key && std::find(keys.begin(), keys.end(), key) != keys.end()) {
      return "key_used";
    }
    const std::int64_t pause = rules.at_most_once_per;
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

namespace {

/// The rule that counts: the one of the alternative that fired, or the workflow's.
const bytecode::Reenroll& rules_of(const bytecode::Workflow& workflow, const Entry& entry) {
  return entry.trigger && entry.trigger->own_reenroll ? entry.trigger->reenroll : workflow.reenroll;
}

/// The rule under which a key was kept.
const bytecode::Reenroll* keyed_rules(const bytecode::Workflow& workflow) {
  if (workflow.reenroll.mode == ReenrollMode::each_key) return &workflow.reenroll;
  for (const bytecode::Trigger& trigger : workflow.triggers) {
    if (trigger.own_reenroll && trigger.reenroll.mode == ReenrollMode::each_key) return &trigger.reenroll;
  }
  return nullptr;
}

}  // namespace

/// A key that comes while the record is enrolled is next in line.
std::optional<std::string_view> Executor::keep_key(Record& record, SymbolId workflow, std::uint64_t key) {
  Memory& memory = record.memory_or_new(workflow);
  const auto known = [&](const auto& keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
  if (known(memory.keys)) return "key_used";
  if (!known(memory.kept)) memory.kept.push_back(key);
  context_.cache.touch(record.key);
  return "enrolled_now_key_kept";
}

/// The refinements of a trigger apply again: a moment that is too long ago enrols no kept key.
bool Executor::still_in_time(const Record& record, std::uint32_t workflow) {
  const auto& triggers = context_.active->program().workflows[workflow].triggers;
  return triggers.empty() ||
         std::any_of(triggers.begin(), triggers.end(), [&](const bytecode::Trigger& trigger) {
           return trigger.kind != TriggerKind::moment || moment_is_due(record, trigger);
         });
}

void Executor::tell_refusal(const Record& record, std::uint32_t workflow, std::string_view reason) {
  const SymbolId symbol = context_.active->workflow(workflow);
  context_.batch.count(bytecode::workflow_label(context_.active->program().workflows[workflow].name),
                       "not_enrolled", reason);
  if (context_.exists(record.key)) {
    context_.tell(record.key, Happening::not_enrolled, symbol, symbol, std::string(reason));
  }
}

/// The run is over: the next key in line enrols. A key of a property counts only while the property has it.
void Executor::enroll_kept(Record& record, SymbolId workflow) {
  const std::uint32_t index = context_.active->workflow_index(workflow);
  const bytecode::Reenroll* rules =
      index == kNone ? nullptr : keyed_rules(context_.active->program().workflows[index]);
  for (;;) {
    Memory& memory = record.memory_or_new(workflow);
    if (rules == nullptr) memory.kept.clear();
    if (memory.kept.empty()) return;
    const std::uint64_t key = memory.kept.front();
    memory.kept.erase(memory.kept.begin());
    if (!rules->key_is_event && enrolment_key(record, *rules, nullptr) != key) continue;
    if (!still_in_time(record, index)) {
      tell_refusal(record, index, to_string(EndReason::too_late));
      continue;
    }
    // What enrols may end at once and come here again: the rest of the line is its business.
    if (enroll(record, index, {"kept key", nullptr, 1, nullptr, key})) return;
    if (!context_.exists(record.key)) return;
  }
}

bool Executor::enroll(Record& record, std::uint32_t index, const Entry& entry) {
  const auto refusal = try_enroll(record, index, entry);
  if (!refusal) return true;
  tell_refusal(record, index, *refusal);
  return false;
}

std::optional<std::string_view> Executor::try_enroll(Record& record, std::uint32_t index,
                                                     const Entry& entry) {
  const Binding& binding = *context_.active;
  const bytecode::Workflow& workflow = binding.program().workflows[index];
  const SymbolId symbol = binding.workflow(index);
  if (!context_.exists(record.key)) return "record_deleted";
  if (!context_.workflows_on || context_.switches.is_off(symbol)) return "off";
  const bytecode::Reenroll* kept = entry.kept_key ? keyed_rules(workflow) : nullptr;
  const bytecode::Reenroll& rules = kept ? *kept : rules_of(workflow, entry);
  const auto key = entry.kept_key ? entry.kept_key : enrolment_key(record, rules, entry.occurrence);
  if (!key) return "key_unknown";
  const auto running = std::find_if(record.enrolments.begin(), record.enrolments.end(),
                                    [&](const Enrolment& e) { return e.workflow == symbol; });
  if (running != record.enrolments.end()) {
    if (!rules.restart) {
      return rules.mode == ReenrollMode::each_key ? keep_key(record, symbol, *key) : "enrolled_now";
    }
    if (const auto refusal = entry_refusal(record, index, rules, *key)) return refusal;
    end(record, running->id, EndReason::restarted);
  } else if (const auto refusal = entry_refusal(record, index, rules, *key)) {
    return refusal;
  }
  Memory& memory = record.memory_or_new(symbol);
  ++memory.times;
  memory.last_at = context_.now;
  memory.bases = counts_now(binding, workflow, record);
  if (rules.mode == ReenrollMode::each_key) memory.keys.push_back(*key);
  begin(record, index, entry.why, entry.occurrence, entry.depth);
  return std::nullopt;
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
