// Internal to the engine: carries out what an operator asks for, inside a batch; what concerns many records
// goes on some at a time with the batches that follow.
#pragma once

#include "runtime/engine/catch_up.hpp"
#include "runtime/engine/intake.hpp"
#include "runtime/engine/jobs.hpp"
#include "runtime/engine/operations.hpp"
#include "runtime/engine/outbox.hpp"
#include "runtime/engine/quarantine.hpp"
#include "runtime/engine/sweep.hpp"

namespace wf::engine {

class Control {
 public:
  /// What it works with; all must outlive it.
  struct Parts {
    Executor& executor;
    Intake& intake;
    Outbox& outbox;
    Sweep& sweep;
    Jobs& jobs;
    Quarantine& quarantine;
    CatchUp& catch_up;
  };
  Control(Context& context, const Parts& parts)
      : context_(context),
        executor_(parts.executor),
        intake_(parts.intake),
        outbox_(parts.outbox),
        sweep_(parts.sweep),
        jobs_(parts.jobs),
        quarantine_(parts.quarantine),
        catch_up_(parts.catch_up) {}

  /// Inside a batch; after it when `dry_run` the batch is given up. Throws StoreFailure.
  OperationAnswer carry_out(const Operation& operation);
  static bool is_dry(const Operation& operation);

  struct Found {
    std::uint32_t workflow = kNone;
    Record* record = nullptr;
  };
  /// No record, and `answer` tells why, when there is no such workflow or record.
  Found find(const std::string& workflow, const std::string& subject, OperationAnswer& answer);
  /// Is there work left of pauses that are over, or of workflows that are being emptied?
  bool is_active() const { return context_.switches.resuming() != 0 || draining() != 0 || jobs_.is_active(); }
  /// Inside a batch: a piece of it; how many records or parked items were looked at.
  std::size_t step(std::size_t limit);

 private:
  OperationAnswer act(const EnrollRecord& operation);
  OperationAnswer act(const UnenrollRecord& operation);
  OperationAnswer act(const DecideQuarantine& operation);
  OperationAnswer act(const DecideCatchUp& operation);
  OperationAnswer act(const SwitchWorkflow& operation);
  OperationAnswer act(const EnrollMany& operation);
  OperationAnswer act(const RetryRecord& operation);
  OperationAnswer switch_on(SymbolId workflow, SwitchState state);
  OperationAnswer switch_off(SymbolId workflow, SwitchState state, bool drain);
  OperationAnswer pause(SymbolId workflow, SwitchState state);
  OperationAnswer resume(SymbolId workflow, SwitchState state);

  /// kNone with `answer` set when there is no such workflow.
  std::uint32_t find_workflow(const std::string& name, OperationAnswer& answer) const;
  /// The same for one that may have left the project while enrolments of it run; 0: none.
  SymbolId find_known_workflow(const std::string& name, OperationAnswer& answer) const;
  /// True when there is such a list or segment; else `answer` is set.
  bool find_members(const std::string& name, std::uint32_t workflow, OperationAnswer& answer) const;
  /// Null with `answer` set when there is no such record of the workflow's object.
  Record* find_record(std::uint32_t workflow, const std::string& subject, OperationAnswer& answer);

  std::size_t resume_parked(SymbolId workflow);
  SymbolId draining() const;
  std::size_t drain(SymbolId workflow, std::size_t limit);

  Context& context_;
  Executor& executor_;
  Intake& intake_;
  Outbox& outbox_;
  Sweep& sweep_;
  Jobs& jobs_;
  Quarantine& quarantine_;
  CatchUp& catch_up_;
};

}  // namespace wf::engine
