#include "compiler/domain/bits.hpp"

#include <bit>

namespace wf::domain {

Bits Bits::all(std::uint32_t size) {
  Bits bits(size);
  for (std::uint32_t i = 0; i < size; ++i) bits.insert(i);
  return bits;
}

Bits Bits::one(std::uint32_t size, std::uint32_t value) {
  Bits bits(size);
  if (value < size) bits.insert(value);
  return bits;
}

bool Bits::empty() const {
  if (word_ != 0) return false;
  for (const std::uint64_t word : more_) {
    if (word != 0) return false;
  }
  return true;
}

std::uint32_t Bits::count() const {
  int n = std::popcount(word_);
  for (const std::uint64_t word : more_) n += std::popcount(word);
  return static_cast<std::uint32_t>(n);
}

std::uint32_t Bits::first() const {
  std::uint32_t value = 0;
  while (value < size_ && !contains(value)) ++value;
  return value;
}

Bits operator&(Bits a, const Bits& b) {
  a.word_ &= b.word_;
  for (std::size_t i = 0; i < a.more_.size(); ++i) a.more_[i] &= b.more_[i];
  return a;
}

Bits operator|(Bits a, const Bits& b) {
  a.word_ |= b.word_;
  for (std::size_t i = 0; i < a.more_.size(); ++i) a.more_[i] |= b.more_[i];
  return a;
}

Bits operator-(Bits a, const Bits& b) {
  a.word_ &= ~b.word_;
  for (std::size_t i = 0; i < a.more_.size(); ++i) a.more_[i] &= ~b.more_[i];
  return a;
}

}  // namespace wf::domain
