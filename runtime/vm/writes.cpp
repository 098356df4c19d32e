#include "runtime/vm/writes.hpp"

namespace wf::vm {

const Value* Writes::find(std::uint64_t key, std::uint32_t object, std::uint32_t property) const {
  for (auto it = written_.rbegin(); it != written_.rend(); ++it) {
    if (it->key == key && it->property == property && it->object == object) return &it->value;
  }
  return nullptr;
}

std::vector<std::uint64_t> Writes::linked(std::vector<std::uint64_t> keys, std::uint64_t to,
                                          std::uint32_t object, std::uint32_t property) const {
  if (empty()) return keys;
  for (const Written& w : written_) {  // the newest of a record comes last
    if (w.object != object || w.property != property) continue;
    std::erase(keys, w.key);
    if (w.value.kind() == value::Kind::ref && w.value.as_key() == to) keys.push_back(w.key);
  }
  std::erase_if(keys, [&](std::uint64_t key) { return is_deleted(key); });
  std::sort(keys.begin(), keys.end(), is_older);
  return keys;
}

Value Written::property(std::uint32_t property) const {
  if (const Value* written = writes_.find(key_, object_, property)) return *written;
  return own_ ? own_->property(property) : Value();
}

Value Written::field(std::uint64_t key, std::uint32_t object, std::uint32_t property) const {
  if (writes_.is_deleted(key)) return {};
  if (const Value* written = writes_.find(key, object, property)) return *written;
  return root_.field(key, object, property);
}

std::unique_ptr<View> Written::written_view(const View& root, std::uint64_t key, std::uint32_t object,
                                            const Writes& writes, std::int64_t now) {
  if (writes.empty()) return root.other(key, object);
  if (writes.is_deleted(key)) return nullptr;
  std::unique_ptr<View> own = root.other(key, object);
  if (!own && !writes.is_created(key, object)) return nullptr;
  return std::make_unique<Written>(root, std::move(own), key, object, writes, now);
}

}  // namespace wf::vm
