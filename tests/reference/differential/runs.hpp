// One program and one timeline, run by the engine and by the interpreter.
#pragma once

#include "tests/reference/differential/project.hpp"

namespace wf::reference {

/// Through the bundle's file, the verifier, and the engine in virtual time. Throws std::runtime_error when
/// one of them refuses, and Endless when it goes on and on.
std::vector<Line> run_engine(const bytecode::Program& program, const Timeline& timeline);

struct ReferenceRun {
  std::vector<Line> trace;
  std::vector<Seen> seen;
  std::vector<std::pair<Key, std::string>> names;  ///< of the timeline's records
};
/// Throws Endless for a program whose workflows go on setting each other off.
ReferenceRun run_reference(const Project& project, const Timeline& timeline);

/// "+1d2h  r1  mail_sent  email.welcome  workflow.w0  detail"
std::string text_of(const Line& line, const Timeline& timeline,
                    const std::vector<std::pair<Key, std::string>>& names);

}  // namespace wf::reference
