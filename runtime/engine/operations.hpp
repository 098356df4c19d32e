// What an operator can ask the engine to do, and what it answers. A new operation is a struct here and an
// overload in control.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace wf::engine {

/// Enrols a record by hand: the entry rules count, triggers do not.
struct EnrollRecord {
  std::string workflow;
  std::string subject;   ///< taro@example.com, an id, or PROPERTY:VALUE; of the workflow's object
  bool dry_run = false;  ///< only says what would happen
};

/// Ends a record's enrolments in a workflow as `unenrolled`.
struct UnenrollRecord {
  std::string workflow;
  std::string subject;
  bool dry_run = false;
};

/// Works on quarantined inputs and timers again, or drops them.
struct DecideQuarantine {
  std::vector<std::uint64_t> ids;  ///< none: all
  bool replay = true;
};

/// What becomes of the marketing mails that an outage made late.
struct DecideCatchUp {
  enum class What : std::uint8_t {
    approve,     ///< they leave, slowly at first
    skip,        ///< they are never sent
    reschedule,  ///< they leave spread over `spread`
  };
  What what = What::approve;
  std::int64_t spread = 0;  ///< microseconds
};

enum class SwitchTo : std::uint8_t {
  on,      ///< records enter again; running enrolments are not touched
  off,     ///< nobody enters; running enrolments go on to their end
  drain,   ///< off, and running enrolments end as `turned_off`
  pause,   ///< nothing runs; who enters waits at the start
  resume,  ///< each enrolment goes on where it stood; what came due meanwhile follows `on late`
};
/// On and off, pause and resume are two switches of their own. They stay through restarts and deploys.
struct SwitchWorkflow {
  std::string workflow;
  SwitchTo to = SwitchTo::on;
};

/// Enrols or unenrols many, some at a time, as a job that a restart does not stop.
struct EnrollMany {
  std::string workflow;
  bool enroll = true;
  std::vector<std::string> subjects;
  std::string members_of;  ///< instead of subjects: "list.NAME" or "segment.NAME"
};

/// A failed enrolment goes on with the step that failed, and what was given up for it is tried again.
struct RetryRecord {
  std::string workflow, subject;
  bool dry_run = false;
};

using Operation = std::variant<EnrollRecord, UnenrollRecord, SwitchWorkflow, EnrollMany, RetryRecord,
                               DecideQuarantine, DecideCatchUp>;

enum class Verdict : std::uint8_t {
  done,
  unchanged,  ///< it was so already
  refused,    ///< the reason says by what
  not_found,  ///< no such workflow, record, …
};
const char* to_string(Verdict verdict);

struct OperationAnswer {
  Verdict verdict = Verdict::done;
  std::string reason;     ///< a word for programs: "enrolled_now", "unless", …; "" when done
  std::string text;       ///< a sentence for people
  std::uint64_t job = 0;  ///< that goes on with it; 0: it is all done
};

struct JobInfo {
  std::uint64_t number = 0;
  std::string workflow;
  bool enroll = true;
  bool finished = false;
  std::string members_of;
  std::uint64_t total = 0;  ///< 0: not known before the end
  std::uint64_t looked_at = 0, done = 0;
  std::map<std::string, std::uint64_t> refused;  ///< by reason
  std::int64_t started_at = 0, ended_at = 0;
};

}  // namespace wf::engine
