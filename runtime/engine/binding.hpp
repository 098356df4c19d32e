// Binding: one program in the stable terms of the store. Translates values, indices and names both ways.
//
// Several bundles may be bound at once: enrolments stay on the one they started with.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/bytecode/program.hpp"
#include "runtime/engine/record.hpp"
#include "runtime/engine/symbols.hpp"

namespace wf::engine {

using bytecode::kNone;

class Binding {
 public:
  Binding(std::shared_ptr<const bytecode::Program> program, const bytecode::Hash& hash, Symbols& symbols,
          Layout& layout);

  const bytecode::Program& program() const { return *program_; }
  const bytecode::Catalogue& catalogue() const { return program_->catalogue; }
  SymbolId code() const { return code_; }

  SymbolId object(std::uint32_t index) const { return objects_[index]; }
  /// kNone when the program has no such object.
  std::uint32_t object_index(SymbolId symbol) const { return index_of(object_indices_, symbol); }
  std::uint32_t slot(std::uint32_t object, std::uint32_t property) const { return slots_[object][property]; }
  /// kNone when the program has no property in that slot.
  std::uint32_t property_at(std::uint32_t object, std::uint32_t slot) const {
    return slot < properties_[object].size() ? properties_[object][slot] : kNone;
  }
  SymbolId counter(std::uint32_t index) const { return counters_[index]; }
  SymbolId list(std::uint32_t index) const { return lists_[index]; }
  std::uint32_t list_index(SymbolId symbol) const { return index_of(list_indices_, symbol); }
  SymbolId topic(std::uint32_t index) const { return topics_[index]; }
  SymbolId workflow(std::uint32_t index) const { return workflows_[index]; }
  std::uint32_t workflow_index(SymbolId symbol) const { return index_of(workflow_indices_, symbol); }
  /// Of the code that enrolments of a workflow run on: computed when it is first asked for.
  const bytecode::Hash& running_hash(std::uint32_t workflow) const;
  SymbolId experiment(std::uint32_t index) const {
    return resources_[static_cast<std::size_t>(bytecode::ResourceKind::experiment)][index];
  }
  std::uint32_t experiment_index(SymbolId symbol) const {
    return index_of(resource_indices_[static_cast<std::size_t>(bytecode::ResourceKind::experiment)], symbol);
  }
  SymbolId arm(std::uint32_t experiment, std::uint32_t arm) const { return arms_[experiment][arm]; }
  /// kNone when the program's experiment has no such arm.
  std::uint32_t arm_index(std::uint32_t experiment, SymbolId arm) const;

  Value to_stable(const Value& v) const;
  /// `type` tells which enum a value is read as; a value that the program does not declare becomes unknown.
  Value to_program(const Value& stable, const bytecode::Type& type) const;

 private:
  using Indices = std::unordered_map<SymbolId, std::uint32_t>;
  static std::uint32_t index_of(const Indices& indices, SymbolId symbol) {
    const auto it = indices.find(symbol);
    return it == indices.end() ? kNone : it->second;
  }
  void bind_objects(Symbols& symbols, Layout& layout);
  void pin_what_is_read(Layout& layout) const;
  void bind_values(Symbols& symbols);

  std::shared_ptr<const bytecode::Program> program_;
  SymbolId code_ = 0;
  mutable std::unordered_map<std::uint32_t, bytecode::Hash> running_hashes_;
  std::vector<SymbolId> objects_, counters_, lists_, topics_, workflows_;
  std::vector<std::vector<std::uint32_t>> slots_, properties_;
  std::vector<std::vector<SymbolId>> enum_values_, arms_;
  std::vector<Indices> enum_ordinals_;
  std::vector<std::vector<SymbolId>> resources_;
  std::vector<Indices> resource_indices_;
  Indices object_indices_, list_indices_, workflow_indices_;
};

}  // namespace wf::engine
