// Openings of windows, as the program describes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/bytecode/moment.hpp"

namespace wf::vm {

using bytecode::resolve;

/// Nothing when all of the window is open now; otherwise the next time that it is, plus this record's share
/// of the jitter. `zones` are those of its dynamic openings, in order. A window that never opens gives one
/// year from now.
std::optional<std::int64_t> closed_until(const bytecode::Window& window, std::span<const value::Value> zones,
                                         std::uint64_t key, std::int64_t now);

}  // namespace wf::vm
