// Internal to the engine: what is kept of an enrolment that failed, so that it can be tried again.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// Inside a batch: the group at `pc` failed; the last one of each record and workflow is kept.
void keep_failed(Context& context, Key record, Enrolment enrolment, std::uint32_t pc, vm::Resume resume);
/// Inside a batch: takes it; nothing without one. Throws StoreFailure.
std::optional<Enrolment> take_failed(Context& context, Key record, SymbolId workflow);
/// Inside a batch: nothing stays of a record that is deleted. Throws StoreFailure.
void forget_failed(Context& context, const Record& record);

}  // namespace wf::engine
