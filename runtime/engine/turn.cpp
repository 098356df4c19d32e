// What the engine does with inputs, due timers, answers and operations.
#include <algorithm>

#include "runtime/engine/engine_impl.hpp"

namespace wf::engine {

void EngineImpl::take_inputs(BatchResult& result) {
  const std::size_t limit = isolation_.inputs(consumed_, context_.options.inputs_per_batch);
  const std::vector<store::Input> inputs = need(context_.store.pull(consumed_, limit));
  std::vector<store::DedupeId> ids;
  ids.reserve(inputs.size());
  for (const store::Input& input : inputs) ids.push_back(input.dedupe);
  const std::vector<bool> seen = need(context_.store.seen(ids));
  const auto events = read_ahead(inputs);
  std::set<store::DedupeId> in_batch;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool has_id = inputs[i].dedupe != store::DedupeId{};
    if (seen[i] || (has_id && !in_batch.insert(inputs[i].dedupe).second)) {
      context_.batch.count("engine", "duplicates");
      continue;
    }
    isolation_.working_on(inputs[i]);
    if (auto reason = isolation_.condemned(inputs[i])) {
      quarantine_.add(inputs[i], std::move(*reason));
    } else {
      if (context_.options.before_item) context_.options.before_item(&inputs[i], nullptr);
      intake_.apply(events[i], inputs[i]);
    }
    if (has_id) context_.batch.frame.dedupe.push_back(inputs[i].dedupe);
  }
  if (!inputs.empty()) batch_consumed_ = inputs.back().seq;
  result.inputs = inputs.size();
  result.more |= inputs.size() == limit;
}

/// The inputs as events. The store hears which records they are about.
std::vector<std::optional<InputEvent>> EngineImpl::read_ahead(const std::vector<store::Input>& inputs) {
  constexpr std::size_t kWorthIt = 16;
  std::vector<std::optional<InputEvent>> events;
  std::vector<std::pair<SymbolId, std::string>> wanted;
  for (const store::Input& input : inputs) {
    events.push_back(Intake::decode(input));
    if (inputs.size() < kWorthIt || !events.back()) continue;
    if (auto identity = intake_.identity_of(*events.back())) wanted.push_back(std::move(*identity));
  }
  if (!wanted.empty()) context_.store.want(std::move(wanted));
  return events;
}

std::vector<store::Timer> EngineImpl::due_timers() {
  // What was accepted before is older than what is due now: an event wins over its time limit.
  if (batch_consumed_ < drain_until_) return {};
  auto due = need(context_.store.timers_due(context_.now, context_.options.timers_per_batch));
  isolation_.choose(due, consumed_);
  return due;
}

void EngineImpl::take_timers(BatchResult& result) {
  std::vector<store::Timer> due = due_timers();
  for (const store::Timer& timer : due) {
    // An input of this batch may have ended the wait.
    if (context_.batch.timers_removed.contains(timer)) continue;
    isolation_.working_on(timer);
    if (auto reason = isolation_.condemned(timer)) {
      context_.batch.remove_timer(timer);
      quarantine_.add(timer, std::move(*reason));
      continue;
    }
    if (context_.options.before_item) context_.options.before_item(nullptr, &timer);
    context_.overdue_since = catch_up_.is_overdue(timer.due) ? timer.due : 0;
    if (timer.kind == kTimerReport) {
      reports_.fire(timer);
    } else {
      executor_.fire(timer);
    }
  }
  context_.overdue_since = 0;
  isolation_.working_on_none();
  result.timers = due.size();
  result.more |= due.size() >= context_.options.timers_per_batch;
  fired_ = std::move(due);
}

void EngineImpl::take_answers(BatchResult& result) {
  outbox_.rest();
  for (const EffectAnswer& answer : answers_) outbox_.settle(answer);
  outbox_.rest();
  result.answers = answers_.size();
}

/// After a crash: names durably what is worked on next, in case the process dies over it again.
Result<void> EngineImpl::mark(std::int64_t now) {
  if (!isolation_.is_careful(consumed_)) return {};
  return batch(now, [&] {
    if (auto mark = isolation_.mark_first(consumed_, due_timers())) {
      context_.batch.frame.meta.push_back({kCrashMark, std::move(*mark)});
    }
  });
}

/// Whose fault the last batch was. False when it cannot be said: then trying again is all that is left.
bool EngineImpl::blame() {
  const std::uint64_t effect = outbox_.working_on();
  if (effect == 0) return isolation_.faulted(*fault_);
  if (++faults_[effect] >= Isolation::kAttempts) outbox_.condemn(effect, *fault_);
  return true;
}

Result<BatchResult> EngineImpl::run(std::int64_t now) {
  if (context_.active == nullptr) return Error{ErrorCode::invalid, "no project is active"};
  BatchResult result;
  for (bool done = false; !done;) {
    if (const auto marked = mark(now); !marked) return marked.error();
    fault_.reset();
    result = {};
    const auto outcome = batch(now, [&] {
      take_answers(result);
      take_inputs(result);
      take_timers(result);
      result.swept = sweep_.step(context_.options.swept_per_batch);
      result.swept += control_.step(context_.options.swept_per_batch);
      result.more |= sweep_.is_active() || control_.is_active() || isolation_.is_active(batch_consumed_) ||
                     batch_consumed_ < drain_until_;
      collect_garbage();
    });
    done = outcome.ok();
    if (done) break;
    if (!fault_ || !blame()) return outcome.error();
  }
  isolation_.passed(consumed_, fired_);
  if (!result.more) executor_.all_fired();
  answers_.clear();
  return result;
}

Result<OperationAnswer> EngineImpl::operate(const Operation& operation, std::int64_t now) {
  if (context_.active == nullptr) return Error{ErrorCode::invalid, "no project is active"};
  const store::InputSeq accepted = context_.store.figures().accepted;
  while (consumed_ < accepted) {
    if (const auto ran = run(now); !ran) return ran.error();
  }
  OperationAnswer answer;
  fault_.reset();
  const auto outcome = batch(now, [&] {
    answer = control_.carry_out(operation);
    if (Control::is_dry(operation)) throw OnlyTried();
  });
  if (outcome) return answer;
  const Error error = outcome.error();
  const std::optional<std::string> fault = fault_;
  (void)batch(now, [] {});  // recalls what the failed one had moved on
  if (fault) return OperationAnswer{Verdict::refused, "fault", "it fails again: " + *fault};
  return error;
}

Result<std::vector<Delivery>> EngineImpl::hand_over(std::int64_t now, std::size_t limit) {
  for (;;) {
    std::vector<Delivery> deliveries;
    fault_.reset();
    const auto outcome = batch(now, [&] { deliveries = outbox_.hand_over(context_.now, limit); });
    if (outcome) return deliveries;
    outbox_.take_back();
    if (!fault_ || !blame()) return outcome.error();
  }
}

Result<std::size_t> EngineImpl::retry_effects(const OutboxChoice& choice, std::int64_t now) {
  std::size_t changed = 0;
  const auto outcome = batch(now, [&] { changed = outbox_.retry(choice); });
  return outcome ? Result<std::size_t>(changed) : outcome.error();
}

Result<std::size_t> EngineImpl::discard_effects(const OutboxChoice& choice, std::int64_t now) {
  std::size_t changed = 0;
  const auto outcome = batch(now, [&] { changed = outbox_.discard(choice); });
  return outcome ? Result<std::size_t>(changed) : outcome.error();
}

Result<void> EngineImpl::outage(std::int64_t from, std::int64_t to) {
  return batch(to, [&] { catch_up_.begin(from, to); });
}

Result<std::optional<std::int64_t>> EngineImpl::next_due() {
  auto due = context_.store.next_timer();
  if (!due) return due.error();
  const auto effects = context_.store.effects(store::EffectState::ready, INT64_MAX, outbox_.in_flight() + 1);
  if (!effects) return effects.error();
  std::optional<std::int64_t> next = *due;
  if (sweep_.is_active() || control_.is_active()) next = context_.numbers.clock;
  for (const store::Effect& effect : *effects) {
    if (outbox_.is_in_flight(effect.id)) continue;
    next = std::min(next.value_or(effect.next_at), effect.next_at);
    break;
  }
  return next;
}

}  // namespace wf::engine
