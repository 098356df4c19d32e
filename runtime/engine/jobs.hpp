// Internal to the engine: enrolling and unenrolling many records, some at a time. A job and how far it has
// come are stored with each batch, so a restart goes on where it stood.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/engine/executor.hpp"

namespace wf::engine {

class Jobs {
 public:
  Jobs(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Takes over what is stored: after open, and after a batch that failed. Throws StoreFailure.
  void load();
  /// Inside a batch: begins a job of `operation`; its number. `members` is checked already.
  std::uint64_t begin(const EnrollMany& operation, SymbolId workflow);
  bool is_active() const;
  /// Inside a batch: up to about `limit` records of the oldest job; how many were looked at.
  std::size_t step(std::size_t limit);
  /// The newest first: all that run, and the last that have ended.
  std::vector<JobInfo> list() const;

 private:
  struct Job {
    JobInfo info;
    SymbolId workflow = 0;
    std::uint64_t piece = 0, pieces = 0;  ///< of the subjects
    Key cursor = 0;                       ///< of the members
  };
  void save();
  void treat(Job& job, std::uint32_t workflow, Record& record);
  std::size_t step_subjects(Job& job, std::uint32_t workflow);
  std::size_t step_members(Job& job, std::uint32_t workflow, std::size_t limit);
  bool is_member(const Job& job, const Record& record) const;

  Context& context_;
  Executor& executor_;
  std::vector<Job> jobs_;  // the oldest first
  std::uint64_t next_ = 1;
};

/// Ends all enrolments of a record in a workflow; how many.
std::size_t end_all(Executor& executor, Record& record, SymbolId workflow, bytecode::EndReason reason,
                    const std::string& detail = {});

}  // namespace wf::engine
