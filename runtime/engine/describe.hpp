// Internal to the engine: a record as people see it.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// As of the last durable batch; nothing when there is no such record. Throws StoreFailure.
std::optional<RecordInfo> describe_record(Context& context, Key key);

}  // namespace wf::engine
