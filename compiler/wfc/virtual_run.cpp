#include "compiler/wfc/virtual_run.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"

namespace wf::wfc {

namespace {

constexpr std::size_t kDeliveriesAtOnce = 10'000;
/// Of batches at one instant. A million records at once need a hundred; more is a loop in which no time
/// passes.
constexpr std::size_t kMostRounds = 10'000;

std::string call_key(engine::Key record, std::string_view webhook) {
  return "call:" + std::to_string(record) + ":" + std::string(webhook);
}

/// As the webhook channel has it: what is too much or broken may work later, the rest never will.
engine::AnswerKind kind_of_failure(int status) {
  const bool later = status == 408 || status == 425 || status == 429 || status >= 500;
  return later ? engine::AnswerKind::retry : engine::AnswerKind::refused;
}

}  // namespace

Result<std::unique_ptr<VirtualRun>> VirtualRun::create(const std::string& bundle, std::int64_t start,
                                                       const Ran& ran) {
  auto run = prepare(bundle, start, ran);
  if (!run) return run;
  if (const auto on = (*run)->switch_on(bundle); !on) return on.error();
  return run;
}

Result<std::unique_ptr<VirtualRun>> VirtualRun::prepare(const std::string& bundle, std::int64_t start,
                                                        const Ran& ran) {
  std::unique_ptr<VirtualRun> run(new VirtualRun());
  run->now_ = start;
  auto store = store::open_store("memory:");
  if (!store) return store.error();
  run->store_ = std::move(*store);
  engine::Options options;
  options.mail_idempotent = true;
  options.unsubscribe_link = [](engine::Key key, std::string_view topic) {
    return "https://example.com/u/" + std::to_string(key) + "-" + std::string(topic);
  };
  options.observer = [raw = run.get()](engine::Key key, const engine::HistoryItem& item) {
    if (raw->keep_) raw->observe(key, item);
  };
  options.ran = ran;
  auto engine = engine::Engine::open(*run->store_, std::move(options));
  if (!engine) return engine.error();
  run->engine_ = std::move(*engine);
  if (const auto taken = run->engine_->prepare(bundle, start); !taken) return taken.error();
  return run;
}

void VirtualRun::accept(const engine::InputEvent& event, std::uint64_t id) {
  store::Input input;
  if (id != 0) input.dedupe = {value::hash64("id " + std::to_string(id)), id};
  input.received_at = now_;
  input.body = engine::encode(event);
  waiting_.push_back(std::move(input));
}

void VirtualRun::remember(const engine::Delivery& delivery) {
  const auto* call = std::get_if<engine::CallDelivery>(&delivery.what);
  left_.emplace(call ? call_key(delivery.record, call->webhook) : delivery.key,
                std::make_shared<const engine::Delivery>(delivery));
}

void VirtualRun::observe(engine::Key key, const engine::HistoryItem& item) {
  using engine::Happening;
  Observation& seen = observations_.emplace_back(Observation{key, item, nullptr});
  std::string left;
  if (item.what == Happening::mail_sent) {
    left = item.detail;
  } else if (item.what == Happening::call_made || item.what == Happening::call_retry ||
             item.what == Happening::call_failed) {
    const std::string subject = engine_->subject_name(item.subject);  // webhook.NAME
    left = call_key(key, std::string_view(subject).substr(subject.find('.') + 1));
  }
  const auto found = left_.lower_bound(left);
  if (left.empty() || found == left_.end() || found->first != left) return;
  seen.delivery = std::move(found->second);
  left_.erase(found);
}

engine::EffectAnswer VirtualRun::answer(const engine::Delivery& delivery) {
  if (watch_) watch_(delivery);
  engine::EffectAnswer answer{delivery.effect, engine::AnswerKind::delivered, "200"};
  const auto* call = std::get_if<engine::CallDelivery>(&delivery.what);
  if (call == nullptr) return answer;
  if (call->wants_reply) answer.reply.emplace();
  const auto script = scripts_.find(call->webhook);
  if (script == scripts_.end() || script->second.statuses.empty()) return answer;
  const auto& [statuses, bodies, next] = script->second;
  const std::size_t i = std::min(script->second.next++, statuses.size() - 1);
  answer.detail = std::to_string(statuses[i]);
  if (call->wants_reply && i < bodies.size()) answer.reply = bodies[i];
  if (statuses[i] < 200 || statuses[i] >= 300) answer.kind = kind_of_failure(statuses[i]);
  return answer;
}

Result<void> VirtualRun::settle() {
  if (!waiting_.empty()) {
    if (const auto accepted = store_->accept(waiting_); !accepted) return accepted;
    waiting_.clear();
  }
  for (std::size_t round = 0; round < kMostRounds; ++round) {
    const auto batch = engine_->run(now_);
    if (!batch) return batch.error();
    const auto deliveries = engine_->hand_over(now_, kDeliveriesAtOnce);
    if (!deliveries) return deliveries.error();
    for (const engine::Delivery& delivery : *deliveries) {
      if (keep_) remember(delivery);
      engine_->answered(answer(delivery));
    }
    if (!batch->idle() || !deliveries->empty()) continue;
    // A mail that was refused may have left something to do.
    const auto due = engine_->next_due();
    if (!due) return due.error();
    if (!*due || **due > now_) return {};
  }
  return goes_round();
}

Error VirtualRun::goes_round() const {
  const auto last = std::find_if(observations_.rbegin(), observations_.rend(),
                                 [](const Observation& seen) { return seen.item.workflow != 0; });
  const std::string who =
      last == observations_.rend() ? "the workflows" : engine_->subject_name(last->item.workflow);
  return {ErrorCode::limit, who + " goes round and round at " + value::format_instant(now_) +
                                ": no time passes between its steps"};
}

Result<void> VirtualRun::advance(std::int64_t instant) {
  for (;;) {
    const auto due = engine_->next_due();
    if (!due) return due.error();
    if (!*due || **due > instant) break;
    now_ = std::max(now_, **due);
    if (const auto settled = settle(); !settled) return settled;
  }
  now_ = std::max(now_, instant);
  return settle();
}

}  // namespace wf::wfc
