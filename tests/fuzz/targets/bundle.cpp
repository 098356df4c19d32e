// Bundles with a right checksum: they are refused, or read to a program that writes itself again.
#include <sodium.h>

#include <string>

#include "runtime/bytecode/program.hpp"
#include "tests/fuzz/target.hpp"

void wf::fuzz::run(std::string_view input) {
  (void)bytecode::read_bundle(input);
  std::string sealed(input);
  if (sealed.size() > crypto_hash_sha256_BYTES) sealed.resize(sealed.size() - crypto_hash_sha256_BYTES);
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size());
  sealed.append(reinterpret_cast<const char*>(hash), sizeof hash);
  const auto program = bytecode::read_bundle(sealed);
  if (program)
    require(bytecode::write_bundle(*program).size() <= 2 * sealed.size() + 1024, "it is no larger");
}
