// The executor's deletion of records (rule S30).
#include "runtime/engine/changes.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/failed.hpp"
#include "runtime/engine/holders.hpp"

namespace wf::engine {

void Executor::delete_record(Key key, SymbolId workflow, int depth) {
  Record* record = context_.cache.get(key);
  if (record == nullptr) return;
  const Binding& binding = *context_.active;
  context_.cache.touch(key);
  forget_failed(context_, *record);
  record->memories.clear();  // no kept key enrols it again
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record->enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) end(*record, id, bytecode::EndReason::record_deleted);

  // Who points at it lets go while it is still whole, as if it were dissociated.
  const std::uint32_t object = binding.object_index(record->object);
  for (const Holder& holder : holders_of(context_, *record)) {
    Record* other = still_holding(context_, holder, key);
    if (other == nullptr) continue;
    Change released;
    Changes(context_, *other, released, workflow).set_property(binding, holder.property, Value());
    react(holder.key, released, nullptr, depth);
  }
  record = context_.cache.get(key);
  if (record == nullptr) return;  // what that set in motion has deleted it
  Change change;
  Changes(context_, *record, change, workflow).forget_all();
  change.deleted = true;
  context_.tell(key, Happening::deleted, 0, workflow);
  if (object != kNone) context_.batch.count("object." + binding.catalogue().objects[object].name, "deleted");
  react(key, change, nullptr, depth);
  context_.cache.forget(key);
}

}  // namespace wf::engine
