// Instants of moments, as the tables of a program describe them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// The moment's instant seen from `now`. `anchor` and `zone` may be unknown: an unknown anchor (where the
/// moment has one) gives nothing, an unknown or non-existent zone the static one.
std::optional<std::int64_t> resolve(const Moment& moment, const Catalogue& catalogue,
                                    const value::Value& anchor, const value::Value& zone, std::int64_t now);

/// The dynamic zone if it is one, else the fixed one. Views into the arguments.
std::string_view zone_of(const std::string& fixed, const value::Value& dynamic);

}  // namespace wf::bytecode
