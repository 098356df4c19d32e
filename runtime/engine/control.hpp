// Internal to the engine: carries out what an operator asks for, inside a batch.
#pragma once

#include "runtime/engine/catch_up.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/intake.hpp"
#include "runtime/engine/operations.hpp"
#include "runtime/engine/quarantine.hpp"

namespace wf::engine {

class Control {
 public:
  Control(Context& context, Executor& executor, Intake& intake, Quarantine& quarantine, CatchUp& catch_up)
      : context_(context),
        executor_(executor),
        intake_(intake),
        quarantine_(quarantine),
        catch_up_(catch_up) {}

  /// Inside a batch; after it when `dry_run` the batch is given up. Throws StoreFailure.
  OperationAnswer carry_out(const Operation& operation);
  static bool is_dry(const Operation& operation);

 private:
  OperationAnswer act(const EnrollRecord& operation);
  OperationAnswer act(const UnenrollRecord& operation);
  OperationAnswer act(const DecideQuarantine& operation);
  OperationAnswer act(const DecideCatchUp& operation);

  /// kNone with `answer` set when there is no such workflow.
  std::uint32_t find_workflow(const std::string& name, OperationAnswer& answer) const;
  /// Null with `answer` set when there is no such record of the workflow's object.
  Record* find_record(std::uint32_t workflow, const std::string& subject, OperationAnswer& answer);

  Context& context_;
  Executor& executor_;
  Intake& intake_;
  Quarantine& quarantine_;
  CatchUp& catch_up_;
};

}  // namespace wf::engine
