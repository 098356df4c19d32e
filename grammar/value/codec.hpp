// The byte encoding of values and plain fields: bundles, journal frames, rows and effects all use it.
//
// Little endian; unsigned integers as LEB128 varints, signed ones zigzag. A Reader never reads beyond its
// input: after the first malformed field `failed()` is true and every further read gives zero or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "grammar/value/value.hpp"

namespace wf::value {

class Writer {
 public:
  void u8(std::uint8_t n) { out_.push_back(static_cast<char>(n)); }
  void u32(std::uint32_t n);  ///< fixed 4 bytes
  void u64(std::uint64_t n);  ///< fixed 8 bytes
  void varint(std::uint64_t n);
  void zigzag(std::int64_t n);
  void bytes(std::string_view s);  ///< varint length, then the bytes
  void raw(std::string_view s) { out_.append(s); }
  void value(const Value& v);

  std::size_t size() const { return out_.size(); }
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }
  /// Overwrites 4 bytes written earlier by u32().
  void patch_u32(std::size_t offset, std::uint32_t n);

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  std::int64_t zigzag();
  std::string_view bytes();  ///< view into the input
  std::string_view raw(std::size_t length);
  Value value();  ///< nesting limited to 32
  /// A varint used as a count of items that need at least `min_size` bytes each: fails when they cannot fit.
  std::size_t count(std::size_t min_size = 1);

  bool failed() const { return failed_; }
  bool done() const { return failed_ || at_ == in_.size(); }
  std::size_t offset() const { return at_; }
  std::size_t remaining() const { return in_.size() - at_; }
  void fail() {
    failed_ = true;
    at_ = in_.size();
  }

 private:
  Value value(int depth);
  Value list(int depth);
  Value map(int depth);
  Value scalar(Value v) const;  ///< unknown instead of a half-read value
  std::string_view in_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// FNV-1a 64 bit: stable hash for shards, buckets and content keys (not for hostile input).
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL);

}  // namespace wf::value
