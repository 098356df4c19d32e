#include "runtime/triggers/index.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::triggers {

using bytecode::kNone;
using bytecode::TriggerKind;

namespace {

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) {
  return std::uint64_t{a} << 32 | b;
}

std::uint64_t filter_key(std::uint32_t event, std::uint32_t parameter, const value::Value& v) {
  if (v.kind() == value::Kind::resource || v.kind() == value::Kind::enumeration) {
    const std::uint64_t number = v.kind() == value::Kind::resource ? v.as_resource() : v.as_ordinal();
    const std::uint64_t words[] = {pair_key(event, parameter),
                                   pair_key(v.aux(), static_cast<std::uint32_t>(v.kind())), number};
    return value::hash64({reinterpret_cast<const char*>(words), sizeof words});
  }
  value::Writer out;
  out.varint(event);
  out.varint(parameter);
  out.value(v);
  return value::hash64(out.str());
}

template <class T>
std::span<const T> lookup(const std::unordered_map<std::uint64_t, std::vector<T>>& table, std::uint64_t key) {
  const auto it = table.find(key);
  return it == table.end() ? std::span<const T>() : std::span<const T>(it->second);
}

}  // namespace

template <class T>
void Index::EventTable<T>::insert(const bytecode::EventMatch& match, T item) {
  if (match.filters.empty()) {
    unfiltered[match.event].push_back(item);
  } else {
    const auto& first = match.filters.front();
    filtered[filter_key(match.event, first.parameter, first.value)].push_back(item);
  }
}

template <class T>
void Index::EventTable<T>::find(const vm::Event& event, std::vector<T>& out) const {
  if (const auto it = unfiltered.find(event.type); it != unfiltered.end()) {
    out.insert(out.end(), it->second.begin(), it->second.end());
  }
  if (filtered.empty()) return;
  for (std::uint32_t p = 0; p < event.parameters.size(); ++p) {
    if (event.parameters[p].is_unknown()) continue;
    const auto it = filtered.find(filter_key(event.type, p, event.parameters[p]));
    if (it != filtered.end()) out.insert(out.end(), it->second.begin(), it->second.end());
  }
}

Index::Index(const bytecode::Program& program) {
  for (std::uint32_t c = 0; c < program.counters.size(); ++c) {
    const bytecode::Counter& counter = program.counters[c];
    if (counter.kind == bytecode::CounterKind::event) {
      counters_.insert(counter.match, c);
    } else {
      became_[pair_key(counter.object, counter.property)].push_back(c);
    }
  }
  for (std::uint32_t w = 0; w < program.workflows.size(); ++w) {
    for (std::uint32_t t = 0; t < program.workflows[w].triggers.size(); ++t) insert(program, {w, t});
  }
}

void Index::insert(const bytecode::Program& program, TriggerRef ref) {
  const bytecode::Workflow& workflow = program.workflows[ref.workflow];
  const bytecode::Trigger& trigger = workflow.triggers[ref.trigger];
  switch (trigger.kind) {
    case TriggerKind::event:
      events_.insert(trigger.match, ref);
      return;
    case TriggerKind::created:
      created_[workflow.object].push_back(ref);
      return;
    case TriggerKind::list_added:
    case TriggerKind::list_removed:
      lists_[trigger.list].push_back(ref);
      return;
    case TriggerKind::changes:
      properties_[pair_key(workflow.object, trigger.property)].push_back(ref);
      return;
    case TriggerKind::related:  // found by Elsewhere
      return;
    case TriggerKind::becomes:
    case TriggerKind::condition:
    case TriggerKind::moment:
    case TriggerKind::schedule:
      break;
  }
  for (const std::uint32_t p : trigger.reads_properties)
    properties_[pair_key(workflow.object, p)].push_back(ref);
  for (const std::uint32_t c : trigger.reads_counters) by_counter_[c].push_back(ref);
  for (const std::uint32_t l : trigger.reads_lists) lists_[l].push_back(ref);
  if (trigger.reads_tags) tags_[workflow.object].push_back(ref);
  created_[workflow.object].push_back(ref);  // before creation every condition is false
  const bool at_moments = trigger.kind == TriggerKind::moment || trigger.kind == TriggerKind::schedule;
  if (at_moments || trigger.retest != kNone) timed_[workflow.object].push_back(ref);
}

void Index::counters_of(const vm::Event& event, std::vector<std::uint32_t>& out) const {
  counters_.find(event, out);
}
void Index::triggers_of(const vm::Event& event, std::vector<TriggerRef>& out) const {
  events_.find(event, out);
}

std::span<const TriggerRef> Index::on_property(std::uint32_t object, std::uint32_t property) const {
  return lookup(properties_, pair_key(object, property));
}
std::span<const TriggerRef> Index::on_counter(std::uint32_t counter) const {
  return lookup(by_counter_, counter);
}
std::span<const TriggerRef> Index::on_list(std::uint32_t list) const {
  return lookup(lists_, list);
}
std::span<const TriggerRef> Index::on_tags(std::uint32_t object) const {
  return lookup(tags_, object);
}
std::span<const TriggerRef> Index::on_created(std::uint32_t object) const {
  return lookup(created_, object);
}
std::span<const TriggerRef> Index::timed(std::uint32_t object) const {
  return lookup(timed_, object);
}
std::span<const std::uint32_t> Index::became(std::uint32_t object, std::uint32_t property) const {
  return lookup(became_, pair_key(object, property));
}

}  // namespace wf::triggers
