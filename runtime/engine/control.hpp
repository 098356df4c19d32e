// Internal to the engine: carries out what an operator asks for, inside a batch.
#pragma once

#include "runtime/engine/executor.hpp"
#include "runtime/engine/operations.hpp"

namespace wf::engine {

class Control {
 public:
  Control(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Inside a batch; after it when `dry_run` the batch is given up. Throws StoreFailure.
  OperationAnswer carry_out(const Operation& operation);
  static bool is_dry(const Operation& operation);

 private:
  OperationAnswer act(const EnrollRecord& operation);
  OperationAnswer act(const UnenrollRecord& operation);

  /// kNone with `answer` set when there is no such workflow.
  std::uint32_t find_workflow(const std::string& name, OperationAnswer& answer) const;
  /// Null with `answer` set when there is no such record of the workflow's object.
  Record* find_record(std::uint32_t workflow, const std::string& subject, OperationAnswer& answer);

  Context& context_;
  Executor& executor_;
};

}  // namespace wf::engine
