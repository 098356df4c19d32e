// A project in virtual time: the real engine over a store in memory, a clock that jumps, and channels that
// only note. What `wfc test` and `wfc sim` run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine/engine.hpp"

namespace wf::wfc {

/// Something that happened in the run, in order.
struct Observation {
  engine::Key record = 0;
  engine::HistoryItem item;
  std::shared_ptr<const engine::Delivery> delivery;  ///< what left: of mails that were sent and of calls
};

class VirtualRun {
 public:
  /// Told of every group of steps that ran.
  using Ran = std::function<void(const engine::GroupRan&)>;

  /// Starts an empty world at `start` with the program of `bundle`. Errors: those of the bundle.
  static Result<std::unique_ptr<VirtualRun>> create(const std::string& bundle, std::int64_t start,
                                                    const Ran& ran = {});
  /// The same with all workflows off until switch_on(): what is accepted before was there already then.
  static Result<std::unique_ptr<VirtualRun>> prepare(const std::string& bundle, std::int64_t start,
                                                     const Ran& ran = {});
  Result<void> switch_on(const std::string& bundle) { return engine_->activate(bundle, now_); }

  /// HTTP statuses that a webhook answers with, one a call, the last for ever. Without: 200.
  /// `bodies`: the JSON object of each answer, for calls that wait for one.
  void script_webhook(const std::string& name, std::vector<int> statuses,
                      std::vector<value::Map> bodies = {}) {
    scripts_[name] = {std::move(statuses), std::move(bodies), 0};
  }
  /// Told of every effect that is handed over, before it is answered.
  void watch_deliveries(std::function<void(const engine::Delivery&)> watch) { watch_ = std::move(watch); }
  /// Hands an input to the engine at the current instant; it takes effect with the next settle() or
  /// advance(). Of several inputs with one id, other than 0, the first counts.
  void accept(const engine::InputEvent& event, std::uint64_t id = 0);
  /// Everything that is due up to and including `instant`, in order; then the clock stands at `instant`.
  Result<void> advance(std::int64_t instant);
  /// Sets the clock forward without looking at what is due in between: the caller has advanced to just
  /// before.
  void move_to(std::int64_t instant) { now_ = std::max(now_, instant); }
  /// Inputs first, then what is due now, until nothing is left to do at this instant. Errors: those of the
  /// engine; limit when there is always something left.
  Result<void> settle();

  std::int64_t now() const { return now_; }
  engine::Engine& engine() { return *engine_; }
  const std::vector<Observation>& observations() const { return observations_; }
  /// Forget observations (long simulations that only want the report).
  void forget() { observations_.clear(); }
  void keep_observations(bool keep) { keep_ = keep; }

 private:
  struct Script {
    std::vector<int> statuses;
    std::vector<value::Map> bodies;
    std::size_t next = 0;
  };
  VirtualRun() = default;
  engine::EffectAnswer answer(const engine::Delivery& delivery);
  void observe(engine::Key key, const engine::HistoryItem& item);
  void remember(const engine::Delivery& delivery);
  Error goes_round() const;

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, Script> scripts_;
  std::function<void(const engine::Delivery&)> watch_;
  std::vector<Observation> observations_;
  /// What left and was not yet told of: mails by their key, calls by record and webhook, oldest first.
  std::multimap<std::string, std::shared_ptr<const engine::Delivery>> left_;
  std::vector<store::Input> waiting_;
  std::int64_t now_ = 0;
  bool keep_ = true;
};

}  // namespace wf::wfc
