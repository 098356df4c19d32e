// Internal to the engine: effects between the step that wanted them and the channel.
#pragma once

#include <string_view>
#include <unordered_set>

#include "runtime/engine/executor.hpp"

namespace wf::engine {

/// After the n-th failed attempt wait this long (seconds, ±20 % by effect), then give up: the schedule of
/// Standard Webhooks.
inline constexpr std::int64_t kRetrySeconds[] = {5,         5 * 60,    30 * 60,   2 * 3600, 5 * 3600,
                                                 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600};

/// When a parked mail leaves: never by itself (the year 9999).
inline constexpr std::int64_t kParkedUntil = 253'370'764'800'000'000;

class Outbox {
 public:
  Outbox(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// After open: what was handed over before a crash is held as uncertain or sent again.
  void recover(std::int64_t now);
  /// Effects that may leave at `now`; refusals and attempts go into the batch.
  std::vector<Delivery> hand_over(std::int64_t now, std::size_t limit);
  /// An answer's consequences go into the batch. An effect that is gone is ignored.
  void settle(const EffectAnswer& answer);
  /// The batch of hand_over failed: nothing left.
  void take_back(const std::vector<Delivery>& deliveries);
  /// What was given up for an enrolment of the record is to leave again; how many effects.
  std::size_t retry_dead(Key source, SymbolId workflow);
  /// The pause in which a mail was to leave is over.
  void unpark(const ParkedItem& item);
  std::size_t in_flight() const { return in_flight_.size(); }
  bool is_in_flight(std::uint64_t effect) const { return in_flight_.contains(effect); }

 private:
  void follow(store::Effect& effect);
  bool park(const store::Effect& effect, const EffectBody& body);
  std::optional<Delivery> prepare(const store::Effect& effect, const EffectBody& body);
  std::optional<Delivery> prepare_mail(const store::Effect& effect, const EffectBody& body,
                                       const Binding& binding);
  std::optional<Delivery> prepare_notice(const store::Effect& effect, EffectBody body,
                                         const Binding& binding);
  void refuse(const store::Effect& effect, const EffectBody& body, const std::string& reason);
  void delay(const store::Effect& effect, const EffectBody& body, std::int64_t until,
             std::string_view reason);
  bool may_leave(const store::Effect& effect, const EffectBody& body, const Binding& binding);
  bool is_final(const EffectBody& body) const;
  void delivered(const store::Effect& effect, const EffectBody& body, const EffectAnswer& answer);
  void undelivered(const store::Effect& effect, const EffectBody& body);
  static Happening failed_happening(const EffectBody& body);
  std::optional<std::string> refusal(const Record* recipient, const bytecode::Email& email,
                                     const Binding& binding, std::string& address) const;
  bool repeatable(const EffectBody& body) const;
  void retry(store::Effect effect, const EffectBody& body, const EffectAnswer& answer);
  void give_up(store::Effect effect, const EffectBody& body, std::string_view detail);
  std::string subject_of(const EffectBody& body) const;
  SymbolId symbol_of(const EffectBody& body) const;

  Context& context_;
  Executor& executor_;
  std::unordered_set<std::uint64_t> in_flight_;
};

}  // namespace wf::engine
