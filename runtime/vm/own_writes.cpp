#include "runtime/vm/own_writes.hpp"

#include <algorithm>

#include "runtime/vm/operators.hpp"

namespace wf::vm {

using value::Kind;

Value clamp_to_range(const bytecode::Property& declared, Value v) {
  if (!v.is_number()) return v;
  std::int64_t micros = v.as_micros();
  if (declared.minimum) micros = std::max(micros, *declared.minimum);
  if (declared.maximum) micros = std::min(micros, *declared.maximum);
  if (micros == v.as_micros() && v.kind() == declared.type.kind) return v;
  return declared.type.kind == Kind::integer ? Value::integer(micros / value::kMicro)
                                             : Value::decimal(micros);
}

Value added_to(const bytecode::Property& declared, const Value& current, const Value& amount) {
  if (!amount.is_number()) return current;
  return clamp_to_range(declared, add(current.is_number() ? current : Value::integer(0), amount));
}

namespace {

/// The property of the record `key` behind the action, of which `before` is the value before it.
Value after_write(const bytecode::Catalogue& catalogue, const bytecode::FieldRef& field, std::uint64_t key,
                  Value before, const Action& action, const OwnRecord& own) {
  if (const auto* set = std::get_if<SetProperty>(&action)) {
    const bool same = key == own.key && field.object == own.object && field.property == set->property;
    return same ? set->value : before;
  }
  const auto* change = std::get_if<ChangeField>(&action);
  const bool same =
      change && change->record == key && change->object == field.object && change->property == field.property;
  if (!same) return before;
  const bytecode::Property& declared = catalogue.objects[field.object].properties[field.property];
  return change->add ? added_to(declared, before, change->value) : change->value;
}

}  // namespace

Value after_writes(const bytecode::Catalogue& catalogue, const bytecode::FieldRef& field, std::uint64_t key,
                   Value stored, const std::vector<Action>& actions, const OwnRecord& own) {
  for (const Action& action : actions) {
    stored = after_write(catalogue, field, key, std::move(stored), action, own);
  }
  return stored;
}

std::int64_t became_in_writes(const bytecode::Catalogue& catalogue, const bytecode::Counter& counter,
                              const View& view, const std::vector<Action>& actions, const OwnRecord& own) {
  if (counter.kind != bytecode::CounterKind::became) return 0;
  Value now = view.property(counter.property);
  std::int64_t times = 0;
  for (const Action& action : actions) {
    Value next = after_write(catalogue, {own.object, counter.property}, own.key, now, action, own);
    if (next == now) continue;
    if (equal(next, counter.became) == Value::boolean(true)) ++times;
    now = std::move(next);
  }
  return times;
}

bool member_after_writes(std::uint32_t list, const View& view, const std::vector<Action>& actions) {
  bool member = view.in_list(list);
  for (const Action& action : actions) {
    const auto* change = std::get_if<ChangeList>(&action);
    if (change && change->record == view.key() && change->list == list) member = change->add;
  }
  return member;
}

bool tagged_after_writes(std::string_view tag, const View& view, const std::vector<Action>& actions) {
  bool tagged = view.has_tag(tag);
  for (const Action& action : actions) {
    const auto* change = std::get_if<ChangeTag>(&action);
    if (change && change->tag == tag) tagged = change->add;
  }
  return tagged;
}

}  // namespace wf::vm
