// The timed side of the executor: due timers, and the triggers that wait for a moment of each record.
#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/bytecode/canonical.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/experiments.hpp"

namespace wf::engine {

using bytecode::EndReason;
using bytecode::LatePolicy;
using bytecode::TriggerKind;

namespace {

/// The next instant at which the trigger is to be looked at, as seen from `now`; nothing when there is none.
std::optional<std::int64_t> moment_of(const bytecode::Program& program, const bytecode::Trigger& trigger,
                                      const RecordView& view, std::int64_t now) {
  const bool at_moments = trigger.kind == TriggerKind::moment || trigger.kind == TriggerKind::schedule;
  const std::uint32_t function = at_moments ? trigger.condition : trigger.retest;
  if (function == kNone) return std::nullopt;
  const Value v = vm::evaluate(program, function, view, nullptr, now);
  if (v.kind() != value::Kind::instant) return std::nullopt;
  return v.as_instant();
}

/// The record will never be enrolled again: the passing of time is nothing to tell of any more.
bool over_for_ever(const Record& record, const bytecode::Workflow& workflow, const bytecode::Trigger& trigger,
                   SymbolId symbol) {
  const bytecode::Reenroll& rules = trigger.own_reenroll ? trigger.reenroll : workflow.reenroll;
  if (rules.mode != bytecode::ReenrollMode::never) return false;
  const Memory* memory = record.memory(symbol);
  return memory && memory->times > 0;
}

bool too_late(const bytecode::Workflow& workflow, const bytecode::Trigger& trigger, std::int64_t late) {
  if (trigger.kind == TriggerKind::moment && trigger.late_ok && late > trigger.late_within) return true;
  return workflow.late.policy == LatePolicy::skip && late > workflow.late.after;
}

}  // namespace

// ---- triggers that wait for a moment
// --------------------------------------------------------------------------------

void Executor::plant(const Record& record) {
  const std::uint32_t object = context_.active->object_index(record.object);
  if (object == kNone) return;
  for (const triggers::TriggerRef& ref : context_.index->timed(object)) plant(record, ref);
}

void Executor::plant(const Record& record, const triggers::TriggerRef& ref) {
  const bytecode::Workflow& workflow = context_.active->program().workflows[ref.workflow];
  const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
  const SymbolId symbol = context_.active->workflow(ref.workflow);
  if (over_for_ever(record, workflow, trigger, symbol)) return;
  const RecordView view(context_, *context_.active, record);
  const auto due = moment_of(context_.active->program(), trigger, view, context_.now);
  if (due && *due > context_.now) {
    context_.batch.add_timer({*due, record.key, 0, symbol, kTimerTrigger});
  }
}

// ---- what was judged already
// ----------------------------------------------------------------------------------

/// The same condition of the same workflow, in whatever bundle.
std::uint64_t Executor::condition_of(SymbolId workflow, const bytecode::Trigger& trigger) {
  std::uint64_t& condition = conditions_[&trigger];
  if (condition == 0) {
    condition =
        value::hash64(context_.symbols.name(workflow),
                      value::hash64(bytecode::function_text(context_.active->program(), trigger.condition)));
  }
  return condition;
}

std::optional<std::int64_t> Executor::judged_at(const Record& record, SymbolId workflow,
                                                const bytecode::Trigger& trigger) {
  for (const JudgedAt* judged : {&judging_, &judged_}) {
    const auto found = judged->find({record.key, &trigger});
    if (found != judged->end()) return found->second;
  }
  if (record.judged.empty()) return std::nullopt;
  const std::uint64_t condition = condition_of(workflow, trigger);
  for (const Judged& judged : record.judged) {
    if (judged.condition == condition) return judged.at;
  }
  return std::nullopt;
}

/// The trigger is judged now. Where a timer that waits could tell the same, that is stored with the record.
void Executor::judge(Key key, SymbolId workflow, const bytecode::Trigger& trigger) {
  judging_[{key, &trigger}] = context_.now;
  Record& record = *context_.cache.get(key);
  const std::int64_t seen = timers_seen_until(key, workflow);
  const auto stale = std::erase_if(record.judged, [&](const Judged& judged) { return judged.at <= seen; });
  if (stale > 0) context_.cache.touch(key);
  const auto moment =
      moment_of(context_.active->program(), trigger, RecordView(context_, *context_.active, record), seen);
  if (!moment || *moment > context_.now) return;
  const std::uint64_t condition = condition_of(workflow, trigger);
  std::erase_if(record.judged, [&](const Judged& judged) { return judged.condition == condition; });
  record.judged.push_back({condition, context_.now});
  context_.cache.touch(key);
}

void Executor::keep_judged() {
  judging_.merge(judged_);  // what this batch judged stands
  judged_ = std::exchange(judging_, {});
}

/// What time alone turned true until then has been looked at: timers are, in their order.
std::int64_t Executor::timers_seen_until(Key record, SymbolId workflow) {
  const auto due = need(context_.store.timers_due(context_.now, 1));
  if (due.empty()) return context_.now;
  const store::Timer& next = due.front();
  const store::Timer own{next.due, record, 0, workflow, kTimerTrigger};
  return own < next ? next.due : next.due - 1;
}

/// A timer that was set for a moment which has moved since is stale.
bool Executor::timed_trigger_fires(const Record& record, const triggers::TriggerRef& ref, std::int64_t due) {
  const Binding& binding = *context_.active;
  const bytecode::Program& program = binding.program();
  const bytecode::Workflow& workflow = program.workflows[ref.workflow];
  const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
  const RecordView view(context_, binding, record);
  if (moment_of(program, trigger, view, due - 1) != due) return false;
  const auto judged = judged_at(record, binding.workflow(ref.workflow), trigger);
  if (judged && due <= *judged) return false;
  if (trigger.kind == TriggerKind::condition &&
      (vm::holds(program, trigger.condition, view, nullptr, due - 1) ||
       !vm::holds(program, trigger.condition, view, nullptr, context_.now))) {
    return false;
  }
  // Within the batch; behind it the order of timers tells.
  if (trigger.retest != kNone) judging_[{record.key, &trigger}] = context_.now;
  if (trigger.guard != kNone && !vm::holds(program, trigger.guard, view, nullptr, context_.now)) return false;
  if (!too_late(workflow, trigger, context_.now - due)) return true;
  tell_refusal(record, ref.workflow, to_string(EndReason::too_late));
  return false;
}

void Executor::fire_timed_triggers(Record& record, const store::Timer& timer) {
  const std::uint32_t index = context_.active->workflow_index(timer.step);
  if (index == kNone) return;
  const bytecode::Workflow& workflow = context_.active->program().workflows[index];
  if (context_.active->object(workflow.object) != record.object) return;
  std::vector<triggers::TriggerRef> firing;
  for (std::uint32_t t = 0; t < workflow.triggers.size(); ++t) {
    const bytecode::Trigger& trigger = workflow.triggers[t];
    if (over_for_ever(record, workflow, trigger, timer.step)) continue;
    if (timed_trigger_fires(record, {index, t}, timer.due)) firing.push_back({index, t});
  }
  if (!firing.empty()) enroll_first(record, firing, "its moment has come", nullptr, 0);
  // What was missed while nothing ran is made up for once.
  for (std::uint32_t t = 0; t < workflow.triggers.size(); ++t) plant(record, {index, t});
}

// ---- waits
// --------------------------------------------------------------------------------------------------------

void Executor::fire(const store::Timer& timer) {
  context_.batch.remove_timer(timer);
  if (timer.kind == kTimerExperiment) return choose_winner(context_, timer.step);
  Record* record = context_.cache.get(timer.record);
  if (record == nullptr || record->key != timer.record) return;  // gone, or merged: that one has its own
  if (timer.kind == kTimerTrigger) {
    fire_timed_triggers(*record, timer);
  } else {
    fire_wait(*record, timer);
  }
}

void Executor::fire_wait(Record& record, const store::Timer& timer) {
  follow_deploy(record, 0);
  Enrolment* e = record.enrolment(timer.enrolment);
  if (e == nullptr || e->due != timer.due || e->group != timer.step) return;
  const Bound b = bound(*e);
  if (b.workflow == nullptr || e->status == EnrolmentStatus::held) return;
  if (context_.switches.is_paused(e->workflow)) {
    context_.switches.park(e->workflow, {timer.due, timer, 0});
    context_.tell(record.key, Happening::suspended, e->workflow, e->workflow);
    return;
  }
  if (e->status == EnrolmentStatus::deferred) {
    run_group(record, e->id, e->pc, static_cast<vm::Resume>(e->resume), nullptr, 0);
    return;
  }
  using bytecode::WaitKind;
  const WaitKind kind = e->wait == kNone ? WaitKind::duration : b.binding->program().waits[e->wait].kind;
  const bool two_ways = kind == WaitKind::event || kind == WaitKind::reply;
  const vm::Resume resume = two_ways ? vm::Resume::timed_out : vm::Resume::none;
  const bytecode::Late& late = b.workflow->late;
  if (late.policy == LatePolicy::fire || context_.now - timer.due <= late.after) {
    run_group(record, e->id, e->pc, resume, nullptr, 0);
  } else if (late.policy == LatePolicy::skip) {
    end(record, e->id, EndReason::too_late);
  } else {
    context_.cache.touch(record.key);
    e->status = EnrolmentStatus::held;
    e->resume = static_cast<std::uint8_t>(resume);
    context_.batch.count(bytecode::workflow_label(b.workflow->name), "held");
    context_.tell(record.key, Happening::held, e->workflow, e->workflow,
                  value::format_instant(timer.due, b.binding->catalogue().zone));
  }
}

bool Executor::release(Record& record, SymbolId workflow) {
  const auto held = std::find_if(record.enrolments.begin(), record.enrolments.end(), [&](const Enrolment& e) {
    return e.workflow == workflow && e.status == EnrolmentStatus::held;
  });
  if (held == record.enrolments.end() || bound(*held).workflow == nullptr) return false;
  run_group(record, held->id, held->pc, static_cast<vm::Resume>(held->resume), nullptr, 0);
  return true;
}

}  // namespace wf::engine
