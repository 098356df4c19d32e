// A project over records and events in virtual time, with reactions to its mails.
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <string>

#include "compiler/wfc/sim_reactions.hpp"
#include "compiler/wfc/virtual_run.hpp"

namespace wf::wfc {

struct SimulationOptions {
  std::int64_t from = 0, until = 0;
  ReactionRates rates;
  std::uint64_t seed = 1;
  bool observe = false;  ///< tell `seen` of everything that happens
  std::function<void(const Observation&)> seen;
  VirtualRun::Ran ran;
  /// Called now and then with the virtual time reached.
  std::function<void(std::int64_t now)> progress;
};

class Simulation {
 public:
  Simulation(const bytecode::Program& program, SimInputs inputs, SimulationOptions options);

  /// From the first instant to the last. Errors: those of the engine.
  Result<void> run(const std::string& bundle);

  VirtualRun& world() { return *run_; }
  std::size_t reactions() const { return reactions_; }

 private:
  struct Later {
    bool operator()(const DatedEvent& a, const DatedEvent& b) const { return a.at > b.at; }
  };

  Result<void> play();
  /// The earliest event of the file and of the reactions; null when there is none up to the end.
  const DatedEvent* next_event() const;
  void accept_events(std::int64_t at);
  void look();
  void react(const Observation& sent);

  const bytecode::Program& program_;
  SimInputs inputs_;
  SimulationOptions options_;
  std::unique_ptr<VirtualRun> run_;
  std::size_t next_ = 0;  // of inputs_.events
  std::priority_queue<DatedEvent, std::vector<DatedEvent>, Later> due_;
  std::size_t reactions_ = 0;
};

}  // namespace wf::wfc
