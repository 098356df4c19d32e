// What a change sets in motion, in this order: goals, cancel conditions and suppression; enrolments that
// wait; triggers.
#include <algorithm>
#include <stdexcept>

#include "grammar/value/calendar.hpp"
#include "tests/reference/interpreter/interpreter.hpp"
#include "tests/reference/interpreter/text.hpp"

namespace wf::reference {

using bytecode::EndReason;
using bytecode::ReenrollMode;
using bytecode::TriggerKind;
using sema::ExprOp;
using value::Kind;

namespace {

std::vector<std::uint32_t> ids_of(const Record& record) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) ids.push_back(e.id);
  return ids;
}

/// The properties of the record that an expression reads.
void properties_in(const sema::Expr& e, std::set<std::uint32_t>& found) {
  if (e.op == ExprOp::property) found.insert(e.a);
  for (const sema::Expr& argument : e.args) properties_in(argument, found);
}

const std::vector<std::uint32_t>* anchors_of(const sema::Step& step) {
  if (const auto* wait = std::get_if<sema::WaitUntil>(&step.node)) return &wait->anchors;
  if (const auto* at = std::get_if<sema::AtBlock>(&step.node)) return &at->anchors;
  return nullptr;
}

bool turned_by_time(const sema::Trigger& trigger) {
  return trigger.head.kind == TriggerKind::becomes || trigger.head.kind == TriggerKind::condition;
}

}  // namespace

void Interpreter::stop_chain(Key key) {
  tell(key, "error", {}, kNone, "a chain of changes with no wait between them was stopped");
}

void Interpreter::react(Key key, Change change, const Event* event, int depth) {
  end_change(change);
  react(key, change, event, depth, firing_workflows(key, change, event, depth));
}

void Interpreter::react(Key key, const Change& change, const Event* event, int depth, const Firing& firing) {
  if (depth > kMaxDepth) return stop_chain(key);
  check_exits(key, change);
  resume_waiting(key, change, event, depth);
  for (const std::uint32_t w : firing) enroll(key, w, "trigger", event, depth);
}

bool Interpreter::turned_true(const Record& record, const sema::Expr& condition, const Change& change) {
  if (!holds(condition, look(record))) return false;
  return change.created || !holds(condition, look_before(record, change));
}

void Interpreter::check_exits(Key key, const Change& change) {
  for (const std::uint32_t id : ids_of(world_.records.at(key))) {
    Record& record = world_.records.at(key);
    const Enrolment* e = record.enrolment(id);
    if (e == nullptr) continue;
    const sema::Workflow& w = module_.workflows.at(e->workflow);
    const bool met =
        w.goal && (w.head.goal_is_edge ? turned_true(record, *w.goal, change) : holds(*w.goal, look(record)));
    const bool suppressed = std::any_of(change.lists.begin(), change.lists.end(), [&](const auto& entry) {
      const auto& lists = w.head.suppress;
      return entry.second && std::find(lists.begin(), lists.end(), entry.first) != lists.end();
    });
    if (met) {
      end(key, id, EndReason::goal_met);
    } else if (w.cancel && holds(*w.cancel, look(record))) {
      end(key, id, EndReason::cancelled);
    } else if (suppressed) {
      end(key, id, EndReason::suppressed);
    }
  }
}

void Interpreter::end(Key key, std::uint32_t id, EndReason reason, const std::string& detail) {
  Record& record = world_.records.at(key);
  const auto it = std::find_if(record.enrolments.begin(), record.enrolments.end(),
                               [&](const Enrolment& e) { return e.id == id; });
  if (it == record.enrolments.end()) return;
  const std::uint32_t workflow = it->workflow;
  record.enrolments.erase(it);
  tell(key, "ended", workflow_name(workflow), workflow,
       bytecode::to_string(reason) + (detail.empty() ? "" : ": " + detail));
  enroll_kept(key, workflow);
}

bool Interpreter::is_due(const Record& record, const sema::Trigger& trigger) const {
  const Value v = evaluate(*trigger.condition, look(record));
  if (v.kind() != Kind::instant || v.as_instant() > now_) return false;
  return v.as_instant() == now_ ||
         (trigger.head.late_ok && now_ - v.as_instant() <= trigger.head.late_within);
}

/// Where only moments enrol, a kept key waits for one that is not too long ago.
bool Interpreter::still_in_time(const Record& record, std::uint32_t workflow) const {
  const auto& triggers = module_.workflows.at(workflow).triggers;
  return triggers.empty() || std::any_of(triggers.begin(), triggers.end(), [&](const sema::Trigger& trigger) {
           return trigger.head.kind != TriggerKind::moment || is_due(record, trigger);
         });
}

/// The next key in line that may enrol does; one of a property counts only while the property has it.
void Interpreter::enroll_kept(Key key, std::uint32_t workflow) {
  const bytecode::Reenroll& rules = module_.workflows.at(workflow).head.reenroll;
  for (;;) {
    Record& record = world_.records.at(key);
    Memory& memory = record.memories[workflow];
    if (memory.kept.empty()) return;
    const Value kept = memory.kept.front();
    memory.kept.erase(memory.kept.begin());
    if (!rules.key_is_event && key_of_enrolment(record, workflow, nullptr) != kept) continue;
    if (!still_in_time(record, workflow)) {
      tell(key, "not_enrolled", workflow_name(workflow), workflow, "too_late");
      continue;
    }
    const std::uint32_t before = memory.times;
    enroll(key, workflow, "kept key", nullptr, 1, kept);
    if (world_.records.at(key).memories[workflow].times != before) return;
  }
}

// ---- waits
// --------------------------------------------------------------------------------------------------------

void Interpreter::resume_waiting(Key key, const Change& change, const Event* event, int depth) {
  for (const std::uint32_t id : ids_of(world_.records.at(key))) {
    Record& record = world_.records.at(key);
    const Enrolment* e = record.enrolment(id);
    if (e == nullptr || e->status != Status::waiting) continue;
    const auto* wait = std::get_if<sema::WaitEvent>(&e->wait->node);
    if (wait && event && event->at <= e->due && fits(wait->match, *event, look(record))) {
      Position position = e->position;
      position.push_back({&wait->happened, 0});
      run_group(key, id, {std::move(position), nullptr}, depth);
      continue;
    }
    const auto* anchors = anchors_of(*e->wait);
    const bool moved = anchors && std::any_of(anchors->begin(), anchors->end(),
                                              [&](std::uint32_t p) { return change.moved.count(p) > 0; });
    if (moved) run_group(key, id, {e->position, e->wait}, depth);
  }
}

void Interpreter::tell_not_sent(Key record, std::uint32_t workflow) {
  tell(record, "timed_out", workflow_name(workflow), workflow, "not_sent");
}

/// Nobody can react to a mail that was refused: it counts as never sent, and a wait for a reaction is over.
void Interpreter::not_sent(const Effect& effect, const std::string& reason) {
  Record* record = world_.find(effect.source);
  Enrolment* e = record == nullptr ? nullptr : record->enrolment(effect.enrolment);
  if (e == nullptr) return;
  if (module_.workflows.at(e->workflow).head.when_blocked == bytecode::WhenBlocked::stop) {
    return end(effect.source, e->id, EndReason::blocked, reason);
  }
  const Value sent = Value::instant(effect.wanted_at);
  const std::uint32_t label = effect.send->label;
  if (label != kNone && e->locals.at(label) == sent) e->locals[label] = Value();
  const auto* wait = e->status == Status::waiting ? std::get_if<sema::WaitEvent>(&e->wait->node) : nullptr;
  if (wait == nullptr || wait->since_counter == kNone) return;
  Value& since = e->locals.at(wait->since_local);
  if (wait->since_local != label && !(since == sent)) return;
  since = Value();
  tell_not_sent(effect.source, effect.workflow);
  Position position = e->position;
  position.push_back({&wait->timed_out, 0});
  run_group(effect.source, effect.enrolment, {std::move(position), nullptr},
            std::min(effect.depth + 1, kMaxDepth));
}

void Interpreter::fire(Key key, std::uint32_t id) {
  const Enrolment* e = world_.records.at(key).enrolment(id);
  Start start{e->position, nullptr};
  if (e->status == Status::deferred) {
    start.redo = e->wait;
  } else if (const auto* wait = std::get_if<sema::WaitEvent>(&e->wait->node)) {
    start.position.push_back({&wait->timed_out, 0});
  } else if (const auto* at = std::get_if<sema::AtBlock>(&e->wait->node)) {
    start.position.push_back({&at->body, 0});
  }
  run_group(key, id, std::move(start), 0);
}

// ---- triggers
// -----------------------------------------------------------------------------------------------------

bool Interpreter::reached(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger,
                          const Event* event) const {
  if (trigger.head.times == 0) return true;
  if (event == nullptr) return false;
  const sema::Counter& counter = module_.counters.at(trigger.head.counter);
  const auto memory = record.memories.find(workflow);
  const std::size_t from = memory == record.memories.end() ? 0 : memory->second.past;
  // The event itself is the newest entry of the history.
  Facts before = record.facts;
  --before.past;
  const Look then{module_, world_, record, before, nullptr, nullptr, now_};
  const std::int64_t times = trigger.head.times;
  return count(counter, then, from) < times && count(counter, look(record), from) >= times;
}

bool Interpreter::moment_fires(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger,
                               const Change& change) {
  std::set<std::uint32_t> anchors;
  properties_in(*trigger.condition, anchors);
  const bool moved = change.created || std::any_of(anchors.begin(), anchors.end(), [&](std::uint32_t p) {
                       return !(record.facts.properties.at(p) == change.before.properties.at(p));
                     });
  if (!moved) return false;
  if (is_due(record, trigger)) return true;
  const Value v = evaluate(*trigger.condition, look(record));
  if (v.kind() != Kind::instant || v.as_instant() > now_) return false;
  tell(record.key, "not_enrolled", workflow_name(workflow), workflow, "too_late");
  return false;
}

/// When the trigger fires next by time alone, as seen from `after`.
std::optional<std::int64_t> Interpreter::moment_of(const Record& record, const sema::Trigger& trigger,
                                                   std::int64_t after) const {
  Look then = look(record);
  then.now = after;
  const TriggerKind kind = trigger.head.kind;
  if (turned_by_time(trigger)) {
    return next_turn(*trigger.condition, then, after);
  }
  if (kind != TriggerKind::moment && kind != TriggerKind::schedule) return std::nullopt;
  const Value v = evaluate(*trigger.condition, then);
  return v.kind() == Kind::instant && v.as_instant() > after ? std::optional(v.as_instant()) : std::nullopt;
}

bool Interpreter::over_for_ever(const Record& record, std::uint32_t workflow) const {
  const auto memory = record.memories.find(workflow);
  const bool enrolled = memory != record.memories.end() && memory->second.times > 0;
  return enrolled && module_.workflows.at(workflow).head.reenroll.mode == ReenrollMode::never;
}

/// Notes when the workflow's triggers are to be looked at next, unless it will never enrol the record again.
void Interpreter::plant(const Record& record, std::uint32_t workflow) {
  if (over_for_ever(record, workflow)) return;
  for (const sema::Trigger& trigger : module_.workflows.at(workflow).triggers) {
    if (const auto due = moment_of(record, trigger, now_)) {
      world_.appointments.insert({*due, record.key, workflow});
    }
  }
}

/// Does the condition read something that the change touched? What time makes of others is not its matter.
bool Interpreter::concerns(const sema::Expr& e, const Record& record, const Change& change) const {
  if (change.created) return true;
  switch (e.op) {
    case ExprOp::property:
      return !(record.facts.properties.at(e.a) == change.before.properties.at(e.a));
    case ExprOp::in_list:
      return std::any_of(change.lists.begin(), change.lists.end(),
                         [&](const auto& entry) { return entry.first == e.a; });
    case ExprOp::has_tag:
      return record.facts.tags != change.before.tags;
    case ExprOp::count:
    case ExprOp::last_event: {
      const sema::Counter& counter = module_.counters.at(e.a);
      return times_counted(counter, look(record)) != times_counted(counter, look_before(record, change));
    }
    default:
      return std::any_of(e.args.begin(), e.args.end(),
                         [&](const sema::Expr& argument) { return concerns(argument, record, change); });
  }
}

/// Also when time turned it true at this instant, and the appointment has not been looked at.
bool Interpreter::turns_true(const Record& record, const sema::Trigger& trigger, const Change& change) {
  if (!concerns(*trigger.condition, record, change)) return false;
  bool known = !change.created && holds(*trigger.condition, look_before(record, change));
  const bool judged = !judged_.insert({record.key, &trigger}).second;
  if (known && !judged && kept_until_ != now_) {
    Look before = look_before(record, change);
    before.now = now_ - 1;
    known = holds(*trigger.condition, before);
  }
  return !known && holds(*trigger.condition, look(record));
}

bool Interpreter::fires(const Record& record, std::uint32_t workflow, const sema::Trigger& trigger,
                        const Change& change, const Event* event) {
  const bytecode::Trigger& head = trigger.head;
  bool occurred = false;
  switch (head.kind) {
    case TriggerKind::event:
      occurred = event && !event->late && fits(trigger.match, *event, look(record));
      break;
    case TriggerKind::changes:
      occurred = !(record.facts.properties.at(head.property) == change.before.properties.at(head.property));
      break;
    case TriggerKind::becomes:
    case TriggerKind::condition:
      occurred = turns_true(record, trigger, change);
      break;
    case TriggerKind::created:
      occurred = change.created;
      break;
    case TriggerKind::list_added:
    case TriggerKind::list_removed: {
      const std::pair<std::uint32_t, bool> entry{head.list, head.kind == TriggerKind::list_added};
      occurred = std::find(change.lists.begin(), change.lists.end(), entry) != change.lists.end();
      break;
    }
    case TriggerKind::moment:
      occurred = true;
      break;
    case TriggerKind::schedule:
      return false;
    default:
      throw std::logic_error("the reference interpreter does not know a kind of trigger");
  }
  if (!occurred || (trigger.guard && !holds(*trigger.guard, look(record, event)))) return false;
  if (head.kind == TriggerKind::moment) return moment_fires(record, workflow, trigger, change);
  return reached(record, workflow, trigger, event);
}

/// By the values before and after the change alone, whatever it sets in motion then. None at the end of a
/// chain, which stops no clock.
Interpreter::Firing Interpreter::firing_workflows(Key key, const Change& change, const Event* event,
                                                  int depth) {
  const Record& record = world_.records.at(key);
  Firing firing;
  for (std::uint32_t w = 0; w < module_.workflows.size(); ++w) {
    if (module_.workflows[w].head.object != record.object) continue;
    plant(record, w);
    if (depth > kMaxDepth) continue;
    bool any = false;
    for (const sema::Trigger& trigger : module_.workflows[w].triggers) {
      if (any && trigger.head.kind != TriggerKind::condition) continue;
      any = fires(record, w, trigger, change, event) || any;
    }
    if (any) firing.push_back(w);
  }
  std::sort(firing.begin(), firing.end(), [&](std::uint32_t a, std::uint32_t b) {
    const bytecode::Workflow &x = module_.workflows[a].head, &y = module_.workflows[b].head;
    return x.priority != y.priority ? x.priority > y.priority : x.name < y.name;
  });
  return firing;
}

void Interpreter::keep_appointment(const Appointment& appointment) {
  world_.appointments.erase(appointment);
  const Record& record = world_.records.at(appointment.record);
  if (over_for_ever(record, appointment.workflow)) return;
  bool fires = false;
  for (const sema::Trigger& trigger : module_.workflows.at(appointment.workflow).triggers) {
    if (judged_.count({record.key, &trigger}) > 0) continue;
    // A moment that has moved since is none.
    if (moment_of(record, trigger, appointment.due - 1) != appointment.due) continue;
    if (turned_by_time(trigger)) judged_.insert({record.key, &trigger});
    fires = fires || !trigger.guard || holds(*trigger.guard, look(record));
  }
  if (fires) enroll(appointment.record, appointment.workflow, "its moment has come", nullptr, 0);
  plant(world_.records.at(appointment.record), appointment.workflow);
}

// ---- enrolment
// ----------------------------------------------------------------------------------------------------

std::optional<Value> Interpreter::key_of_enrolment(const Record& record, std::uint32_t workflow,
                                                   const Event* event) {
  const sema::Workflow& w = module_.workflows.at(workflow);
  if (w.head.reenroll.key_is_event) {
    return Value::integer(static_cast<std::int64_t>(event ? event->key : next_event_key_++));
  }
  if (!w.reenroll_key) return Value::integer(0);
  const Value v = evaluate(*w.reenroll_key, look(record, event));
  return v.is_unknown() ? std::nullopt : std::optional<Value>(v);
}

std::string Interpreter::refusal(const Record& record, std::uint32_t workflow, const Value& key) const {
  const sema::Workflow& w = module_.workflows.at(workflow);
  for (const std::uint32_t list : w.head.suppress) {
    if (record.facts.lists.count(list)) return "suppressed";
  }
  if (w.unless && holds(*w.unless, look(record))) return "unless";
  for (const Enrolment& e : record.enrolments) {
    const std::string& group = module_.workflows.at(e.workflow).head.exclusive_group;
    if (e.workflow != workflow && !group.empty() && group == w.head.exclusive_group) return "exclusive_group";
  }
  const auto memory = record.memories.find(workflow);
  if (memory != record.memories.end() && memory->second.times > 0) {
    const Memory& m = memory->second;
    const bytecode::Reenroll& rule = w.head.reenroll;
    if (rule.mode == ReenrollMode::never) return "enrolled_before";
    const bool used = std::find(m.keys.begin(), m.keys.end(), key) != m.keys.end();
    if (rule.mode == ReenrollMode::each_key && used) return "key_used";
    if (rule.at_most_once_per > 0 && now_ - m.last_at < rule.at_most_once_per) return "too_soon";
  }
  if (w.goal && !w.head.goal_is_edge && holds(*w.goal, look(record))) return "already_met";
  return {};
}

void Interpreter::enroll(Key key, std::uint32_t workflow, std::string why, const Event* event, int depth,
                         std::optional<Value> kept) {
  Record& record = world_.records.at(key);
  const sema::Workflow& w = module_.workflows.at(workflow);
  const std::string name = workflow_name(workflow);
  const auto refuse = [&](const std::string& reason) { tell(key, "not_enrolled", name, workflow, reason); };
  const std::optional<Value> value = kept ? kept : key_of_enrolment(record, workflow, event);
  if (!value) return refuse("key_unknown");
  const auto running = std::find_if(record.enrolments.begin(), record.enrolments.end(),
                                    [&](const Enrolment& e) { return e.workflow == workflow; });
  const bool enrolled = running != record.enrolments.end();
  if (enrolled && !w.head.reenroll.restart) {
    if (w.head.reenroll.mode != ReenrollMode::each_key) return refuse("enrolled_now");
    Memory& m = record.memories[workflow];
    if (std::find(m.keys.begin(), m.keys.end(), *value) != m.keys.end()) return refuse("key_used");
    if (std::find(m.kept.begin(), m.kept.end(), *value) == m.kept.end()) m.kept.push_back(*value);
    return refuse("enrolled_now_key_kept");
  }
  if (const std::string reason = refusal(record, workflow, *value); !reason.empty()) return refuse(reason);
  if (enrolled) end(key, running->id, EndReason::restarted);

  Memory& memory = record.memories[workflow];
  ++memory.times;
  memory.last_at = now_;
  memory.past = record.history.size();
  if (w.head.reenroll.mode == ReenrollMode::each_key) memory.keys.push_back(*value);
  Enrolment e;
  e.id = record.next_enrolment++;
  e.workflow = workflow;
  e.locals.resize(w.locals);
  const std::uint32_t id = e.id;
  record.enrolments.push_back(std::move(e));
  tell(key, "enrolled", name, workflow, std::move(why));
  run_group(key, id, {Position{{&w.body, 0}}, nullptr}, depth);
}

void Interpreter::unenroll(Key key, std::uint32_t workflow) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : world_.records.at(key).enrolments) {
    if (e.workflow == workflow) ids.push_back(e.id);
  }
  for (const std::uint32_t id : ids) end(key, id, EndReason::unenrolled);
}

}  // namespace wf::reference
