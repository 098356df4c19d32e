#include "runtime/engine/changes.hpp"

#include <algorithm>

#include "runtime/crm/convert.hpp"
#include "runtime/engine/display.hpp"
#include "runtime/vm/operators.hpp"

namespace wf::engine {
namespace {

/// A number within the range of its property, in the property's own kind.
Value in_range(const bytecode::Property& declared, const Value& v) {
  if (!v.is_number()) return v;
  std::int64_t micros = v.as_micros();
  if (declared.minimum) micros = std::max(micros, *declared.minimum);
  if (declared.maximum) micros = std::min(micros, *declared.maximum);
  if (micros == v.as_micros() && v.kind() == declared.type.kind) return v;
  return declared.type.kind == value::Kind::integer ? Value::integer(micros / value::kMicro)
                                                    : Value::decimal(micros);
}

}  // namespace

void Changes::set_property(const Binding& binding, std::uint32_t property, const Value& wanted) {
  const std::uint32_t object = binding.object_index(record_.object);
  const bytecode::Property& declared = binding.catalogue().objects[object].properties[property];
  const std::uint32_t slot = binding.slot(object, property);
  const Value v = in_range(declared, wanted);
  const Value stable = binding.to_stable(v);
  const Value old = record_.property(slot);
  if (old == stable) return;
  if (declared.immutable && !old.is_unknown() && !change_.created) {
    context_.tell(record_.key, Happening::error, 0, workflow_,
                  "`" + declared.name + "` keeps its first value");
    return;
  }
  if (declared.unique && !claim_identity(declared, old, stable)) return;
  const SymbolId symbol =
      context_.symbols.intern("property", binding.catalogue().objects[object].name + "." + declared.name);
  if (declared.type.kind == value::Kind::ref) {
    if (old.kind() == value::Kind::ref) {
      context_.batch.link(symbol, record_.key, old.as_key(), false);
    }
    if (stable.kind() == value::Kind::ref) {
      context_.batch.link(symbol, record_.key, stable.as_key(), true);
    }
  }
  const bool noted = std::any_of(change_.properties.begin(), change_.properties.end(),
                                 [&](const auto& entry) { return entry.first == slot; });
  if (!noted) change_.properties.emplace_back(slot, old);
  record_.set_property(slot, stable);
  context_.tell(record_.key, Happening::property, symbol, workflow_, display(binding.catalogue(), v));
  if (&binding != context_.active) return;
  for (const std::uint32_t counter : context_.index->became(object, property)) {
    const Value became = vm::equal(v, binding.program().counters[counter].became);  // as `is` compares
    if (became == Value::boolean(true)) count(counter, context_.now);
  }
}

void Changes::add_to_property(const Binding& binding, std::uint32_t property, const Value& amount) {
  const Value current = RecordView(context_, binding, record_).property(property);
  const Value sum = vm::add(current.is_number() ? current : Value::integer(0), amount);
  if (sum.is_number()) set_property(binding, property, sum);
}

bool Changes::claim_identity(const bytecode::Property& property, const Value& old, const Value& v) {
  auto& identities = context_.batch.identities;
  if (!v.is_unknown()) {
    const std::string id = crm::identity_of(property, v);
    const auto holder = context_.find(record_.object, id);
    if (holder && *holder != record_.key) {
      context_.tell(record_.key, Happening::error, 0, workflow_,
                    "`" + property.name + "` " + v.debug() + " belongs to another record");
      return false;
    }
    identities[{record_.object, id}] = record_.key;
  }
  if (!old.is_unknown()) {
    const std::string id = crm::identity_of(property, old);
    if (v.is_unknown() || id != crm::identity_of(property, v)) identities[{record_.object, id}] = 0;
  }
  return true;
}

void Changes::forget_all() {
  const std::uint32_t object = context_.active->object_index(record_.object);
  for (std::uint32_t slot = 0; slot < record_.slots(); ++slot) {
    const Value old = record_.property(slot);
    if (old.is_unknown()) continue;
    const std::uint32_t property = object == kNone ? kNone : context_.active->property_at(object, slot);
    if (property != kNone) {
      const bytecode::Property& declared = context_.active->catalogue().objects[object].properties[property];
      if (declared.unique) claim_identity(declared, old, Value());
    }
    if (old.kind() == value::Kind::ref) {
      context_.batch.link(context_.layout.property(record_.object, slot), record_.key, old.as_key(), false);
    }
    change_.properties.emplace_back(slot, old);
    record_.set_property(slot, Value());
  }
  if (record_.marketing == Marketing::yes) --context_.numbers.marketing_contacts;
  record_.marketing = Marketing::no;
  for (const Membership& list : record_.lists) change_.lists.emplace_back(list.set, false);
  for (const Membership& tag : record_.tags) change_.tags.push_back(tag.set);
  for (const CounterState& counter : record_.counters) change_.counters.push_back(counter);
  record_.lists.clear();
  record_.tags.clear();
  record_.counters.clear();
}

void Changes::set_membership(std::vector<Membership>& sets, SymbolId set, bool member) {
  if (member) {
    sets.push_back({set, context_.now});
  } else {
    std::erase_if(sets, [&](const Membership& m) { return m.set == set; });
  }
  context_.tell(record_.key, member ? Happening::list_added : Happening::list_removed, set, workflow_);
}

void Changes::set_list(SymbolId list, bool member) {
  if (record_.in(record_.lists, list) == member) return;
  change_.lists.emplace_back(list, member);
  set_membership(record_.lists, list, member);
}

void Changes::set_tag(SymbolId tag, bool tagged) {
  if (record_.in(record_.tags, tag) == tagged) return;
  change_.tags.push_back(tag);
  set_membership(record_.tags, tag, tagged);
}

void Changes::set_topic(SymbolId topic, bool subscribed) {
  auto it = std::find_if(record_.topics.begin(), record_.topics.end(),
                         [&](const TopicState& t) { return t.topic == topic; });
  if (it == record_.topics.end()) it = record_.topics.insert(it, TopicState{topic, !subscribed, 0});
  if (it->subscribed == subscribed) return;
  it->subscribed = subscribed;
  it->at = context_.now;
  context_.tell(record_.key, subscribed ? Happening::subscribed : Happening::unsubscribed, topic, workflow_);
}

/// `marketing contacts at most N` of a policy.
bool Changes::marketing_full() const {
  const auto& policies = context_.active->catalogue().policies;
  return std::any_of(policies.begin(), policies.end(), [&](const bytecode::Policy& policy) {
    return policy.marketing_contacts != kNone &&
           context_.numbers.marketing_contacts >= policy.marketing_contacts;
  });
}

void Changes::set_marketing(bool marketing) {
  const Marketing status = marketing ? Marketing::yes : Marketing::no;
  if (record_.marketing == status) return;
  if (marketing && marketing_full()) {
    context_.batch.count("policy", "marketing_refused", "limit_reached");
    context_.tell(record_.key, Happening::marketing_refused, 0, workflow_, "limit_reached");
    return;
  }
  record_.marketing = status;
  context_.numbers.marketing_contacts += marketing ? 1 : -1;
  context_.tell(record_.key, Happening::marketing, 0, workflow_, marketing ? "yes" : "no");
}

void Changes::suppress(std::string_view reason) {
  record_.suppressed = context_.symbols.intern("suppressed", reason);
}

void Changes::count(std::uint32_t counter, std::int64_t at) {
  const bytecode::Counter& spec = context_.active->program().counters[counter];
  CounterState& state = record_.counter_or_new(context_.active->counter(counter));
  change_.counters.push_back(state);
  change_.counted.push_back(counter);
  state.count = value::add_saturating(state.count, 1);
  state.last_at = std::max(state.last_at, at);
  if (spec.window == 0) return;
  state.times.insert(std::upper_bound(state.times.begin(), state.times.end(), at), at);
  const std::int64_t after = value::sub_saturating(context_.now, spec.window);
  const auto live = std::upper_bound(state.times.begin(), state.times.end(), after);
  state.times.erase(state.times.begin(), live);
  if (state.times.size() > spec.limit) state.times.erase(state.times.begin());
}

void Changes::take_counters(const std::vector<CounterState>& counters) {
  const auto& specs = context_.active->program().counters;
  for (const CounterState& other : counters) {
    CounterState& state = record_.counter_or_new(other.counter);
    change_.counters.push_back(state);
    state.count = value::add_saturating(state.count, other.count);
    state.last_at = std::max(state.last_at, other.last_at);
    state.times.insert(state.times.end(), other.times.begin(), other.times.end());
    std::sort(state.times.begin(), state.times.end());
    for (std::uint32_t c = 0; c < specs.size(); ++c) {
      if (context_.active->counter(c) != other.counter) continue;
      change_.counted.push_back(c);
      if (state.times.size() > specs[c].limit)
        state.times.erase(state.times.begin(), state.times.end() - specs[c].limit);
    }
  }
}

void Changes::count_event(const vm::Event& event, std::int64_t occurred_at) {
  std::vector<std::uint32_t> candidates;
  context_.index->counters_of(event, candidates);
  const Binding& binding = *context_.active;
  const RecordView view(context_, binding, record_);
  for (const std::uint32_t counter : candidates) {
    const bytecode::Counter& spec = binding.program().counters[counter];
    if (binding.object(spec.object) != record_.object) continue;
    if (vm::matches(binding.program(), spec.match, view, event, context_.now)) count(counter, occurred_at);
  }
}

}  // namespace wf::engine
