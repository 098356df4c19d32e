// Instants of moments and openings of windows, as the program describes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/bytecode/program.hpp"

namespace wf::vm {

/// The moment's instant seen from `now`. `anchor` and `zone` may be unknown: an unknown anchor (where the
/// moment has one) gives nothing, an unknown or non-existent zone the static one.
std::optional<std::int64_t> resolve(const bytecode::Moment& moment, const bytecode::Catalogue& catalogue,
                                    const value::Value& anchor, const value::Value& zone, std::int64_t now);

/// Nothing when all of the window is open now; otherwise the next time that it is, plus this record's share of
/// the jitter. `zones` are those of its dynamic openings, in order. A window that never opens gives one year
/// from now.
std::optional<std::int64_t> closed_until(const bytecode::Window& window,
                                         std::span<const value::Value> zones, std::uint64_t key,
                                         std::int64_t now);

}  // namespace wf::vm
