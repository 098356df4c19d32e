// Buckets of experiments: the same split key gets the same variant for ever, without being remembered.
#pragma once

#include <cstdint>
#include <string_view>

namespace wf::crm {

/// The first 8 bytes, big endian, of SHA-256(experiment ‖ 0x00 ‖ split key), modulo 10 000.
std::uint32_t bucket(std::string_view experiment, std::string_view split_key);

}  // namespace wf::crm
