// Instants of moments and openings of windows, as the program describes them.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/bytecode/program.hpp"

namespace wf::vm {

/// The moment's instant seen from `now`. `anchor` and `zone` may be unknown: an unknown anchor (where the
/// moment has one) gives nothing, an unknown or non-existent zone the static one.
std::optional<std::int64_t> resolve(const bytecode::Moment& moment, const value::Value& anchor,
                                    const value::Value& zone, std::int64_t now);

/// Nothing when open now; otherwise the next opening plus this record's share of the jitter. A window that
/// never opens gives one year from now.
std::optional<std::int64_t> closed_until(const bytecode::Window& window, const value::Value& zone,
                                         std::uint64_t key, std::int64_t now);

}  // namespace wf::vm
