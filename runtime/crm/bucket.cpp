#include "runtime/crm/bucket.hpp"

#include <sodium.h>

#include <string>

#include "runtime/bytecode/catalogue.hpp"

namespace wf::crm {

std::uint32_t bucket(std::string_view experiment, std::string_view split_key) {
  std::string text(experiment);
  text += '\0';
  text += split_key;
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::uint64_t first = 0;
  for (int i = 0; i < 8; ++i) first = first << 8 | hash[i];
  return static_cast<std::uint32_t>(first % bytecode::kBuckets);
}

}  // namespace wf::crm
