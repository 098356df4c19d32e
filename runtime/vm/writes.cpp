#include "runtime/vm/writes.hpp"

#include "runtime/vm/operators.hpp"

namespace wf::vm {

Value clamp_to_range(const bytecode::Property& declared, Value v) {
  if (!v.is_number()) return v;
  std::int64_t micros = v.as_micros();
  if (declared.minimum) micros = std::max(micros, *declared.minimum);
  if (declared.maximum) micros = std::min(micros, *declared.maximum);
  if (micros == v.as_micros() && v.kind() == declared.type.kind) return v;
  return declared.type.kind == value::Kind::integer ? Value::integer(micros / value::kMicro)
                                                    : Value::decimal(micros);
}

Value added_to(const bytecode::Property& declared, const Value& current, const Value& amount) {
  if (!amount.is_number()) return current;
  return clamp_to_range(declared, add(current.is_number() ? current : Value::integer(0), amount));
}

const Value* Writes::find(std::uint64_t key, std::uint32_t object, std::uint32_t property) const {
  for (auto it = written_.rbegin(); it != written_.rend(); ++it) {
    if (it->key == key && it->property == property && it->object == object) return &it->value;
  }
  return nullptr;
}

std::int64_t Writes::became(std::uint64_t key, std::uint32_t object, std::uint32_t property, Value before,
                            const Value& wanted) const {
  std::int64_t times = 0;
  for (const Written& w : written_) {
    if (w.key != key || w.object != object || w.property != property || w.value == before) continue;
    before = w.value;
    times += equal(before, wanted) == Value::boolean(true);
  }
  return times;
}

std::optional<bool> Writes::member(std::uint64_t key, std::uint32_t list) const {
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const Member& m) { return m.key == key && m.list == list; });
  return found == members_.rend() ? std::nullopt : std::optional(found->member);
}

std::optional<bool> Writes::tagged(std::uint64_t key, std::string_view tag) const {
  const auto found = std::find_if(tags_.rbegin(), tags_.rend(),
                                  [&](const Tagged& t) { return t.key == key && t.tag == tag; });
  return found == tags_.rend() ? std::nullopt : std::optional(found->tagged);
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
