// Internal to the engine: a workflow run on the copy of a record, in a store of its own. Nothing of it can
// reach what is real: what it would send is only told.
#pragma once

#include "runtime/engine/binding.hpp"
#include "runtime/engine/engine.hpp"

namespace wf::engine {

/// `real` is read only. Errors: those of the store.
Result<Rehearsal> rehearse(store::Store& real, const bytecode::Program& program, Layout& layout,
                           const Binding& binding, const RehearsalRequest& request, Key key,
                           std::int64_t now);

}  // namespace wf::engine
