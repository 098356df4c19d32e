// The target as libFuzzer calls it.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wf::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
