#include "runtime/engine/executor.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/engine/changes.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/engine/experiments.hpp"
#include "runtime/engine/failed.hpp"

namespace wf::engine {

using bytecode::EndReason;
using bytecode::TriggerKind;

namespace {

/// The end of the pause that the workflow is in; nothing outside of its pauses.
std::optional<std::int64_t> paused_until(const bytecode::Workflow& workflow, std::int64_t now) {
  if (workflow.pauses.empty()) return std::nullopt;
  const std::int32_t today = value::local_date(now, workflow.pause_zone);
  for (const bytecode::Pause& pause : workflow.pauses) {
    if (pause.from <= today && today <= pause.to) {
      return value::to_instant(pause.to + 1, 0, workflow.pause_zone);
    }
  }
  return std::nullopt;
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

/// What is still running when its campaign ends is woken then.
std::int64_t no_later_than_end(const bytecode::Workflow& workflow, std::int64_t due) {
  return workflow.ends_at == 0 ? due : std::min(due, workflow.ends_at);
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
  carry_out(consider(key, change, occurrence, depth));
}

Executor::Reaction Executor::consider(Key key, const Change& change, const Occurrence* occurrence,
                                      int depth) {
  Reaction reaction{key, &change, occurrence, depth, {}, {}};
  Record* record = context_.cache.get(key);
  if (record == nullptr) return reaction;
  if (depth > kMaxDepth) {
    if (!change.deleted) plant(*record);  // a stopped chain stops no clock
    return reaction;
  }
  reaction.affected = affected_by(context_, *record, change);
  const Before before{key, &change};
  const Change none;
  const auto own = reaction.affected.find(key);
  const Affected* related = own == reaction.affected.end() ? nullptr : &own->second;
  if (!change.deleted && context_.exists(key)) {
    reaction.firing[key] = firing_triggers(*record, change, before, related, occurrence);
  }
  for (const auto& [other, what] : reaction.affected) {
    const Record* affected = other == key ? nullptr : context_.cache.get(other);
    if (affected) reaction.firing[other] = firing_triggers(*affected, none, before, &what, nullptr);
  }
  return reaction;
}

void Executor::stop_chain(Key key) {
  context_.tell(key, Happening::error, 0, 0, "a chain of changes with no wait between them was stopped");
  context_.batch.count("engine", "chains_stopped");
}

void Executor::carry_out(const Reaction& reaction) {
  const Change& change = *reaction.change;
  const int depth = reaction.depth;
  Record* record = context_.cache.get(reaction.key);
  if (record == nullptr) return;
  if (depth > kMaxDepth) return stop_chain(reaction.key);
  follow_deploy(*record, depth);
  const Before before{reaction.key, &change};
  const Change none;
  const auto is_there = [&] { return !change.deleted && context_.exists(reaction.key); };
  const auto each_other = [&](auto visit) {
    for (const auto& [other, what] : reaction.affected) {
      if (other == reaction.key) continue;
      if (Record* affected = context_.cache.get(other)) visit(*affected, what);
    }
  };
  const auto enroll_in = [&](Record& target, const Occurrence* occurrence) {
    const auto fired = reaction.firing.find(target.key);
    if (fired != reaction.firing.end()) enroll_all(target, fired->second, occurrence, depth);
  };
  if (is_there()) check_exits(*record, change, before, reaction.occurrence);
  const auto own = reaction.affected.find(reaction.key);
  if (own != reaction.affected.end() && is_there()) meet_goals(*record, own->second.goals);
  each_other([&](Record& other, const Affected& what) {
    meet_goals(other, what.goals);
    if (what.exits) check_exits(other, none, before, nullptr);
  });
  if (is_there()) resume_waiting(*record, change, reaction.occurrence, depth);
  each_other([&](Record& other, const Affected& what) {
    if (what.waits) resume_anchored(other, depth);
  });
  if (is_there()) enroll_in(*record, reaction.occurrence);
  each_other([&](Record& other, const Affected&) { enroll_in(other, nullptr); });
}

// ---- goal, cancel, suppression
// ------------------------------------------------------------------------------------

std::optional<EndReason> Executor::left_by(const Record& record, const Bound& b,
                                           const Occurrence& occurrence) {
  if (b.workflow->exits.empty()) return std::nullopt;
  const vm::Event event = translate(occurrence.event, *context_.active, *b.binding);
  if (event.type == kNone) return std::nullopt;
  const RecordView view(context_, *b.binding, record);
  for (const bytecode::Exit& exit : b.workflow->exits) {
    if (vm::matches(b.binding->program(), exit.match, view, event, context_.now)) return exit.reason;
  }
  return std::nullopt;
}

void Executor::meet_goals(Record& record, const std::vector<SymbolId>& goals) {
  for (std::size_t i = 0; i + 1 < goals.size(); i += 2) {
    std::vector<std::uint32_t> ids;
    for (const Enrolment& e : record.enrolments) {
      if (e.code == goals[i] && e.workflow == goals[i + 1]) ids.push_back(e.id);
    }
    for (const std::uint32_t id : ids) end(record, id, EndReason::goal_met);
  }
}

void Executor::check_exits(Record& record, const Change& change, const Before& before,
                           const Occurrence* occurrence) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) {
    const Enrolment* e = record.enrolment(id);
    if (e == nullptr) continue;
    const Bound b = bound(*e);
    if (b.workflow == nullptr) continue;
    const bytecode::Program& program = b.binding->program();
    const RecordView now(context_, *b.binding, record), then(context_, *b.binding, record, before);
    if (b.workflow->goal != kNone && vm::holds(program, b.workflow->goal, now, nullptr, context_.now) &&
        !(b.workflow->goal_is_edge && !change.created &&
          vm::holds(program, b.workflow->goal, then, nullptr, context_.now))) {
      end(record, id, EndReason::goal_met);
    } else if (b.workflow->cancel != kNone &&
               vm::holds(program, b.workflow->cancel, now, nullptr, context_.now)) {
      end(record, id, EndReason::cancelled);
    } else if (const auto reason = occurrence ? left_by(record, b, *occurrence) : std::nullopt) {
      end(record, id, *reason);
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
  if (reason == EndReason::goal_met) count_goal(context_, record, workflow);
  record.enrolments.erase(it);
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  context_.batch.count(name, "ended", to_string(reason));
  std::string text = to_string(reason);
  if (!detail.empty()) text += ": " + detail;
  context_.tell(record.key, Happening::ended, workflow, workflow, std::move(text));
  if (reason != EndReason::restarted) enroll_kept(record, workflow);
}

// ---- waits
// --------------------------------------------------------------------------------------------------------

bool Executor::happened(const Record& record, const Enrolment& e, const Binding& binding,
                        const Occurrence& occurrence) {
  if (e.status != EnrolmentStatus::waiting || e.wait == kNone) return false;
  const bytecode::Wait& wait = binding.program().waits[e.wait];
  // An event later than the limit came too late, even if the timer has not been looked at yet.
  if (wait.kind != bytecode::WaitKind::event || occurrence.at > e.due) return false;
  const vm::Event event = translate(occurrence.event, *context_.active, binding);
  return event.type != kNone && vm::matches(binding.program(), wait.match,
                                            RecordView(context_, binding, record), event, context_.now);
}

bool Executor::anchor_changed(const Record& record, const Enrolment& e, const Binding& binding,
                              const Change& change) {
  if (e.status != EnrolmentStatus::waiting || e.wait == kNone || change.properties.empty()) return false;
  const bytecode::Wait& wait = binding.program().waits[e.wait];
  if (wait.kind != bytecode::WaitKind::until || wait.recompute == kNone) return false;
  const std::uint32_t object = binding.object_index(record.object);
  return std::any_of(change.properties.begin(), change.properties.end(), [&](const auto& entry) {
    if (entry.second == record.property(entry.first)) return false;  // set back
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

/// An anchor on another record may have changed: the moment is computed again, and is mostly the same.
void Executor::resume_anchored(Record& record, int depth) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) {
    const Enrolment* e = record.enrolment(id);
    if (e == nullptr || e->status != EnrolmentStatus::waiting || e->wait == kNone) continue;
    const Bound b = bound(*e);
    if (b.workflow == nullptr) continue;
    const bytecode::Wait& wait = b.binding->program().waits[e->wait];
    if (wait.anchors_elsewhere.empty() || wait.recompute == kNone) continue;
    clear_timer(record, *e);
    run_group(record, id, wait.recompute, vm::Resume::none, nullptr, depth);
  }
}
void Executor::clear_timer(const Record& record, const Enrolment& e) {
  if (e.status == EnrolmentStatus::running || e.status == EnrolmentStatus::held) return;
  const std::uint8_t kind = e.status == EnrolmentStatus::deferred ? kTimerWindow : kTimerWait;
  context_.batch.remove_timer({e.due, record.key, e.id, e.group, kind});
}

void Executor::set_timer(const Record& record, Enrolment& e, std::int64_t due, std::uint8_t kind) {
  e.due = due;
  context_.batch.add_timer({due, record.key, e.id, e.group, kind});
}

// ---- groups of steps
// ------------------------------------------------------------------------------------------------

void Executor::run_group(Record& record, std::uint32_t id, std::uint32_t pc, vm::Resume resume,
                         const Occurrence* occurrence, int depth) {
  Enrolment* e = record.enrolment(id);
  if (e == nullptr || !context_.exists(record.key)) return;
  const Bound b = bound(*e);
  const bytecode::Program& program = b.binding->program();
  const RecordView view(context_, *b.binding, record);
  context_.cache.touch(record.key);
  e->status = EnrolmentStatus::running;
  if (context_.switches.is_draining(e->workflow)) return end(record, id, EndReason::turned_off);
  if (b.workflow->ends_at != 0 && context_.now >= b.workflow->ends_at) {
    return end(record, id, EndReason::campaign_ended);
  }
  // Before each group, atomically with it (rule S6); an edge is seen when it happens.
  if (b.workflow->goal != kNone && !b.workflow->goal_is_edge &&
      vm::holds(program, b.workflow->goal, view, nullptr, context_.now)) {
    end(record, id, EndReason::goal_met);
    return;
  }
  if (context_.switches.is_paused(e->workflow)) return park(record, *e, pc, resume);
  if (const auto end_of_pause = paused_until(*b.workflow, context_.now)) {
    defer(record, *e, pc, resume, *end_of_pause);
    return;
  }
  if (steps_left(*e, context_.now) == 0) return fail(record, id, pc, resume, kTooManySteps);
  std::optional<vm::Event> event;
  if (occurrence) event = translate(occurrence->event, *context_.active, *b.binding);
  const bool may_delay = b.workflow->when_blocked == bytecode::WhenBlocked::delay;
  std::vector<Value> before = may_delay ? e->locals : std::vector<Value>();
  vm::Run run = vm::run(program, b.workflow->body, pc, e->locals, resume, view,
                        event && event->type != kNone ? &*event : nullptr, context_.now);
  if (const auto until = may_delay ? delayed_until(*b.workflow, *b.binding, run) : std::nullopt) {
    e->locals = std::move(before);
    run.outcome = vm::Outcome::deferred;
    run.due = *until;
  }
  switch (run.outcome) {
    case vm::Outcome::failed:
      fail(record, id, pc, resume, run.detail);
      return;
    case vm::Outcome::deferred:
      defer(record, *e, pc, resume, no_later_than_end(*b.workflow, run.due));
      return;
    case vm::Outcome::ended:
    case vm::Outcome::waiting:
      commit_group(record, id, b, run, depth);
      return;
  }
}

namespace {

/// All of the group at `pc` is to run later.
void put_off(Enrolment& e, std::uint32_t pc, vm::Resume resume) {
  e.status = EnrolmentStatus::deferred;
  e.pc = pc;
  e.resume = static_cast<std::uint8_t>(resume);
}

}  // namespace

/// Nothing of the group happened; all of it runs again at `due`.
void Executor::defer(const Record& record, Enrolment& e, std::uint32_t pc, vm::Resume resume,
                     std::int64_t due) {
  put_off(e, pc, resume);
  set_timer(record, e, due, kTimerWindow);
  context_.tell(record.key, Happening::deferred, e.workflow, e.workflow,
                value::format_instant(due, bound(e).binding->catalogue().zone));
}

/// The workflow is paused: what has just come due stays until the pause is over.
void Executor::park(const Record& record, Enrolment& e, std::uint32_t pc, vm::Resume resume) {
  put_off(e, pc, resume);
  e.due = context_.now;
  context_.switches.park(e.workflow, {e.due, {e.due, record.key, e.id, e.group, kTimerWindow}, 0});
  context_.tell(record.key, Happening::suspended, e.workflow, e.workflow);
}

void Executor::commit_group(Record& record, std::uint32_t id, const Bound& b, vm::Run& run, int depth) {
  Enrolment* e = record.enrolment(id);
  ++e->group;
  e->steps += std::max<std::uint32_t>(1, static_cast<std::uint32_t>(run.steps.size()));
  tell_steps(record, *b.binding, e->workflow, run);
  EffectBody origin;
  origin.code = e->code;
  origin.workflow = e->workflow;
  origin.source = record.key;
  origin.enrolment = id;
  origin.group = e->group;
  origin.created_at = context_.now;
  origin.depth = static_cast<std::uint8_t>(depth);
  Change change;
  ActionRunner runner(context_, *b.binding, record, change, origin);
  runner.reserve(run.actions);
  for (const vm::Action& action : run.actions) runner.apply(action);
  if (b.workflow->campaign != kNone) note_group(b, run, change);
  const std::vector<Reaction> reactions = consider_group(record.key, change, runner, depth);
  const auto& deletions = runner.deletions();
  if (std::find(deletions.begin(), deletions.end(), record.key) != deletions.end()) {
    end(record, id, EndReason::record_deleted);
  } else if (run.outcome == vm::Outcome::ended) {
    end(record, id, run.reason);
  } else {
    e->status = EnrolmentStatus::waiting;
    e->pc = run.pc;
    e->wait = run.wait;
    set_timer(record, *e, no_later_than_end(*b.workflow, run.due), kTimerWait);
    context_.tell(record.key, Happening::waiting, e->workflow, e->workflow,
                  value::format_instant(run.due, b.binding->catalogue().zone));
  }
  settle_group(reactions, runner, origin.workflow, depth);
}

/// What the group's changes set in motion, found before any of it runs and before the group's end lets
/// another run begin: each edge is seen once.
std::vector<Executor::Reaction> Executor::consider_group(Key key, const Change& change,
                                                         const ActionRunner& runner, int depth) {
  std::vector<Reaction> reactions;
  if (!change.empty()) reactions.push_back(consider(key, change, nullptr, depth + 1));
  for (const auto& other : runner.elsewhere()) {
    if (!other.change.empty()) reactions.push_back(consider(other.key, other.change, nullptr, depth + 1));
  }
  return reactions;
}

/// What a group changed is processed right after it, completely; then whom it enrols.
void Executor::settle_group(const std::vector<Reaction>& reactions, const ActionRunner& runner,
                            SymbolId workflow, int depth) {
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  for (const Reaction& reaction : reactions) carry_out(reaction);
  for (const auto& later : runner.enrolments()) {
    Record* target = context_.cache.get(later.key);
    const std::uint32_t index = context_.active->workflow_index(later.workflow);
    if (target == nullptr || index == kNone) continue;
    if (depth >= kMaxDepth) {
      stop_chain(later.key);
      continue;
    }
    if (later.enroll) {
      if (context_.active->object(context_.active->program().workflows[index].object) != target->object)
        continue;
      enroll(*target, index, {"by " + name, nullptr, depth + 1, nullptr, {}});
      continue;
    }
    std::vector<std::uint32_t> ids;
    for (const Enrolment& other : target->enrolments) {
      if (other.workflow == later.workflow) ids.push_back(other.id);
    }
    for (const std::uint32_t other : ids) end(*target, other, EndReason::unenrolled);
  }
  for (const Key gone : runner.deletions()) delete_record(gone, workflow, depth + 1);
}

void Executor::note_group(const Bound& b, const vm::Run& run, const Change& change) {
  const bytecode::Campaign& campaign = b.binding->catalogue().campaigns[b.workflow->campaign];
  const auto mails = std::count_if(run.actions.begin(), run.actions.end(), [](const vm::Action& action) {
    return std::holds_alternative<vm::Send>(action);
  });
  if (mails > 0) context_.tallies.of(campaign.name).week_mails += mails;
  if (campaign.candidates == kNone) return;
  const std::pair<SymbolId, bool> proposed{b.binding->list(campaign.candidates), true};
  if (std::find(change.lists.begin(), change.lists.end(), proposed) != change.lists.end()) {
    ++context_.tallies.of(campaign.name).candidates;
  }
}

void Executor::tell_steps(const Record& record, const Binding& binding, SymbolId workflow,
                          const vm::Run& run) {
  if (context_.options.ran) {
    const RecordView view(context_, binding, record);
    context_.options.ran({record.key, binding.program(), run, view, context_.now});
  }
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  for (const std::uint32_t step : run.steps) {
    const std::string& label = binding.program().steps[step].label;
    context_.batch.count(name, "step", label);
    context_.tell(record.key, Happening::step, workflow, workflow, label);
  }
}

void Executor::run_failure(const EffectBody& body) {
  const Binding* binding = context_.binding(body.code);
  const auto [record, enrolment] = origin(body);
  if (binding == nullptr || record == nullptr) return;
  const std::uint32_t function = binding->program().calls[body.index].on_failure;
  if (function == kNone) return;
  const bytecode::Function& entry = binding->program().functions[function];
  std::vector<Value> locals(entry.locals);
  const RecordView view(context_, *binding, *record);
  vm::Run run = vm::run(binding->program(), function, entry.begin, locals, vm::Resume::none, view, nullptr,
                        context_.now);
  if (run.outcome == vm::Outcome::failed) {
    context_.batch.count(bytecode::workflow_label(context_.symbols.name(body.workflow)), "failed",
                         run.detail);
    context_.tell(record->key, Happening::error, body.workflow, body.workflow, "on failure: " + run.detail);
    return;
  }
  tell_steps(*record, *binding, body.workflow, run);
  EffectBody from = body;
  from.created_at = context_.now;
  from.depth = next_depth(body);
  from.number += 1'000'000;  // keys of the failure path never meet those of the group
  Change change;
  ActionRunner runner(context_, *binding, *record, change, from);
  runner.reserve(run.actions);
  for (const vm::Action& action : run.actions) runner.apply(action);
  settle_group(consider_group(record->key, change, runner, from.depth), runner, body.workflow, from.depth);
}

}  // namespace wf::engine
