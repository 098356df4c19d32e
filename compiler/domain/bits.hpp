// Bits: which of the values 0 … size-1 are possible. Exact, for enums and truth values.
#pragma once

#include <cstdint>
#include <vector>

namespace wf::domain {

class Bits {
 public:
  /// No value of `size` possible ones.
  explicit Bits(std::uint32_t size = 0) : size_(size) {
    if (size > kWord) more_.resize((size - 1) / kWord);
  }
  static Bits all(std::uint32_t size);
  static Bits one(std::uint32_t size, std::uint32_t value);

  std::uint32_t size() const { return size_; }
  bool contains(std::uint32_t value) const {
    return value < size_ && ((word(value / kWord) >> (value % kWord)) & 1u) != 0;
  }
  void insert(std::uint32_t value) { word(value / kWord) |= std::uint64_t{1} << (value % kWord); }
  void erase(std::uint32_t value) { word(value / kWord) &= ~(std::uint64_t{1} << (value % kWord)); }
  bool empty() const;
  std::uint32_t count() const;
  /// The smallest value; `size` when there is none.
  std::uint32_t first() const;

  friend bool operator==(const Bits&, const Bits&) = default;
  /// Both operands must have the same size.
  friend Bits operator&(Bits a, const Bits& b);
  friend Bits operator|(Bits a, const Bits& b);
  /// What is in `a` and not in `b`.
  friend Bits operator-(Bits a, const Bits& b);

 private:
  static constexpr std::uint32_t kWord = 64;
  std::uint64_t word(std::uint32_t i) const { return i == 0 ? word_ : more_[i - 1]; }
  std::uint64_t& word(std::uint32_t i) { return i == 0 ? word_ : more_[i - 1]; }

  std::uint32_t size_ = 0;
  std::uint64_t word_ = 0;
  std::vector<std::uint64_t> more_;  ///< beyond the first 64 values
};

}  // namespace wf::domain
