// What one can ask of versions: which there were, which enrolments stand where, and another one made active.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  std::string expected;  ///< hash of the bundle that must be active; "" : whichever is
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
  std::uint32_t wait = 0xffffffff;  ///< of that bundle's program; kNone: between waits, for a window or a person
  std::string step;                 ///< label of the wait
  std::int64_t count = 0;
};

}  // namespace wf::engine
