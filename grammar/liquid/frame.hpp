// The variables of a template while it is rendered. Internal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {

/// `include` shares the frame of the template that has it, `render` has its own.
struct Frame {
  bool is_isolated = false;
  std::unordered_map<std::string_view, Datum> locals;           ///< assign, capture
  std::vector<std::pair<std::string_view, Datum>> bound;        ///< loops and arguments, the innermost last
  std::unordered_map<std::string_view, std::int64_t> counters;  ///< increment, decrement
  std::map<std::string, std::size_t, std::less<>> cycles;       ///< by group: which is next
  std::map<std::string, std::int64_t, std::less<>> offsets;     ///< by loop: where `offset: continue` goes on
  std::optional<std::string> last_shown;                        ///< by ifchanged
  const Loop* loop = nullptr;

  /// The variable that hides what comes from outside; null without one.
  const Datum* find(std::string_view name, Scratch& scratch) const {
    scratch.work(bound.size() / 16);
    for (auto it = bound.rbegin(); it != bound.rend(); ++it) {
      if (it->first == name) return &it->second;
    }
    if (locals.empty()) return nullptr;
    const auto found = locals.find(name);
    return found == locals.end() ? nullptr : &found->second;
  }
};

}  // namespace wf::liquid
