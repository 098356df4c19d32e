// Internal to the engine: what becomes of effects that were due while nothing ran.
//
// After a long outage marketing mails are held until a person decides; after a short one they leave unless
// they are very late or very many. Everything else goes on by itself.
#pragma once

#include <map>

#include "runtime/engine/context.hpp"
#include "runtime/engine/operations.hpp"

namespace wf::engine {

/// An outage longer than this holds marketing mails.
inline constexpr std::int64_t kHoldAfter = 6 * value::kHour;
/// A marketing mail later than this is held, also after a short outage.
inline constexpr std::int64_t kMarketingLate = 12 * value::kHour;
/// Other mails and calls later than this are given up.
inline constexpr std::int64_t kOtherLate = 72 * value::kHour;
/// Overdue marketing mails beyond this, or a hundredth of the records, are held as well.
inline constexpr std::uint64_t kManyMails = 1000;
/// A contact gets at most one late marketing mail in this time.
inline constexpr std::int64_t kContactPause = value::kDay;
/// Mails a second when nothing has to be made up for.
inline constexpr std::int64_t kNormalRate = 100;

/// How long after the decision the n-th late mail leaves: a tenth of the normal rate, doubled every 5
/// minutes.
std::int64_t ramp_offset(std::uint64_t n, std::int64_t normal_rate = kNormalRate);

class CatchUp {
 public:
  enum class Verdict : std::uint8_t { leaves, held, skipped, spread, given_up };

  explicit CatchUp(Context& context) : context_(context) {}

  /// As of the last durable frame. Throws StoreFailure.
  void load();
  /// In a batch: nothing ran, or the time was not known, from `from` to `to`.
  void begin(std::int64_t from, std::int64_t to);

  bool is_overdue(std::int64_t due) const { return due >= state_.from && due < state_.to; }
  /// What becomes of an overdue effect. In a batch.
  Verdict judge(const store::Effect& effect, bool marketing);
  /// When an effect leaves whose verdict is `spread`. In a batch.
  std::int64_t slot(const store::Effect& effect);

  bool is_holding() const { return state_.decision == Decision::holding; }
  /// In a batch: a person decided; how many mails it was about.
  std::size_t decide(const DecideCatchUp& operation);
  std::int64_t from() const { return state_.from; }
  std::int64_t to() const { return state_.to; }
  const char* state_name() const;

 private:
  enum class Decision : std::uint8_t { none, holding, approved, skipped, rescheduled };
  struct State {
    std::int64_t from = 0, to = 0;  // of the newest outage
    Decision decision = Decision::none;
    std::int64_t decided_at = 0, spread = 0;
    std::uint64_t seen = 0, released = 0;  // marketing mails that left without and after a decision
  };
  void put();

  Context& context_;
  State state_;
  std::map<Key, std::int64_t> last_slots_;  // of contacts, since the decision
};

}  // namespace wf::engine
