#include "runtime/engine/holders.hpp"

namespace wf::engine {

std::vector<Holder> holders_of(Context& context, const Record& record) {
  const Binding& binding = *context.active;
  const std::uint32_t object = binding.object_index(record.object);
  const auto& objects = binding.catalogue().objects;
  std::vector<Holder> found;
  for (std::uint32_t o = 0; o < objects.size(); ++o) {
    for (std::uint32_t p = 0; p < objects[o].properties.size(); ++p) {
      const bytecode::Type& type = objects[o].properties[p].type;
      if (type.kind != value::Kind::ref || type.aux != object) continue;
      const SymbolId association = context.layout.property(binding.object(o), binding.slot(o, p));
      for (const Key key : context.linked(association, record.key)) {
        if (key != record.key && context.exists(key)) found.push_back({key, p});
      }
    }
  }
  return found;
}

Record* still_holding(Context& context, const Holder& holder, Key key) {
  Record* record = context.cache.get(holder.key);
  if (record == nullptr) return nullptr;
  const Binding& binding = *context.active;
  const Value& v = record->property(binding.slot(binding.object_index(record->object), holder.property));
  return v.kind() == value::Kind::ref && v.as_key() == key ? record : nullptr;
}

}  // namespace wf::engine
