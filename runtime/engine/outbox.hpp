// Internal to the engine: effects between the step that wanted them and the channel.
#pragma once

#include <set>
#include <string_view>

#include "runtime/engine/catch_up.hpp"
#include "runtime/engine/destinations.hpp"
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
  Outbox(Context& context, Executor& executor, CatchUp& catch_up)
      : context_(context),
        executor_(executor),
        catch_up_(catch_up),
        destinations_(context.options.destinations) {}

  /// After open: what was handed over before a crash is held as uncertain or sent again.
  void recover(std::int64_t now);
  /// Another program was activated: its endpoints are used again.
  void forget_gone();
  /// Effects that may leave at `now`; refusals and attempts go into the batch.
  std::vector<Delivery> hand_over(std::int64_t now, std::size_t limit);
  /// An answer's consequences go into the batch. An effect that is gone is ignored.
  void settle(const EffectAnswer& answer);
  /// The batch of hand_over failed: nothing left.
  void take_back();
  /// No effect is at fault for what comes now.
  void rest() { working_on_ = 0; }
  /// The effect that hand_over() or settle() is at; 0 between them.
  std::uint64_t working_on() const { return working_on_; }
  /// An effect that faults again and again is given up without its consequences.
  void condemn(std::uint64_t effect, std::string reason) { condemned_[effect] = std::move(reason); }
  std::size_t in_flight() const { return destinations_.under_way(); }
  bool is_in_flight(std::uint64_t effect) const { return destinations_.is_under_way(effect); }
  std::vector<ClosedDestination> closed(std::int64_t now) const { return destinations_.closed(now); }
  const std::set<std::string>& gone() const { return gone_; }

  // ---- for people ----
  std::vector<OutboxItem> list(const OutboxChoice& choice, std::size_t limit);
  /// Gives held and given-up effects another round, or drops them; how many.
  std::size_t retry(const OutboxChoice& choice);
  std::size_t discard(const OutboxChoice& choice);
  /// What was given up for an enrolment of the record is to leave again; how many effects.
  std::size_t retry_dead(Key source, SymbolId workflow);
  /// The pause in which a mail was to leave is over.
  void unpark(const ParkedItem& item);

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
  void give_up(store::Effect effect, EffectBody body, std::string_view detail);
  bool may_go(const store::Effect& effect, const EffectBody& body);
  bool is_settled_as_late(const store::Effect& effect, const EffectBody& body);
  bool bury_condemned(const store::Effect& effect, const EffectBody& body);
  std::string destination(const EffectBody& body) const;
  void mark_gone(const std::string& webhook, bool gone);
  std::vector<store::Effect> chosen(const OutboxChoice& choice, std::size_t limit);
  std::string subject_of(const EffectBody& body) const;
  SymbolId symbol_of(const EffectBody& body) const;

  Context& context_;
  Executor& executor_;
  CatchUp& catch_up_;
  Destinations destinations_;
  std::vector<std::uint64_t> leaving_;  // of the hand_over() under way
  std::uint64_t working_on_ = 0;
  std::map<std::uint64_t, std::string> condemned_;
  std::set<std::string> gone_;  // webhooks that answered 410
};

}  // namespace wf::engine
