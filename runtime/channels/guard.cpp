#include "runtime/channels/guard.hpp"

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace wf::channels {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c = 0, std::uint32_t d = 0) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr Range4 kPrivate4[] = {
    {ip(0, 0), 8},      {ip(10, 0), 8},    {ip(100, 64), 10},      {ip(127, 0), 8},
    {ip(169, 254), 16}, {ip(172, 16), 12}, {ip(192, 0, 0), 24},    {ip(192, 0, 2), 24},
    {ip(192, 168), 16}, {ip(198, 18), 15}, {ip(198, 51, 100), 24}, {ip(203, 0, 113), 24},
    {ip(224, 0), 3},
};

bool is_private4(std::uint32_t address) {
  for (const auto& range : kPrivate4) {
    if ((address ^ range.network) >> (32 - range.bits) == 0) return true;
  }
  return false;
}

struct Range6 {
  std::array<std::uint8_t, 16> network;
  int bits;
};

/// Only 2000::/3 is public unicast; these are the parts of it that tunnel, document or test. The NAT64 prefix
/// and the rest lie outside.
constexpr Range6 kPrivate6[] = {
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff, 0x00}, 20},        // documentation
};

bool has_prefix(const std::uint8_t* address, const Range6& range) {
  for (int bit = 0; bit < range.bits; ++bit) {
    const int shift = 7 - bit % 8;
    if (((address[bit / 8] ^ range.network[static_cast<std::size_t>(bit / 8)]) >> shift & 1) != 0)
      return false;
  }
  return true;
}

bool is_private6(const std::uint8_t* address) {
  constexpr Range6 kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr Range6 kGlobal = {{0x20}, 3};
  if (has_prefix(address, kMapped)) {
    return is_private4(ip(address[12], address[13], address[14], address[15]));
  }
  if (!has_prefix(address, kGlobal)) return true;
  for (const auto& range : kPrivate6) {
    if (has_prefix(address, range)) return true;
  }
  return false;
}

}  // namespace

bool is_private_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return is_private4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    return is_private6(in.sin6_addr.s6_addr);
  }
  return true;
}

}  // namespace wf::channels
