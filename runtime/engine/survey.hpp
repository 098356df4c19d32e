// Internal to the engine: the survey of records before a deployment.
#pragma once

#include <memory>

#include "runtime/engine/context.hpp"
#include "runtime/engine/deployment.hpp"

namespace wf::engine {

/// `context` must outlive its steps. Throws StoreFailure.
std::shared_ptr<Survey> make_survey(Context& context, std::shared_ptr<const bytecode::Program> program,
                                    const bytecode::Hash& hash, std::int64_t now);

}  // namespace wf::engine
