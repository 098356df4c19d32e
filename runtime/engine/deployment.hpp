// What one can ask of versions: which there were, which enrolments stand where, and another one made active.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::engine {

/// A bundle that was made active. The same bundle may have been several versions.
struct Version {
  std::uint64_t number = 0;  ///< from 1, without gaps
  std::int64_t at = 0;
  std::string hash;  ///< of the bundle, hexadecimal
  std::string note;  ///< "rolled back to version 3", or what its operator said
  bool active = false;
  bool kept = false;  ///< its bundle is still there: one can return to it
};

struct DeployRequest {
  std::string note;
  std::string expected;     ///< hash of the bundle that must be active; "" : whichever is
  bool is_project = false;  ///< what the daemon's own project says now
};

struct Deployed {
  Version version;
  bool changed = false;  ///< false: the bundle was active already, and nothing happened
};

/// Enrolments that stand at one place of one workflow of one bundle.
struct RunningPoint {
  std::string code;  ///< hash of the bundle that they run on
  std::string workflow;
  std::uint32_t wait =
      0xffffffff;    ///< of that bundle's program; kNone: between waits, for a window or a person
  std::string step;  ///< label of the wait
  std::int64_t count = 0;
};

/// Values of records that a new schema no longer knows.
struct HeldValue {
  std::string property;  ///< "contact.stage"
  std::string value;     ///< of an enum; "" : any
  std::string why;       ///< "removed", "type changed", "value removed"
  std::int64_t records = 0;
};

struct Surveyed {
  std::int64_t records = 0;                                   ///< looked at
  std::vector<std::pair<std::string, std::int64_t>> matches;  ///< new workflow, records that match it now
  std::vector<HeldValue> held;
};

/// Looks through the records for what a bundle would meet, some at a time; changes nothing. On the engine's
/// thread, and not after the engine.
class Survey {
 public:
  virtual ~Survey() = default;
  /// Looks at up to `limit` records; true when there are more. Errors: those of the store.
  virtual Result<bool> step(std::size_t limit) = 0;
  /// Complete when step() said that there are no more.
  virtual Surveyed found() const = 0;
};

}  // namespace wf::engine
