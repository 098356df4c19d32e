// Migration: may an enrolment that waits at one place of a workflow go on in another version of it? The same
// answer for the plan of a deployment and for the engine that carries it out. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

enum class PointClass : std::uint8_t {
  identical,   ///< nothing that the enrolment depends on differs: it goes on there whatever the workflow says
  compatible,  ///< the same steps lie behind it: no step is skipped and none done twice
  needs_mapping,  ///< the wait itself is another one, or is gone: only a person could say where to go on
  must_drain,     ///< what lies behind it differs: it has to finish where it is
};
const char* to_string(PointClass what);

struct PointMatch {
  PointClass what = PointClass::must_drain;
  std::uint32_t word = kNone;  ///< of the new program: the wait; set when identical or compatible
  std::string reason;          ///< "" when identical
};

/// `wait` of the workflow `index` of `before`; kNone: the enrolment stands between waits, before a window
/// that is closed or a decision of a person.
PointMatch match_point(const Program& before, std::uint32_t index, std::uint32_t wait, const Program& after,
                       std::uint32_t after_index);

/// The same word of the same workflow whose code is identical.
std::uint32_t same_word(const Program& before, std::uint32_t index, std::uint32_t word, const Program& after,
                        std::uint32_t after_index);

}  // namespace wf::bytecode
