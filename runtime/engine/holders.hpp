// Internal to the engine: who points at a record.
#pragma once

#include <vector>

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// `property` (of the active program) of record `key` points at the record asked for.
struct Holder {
  Key key = 0;
  std::uint32_t property = 0;
};
/// By association of the active program, the oldest first; the record itself is left out.
std::vector<Holder> holders_of(Context& context, const Record& record);
/// The holder, if it still points at `key`; else null.
Record* still_holding(Context& context, const Holder& holder, Key key);

}  // namespace wf::engine
