// checksum: a fast 64-bit check of stored bytes against damage, not against forgery.
#pragma once

#include <cstdint>
#include <string_view>

namespace wf::store {

/// The same on every little-endian machine; part of the file format.
std::uint64_t checksum(std::string_view bytes);

}  // namespace wf::store
