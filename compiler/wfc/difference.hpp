// Difference: what changed in meaning between two programs. A pure function of two outlines.
#pragma once

#include <string>
#include <vector>

#include "grammar/value/value.hpp"
#include "runtime/bytecode/outline.hpp"

namespace wf::wfc {

enum class ChangeKind : std::uint8_t { added, removed, changed, moved };

/// One fact or step that differs.
struct DetailChange {
  ChangeKind kind = ChangeKind::changed;
  std::string what;           ///< "goal", "property stage", "step"
  std::string before, after;  ///< words; equal when the change does not show in them
};

struct ItemChange {
  ChangeKind kind = ChangeKind::changed;
  std::string name;                   ///< "workflow.lead_nurturing"
  std::vector<DetailChange> details;  ///< of a changed item
};

/// Sorted by name; empty when the programs mean the same.
std::vector<ItemChange> difference(const std::vector<bytecode::Item>& before,
                                   const std::vector<bytecode::Item>& after);

/// Lines for people.
std::string difference_text(const std::vector<ItemChange>& changes);
value::Value difference_value(const std::vector<ItemChange>& changes);

}  // namespace wf::wfc
