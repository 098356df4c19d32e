// Branches, loops and waits of a body.
#include "compiler/ir/body_builder.hpp"

namespace wf::ir {

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

}  // namespace wf::ir
