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

using Operation = std::variant<EnrollRecord, UnenrollRecord>;

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
