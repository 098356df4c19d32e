// Internal to the engine: why a record is in a workflow or not, from its state, its timeline and the rules.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// Throws StoreFailure.
Explanation explain(Context& context, std::uint32_t workflow, Key key, std::int64_t now);

}  // namespace wf::engine
