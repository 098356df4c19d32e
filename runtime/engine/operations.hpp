// What an operator can ask the engine to do, and what it answers. A new operation is a struct here and an
// overload in control.hpp.
#pragma once

#include <cstdint>
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

using Operation = std::variant<EnrollRecord, UnenrollRecord, DecideQuarantine, DecideCatchUp>;

enum class Verdict : std::uint8_t {
  done,
  unchanged,  ///< it was so already
  refused,    ///< the reason says by what
  not_found,  ///< no such workflow, record, …
};
const char* to_string(Verdict verdict);

struct OperationAnswer {
  Verdict verdict = Verdict::done;
  std::string reason;  ///< a word for programs: "enrolled_now", "unless", …; "" when done
  std::string text;    ///< a sentence for people
};

}  // namespace wf::engine
