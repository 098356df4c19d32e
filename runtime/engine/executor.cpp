#include "runtime/engine/executor.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/engine/changes.hpp"
#include "runtime/engine/display.hpp"

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

/// The event in terms of another bundle; type kNone when that bundle does not know it.
vm::Event translate(const vm::Event& event, const Binding& from, const Binding& to) {
  if (&from == &to) return event;
  const bytecode::EventType& type = from.catalogue().events[event.type];
  vm::Event result;
  result.type = to.catalogue().find_event(type.name);
  if (result.type == kNone) return result;
  for (const auto& parameter : to.catalogue().events[result.type].parameters) {
    Value v;
    for (std::size_t p = 0; p < type.parameters.size(); ++p) {
      if (type.parameters[p].name != parameter.name) continue;
      v = to.to_program(from.to_stable(event.parameters[p]), parameter.type);
    }
    result.parameters.push_back(std::move(v));
  }
  return result;
}

}  // namespace

Executor::Bound Executor::bound(const Enrolment& e) {
  Bound result;
  result.binding = context_.binding(e.code);
  if (result.binding == nullptr) return {};
  const std::uint32_t index = result.binding->workflow_index(e.workflow);
  if (index == kNone) return {};
  result.workflow = &result.binding->program().workflows[index];
  return result;
}

void Executor::react(Key key, const Change& change, const Occurrence* occurrence, int depth) {
  Record* record = context_.cache.get(key);
  if (record == nullptr) return;
  if (depth > kMaxDepth) {
    context_.tell(key, Happening::error, 0, 0, "a chain of changes at one instant was stopped");
    context_.batch.count("engine", "chains_stopped");
    return;
  }
  check_exits(*record, change);
  resume_waiting(*record, change, occurrence, depth);
  fire_triggers(*record, change, occurrence, depth);
}

// ---- goal, cancel, suppression ------------------------------------------------------------------------------------

void Executor::check_exits(Record& record, const Change& change) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) {
    const Enrolment* e = record.enrolment(id);
    if (e == nullptr) continue;
    const Bound b = bound(*e);
    if (b.workflow == nullptr) continue;
    const bytecode::Program& program = b.binding->program();
    const RecordView now(context_, *b.binding, record), before(context_, *b.binding, record, &change);
    if (b.workflow->goal != kNone && vm::holds(program, b.workflow->goal, now, nullptr, context_.now) &&
        !(b.workflow->goal_is_edge && !change.created &&
          vm::holds(program, b.workflow->goal, before, nullptr, context_.now))) {
      end(record, id, EndReason::goal_met);
    } else if (b.workflow->cancel != kNone && vm::holds(program, b.workflow->cancel, now, nullptr, context_.now)) {
      end(record, id, EndReason::cancelled);
    } else {
      const auto& lists = b.workflow->suppress;
      const bool suppressed = std::any_of(change.lists.begin(), change.lists.end(), [&](const auto& entry) {
        return entry.second && std::any_of(lists.begin(), lists.end(), [&](std::uint32_t list) {
                 return b.binding->list(list) == entry.first;
               });
      });
      if (suppressed) end(record, id, EndReason::suppressed);
    }
  }
}

void Executor::end(Record& record, std::uint32_t enrolment, EndReason reason, std::string detail) {
  const auto it = std::find_if(record.enrolments.begin(), record.enrolments.end(),
                               [&](const Enrolment& e) { return e.id == enrolment; });
  if (it == record.enrolments.end()) return;
  context_.cache.touch(record.key);
  clear_timer(record, *it);
  const SymbolId workflow = it->workflow;
  record.enrolments.erase(it);
  const std::string name = "workflow." + std::string(context_.symbols.name(workflow));
  context_.batch.count(name, "ended", to_string(reason));
  std::string text = to_string(reason);
  if (!detail.empty()) text += ": " + detail;
  context_.tell(record.key, Happening::ended, workflow, workflow, std::move(text));
  Memory& memory = record.memory_or_new(workflow);
  if (memory.kept.empty()) return;
  const std::uint64_t key = memory.kept.front();
  memory.kept.erase(memory.kept.begin());
  const std::uint32_t index = context_.active->workflow_index(workflow);
  if (index != kNone) enroll(record, index, "kept key", nullptr, 1, key);
}

// ---- waits --------------------------------------------------------------------------------------------------------

bool Executor::happened(const Record& record, const Enrolment& e, const Binding& binding,
                        const Occurrence& occurrence) {
  if (e.status != EnrolmentStatus::waiting || e.wait == kNone) return false;
  const bytecode::Wait& wait = binding.program().waits[e.wait];
  // An event later than the limit came too late, even if the timer has not been looked at yet.
  if (wait.kind != bytecode::WaitKind::event || occurrence.at > e.due) return false;
  const vm::Event event = translate(occurrence.event, *context_.active, binding);
  return event.type != kNone && vm::matches(binding.program(), wait.match, RecordView(context_, binding, record), event,
                                            context_.now);
}

bool Executor::anchor_changed(const Record& record, const Enrolment& e, const Binding& binding,
                              const Change& change) {
  if (e.status != EnrolmentStatus::waiting || e.wait == kNone || change.properties.empty()) return false;
  const bytecode::Wait& wait = binding.program().waits[e.wait];
  if (wait.kind != bytecode::WaitKind::until || wait.recompute == kNone) return false;
  const std::uint32_t object = binding.object_index(record.object);
  return std::any_of(change.properties.begin(), change.properties.end(), [&](const auto& entry) {
    const std::uint32_t property = binding.property_at(object, entry.first);
    return std::find(wait.anchors.begin(), wait.anchors.end(), property) != wait.anchors.end();
  });
}

void Executor::resume_waiting(Record& record, const Change& change, const Occurrence* occurrence, int depth) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) {
    Enrolment* e = record.enrolment(id);
    if (e == nullptr) continue;
    const Bound b = bound(*e);
    if (b.workflow == nullptr) continue;
    if (occurrence && happened(record, *e, *b.binding, *occurrence)) {
      clear_timer(record, *e);
      run_group(record, id, e->pc, vm::Resume::happened, occurrence, depth);
    } else if (anchor_changed(record, *e, *b.binding, change)) {
      clear_timer(record, *e);
      run_group(record, id, b.binding->program().waits[e->wait].recompute, vm::Resume::none, nullptr, depth);
    }
  }
}

void Executor::fire(const store::Timer& timer) {
  context_.batch.remove_timer(timer);
  Record* record = context_.cache.get(timer.record);
  if (record == nullptr) return;
  if (timer.kind == kTimerTrigger) {
    const std::uint32_t workflow = context_.active->workflow_index(timer.step);
    if (workflow == kNone) return;
    for (const bytecode::Trigger& trigger : context_.active->program().workflows[workflow].triggers) {
      if (trigger.kind != TriggerKind::moment) continue;
      const RecordView view(context_, *context_.active, *record);
      const Value due = vm::evaluate(context_.active->program(), trigger.condition, view, nullptr, context_.now);
      if (due == Value::instant(timer.due)) enroll(*record, workflow, "its moment has come", nullptr, 0);
    }
    return;
  }
  Enrolment* e = record->enrolment(timer.enrolment);
  if (e == nullptr || e->due != timer.due || e->group != timer.step) return;
  const Bound b = bound(*e);
  if (b.workflow == nullptr) return;
  if (e->status == EnrolmentStatus::deferred) {
    run_group(*record, e->id, e->pc, static_cast<vm::Resume>(e->resume), nullptr, 0);
    return;
  }
  const bool event = e->wait != kNone && b.binding->program().waits[e->wait].kind == bytecode::WaitKind::event;
  run_group(*record, e->id, e->pc, event ? vm::Resume::timed_out : vm::Resume::none, nullptr, 0);
}

void Executor::clear_timer(const Record& record, const Enrolment& e) {
  if (e.status == EnrolmentStatus::running) return;
  const std::uint8_t kind = e.status == EnrolmentStatus::deferred ? kTimerWindow : kTimerWait;
  context_.batch.remove_timer({e.due, record.key, e.id, e.group, kind});
}

void Executor::set_timer(const Record& record, Enrolment& e, std::int64_t due, std::uint8_t kind) {
  e.due = due;
  context_.batch.add_timer({due, record.key, e.id, e.group, kind});
}

// ---- triggers -----------------------------------------------------------------------------------------------------

bool Executor::reached(const Record& record, const bytecode::Workflow& workflow, const bytecode::Trigger& trigger,
                       const Change& change) {
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
  if (v.as_instant() > context_.now) {
    context_.batch.add_timer({v.as_instant(), record.key, 0, symbol, kTimerTrigger});
    return false;
  }
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
      if (event == nullptr || occurrence->late || !vm::matches(program, trigger.match, view, *event, context_.now)) {
        return false;
      }
      break;
    case TriggerKind::changes: {
      const std::uint32_t slot = binding.slot(binding.object_index(record.object), trigger.property);
      const bool changed = std::any_of(change.properties.begin(), change.properties.end(),
                                       [&](const auto& entry) { return entry.first == slot; });
      if (!changed) return false;
      break;
    }
    case TriggerKind::becomes:
    case TriggerKind::condition: {
      const RecordView before(context_, binding, record, &change);
      if (!change.created && vm::holds(program, trigger.condition, before, nullptr, context_.now)) return false;
      if (!vm::holds(program, trigger.condition, view, nullptr, context_.now)) return false;
      break;
    }
    case TriggerKind::created:
      if (!change.created) return false;
      break;
    case TriggerKind::list_added:
    case TriggerKind::list_removed: {
      const std::pair<SymbolId, bool> entry{binding.list(trigger.list), trigger.kind == TriggerKind::list_added};
      if (std::find(change.lists.begin(), change.lists.end(), entry) == change.lists.end()) return false;
      break;
    }
    case TriggerKind::moment: break;
  }
  return trigger.guard == kNone || vm::holds(program, trigger.guard, view, event, context_.now);
}

void Executor::fire_triggers(Record& record, const Change& change, const Occurrence* occurrence, int depth) {
  const Binding& binding = *context_.active;
  const triggers::Index& index = *context_.index;
  const std::uint32_t object = binding.object_index(record.object);
  if (object == kNone) return;
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
  if (candidates.empty()) return;
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  const auto& workflows = binding.program().workflows;
  std::vector<std::uint32_t> firing;
  for (const triggers::TriggerRef& ref : candidates) {
    const bytecode::Workflow& workflow = workflows[ref.workflow];
    if (workflow.object != object || (!firing.empty() && firing.back() == ref.workflow)) continue;
    const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
    if (!fires(record, trigger, change, occurrence)) continue;
    if (trigger.times > 0 && !reached(record, workflow, trigger, change)) continue;
    if (trigger.kind == TriggerKind::moment && !moment_fires(record, ref.workflow, trigger)) continue;
    firing.push_back(ref.workflow);
  }
  std::sort(firing.begin(), firing.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (workflows[a].priority != workflows[b].priority) return workflows[a].priority > workflows[b].priority;
    return workflows[a].name < workflows[b].name;
  });
  for (const std::uint32_t workflow : firing) enroll(record, workflow, "trigger", occurrence, depth);
}

// ---- enrolment ----------------------------------------------------------------------------------------------------

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

std::optional<std::string_view> Executor::entry_refusal(Record& record, std::uint32_t index, std::uint64_t key) {
  const Binding& binding = *context_.active;
  const bytecode::Program& program = binding.program();
  const bytecode::Workflow& workflow = program.workflows[index];
  const RecordView view(context_, binding, record);
  for (const std::uint32_t list : workflow.suppress) {
    if (view.in_list(list)) return "suppressed";
  }
  if (workflow.unless != kNone && vm::holds(program, workflow.unless, view, nullptr, context_.now)) return "unless";
  if (const Memory* memory = record.memory(binding.workflow(index)); memory && memory->times > 0) {
    if (workflow.reenroll.mode == ReenrollMode::never) return "enrolled_before";
    const auto& keys = memory->keys;
    if (workflow.reenroll.mode == ReenrollMode::each_key && std::find(keys.begin(), keys.end(), key) != keys.end()) {
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

bool Executor::enroll(Record& record, std::uint32_t index, std::string why, const Occurrence* occurrence, int depth,
                      std::optional<std::uint64_t> kept_key) {
  const Binding& binding = *context_.active;
  const bytecode::Workflow& workflow = binding.program().workflows[index];
  const SymbolId symbol = binding.workflow(index);
  const std::string name = "workflow." + workflow.name;
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
      const auto known = [&](const auto& keys) { return std::find(keys.begin(), keys.end(), *key) != keys.end(); };
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

  const bytecode::Function& body = binding.program().functions[workflow.body];
  Enrolment e;
  e.id = record.next_enrolment++;
  e.code = binding.code();
  e.workflow = symbol;
  e.started_at = context_.now;
  e.locals.resize(body.locals);
  record.enrolments.push_back(std::move(e));
  context_.cache.touch(record.key);
  context_.batch.count(name, "enrolled");
  context_.tell(record.key, Happening::enrolled, symbol, symbol, std::move(why));
  run_group(record, record.enrolments.back().id, body.begin, vm::Resume::none, occurrence, depth);
  return true;
}

// ---- groups of steps ------------------------------------------------------------------------------------------------

void Executor::run_group(Record& record, std::uint32_t id, std::uint32_t pc, vm::Resume resume,
                         const Occurrence* occurrence, int depth) {
  Enrolment* e = record.enrolment(id);
  const Bound b = bound(*e);
  const bytecode::Program& program = b.binding->program();
  const RecordView view(context_, *b.binding, record);
  context_.cache.touch(record.key);
  e->status = EnrolmentStatus::running;
  // Before each group, atomically with it (LANGUAGE 4 row 6); an edge is seen when it happens.
  if (b.workflow->goal != kNone && !b.workflow->goal_is_edge &&
      vm::holds(program, b.workflow->goal, view, nullptr, context_.now)) {
    end(record, id, EndReason::goal_met);
    return;
  }
  std::optional<vm::Event> event;
  if (occurrence) event = translate(occurrence->event, *context_.active, *b.binding);
  vm::Run run = vm::run(program, b.workflow->body, pc, e->locals, resume, view,
                        event && event->type != kNone ? &*event : nullptr, context_.now);
  switch (run.outcome) {
    case vm::Outcome::failed: end(record, id, EndReason::failed, run.detail); return;
    case vm::Outcome::deferred:
      e->status = EnrolmentStatus::deferred;
      e->pc = pc;
      e->resume = static_cast<std::uint8_t>(resume);
      set_timer(record, *e, run.due, kTimerWindow);
      context_.tell(record.key, Happening::deferred, e->workflow, e->workflow,
                    value::format_instant(run.due, b.binding->catalogue().zone));
      return;
    case vm::Outcome::ended:
    case vm::Outcome::waiting: commit_group(record, id, b, run, depth); return;
  }
}

void Executor::commit_group(Record& record, std::uint32_t id, const Bound& b, vm::Run& run, int depth) {
  Enrolment* e = record.enrolment(id);
  const std::string name = "workflow." + b.workflow->name;
  ++e->group;
  tell_steps(record.key, *b.binding, e->workflow, run.steps);
  EffectBody origin;
  origin.code = e->code;
  origin.workflow = e->workflow;
  origin.source = record.key;
  origin.enrolment = id;
  origin.group = e->group;
  origin.created_at = context_.now;
  Change change;
  ActionRunner runner(context_, *b.binding, record, change, origin);
  bool no_recipient = false;
  for (const vm::Action& action : run.actions) {
    const auto* send = std::get_if<vm::Send>(&action);
    no_recipient = send && send->recipient == 0;
    if (no_recipient) break;
    runner.apply(action);
  }
  if (no_recipient) {
    end(record, id, EndReason::no_recipient);
  } else if (run.outcome == vm::Outcome::ended) {
    end(record, id, run.reason);
  } else {
    e->status = EnrolmentStatus::waiting;
    e->pc = run.pc;
    e->wait = run.wait;
    set_timer(record, *e, run.due, kTimerWait);
    context_.tell(record.key, Happening::waiting, e->workflow, e->workflow,
                  value::format_instant(run.due, b.binding->catalogue().zone));
  }
  if (!change.empty()) react(record.key, change, nullptr, depth + 1);
  for (const auto& other : runner.elsewhere()) react(other.key, other.change, nullptr, depth + 1);
  for (const auto& later : runner.enrolments()) {
    Record* target = context_.cache.get(later.key);
    const std::uint32_t index = context_.active->workflow_index(later.workflow);
    if (target == nullptr || index == kNone || depth >= kMaxDepth) continue;
    if (later.enroll) {
      if (context_.active->object(context_.active->program().workflows[index].object) != target->object) continue;
      enroll(*target, index, "by " + name, nullptr, depth + 1);
      continue;
    }
    std::vector<std::uint32_t> ids;
    for (const Enrolment& other : target->enrolments) {
      if (other.workflow == later.workflow) ids.push_back(other.id);
    }
    for (const std::uint32_t other : ids) end(*target, other, EndReason::unenrolled);
  }
}

void Executor::tell_steps(Key key, const Binding& binding, SymbolId workflow,
                          const std::vector<std::uint32_t>& steps) {
  const std::string name = "workflow." + std::string(context_.symbols.name(workflow));
  for (const std::uint32_t step : steps) {
    const std::string& label = binding.program().steps[step].label;
    context_.batch.count(name, "step", label);
    context_.tell(key, Happening::step, workflow, workflow, label);
  }
}

void Executor::run_failure(const EffectBody& body) {
  const Binding* binding = context_.binding(body.code);
  Record* record = context_.cache.get(body.source);
  if (binding == nullptr || record == nullptr) return;
  const std::uint32_t function = binding->program().calls[body.index].on_failure;
  if (function == kNone) return;
  const bytecode::Function& entry = binding->program().functions[function];
  std::vector<Value> locals(entry.locals);
  const RecordView view(context_, *binding, *record);
  vm::Run run = vm::run(binding->program(), function, entry.begin, locals, vm::Resume::none, view, nullptr,
                        context_.now);
  tell_steps(record->key, *binding, body.workflow, run.steps);
  EffectBody origin = body;
  origin.created_at = context_.now;
  origin.number += 1'000'000;  // keys of the failure path never meet those of the group
  Change change;
  ActionRunner runner(context_, *binding, *record, change, origin);
  for (const vm::Action& action : run.actions) {
    const auto* send = std::get_if<vm::Send>(&action);
    if (send && send->recipient == 0) continue;
    runner.apply(action);
  }
  if (!change.empty()) react(record->key, change, nullptr, 1);
  for (const auto& other : runner.elsewhere()) react(other.key, other.change, nullptr, 1);
}

}  // namespace wf::engine
