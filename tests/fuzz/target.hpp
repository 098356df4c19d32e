// What every fuzz target is: a function of bytes, linked with libFuzzer (entry.cpp) or with a replay of the
// corpus and mutations of it (replay.cpp).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace wf::fuzz {

/// Must return for any bytes, and keep what require() asks.
void run(std::string_view input);

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace wf::fuzz
