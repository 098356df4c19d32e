#include "runtime/engine/binding.hpp"

#include <algorithm>

#include "runtime/bytecode/canonical.hpp"

namespace wf::engine {

namespace {

bool is_number(value::Kind kind) {
  return kind == value::Kind::integer || kind == value::Kind::decimal;
}

}  // namespace

using bytecode::kResourceKinds;
using bytecode::ResourceKind;
using value::Kind;

Binding::Binding(std::shared_ptr<const bytecode::Program> program, const bytecode::Hash& hash,
                 Symbols& symbols, Layout& layout)
    : program_(std::move(program)) {
  code_ = symbols.intern("code", bytecode::to_hex(hash));
  bind_objects(symbols, layout);
  pin_what_is_read(layout);
  bind_values(symbols);
  for (const auto& counter : program_->counters) counters_.push_back(symbols.intern("counter", counter.key));
  for (std::uint32_t i = 0; i < catalogue().lists.size(); ++i) {
    lists_.push_back(symbols.intern("list", catalogue().lists[i].name));
    list_indices_[lists_.back()] = i;
  }
  for (const auto& topic : catalogue().topics) topics_.push_back(symbols.intern("topic", topic.name));
  for (std::uint32_t i = 0; i < program_->workflows.size(); ++i) {
    workflows_.push_back(symbols.intern("workflow", program_->workflows[i].name));
    workflow_indices_[workflows_.back()] = i;
  }
  for (const bytecode::Experiment& experiment : catalogue().experiments) {
    std::vector<SymbolId>& arms = arms_.emplace_back();
    for (const auto& arm : experiment.arms) arms.push_back(symbols.intern("variant", arm.name));
  }
}

const bytecode::Hash& Binding::running_hash(std::uint32_t workflow) const {
  const auto [it, added] = running_hashes_.try_emplace(workflow);
  if (added) it->second = bytecode::running_hash(*program_, workflow);
  return it->second;
}

std::uint32_t Binding::arm_index(std::uint32_t experiment, SymbolId arm) const {
  const std::vector<SymbolId>& arms = arms_[experiment];
  const auto found = std::find(arms.begin(), arms.end(), arm);
  return found == arms.end() ? kNone : static_cast<std::uint32_t>(found - arms.begin());
}

void Binding::bind_objects(Symbols& symbols, Layout& layout) {
  for (std::uint32_t o = 0; o < catalogue().objects.size(); ++o) {
    const bytecode::Object& object = catalogue().objects[o];
    objects_.push_back(symbols.intern("object", object.name));
    object_indices_[objects_.back()] = o;
    std::vector<std::uint32_t> slots, properties;
    for (std::uint32_t p = 0; p < object.properties.size(); ++p) {
      const SymbolId symbol = symbols.intern("property", object.name + "." + object.properties[p].name);
      const std::uint32_t slot = layout.slot(objects_.back(), symbol);
      slots.push_back(slot);
      if (slot >= properties.size()) properties.resize(slot + 1, kNone);
      properties[slot] = p;
    }
    slots_.push_back(std::move(slots));
    properties_.push_back(std::move(properties));
  }
}

/// What code reads, and where mail goes.
void Binding::pin_what_is_read(Layout& layout) const {
  const auto pin = [&](std::uint32_t object, std::uint32_t property) {
    layout.pin(objects_[object], slots_[object][property]);
  };
  for (const bytecode::Function& function : program_->functions) {
    for (std::uint32_t pc = function.begin; pc < function.end; ++pc) {
      const bytecode::Word instruction = program_->code[pc];
      const std::uint32_t operand = bytecode::operand_of(instruction);
      if (bytecode::opcode_of(instruction) == bytecode::Opcode::property) {
        pin(function.object, operand);
      } else if (bytecode::opcode_of(instruction) == bytecode::Opcode::field) {
        pin(program_->fields[operand].object, program_->fields[operand].property);
      }
    }
  }
  for (std::uint32_t o = 0; o < catalogue().objects.size(); ++o) {
    const auto& properties = catalogue().objects[o].properties;
    for (std::uint32_t p = 0; p < properties.size(); ++p) {
      if (properties[p].type.format == bytecode::Format::email) pin(o, p);
    }
  }
}

void Binding::bind_values(Symbols& symbols) {
  for (const bytecode::EnumType& type : catalogue().enums) {
    std::vector<SymbolId> values;
    Indices ordinals;
    for (std::uint32_t i = 0; i < type.values.size(); ++i) {
      values.push_back(symbols.intern("value", type.values[i]));
      ordinals[values.back()] = i;
    }
    enum_values_.push_back(std::move(values));
    enum_ordinals_.push_back(std::move(ordinals));
  }
  resources_.resize(kResourceKinds);
  resource_indices_.resize(kResourceKinds);
  for (std::size_t k = 0; k < kResourceKinds; ++k) {
    const auto kind = static_cast<ResourceKind>(k);
    if (kind == ResourceKind::workflow) continue;
    const std::size_t count = catalogue().resource_count(kind);
    for (std::uint32_t i = 0; i < count; ++i) {
      resources_[k].push_back(symbols.intern(to_string(kind), catalogue().resource_name(kind, i)));
      resource_indices_[k][resources_[k].back()] = i;
    }
  }
}

Value Binding::to_stable(const Value& v) const {
  switch (v.kind()) {
    case Kind::enumeration:
      if (v.aux() >= enum_values_.size() || v.as_ordinal() >= enum_values_[v.aux()].size()) return {};
      return Value::enumeration(0, enum_values_[v.aux()][v.as_ordinal()]);
    case Kind::resource:
      if (v.aux() >= resources_.size() || v.as_resource() >= resources_[v.aux()].size()) return {};
      return Value::resource(v.aux(), resources_[v.aux()][v.as_resource()]);
    case Kind::ref:
      return v.aux() < objects_.size() ? Value::ref(objects_[v.aux()], v.as_key()) : Value();
    default:
      return v;
  }
}

Value Binding::to_program(const Value& stable, const bytecode::Type& type) const {
  // A value from before the type was another one is there still, but this program cannot use it.
  if (stable.kind() != type.kind && !(stable.is_number() && is_number(type.kind))) return {};
  switch (stable.kind()) {
    case Kind::enumeration: {
      if (type.kind != Kind::enumeration || type.aux >= enum_ordinals_.size()) return {};
      const std::uint32_t ordinal = index_of(enum_ordinals_[type.aux], stable.as_ordinal());
      return ordinal == kNone ? Value() : Value::enumeration(type.aux, ordinal);
    }
    case Kind::resource: {
      if (stable.aux() >= resource_indices_.size()) return {};
      const std::uint32_t index = index_of(resource_indices_[stable.aux()], stable.as_resource());
      return index == kNone ? Value() : Value::resource(stable.aux(), index);
    }
    case Kind::ref: {
      const std::uint32_t object = object_index(stable.aux());
      return object == kNone ? Value() : Value::ref(object, stable.as_key());
    }
    default:
      return stable;
  }
}

}  // namespace wf::engine
