#include "runtime/engine/catch_up.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

using store::Effect;
using store::EffectState;

namespace {

constexpr const char* kCatchUp = "catch_up";
constexpr std::int64_t kRampStep = 5 * value::kMinute;
/// One decision is one frame.
constexpr std::size_t kMostMails = 500'000;

}  // namespace

std::int64_t ramp_offset(std::uint64_t n, std::int64_t normal_rate) {
  std::int64_t rate = std::max<std::int64_t>(1, normal_rate / 10), start = 0;
  auto left = static_cast<std::int64_t>(n);
  while (rate < normal_rate) {
    const std::int64_t step = rate * (kRampStep / value::kSecond);
    if (left < step) break;
    left -= step;
    start += kRampStep;
    rate = std::min(normal_rate, 2 * rate);
  }
  return start + left * value::kSecond / rate;
}

void CatchUp::load() {
  state_ = {};
  last_slots_.clear();
  const auto bytes = need(context_.store.meta(kCatchUp));
  if (!bytes) return;
  value::Reader in(*bytes);
  state_.from = in.zigzag();
  state_.to = in.zigzag();
  state_.decision = static_cast<Decision>(std::min<std::uint8_t>(in.u8(), 4));
  state_.decided_at = in.zigzag();
  state_.spread = in.zigzag();
  state_.seen = in.varint();
  state_.released = in.varint();
  if (in.failed()) throw StoreFailure{{ErrorCode::corrupt, "the state of the catch-up does not decode"}};
}

void CatchUp::put() {
  value::Writer out;
  out.zigzag(state_.from);
  out.zigzag(state_.to);
  out.u8(static_cast<std::uint8_t>(state_.decision));
  out.zigzag(state_.decided_at);
  out.zigzag(state_.spread);
  out.varint(state_.seen);
  out.varint(state_.released);
  std::erase_if(context_.batch.frame.meta, [](const auto& put) { return put.key == kCatchUp; });
  context_.batch.frame.meta.push_back({kCatchUp, out.take()});
}

void CatchUp::begin(std::int64_t from, std::int64_t to) {
  // What an earlier outage left undecided belongs to this one.
  const bool holding = is_holding() || to - from > kHoldAfter;
  const std::int64_t first = is_holding() ? std::min(state_.from, from) : from;
  state_ = {};
  state_.from = first;
  state_.to = to;
  if (holding) state_.decision = Decision::holding;
  last_slots_.clear();
  put();
}

CatchUp::Verdict CatchUp::judge(const Effect& effect, bool marketing) {
  const std::int64_t late = context_.now - effect.next_at;
  if (!marketing) return late > kOtherLate ? Verdict::given_up : Verdict::leaves;
  switch (state_.decision) {
    case Decision::holding:
      return Verdict::held;
    case Decision::skipped:
      return Verdict::skipped;
    case Decision::approved:
    case Decision::rescheduled:
      return Verdict::spread;
    case Decision::none:
      break;
  }
  if (late > kMarketingLate) {
    state_.decision = Decision::holding;
  } else if (++state_.seen > std::max(kManyMails, context_.numbers.next_record / 100)) {
    state_.decision = Decision::holding;
  }
  put();
  return is_holding() ? Verdict::held : Verdict::leaves;
}

std::int64_t CatchUp::slot(const Effect& effect) {
  std::int64_t at = std::max(state_.decided_at, context_.now);
  if (state_.decision == Decision::rescheduled) {
    const std::uint64_t place = value::hash64(std::to_string(effect.id), 0);
    at = state_.decided_at + static_cast<std::int64_t>(place % static_cast<std::uint64_t>(
                                                                   std::max<std::int64_t>(1, state_.spread)));
  } else {
    at = std::max(at, state_.decided_at + ramp_offset(state_.released));
  }
  ++state_.released;
  const auto [last, first] = last_slots_.try_emplace(effect.record, at);
  if (!first) last->second = std::max(at, last->second + kContactPause);
  put();
  return std::max(last->second, state_.to);
}

std::size_t CatchUp::decide(const DecideCatchUp& operation) {
  using What = DecideCatchUp::What;
  state_.decision = operation.what == What::approve ? Decision::approved
                    : operation.what == What::skip  ? Decision::skipped
                                                    : Decision::rescheduled;
  state_.decided_at = context_.now;
  state_.spread = operation.spread;
  state_.released = 0;
  last_slots_.clear();
  put();
  std::size_t mails = 0;
  for (Effect& effect : need(context_.store.effects(EffectState::late, INT64_MAX, kMostMails))) {
    effect.state = EffectState::ready;
    // What is skipped is refused at the hand-over, as an overdue mail of this outage.
    effect.next_at = operation.what == What::skip ? state_.from : slot(effect);
    context_.batch.put_effect(std::move(effect));
    ++mails;
  }
  return mails;
}

const char* CatchUp::state_name() const {
  switch (state_.decision) {
    case Decision::none:
      return "none";
    case Decision::holding:
      return "holding";
    case Decision::approved:
      return "approved";
    case Decision::skipped:
      return "skipped";
    case Decision::rescheduled:
      return "rescheduled";
  }
  return "";
}

}  // namespace wf::engine
