#include "runtime/store/checksum.hpp"

#include <bit>
#include <cstring>

namespace wf::store {

static_assert(std::endian::native == std::endian::little, "the file format is little endian");

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kFirst = 0x9ddfea08eb382d69ULL;
constexpr std::uint64_t kSecond = 0xc6a4a7935bd1e995ULL;

std::uint64_t word(const char* at, std::size_t size = 8) {
  std::uint64_t n = 0;
  std::memcpy(&n, at, size);
  return n;
}

// Multiplies into 128 bits and folds the halves: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t sum = kFirst ^ (left * kSecond);
  for (; left >= 16; at += 16, left -= 16) sum = mix(word(at) ^ sum, word(at + 8) ^ kSecond) + kFirst;
  if (left >= 8) {
    sum = mix(word(at) ^ sum, kSecond) + kFirst;
    at += 8;
    left -= 8;
  }
  if (left > 0) sum = mix(word(at, left) ^ sum, kSecond + left);
  return mix(sum ^ kSecond, kFirst);
}

}  // namespace wf::store
