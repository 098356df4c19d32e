// The trigger index: which counters and which triggers of a program a change can touch. One lookup costs
// about the same with ten workflows as with ten thousand. Built once per program, read-only afterwards.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/bytecode/program.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::triggers {

struct TriggerRef {
  std::uint32_t workflow = 0;
  std::uint32_t trigger = 0;  ///< index into Workflow::triggers
  friend auto operator<=>(const TriggerRef&, const TriggerRef&) = default;
};

class Index {
 public:
  explicit Index(const bytecode::Program& program);

  /// Appends the counters and triggers whose type and first filter fit; the caller still matches the rest.
  void counters_of(const vm::Event& event, std::vector<std::uint32_t>& out) const;
  void triggers_of(const vm::Event& event, std::vector<TriggerRef>& out) const;

  std::span<const TriggerRef> on_property(std::uint32_t object, std::uint32_t property) const;
  std::span<const TriggerRef> on_counter(std::uint32_t counter) const;
  std::span<const TriggerRef> on_list(std::uint32_t list) const;
  std::span<const TriggerRef> on_tags(std::uint32_t object) const;
  std::span<const TriggerRef> on_created(std::uint32_t object) const;
  /// Those that wait for a moment of each record.
  std::span<const TriggerRef> timed(std::uint32_t object) const;
  bool has_timed() const { return !timed_.empty(); }
  /// Counters of kind became over a property.
  std::span<const std::uint32_t> became(std::uint32_t object, std::uint32_t property) const;

 private:
  template <class T>
  struct EventTable {
    std::unordered_map<std::uint64_t, std::vector<T>> filtered;  // (event, parameter, value)
    std::unordered_map<std::uint32_t, std::vector<T>> unfiltered;
    void insert(const bytecode::EventMatch& match, T item);
    void find(const vm::Event& event, std::vector<T>& out) const;
  };
  template <class T>
  using Table = std::unordered_map<std::uint64_t, std::vector<T>>;

  void insert(const bytecode::Program& program, TriggerRef ref);

  EventTable<std::uint32_t> counters_;
  EventTable<TriggerRef> events_;
  Table<TriggerRef> properties_, by_counter_, lists_, tags_, created_, timed_;
  Table<std::uint32_t> became_;
};

}  // namespace wf::triggers
