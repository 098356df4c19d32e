// Numbers that depend on the seed only, the same on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace wf::reference {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// 0 … n-1; n must not be 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  std::string pick(std::initializer_list<const char*> from) { return from.begin()[below(from.size())]; }
  /// An index, as often as its weight says.
  std::size_t weighted(std::initializer_list<int> weights) {
    int total = 0;
    for (const int w : weights) total += w;
    int n = static_cast<int>(below(static_cast<std::size_t>(total)));
    std::size_t i = 0;
    for (const int w : weights) {
      if (n < w) break;
      n -= w;
      ++i;
    }
    return i;
  }

 private:
  std::uint64_t state_;
};

}  // namespace wf::reference
