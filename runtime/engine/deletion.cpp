// The executor's deletion of records (rule S30).
#include "runtime/engine/changes.hpp"
#include "runtime/engine/executor.hpp"

namespace wf::engine {

namespace {

/// Every property of the active program that may point at records of this object.
std::vector<std::pair<std::uint32_t, std::uint32_t>> associations_to(const Binding& binding,
                                                                     std::uint32_t object) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  const auto& objects = binding.catalogue().objects;
  for (std::uint32_t o = 0; o < objects.size(); ++o) {
    for (std::uint32_t p = 0; p < objects[o].properties.size(); ++p) {
      const bytecode::Type& type = objects[o].properties[p].type;
      if (type.kind == value::Kind::ref && type.aux == object) found.emplace_back(o, p);
    }
  }
  return found;
}

}  // namespace

void Executor::delete_record(Key key, SymbolId workflow, int depth) {
  Record* record = context_.cache.get(key);
  if (record == nullptr) return;
  const Binding& binding = *context_.active;
  context_.cache.touch(key);
  record->memories.clear();  // no kept key enrols it again
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record->enrolments) ids.push_back(e.id);
  for (const std::uint32_t id : ids) end(*record, id, bytecode::EndReason::record_deleted);

  // Who points at it lets go while it is still whole, as if it were dissociated.
  const std::uint32_t object = binding.object_index(record->object);
  for (const auto& [from, property] : associations_to(binding, object)) {
    const SymbolId association = context_.layout.property(binding.object(from), binding.slot(from, property));
    for (const Key other : context_.linked(association, key)) {
      Record* holder = context_.cache.get(other);
      if (holder == nullptr || other == key) continue;
      Change released;
      Changes(context_, *holder, released, workflow).set_property(binding, property, Value());
      react(other, released, nullptr, depth);
    }
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
