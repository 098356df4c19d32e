// Internal to the engine: how much an enrolment may do, and what is kept of one that failed, so that it can
// be tried again.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// Of one enrolment within one day of its own, from its start on: a group that would begin beyond them fails.
inline constexpr std::uint32_t kStepsPerDay = 10'000;
inline constexpr const char* kTooManySteps = "it has done 10000 steps within a day";
/// Those of today; with each day all of them are left.
std::uint32_t steps_left(Enrolment& enrolment, std::int64_t now);

/// Inside a batch: the group at `pc` failed; the last one of each record and workflow is kept.
void keep_failed(Context& context, Key record, Enrolment enrolment, std::uint32_t pc, vm::Resume resume);
/// Inside a batch: takes it; nothing without one. Throws StoreFailure.
std::optional<Enrolment> take_failed(Context& context, Key record, SymbolId workflow);
/// Inside a batch: nothing stays of a record that is deleted. Throws StoreFailure.
void forget_failed(Context& context, const Record& record);

}  // namespace wf::engine
