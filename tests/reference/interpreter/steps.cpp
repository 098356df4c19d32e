// Groups of steps: from where an enrolment stands to its next wait, at one instant.
#include <algorithm>
#include <stdexcept>

#include "grammar/value/calendar.hpp"
#include "tests/reference/interpreter/interpreter.hpp"
#include "tests/reference/interpreter/text.hpp"

namespace wf::reference {

using bytecode::EndReason;
using value::Kind;

namespace {

/// The beginning of the first day behind a pause that the workflow is in.
std::optional<std::int64_t> pause_over(const bytecode::Workflow& workflow, std::int64_t now) {
  for (const bytecode::Pause& pause : workflow.pauses) {
    const std::int64_t over = value::to_instant(pause.to + 1, 0, workflow.pause_zone);
    if (value::to_instant(pause.from, 0, workflow.pause_zone) <= now && now < over) return over;
  }
  return std::nullopt;
}

}  // namespace

void Interpreter::run_group(Key key, std::uint32_t id, Start start, int depth) {
  Record& record = world_.records.at(key);
  const std::uint32_t workflow = record.enrolment(id)->workflow;
  const sema::Workflow& w = module_.workflows.at(workflow);
  record.enrolment(id)->status = Status::running;
  if (w.goal && !w.head.goal_is_edge && holds(*w.goal, look(record)))
    return end(key, id, EndReason::goal_met);
  if (const auto until = pause_over(w.head, now_)) return defer(key, id, start, *until);

  Group group;
  group.record = key;
  group.workflow = workflow;
  group.enrolment = id;
  group.number = record.enrolment(id)->group + 1;
  group.depth = depth;
  group.locals = record.enrolment(id)->locals;
  group.changes.push_back(begin_change(record));
  std::optional<World> saved;
  if (may_be_taken_back(w)) saved = world_;
  const std::size_t begin = trace_.size(), seen = seen_.size();
  Outcome outcome = walk(group, start);
  if (outcome.end != End::deferred && w.head.when_blocked == bytecode::WhenBlocked::delay) {
    if (const auto until = held_back(group)) outcome = {End::deferred, {}, nullptr, *until, {}};
  }

  if (outcome.end == End::deferred) {
    world_ = std::move(*saved);
    trace_.resize(begin);
    seen_.resize(seen);
    return defer(key, id, start, outcome.due);
  }
  trace_.insert(trace_.begin() + static_cast<std::ptrdiff_t>(begin), group.steps.begin(), group.steps.end());
  Enrolment& e = *world_.records.at(key).enrolment(id);
  e.group = group.number;
  e.locals = group.locals;
  const std::vector<Firing> fired = fired_by(group, depth);
  if (outcome.end == End::ended) {
    end(key, id, outcome.reason);
  } else {
    e.status = Status::waiting;
    e.position = outcome.position;
    e.wait = outcome.wait;
    e.due = outcome.due;
    tell(key, "waiting", workflow_name(workflow), workflow,
         value::format_instant(outcome.due, catalogue().zone));
  }
  settle_group(group, fired, depth);
}

/// Only windows and limits can take a group back; without them there is nothing to keep.
bool Interpreter::may_be_taken_back(const sema::Workflow& workflow) const {
  return !workflow.windows.empty() || !catalogue().policies.empty();
}

/// Nothing of the group happened; all of it runs again at `due`.
void Interpreter::defer(Key key, std::uint32_t id, const Start& start, std::int64_t due) {
  Enrolment& e = *world_.records.at(key).enrolment(id);
  e.status = Status::deferred;
  e.position = start.position;
  e.wait = start.redo;
  e.due = due;
  tell(key, "deferred", workflow_name(e.workflow), e.workflow, value::format_instant(due, catalogue().zone));
}

/// Whom each change of the group enrols, before any of them sets anything in motion.
std::vector<Interpreter::Firing> Interpreter::fired_by(Group& group, int depth) {
  std::vector<Firing> fired;
  for (Change& change : group.changes) {
    end_change(change);
    const bool looked_at = change.touched || change.created;
    fired.push_back(looked_at ? firing_workflows(change.record, change, nullptr, depth + 1) : Firing());
  }
  return fired;
}

/// What the group changed is processed after it, completely; then whom it enrols.
void Interpreter::settle_group(Group& group, const std::vector<Firing>& fired, int depth) {
  for (std::size_t i = 0; i < group.changes.size(); ++i) {
    const Change& change = group.changes[i];
    if (change.touched || change.created) react(change.record, change, nullptr, depth + 1, fired[i]);
  }
  for (const Later& later : group.later) {
    const Record* target = world_.find(later.record);
    if (target == nullptr) continue;
    if (depth >= kMaxDepth) {
      stop_chain(later.record);
    } else if (!later.enroll) {
      unenroll(later.record, later.workflow);
    } else if (module_.workflows.at(later.workflow).head.object == target->object) {
      enroll(later.record, later.workflow, "by " + workflow_name(group.workflow), nullptr, depth + 1);
    }
  }
}

Interpreter::Outcome Interpreter::walk(Group& group, Start start) {
  Position& position = start.position;
  if (start.redo) {
    if (auto outcome = date_wait(*start.redo, group, position)) return *outcome;
  }
  while (!position.empty()) {
    Frame& frame = position.back();
    if (frame.next == frame.block->size()) {
      position.pop_back();
      continue;
    }
    const sema::Step& step = (*frame.block)[frame.next++];
    seen_.push_back({step.span, Truth::unknown, step.dead ? sema::Outcomes{} : sema::kAnyOutcome, true});
    group.steps.push_back({now_, group.record, "step", workflow_name(group.workflow),
                           workflow_name(group.workflow), step.label});
    if (auto outcome = take(step, group, position)) return *outcome;
  }
  return {};
}

std::optional<Interpreter::Outcome> Interpreter::take(const sema::Step& step, Group& group,
                                                      Position& position) {
  if (const auto* node = std::get_if<sema::Send>(&step.node)) return send(*node, group);
  if (const auto* node = std::get_if<sema::Notify>(&step.node); node && node->windowed) {
    if (auto outcome = closed(module_.workflows.at(group.workflow).windows, group)) return outcome;
  }
  if (const auto* node = std::get_if<sema::Stop>(&step.node)) {
    return Outcome{End::ended, node->reason, nullptr, 0, {}};
  }
  if (const auto* node = std::get_if<sema::If>(&step.node)) {
    position.push_back({&branch(*node, group), 0});
    return std::nullopt;
  }
  if (const auto* node = std::get_if<sema::WaitFor>(&step.node)) {
    const Value length = value_of(node->duration, group);
    const std::int64_t us =
        length.kind() == Kind::duration ? std::max<std::int64_t>(length.as_duration(), 0) : 0;
    return Outcome{End::waiting, {}, &step, now_ + us, position};
  }
  if (std::holds_alternative<sema::WaitUntil>(step.node) ||
      std::holds_alternative<sema::AtBlock>(step.node)) {
    return date_wait(step, group, position);
  }
  if (const auto* node = std::get_if<sema::WaitEvent>(&step.node)) {
    return wait_event(*node, step, group, position);
  }
  act(step, group);
  return std::nullopt;
}

// ---- branches and waits
// -----------------------------------------------------------------------------------------

const sema::Block& Interpreter::branch(const sema::If& node, Group& group) {
  for (const sema::If::Arm& arm : node.arms) {
    const Truth outcome = truth(value_of(arm.condition, group));
    seen_.push_back({arm.condition.span, outcome, arm.outcomes});
    if (!module_.workflows.at(group.workflow).verdicts.empty()) note_parts(arm.condition, group);
    if (outcome == Truth::yes) return arm.body;
  }
  return node.otherwise;
}

/// The checker also speaks of parts of a condition. Parts in one place with the whole are not written.
void Interpreter::note_parts(const sema::Expr& condition, const Group& group) {
  if (condition.op != sema::ExprOp::and_ && condition.op != sema::ExprOp::or_) return;
  for (const sema::Expr& part : condition.args) {
    if (part.span == condition.span) continue;
    seen_.push_back({part.span, truth(value_of(part, group))});
    note_parts(part, group);
  }
}

/// The wait of `wait until MOMENT` and `at MOMENT`, also when the moment has moved meanwhile.
std::optional<Interpreter::Outcome> Interpreter::date_wait(const sema::Step& step, Group& group,
                                                           Position& position) {
  using Then = ast::IfPast::Then;
  const auto* at = std::get_if<sema::AtBlock>(&step.node);
  const auto* until = std::get_if<sema::WaitUntil>(&step.node);
  const auto go = [&](Then then, EndReason reason) -> std::optional<Outcome> {
    if (then == Then::stop) return Outcome{End::ended, reason, nullptr, 0, {}};
    if (at && then != Then::skip) position.push_back({&at->body, 0});
    return std::nullopt;
  };
  const Value v = value_of(at ? at->moment : until->moment, group);
  if (v.kind() != Kind::instant)
    return go(at ? at->if_unknown : until->if_unknown, EndReason::anchor_unknown);
  if (v.as_instant() >= now_) return Outcome{End::waiting, {}, &step, v.as_instant(), position};
  const sema::IfPast& past = at ? at->if_past : until->if_past;
  if (past.within && now_ - v.as_instant() > *past.within) return go(Then::stop, EndReason::too_late);
  return go(past.then, EndReason::stopped);
}

std::optional<Interpreter::Outcome> Interpreter::wait_event(const sema::WaitEvent& wait,
                                                            const sema::Step& step, Group& group,
                                                            Position& position) {
  if (wait.since_counter != kNone) {
    if (group.locals.at(wait.since_local).is_unknown()) {
      tell_not_sent(group.record, group.workflow);
      position.push_back({&wait.timed_out, 0});
      return std::nullopt;
    }
    sema::Expr since, has_happened;
    since.op = sema::ExprOp::local;
    since.a = wait.since_local;
    has_happened.op = sema::ExprOp::occurred_since;
    has_happened.a = wait.since_counter;
    has_happened.args.push_back(since);
    if (truth(value_of(has_happened, group)) == Truth::yes) {
      position.push_back({&wait.happened, 0});
      return std::nullopt;
    }
  }
  const Value length = value_of(wait.at_most, group);
  return Outcome{End::waiting, {}, &step, now_ + length.as_duration(), position};
}

// ---- actions
// ----------------------------------------------------------------------------------------------------

Value Interpreter::value_of(const sema::Expr& e, const Group& group) const {
  Look at = look(world_.records.at(group.record));
  at.locals = &group.locals;
  return evaluate(e, at);
}

Record* Interpreter::record_of(const sema::Expr& e, const Group& group, std::uint32_t object) {
  const Value ref = value_of(e, group);
  Record* record = ref.kind() == Kind::ref ? world_.find(ref.as_key()) : nullptr;
  return record && (object == kNone || record->object == object) ? record : nullptr;
}

Change& Interpreter::change_of(Group& group, const Record& record) {
  for (Change& change : group.changes) {
    if (change.record == record.key) return change;
  }
  group.changes.push_back(begin_change(record));
  return group.changes.back();
}

std::vector<Value> Interpreter::plain_values(const std::vector<sema::Expr>& arguments,
                                             const Group& group) const {
  std::vector<Value> values;
  for (const sema::Expr& e : arguments) values.push_back(plain(catalogue(), value_of(e, group)));
  return values;
}

std::vector<Value> Interpreter::zones_of(const std::vector<sema::WindowUse>& windows,
                                         const Group& group) const {
  std::vector<Value> zones;
  for (const sema::WindowUse& window : windows) {
    zones.push_back(window.dynamic_zone ? value_of(*window.dynamic_zone, group) : Value());
  }
  return zones;
}

/// Closed windows take the group back.
std::optional<Interpreter::Outcome> Interpreter::closed(const std::vector<sema::WindowUse>& windows,
                                                        const Group& group) {
  if (group.handler || windows.empty()) return std::nullopt;
  const auto until = closed_until(windows, zones_of(windows, group), group.record, now_);
  if (!until) return std::nullopt;
  return Outcome{End::deferred, {}, nullptr, *until, {}};
}

/// `when blocked delay`: when there is room for every mail of the group.
std::optional<std::int64_t> Interpreter::held_back(const Group& group) const {
  std::optional<std::int64_t> until;
  for (const auto& [recipient, email] : group.mails) {
    const Record* record = world_.find(recipient);
    const auto capped =
        record ? capped_until(*record, catalogue().emails.at(email).mail_class, 0) : std::nullopt;
    if (capped) until = std::max(until.value_or(*capped), *capped);
  }
  return until;
}

std::optional<Interpreter::Outcome> Interpreter::send(const sema::Send& node, Group& group) {
  std::vector<sema::WindowUse> windows = node.quiet;
  if (node.windowed) {
    const auto& own = module_.workflows.at(group.workflow).windows;
    windows.insert(windows.begin(), own.begin(), own.end());
  }
  if (auto outcome = closed(windows, group)) return outcome;
  const Value recipient = value_of(node.recipient, group);
  if (recipient.kind() != Kind::ref) return Outcome{End::ended, EndReason::no_recipient, nullptr, 0, {}};
  Effect& effect = put_effect(group, recipient.as_key());
  effect.send = &node;
  if (!group.handler) {
    effect.zones = zones_of(windows, group);
    effect.windows = std::move(windows);
  }
  group.mails.emplace_back(effect.record, node.email);
  effect.arguments = plain_values(node.arguments, group);
  tell(effect.record, "mail_queued", "email." + catalogue().emails.at(node.email).name, group.workflow);
  if (node.label != kNone) group.locals.at(node.label) = Value::instant(now_);
  return std::nullopt;
}

void Interpreter::act(const sema::Step& step, Group& group) {
  if (write_step(step, group) || membership_step(step, group)) return;
  if (const auto* enrolling = std::get_if<sema::Enroll>(&step.node)) {
    const Value ref = value_of(enrolling->record, group);
    if (ref.kind() == Kind::ref) {
      group.later.push_back({ref.as_key(), enrolling->workflow, enrolling->enroll});
    }
  } else if (const auto* let = std::get_if<sema::Let>(&step.node)) {
    group.locals.at(let->local) = value_of(let->value, group);
  } else if (const auto* webhook = std::get_if<sema::CallWebhook>(&step.node)) {
    call(*webhook, group);
  } else if (const auto* task = std::get_if<sema::CreateTask>(&step.node)) {
    create_task(*task, group);
  } else if (const auto* notice = std::get_if<sema::Notify>(&step.node)) {
    notify(*notice, group);
  } else {
    throw std::logic_error("the reference interpreter does not know the step `" + step.label + "`");
  }
}

/// Steps that write a property.
bool Interpreter::write_step(const sema::Step& step, Group& group) {
  Record* record = &world_.records.at(group.record);
  std::uint32_t property = kNone;
  const sema::Expr *set = nullptr, *add = nullptr;
  if (const auto* n = std::get_if<sema::SetProperty>(&step.node)) {
    property = n->property;
    set = &n->value;
  } else if (const auto* a = std::get_if<sema::AddProperty>(&step.node)) {
    property = a->property;
    add = &a->amount;
  } else if (const auto* f = std::get_if<sema::SetField>(&step.node)) {
    record = record_of(f->record, group, f->object);
    property = f->property;
    set = &f->value;
  } else if (const auto* g = std::get_if<sema::AddField>(&step.node)) {
    record = record_of(g->record, group, g->object);
    property = g->property;
    add = &g->amount;
  } else {
    return false;
  }
  if (record == nullptr) return true;
  const Value v = value_of(set ? *set : *add, group);
  Change& change = change_of(group, *record);
  if (add) {
    add_to(*record, property, v, change, group.workflow);
  } else {
    write(*record, property, clamped(declared(*record, property), v), change, group.workflow);
  }
  return true;
}

/// Steps on lists, tags, topics and the marketing status.
bool Interpreter::membership_step(const sema::Step& step, Group& group) {
  Record& own = world_.records.at(group.record);
  const std::uint32_t by = group.workflow;
  if (const auto* list = std::get_if<sema::ChangeList>(&step.node)) {
    Record* other = record_of(list->record, group, kNone);
    if (other) set_list(*other, list->list, list->add, change_of(group, *other), by);
  } else if (const auto* tag = std::get_if<sema::ChangeTag>(&step.node)) {
    set_tag(own, tag->tag, tag->add, change_of(group, own), by);
  } else if (const auto* topic = std::get_if<sema::ChangeTopic>(&step.node)) {
    set_topic(own, catalogue().topics.at(topic->topic).name, topic->subscribe, by);
  } else if (const auto* marketing = std::get_if<sema::SetMarketing>(&step.node)) {
    set_marketing(own, marketing->marketing, by);
  } else {
    return false;
  }
  return true;
}

void Interpreter::call(const sema::CallWebhook& node, Group& group) {
  std::string body = "{";
  for (const auto& [name, e] : node.fields) {
    body += (body.size() > 1 ? "," : "") + json_text(name) + ":" + json(catalogue(), value_of(e, group));
  }
  Effect& effect = put_effect(group, group.record);
  effect.call = &node;
  effect.arguments = {Value::text(body + "}")};
}

void Interpreter::create_task(const sema::CreateTask& node, Group& group) {
  const Value title = value_of(node.title, group), assignee = value_of(node.assignee, group);
  const Value due = node.due ? value_of(*node.due, group) : Value();
  const bool team = assignee.kind() == Kind::resource &&
                    assignee.aux() == static_cast<std::uint32_t>(bytecode::ResourceKind::team);
  const std::string text = display(catalogue(), title);
  create_standard(group, "task",
                  {{"title", Value::text(text)}, {team ? "team" : "assignee", assignee}, {"due", due}});
  tell(group.record, "task_created", {}, group.workflow, text + " · " + display(catalogue(), assignee));
}

void Interpreter::notify(const sema::Notify& node, Group& group) {
  const bytecode::Message& message = catalogue().messages.at(node.message);
  const std::vector<Value> arguments = plain_values(node.arguments, group);
  const Value assignee = value_of(node.assignee, group);
  const bool team = assignee.kind() == Kind::resource &&
                    assignee.aux() == static_cast<std::uint32_t>(bytecode::ResourceKind::team);
  create_standard(group, "notification",
                  {{"subject", Value::text(render(message.subject, Escape::header, {arguments, {}, {}, {}}))},
                   {"body", Value::text(render(message.body, Escape::none, {arguments, {}, {}, {}}))},
                   {team ? "team" : "recipient", assignee}});
  tell(group.record, "notified", "message." + message.name, group.workflow,
       assignee.is_unknown() ? "nobody" : resource_path(catalogue(), assignee));
}

/// `on failure … then { … }` of a call that was given up: at once, with nothing left of its group.
void Interpreter::run_failure(const Effect& effect) {
  if (effect.call->on_failure.empty()) return;
  Record& record = world_.records.at(effect.source);
  Group group;
  group.record = effect.source;
  group.workflow = effect.workflow;
  group.enrolment = effect.enrolment;
  group.number = effect.group;
  group.effects = effect.number + 1'000'000;
  group.depth = std::min(effect.depth + 1, kMaxDepth);
  group.handler = true;
  group.locals.resize(module_.workflows.at(effect.workflow).locals);
  group.changes.push_back(begin_change(record));
  const std::size_t begin = trace_.size();
  walk(group, {Position{{&effect.call->on_failure, 0}}, nullptr});
  trace_.insert(trace_.begin() + static_cast<std::ptrdiff_t>(begin), group.steps.begin(), group.steps.end());
  settle_group(group, fired_by(group, group.depth), group.depth);
}

}  // namespace wf::reference
