// Internal to the VM: what a group of steps reads of what it has done itself. Its actions change nothing
// before the group is over, but each step sees what the steps before it have done.
#pragma once

#include "runtime/vm/vm.hpp"

namespace wf::vm {

/// The record that the group belongs to.
struct OwnRecord {
  std::uint32_t object = kNone;
  std::uint64_t key = 0;
};

/// A value as a property takes it: within its declared range, integers stay integers.
Value clamp_to_range(const bytecode::Property& declared, Value v);
/// The sum as a property takes it; unknown counts as 0.
Value added_to(const bytecode::Property& declared, const Value& current, const Value& amount);

/// A property of the record `key`, of which `stored` is the committed value.
Value after_writes(const bytecode::Catalogue& catalogue, const bytecode::FieldRef& field, std::uint64_t key,
                   Value stored, const std::vector<Action>& actions, const OwnRecord& own);
/// How often the counter's property took the value that it counts.
std::int64_t became_in_writes(const bytecode::Catalogue& catalogue, const bytecode::Counter& counter,
                              const View& view, const std::vector<Action>& actions, const OwnRecord& own);
/// Membership and tags of the record of `view`.
bool member_after_writes(std::uint32_t list, const View& view, const std::vector<Action>& actions);
bool tagged_after_writes(std::string_view tag, const View& view, const std::vector<Action>& actions);

}  // namespace wf::vm
