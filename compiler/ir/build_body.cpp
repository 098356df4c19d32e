// Steps: a `step` instruction at the head of each, then what it does.
#include "compiler/ir/builder.hpp"

namespace wf::ir {
namespace {

using bytecode::EndReason;
using bytecode::kNone;
using bytecode::Opcode;

class BodyBuilder {
 public:
  BodyBuilder(UnitBuilder& unit, const sema::Workflow& w, std::string name, std::vector<std::uint32_t>& steps,
              bool is_handler = false)
      : unit_(unit),
        workflow_(w),
        steps_(steps),
        f_(unit, std::move(name), bytecode::FunctionKind::body, w.head.object, kNone),
        is_handler_(is_handler) {
    f_.function().locals = w.locals;
  }

  Function build(const sema::Block& block) {
    steps(block);
    f_.leave({TerminatorKind::end});
    return f_.take();
  }

 private:
  void steps(const sema::Block& block) {
    for (const sema::Step& s : block) {
      if (!s.label.empty()) begin_step(s);
      span_ = s.span;
      std::visit([this](const auto& node) { lower(node); }, s.node);
    }
  }

  void begin_step(const sema::Step& s) {
    const std::size_t known = unit_.tables().steps.size();
    step_ = unit_.step(s);
    if (step_ >= known) steps_.push_back(step_);
    f_.emit(Opcode::step, step_);
  }

  void lower(const sema::Send& s);
  void lower(const sema::CreateTask& s);
  void lower(const sema::Notify& s);
  void lower(const sema::CallWebhook& s);
  void lower(const sema::SetProperty& s);
  void lower(const sema::AddProperty& s);
  void lower(const sema::SetField& s);
  void lower(const sema::AddField& s);
  void lower(const sema::ChangeList& s);
  void lower(const sema::ChangeAudience& s);
  void lower(const sema::ChangeTag& s);
  void lower(const sema::ChangeTopic& s);
  void lower(const sema::SetMarketing& s);
  void lower(const sema::Enroll& s);
  void lower(const sema::WaitFor& s);
  void lower(const sema::WaitUntil& s);
  void lower(const sema::WaitEvent& s);
  void lower(const sema::AtBlock& s);
  void lower(const sema::If& s);
  void lower(const sema::Let& s);
  void lower(const sema::Stop& s) { stop(s.reason); }
  void lower(const sema::Experiment& s);
  void lower(const sema::CreateRecord& s);
  void lower(const sema::DeleteRecord& s);
  void lower(const sema::ForEach& s);
  void lower(const sema::Compound& s) { steps(s.steps); }

  void windows(const std::vector<sema::WindowUse>& uses);
  void reply(const sema::CallWebhook::Reply& reply, std::uint32_t call, std::uint32_t results);
  void wait_for_winner(const sema::Experiment& s);
  void arguments(const std::vector<sema::Expr>& values) {
    for (const sema::Expr& v : values) f_.expression(v);
  }
  /// Steps behind a stop are unreachable; they are built all the same and dropped with their block.
  void stop(EndReason reason) {
    f_.leave({TerminatorKind::stop, 0, 0, reason});
    f_.go_on_in(f_.new_block());
  }
  /// Stops in a block of its own and comes back to the current one.
  BlockId stop_block(EndReason reason);
  std::uint32_t moment_local();
  /// Notes that the current block is reached.
  void reach(std::uint32_t branch, std::string outcome, text::Span span);
  void branch_with_outcomes(const sema::If::Arm& arm, BlockId yes, BlockId next);
  template <class Wait>
  void wait_for_moment(const Wait& s, BlockId skipped);
  /// The block where a wait goes on whose moment is past or unknown.
  BlockId block_for(ast::IfPast::Then then, EndReason reason, BlockId go_on, BlockId skipped);
  void if_past(const sema::IfPast& policy, std::uint32_t moment, BlockId go_on, BlockId skipped,
               std::uint32_t branch);
  std::uint32_t wait_entry(bytecode::WaitKind kind);

  UnitBuilder& unit_;
  const sema::Workflow& workflow_;
  std::vector<std::uint32_t>& steps_;
  FunctionBuilder f_;
  const bool is_handler_;  // of a failure: it runs at once, whatever the windows
  std::uint32_t step_ = kNone;
  text::Span span_;  // of the step
  std::optional<std::uint32_t> moment_local_, condition_local_;
};

// ---- effects
// ----------------------------------------------------------------------------------------------------

/// Every window must be open at the same instant; a closed one takes back the whole group of steps.
void BodyBuilder::windows(const std::vector<sema::WindowUse>& uses) {
  if (is_handler_ || uses.empty()) return;
  for (const sema::WindowUse& use : uses) {
    if (use.dynamic_zone) f_.expression(*use.dynamic_zone);
  }
  f_.emit(Opcode::window, unit_.window(uses));
}

void BodyBuilder::lower(const sema::Send& s) {
  std::vector<sema::WindowUse> all = s.windowed ? workflow_.windows : std::vector<sema::WindowUse>();
  all.insert(all.end(), s.quiet.begin(), s.quiet.end());
  windows(all);
  f_.expression(s.recipient);
  arguments(s.arguments);
  const bytecode::Email& email = unit_.tables().catalogue.emails[s.email];
  bytecode::Send entry;
  entry.email = s.email;
  entry.mail_class = email.mail_class;
  entry.topic = email.topic;
  entry.arguments = static_cast<std::uint32_t>(s.arguments.size());
  entry.own_subject = s.subject.has_value();
  if (s.subject) entry.subject = *s.subject;
  entry.label = s.label;
  f_.emit(Opcode::send, append(unit_.tables().sends, std::move(entry)));
}

void BodyBuilder::lower(const sema::CreateTask& s) {
  f_.expression(s.title);
  f_.expression(s.assignee);
  if (s.due) f_.expression(*s.due);
  if (s.about) f_.expression(*s.about);
  f_.emit(Opcode::task, unit_.task({s.due.has_value(), s.about.has_value(), s.local}));
}

void BodyBuilder::lower(const sema::CreateRecord& s) {
  bytecode::Create entry;
  entry.object = s.object;
  entry.label = s.local;
  for (const auto& [property, value] : s.values) {
    entry.properties.push_back(property);
    f_.expression(value);
  }
  f_.emit(Opcode::create, append(unit_.tables().creates, std::move(entry)));
}

void BodyBuilder::lower(const sema::DeleteRecord& s) {
  f_.expression(s.record);
  f_.emit(Opcode::delete_record);
}

void BodyBuilder::lower(const sema::Notify& s) {
  if (s.windowed) windows(workflow_.windows);
  f_.expression(s.assignee);
  arguments(s.arguments);
  const auto count = static_cast<std::uint32_t>(s.arguments.size());
  f_.emit(Opcode::notify, append(unit_.tables().notifies, {s.message, count, s.by_mail, s.in_app}));
}

void BodyBuilder::lower(const sema::CallWebhook& s) {
  bytecode::Call entry;
  entry.webhook = s.webhook;
  entry.retries = s.retries.value_or(kNone);
  entry.over = s.over;
  for (const auto& [name, value] : s.fields) {
    entry.fields.push_back(name);
    f_.expression(value);
  }
  if (!s.on_failure.empty()) entry.on_failure = unit_.reserve_function();
  if (s.reply) entry.reply = s.reply->first_local;
  const std::uint32_t handler = entry.on_failure;
  const std::uint32_t call = append(unit_.tables().calls, std::move(entry));
  f_.emit(Opcode::call, call);
  if (handler != kNone) {
    const std::string name = "call " + std::to_string(call) + " on failure";
    BodyBuilder body(unit_, workflow_, name, steps_, true);
    body.reach(unit_.new_branch(), "on failure", span_);
    unit_.set_function(handler, body.build(s.on_failure));
  }
  if (!s.reply) return;
  reply(*s.reply, call,
        static_cast<std::uint32_t>(unit_.tables().catalogue.webhooks[s.webhook].returns.size()));
}

/// The answer comes into locals; a reason beside it tells a failure from a timeout.
void BodyBuilder::reply(const sema::CallWebhook::Reply& reply, std::uint32_t call, std::uint32_t results) {
  const std::uint32_t reason = reply.first_local + results;
  for (std::uint32_t local = reply.first_local; local <= reason; ++local) {
    f_.emit(Opcode::push_unknown);
    f_.emit(Opcode::set_local, local);
  }
  f_.expression(reply.at_most);
  const std::uint32_t wait = wait_entry(bytecode::WaitKind::reply);
  unit_.tables().waits[wait].call = call;
  f_.emit(Opcode::wait_reply, wait);
  const BlockId answered = f_.new_block();
  const BlockId other = f_.new_block();
  const BlockId after = f_.new_block();
  f_.branch(answered, other);
  const std::uint32_t branch = unit_.new_branch();
  const text::Span span = span_;
  reach(branch, "answered", span);
  steps(reply.answered);
  f_.jump_to(after);
  f_.go_on_in(other);
  const BlockId failed = f_.new_block();
  const BlockId timed_out = f_.new_block();
  f_.emit(Opcode::local, reason);
  f_.emit(Opcode::is_known);
  f_.branch(failed, timed_out);
  reach(branch, "failed", span);
  steps(reply.failed);
  f_.jump_to(after);
  f_.go_on_in(timed_out);
  reach(branch, "timed_out", span);
  steps(reply.timed_out);
  f_.jump_to(after);
}

void BodyBuilder::lower(const sema::SetProperty& s) {
  f_.expression(s.value);
  f_.emit(Opcode::set_property, s.property);
}

void BodyBuilder::lower(const sema::AddProperty& s) {
  f_.expression(s.amount);
  f_.emit(Opcode::add_property, s.property);
}

void BodyBuilder::lower(const sema::SetField& s) {
  f_.expression(s.record);
  f_.expression(s.value);
  f_.emit(Opcode::set_field, unit_.field(s.object, s.property));
}

void BodyBuilder::lower(const sema::AddField& s) {
  f_.expression(s.record);
  f_.expression(s.amount);
  f_.emit(Opcode::add_field, unit_.field(s.object, s.property));
}

void BodyBuilder::lower(const sema::ChangeList& s) {
  f_.expression(s.record);
  f_.emit(s.add ? Opcode::list_add : Opcode::list_remove, s.list);
}

void BodyBuilder::lower(const sema::ChangeAudience& s) {
  f_.expression(s.record);
  f_.emit(s.add ? Opcode::audience_add : Opcode::audience_remove, s.audience);
}

void BodyBuilder::lower(const sema::ChangeTag& s) {
  f_.emit(s.add ? Opcode::tag_add : Opcode::tag_remove, unit_.constant(value::Value::text(s.tag)));
}

void BodyBuilder::lower(const sema::ChangeTopic& s) {
  f_.emit(s.subscribe ? Opcode::subscribe : Opcode::unsubscribe, s.topic);
}

void BodyBuilder::lower(const sema::SetMarketing& s) {
  f_.emit(Opcode::set_marketing, s.marketing ? 1 : 0);
}

void BodyBuilder::lower(const sema::Enroll& s) {
  f_.expression(s.record);
  f_.emit(s.enroll ? Opcode::enroll : Opcode::unenroll, s.workflow);
}

void BodyBuilder::lower(const sema::Let& s) {
  f_.expression(s.value);
  f_.emit(Opcode::set_local, s.local);
}

// ---- branches and waits
// -----------------------------------------------------------------------------------------

void BodyBuilder::reach(std::uint32_t branch, std::string outcome, text::Span span) {
  if (!unit_.marks_outcomes()) return;
  f_.emit(Opcode::outcome, unit_.outcome({std::move(outcome), span, branch, step_}));
}

/// Goes on in `yes`. The condition's value is kept in a local, so that each of its outcomes has a block.
void BodyBuilder::branch_with_outcomes(const sema::If::Arm& arm, BlockId yes, BlockId next) {
  const text::Span span = arm.condition.span;
  const std::uint32_t branch = unit_.new_branch();
  unit_.branch_values(branch, workflow_.head.object, arm.condition);
  if (!condition_local_) condition_local_ = f_.function().locals++;
  f_.emit(Opcode::set_local, *condition_local_);
  if (arm.condition.type.nullable && (arm.outcomes & sema::kUnknown) != 0) {
    const BlockId known = f_.new_block();
    const BlockId unknown = f_.new_block();
    f_.emit(Opcode::local, *condition_local_);
    f_.emit(Opcode::is_known);
    f_.branch(known, unknown);
    f_.go_on_in(unknown);
    reach(branch, "unknown", span);
    f_.leave({TerminatorKind::jump, next});
    f_.go_on_in(known);
  }
  const BlockId no = f_.new_block();
  f_.emit(Opcode::local, *condition_local_);
  f_.branch(yes, no);
  f_.go_on_in(no);
  if ((arm.outcomes & sema::kFalse) != 0) reach(branch, "false", span);
  f_.leave({TerminatorKind::jump, next});
  f_.go_on_in(yes);
  if ((arm.outcomes & sema::kTrue) != 0) reach(branch, "true", span);
}

void BodyBuilder::lower(const sema::If& s) {
  using Coverage = sema::If::Coverage;
  const BlockId after = f_.new_block();
  const std::uint32_t arms = unit_.new_branch();
  for (const sema::If::Arm& arm : s.arms) {
    f_.expression(arm.condition);
    const BlockId yes = f_.new_block();
    const BlockId next = f_.new_block();
    const bool marked = unit_.marks_outcomes() && s.coverage == Coverage::conditions &&
                        !unit_.is_constant(workflow_.head.object, arm.condition);
    if (marked) {
      branch_with_outcomes(arm, yes, next);
    } else {
      f_.branch(yes, next);
    }
    if (s.coverage == Coverage::arms) reach(arms, unit_.written(arm.condition.span), arm.condition.span);
    steps(arm.body);
    f_.jump_to(after);
    f_.go_on_in(next);
  }
  if (s.coverage == Coverage::arms && s.else_span) reach(arms, "else", *s.else_span);
  steps(s.otherwise);
  f_.jump_to(after);
}

/// Code only runs forward: the body stands once for each place of the set, behind a test that it is taken.
void BodyBuilder::lower(const sema::ForEach& s) {
  f_.expression(s.record);
  f_.emit(Opcode::collect, append(unit_.tables().collects, {unit_.relation(s.relation), s.first, s.count}));
  const BlockId after = f_.new_block();
  for (std::uint32_t i = 0; i < s.count; ++i) {
    const BlockId turn = f_.new_block();
    f_.emit(Opcode::local, s.first + i);
    f_.emit(Opcode::is_known);
    f_.branch(turn, after);
    f_.emit(Opcode::local, s.first + i);
    f_.emit(Opcode::set_local, s.item);
    for (const std::uint32_t local : s.fresh) {
      f_.emit(Opcode::push_unknown);
      f_.emit(Opcode::set_local, local);
    }
    steps(s.body);
  }
  f_.jump_to(after);
}

std::uint32_t BodyBuilder::wait_entry(bytecode::WaitKind kind) {
  bytecode::Wait entry;
  entry.kind = kind;
  entry.step = step_;
  return append(unit_.tables().waits, std::move(entry));
}

void BodyBuilder::lower(const sema::WaitFor& s) {
  f_.expression(s.duration);
  f_.emit(Opcode::wait_for, wait_entry(bytecode::WaitKind::duration));
}

void BodyBuilder::lower(const sema::WaitUntil& s) {
  const BlockId after = f_.new_block();
  wait_for_moment(s, after);
  f_.jump_to(after);
}

void BodyBuilder::lower(const sema::AtBlock& s) {
  const BlockId after = f_.new_block();
  wait_for_moment(s, after);
  steps(s.body);
  f_.jump_to(after);
}

void BodyBuilder::lower(const sema::WaitEvent& s) {
  const std::uint32_t wait = wait_entry(bytecode::WaitKind::event);
  const std::string name = "wait " + std::to_string(wait);
  unit_.tables().waits[wait].match = unit_.match(name, workflow_.head.object, s.match);
  const BlockId happened = f_.new_block();
  const BlockId timed_out = f_.new_block();
  const BlockId after = f_.new_block();
  unit_.tables().waits[wait].sent = s.since_local;
  if (s.since_counter != kNone) {
    const BlockId waiting = f_.new_block();
    f_.emit(Opcode::local, s.since_local);
    f_.emit(Opcode::occurred_since, s.since_counter);
    f_.branch(happened, waiting);
    f_.go_on_in(waiting);
  }
  f_.expression(s.at_most);
  f_.emit(Opcode::wait_event, wait);
  f_.branch(happened, timed_out);
  const std::uint32_t branch = unit_.new_branch();
  const text::Span span = span_;
  reach(branch, "happened", span);
  steps(s.happened);
  f_.jump_to(after);
  f_.go_on_in(timed_out);
  reach(branch, "timed_out", span);
  steps(s.timed_out);
  f_.jump_to(after);
}

/// A record of the rest that comes before there is a winner waits for it.
void BodyBuilder::wait_for_winner(const sema::Experiment& s) {
  const std::uint32_t due = moment_local();
  const BlockId waiting = f_.new_block();
  const BlockId go_on = f_.new_block();
  f_.expression(s.key);
  f_.emit(Opcode::winner_due, s.experiment);
  f_.emit(Opcode::set_local, due);
  f_.emit(Opcode::local, due);
  f_.emit(Opcode::is_known);
  f_.branch(waiting, go_on);
  f_.emit(Opcode::local, due);
  f_.emit(Opcode::wait_until, wait_entry(bytecode::WaitKind::until));
  f_.jump_to(go_on);
}

void BodyBuilder::lower(const sema::Experiment& s) {
  const bytecode::Experiment& experiment = unit_.tables().catalogue.experiments[s.experiment];
  if (experiment.winner_by != bytecode::WinnerBy::none) wait_for_winner(s);
  const std::uint32_t arm = f_.function().locals++;
  f_.expression(s.key);
  f_.emit(Opcode::experiment, s.experiment);
  f_.emit(Opcode::set_local, arm);
  const BlockId after = f_.new_block();
  const std::uint32_t branch = unit_.new_branch();
  const text::Span span = span_;
  for (std::size_t i = 0; i + 1 < s.bodies.size(); ++i) {
    f_.emit(Opcode::local, arm);
    f_.push(value::Value::integer(static_cast<std::int64_t>(i)));
    f_.emit(Opcode::eq);
    const BlockId mine = f_.new_block();
    const BlockId next = f_.new_block();
    f_.branch(mine, next);
    reach(branch, experiment.arms[i].name, span);
    steps(s.bodies[i]);
    f_.jump_to(after);
    f_.go_on_in(next);
  }
  reach(branch, experiment.arms.back().name, span);
  steps(s.bodies.back());
  f_.jump_to(after);
}

BlockId BodyBuilder::stop_block(EndReason reason) {
  const BlockId back = f_.current();
  const BlockId block = f_.new_block();
  f_.go_on_in(block);
  f_.leave({TerminatorKind::stop, 0, 0, reason});
  f_.go_on_in(back);
  return block;
}

/// One local serves all waits of a body: its value is used before the next group begins.
std::uint32_t BodyBuilder::moment_local() {
  if (!moment_local_) moment_local_ = f_.function().locals++;
  return *moment_local_;
}

BlockId BodyBuilder::block_for(ast::IfPast::Then then, EndReason reason, BlockId go_on, BlockId skipped) {
  using Then = ast::IfPast::Then;
  switch (then) {
    case Then::skip:
      return skipped;
    case Then::stop:
      return stop_block(reason);
    case Then::continue_:
    case Then::enroll_now:
      break;
  }
  return go_on;
}

/// The moment has passed: goes to `go_on` or `skipped`, or stops.
void BodyBuilder::if_past(const sema::IfPast& policy, std::uint32_t moment, BlockId go_on, BlockId skipped,
                          std::uint32_t branch) {
  if (policy.within) {
    const BlockId recent = f_.new_block();
    const BlockId too_late = f_.new_block();
    f_.emit(Opcode::local, moment);
    f_.emit(Opcode::age);
    f_.push(value::Value::duration(*policy.within));
    f_.emit(Opcode::le);
    f_.branch(recent, too_late);
    f_.go_on_in(too_late);
    if (policy.span) reach(branch, "too late", *policy.span);
    f_.leave({TerminatorKind::stop, 0, 0, EndReason::too_late});
    f_.go_on_in(recent);
  }
  if (policy.span) reach(branch, "past", *policy.span);
  f_.leave({TerminatorKind::jump, block_for(policy.then, EndReason::stopped, go_on, skipped)});
}

/// Goes on behind the wait. An anchor that changes meanwhile brings the enrolment back to the block that
/// computes the moment, so that the same rules hold for the new one. Exactly now is not past: the wait is
/// over at once.
template <class Wait>
void BodyBuilder::wait_for_moment(const Wait& s, BlockId skipped) {
  const std::uint32_t step = step_;
  const std::uint32_t local = moment_local();
  const BlockId compute = f_.new_block();
  const BlockId known = f_.new_block();
  const BlockId past = f_.new_block();
  const BlockId future = f_.new_block();
  const BlockId go_on = f_.new_block();
  f_.jump_to(compute);
  f_.expression(s.moment);
  f_.emit(Opcode::set_local, local);
  f_.emit(Opcode::local, local);
  f_.emit(Opcode::is_known);
  f_.branch(known, block_for(s.if_unknown, EndReason::anchor_unknown, go_on, skipped));
  f_.emit(Opcode::local, local);
  f_.emit(Opcode::now);
  f_.emit(Opcode::lt);
  f_.branch(past, future);
  const std::uint32_t branch = unit_.new_branch();
  if_past(s.if_past, local, go_on, skipped, branch);
  f_.go_on_in(future);
  if (s.if_past.span) reach(branch, "ahead", *s.if_past.span);
  f_.emit(Opcode::local, local);
  step_ = step;
  const std::uint32_t wait = wait_entry(bytecode::WaitKind::until);
  unit_.tables().waits[wait].anchors = s.anchors;
  unit_.tables().waits[wait].anchors_elsewhere = s.anchors_elsewhere;
  unit_.lower_reads(unit_.tables().waits[wait].anchors_elsewhere);
  if (!s.anchors.empty() || !s.anchors_elsewhere.empty()) f_.function().recompute.emplace_back(wait, compute);
  f_.emit(Opcode::wait_until, wait);
  f_.jump_to(go_on);
}

}  // namespace

std::uint32_t build_body(UnitBuilder& unit, const sema::Workflow& w, std::vector<std::uint32_t>& steps) {
  const std::uint32_t index = unit.reserve_function();
  unit.set_function(index, BodyBuilder(unit, w, bytecode::workflow_label(w.head.name), steps).build(w.body));
  return index;
}

}  // namespace wf::ir
