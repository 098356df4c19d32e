// Internal to the engine: which other records have conditions that a change of one record may have changed.
#pragma once

#include <map>
#include <vector>

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// What a change of some record means for another one.
struct Affected {
  std::vector<triggers::TriggerRef> conditions;  ///< of the active program: to be evaluated again
  std::vector<triggers::TriggerRef> edges;       ///< of the active program: they fire
  std::vector<SymbolId> goals;                   ///< code and workflow, in pairs: their edge has come
  bool exits = false;                            ///< goals and cancels have to be evaluated again
  bool waits = false;                            ///< anchors may have changed
};

/// In the order of their keys. Follows links back from the changed record; looks at no others.
std::map<Key, Affected> affected_by(Context& context, const Record& changed, const Change& change);

}  // namespace wf::engine
