// What happened, in words: for traces of tests, timelines of simulations, and reports of failures.
#pragma once

#include <string>

#include "compiler/wfc/virtual_run.hpp"

namespace wf::wfc {

/// "sent email.welcome “Welcome”", "lead_score = 5", "waits until Tue 2026-03-03 09:00". `subject` is the
/// name of the observation's subject; the zone is that of instants.
std::string happening_text(const Observation& o, const std::string& subject, const std::string& zone);

/// "Fri 2026-03-06 15:00", with seconds where there are any.
std::string instant_text(std::int64_t at, const std::string& zone);

}  // namespace wf::wfc
