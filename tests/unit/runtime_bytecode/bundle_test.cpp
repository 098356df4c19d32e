#include <sodium.h>

#include <catch2/catch.hpp>

#include "tests/support/sample_program.hpp"

using namespace wf;
using namespace wf::bytecode;

namespace {

/// Puts the right checksum behind bytes whose own was made wrong.
std::string sealed(std::string bytes) {
  bytes.resize(bytes.size() - 32);
  Hash hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

Error refusal(const std::string& bytes) {
  const auto program = read_bundle(bytes);
  REQUIRE_FALSE(program.ok());
  return program.error();
}

constexpr std::size_t kTable = 44;  // after magic, version, fingerprint and count

}  // namespace

TEST_CASE("a bundle read is the program written") {
  const Program p = test::sample_program();
  const std::string bytes = write_bundle(p);
  const auto read = read_bundle(bytes);
  REQUIRE(read.ok());
  CHECK(write_bundle(*read) == bytes);
  CHECK(listing(*read) == listing(p));
  CHECK(read->code == p.code);
  CHECK(read->constants == p.constants);
  CHECK(read->files == p.files);
  CHECK(read->catalogue.zone == "Asia/Tokyo");
  CHECK(read->catalogue.locale == "ja");
  CHECK(read->catalogue.objects[0].properties[3].minimum == -1000 * value::kMicro);
  CHECK(read->catalogue.emails[0].text.reads[0].path == std::vector<std::string>{"contact", "firstname"});
  CHECK(read->workflows[0].reenroll.restart);
  CHECK(read->workflows[0].reenroll.at_most_once_per == value::kDay);
  CHECK(read->workflows[1].triggers[3].reads_tags);
  CHECK(read->moments[1].next_weekday == 0);
  CHECK(read->windows[0].all == p.windows[0].all);
  CHECK(read->functions[4].max_stack == 3);
}

TEST_CASE("equal programs give equal bytes, and the hash names them") {
  const std::string bytes = write_bundle(test::sample_program());
  CHECK(bytes == write_bundle(test::sample_program()));
  Program other = test::sample_program();
  other.workflows[0].title = "Another";
  const std::string changed = write_bundle(other);
  CHECK(bundle_hash(bytes) != bundle_hash(changed));
  CHECK(to_hex(bundle_hash(bytes)).size() == 64);
  CHECK(bundle_hash("short") == Hash{});
}

TEST_CASE("hex has two lower-case digits a byte") {
  Hash hash{};
  hash[0] = 0xa5;
  CHECK(to_hex(hash) == "a5" + std::string(62, '0'));
}

TEST_CASE("the schema fingerprint follows objects and events only") {
  const Program p = test::sample_program();
  const Hash before = schema_fingerprint(p.catalogue);
  Catalogue c = p.catalogue;
  c.emails[0].name = "other";
  c.objects[0].properties[0].title = "E-mail";
  CHECK(schema_fingerprint(c) == before);
  c.objects[0].properties[1].type.nullable = false;
  CHECK(schema_fingerprint(c) != before);
  c = p.catalogue;
  c.enums[0].values.push_back("partner");
  CHECK(schema_fingerprint(c) != before);
  c = p.catalogue;
  c.events[0].parameters.pop_back();
  CHECK(schema_fingerprint(c) != before);
}

TEST_CASE("every cut and every flipped bit is refused") {
  const std::string bytes = write_bundle(test::sample_program());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    REQUIRE_FALSE(read_bundle(std::string_view(bytes).substr(0, length)).ok());
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    REQUIRE_FALSE(read_bundle(damaged).ok());
  }
}

TEST_CASE("the envelope is checked before anything else") {
  const std::string bytes = write_bundle(test::sample_program());
  CHECK(refusal("").code == ErrorCode::corrupt);
  CHECK(refusal("PK\x03\x04").code == ErrorCode::corrupt);
  CHECK(refusal(std::string(kMaxBundleBytes + 1, 'x')).code == ErrorCode::limit);
  CHECK(refusal(bytes + "x").code == ErrorCode::corrupt);
  std::string newer = bytes;
  newer[4] = 9;
  CHECK(refusal(sealed(newer)).code == ErrorCode::unsupported);
  CHECK(refusal(sealed(newer)).message.find("format 9") != std::string::npos);
}

TEST_CASE("a wrong table of sections is refused even with the right checksum") {
  const std::string bytes = write_bundle(test::sample_program());
  for (std::size_t row = 0; row < 7; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (const char change : {1, -1, 0x7f}) {
        std::string damaged = bytes;
        char& byte = damaged[kTable + row * 12 + column * 4];
        byte = static_cast<char>(byte + change);
        REQUIRE(refusal(sealed(damaged)).code == ErrorCode::corrupt);
      }
      std::string huge = bytes;
      huge[kTable + row * 12 + column * 4 + 3] = static_cast<char>(0xff);
      REQUIRE(refusal(sealed(huge)).code == ErrorCode::corrupt);
    }
  }
}

TEST_CASE("a fingerprint that is not the catalogue's is refused") {
  std::string bytes = write_bundle(test::sample_program());
  bytes[8] = static_cast<char>(bytes[8] ^ 1);
  const Error error = refusal(sealed(bytes));
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.message.find("fingerprint") != std::string::npos);
}

TEST_CASE("a count that promises more than follows is refused without the memory for it") {
  const std::string bytes = write_bundle(test::sample_program());
  // The code section begins with its count of words.
  std::uint32_t offset = 0;
  for (int i = 3; i >= 0; --i) {
    offset = offset << 8 | static_cast<unsigned char>(bytes[kTable + 12 + 4 + static_cast<std::size_t>(i)]);
  }
  std::string damaged = bytes;
  damaged[offset] = static_cast<char>(0xff);
  damaged[offset + 1] = 0x7f;
  CHECK(refusal(sealed(damaged)).code == ErrorCode::corrupt);
}

TEST_CASE("a bundle whose program is invalid names the reason") {
  Program p = test::sample_program();
  p.code[0] = encode(Opcode::property, 99);
  const Error error = refusal(write_bundle(p));
  CHECK(error.code == ErrorCode::invalid);
  CHECK(error.message == "the program is not valid: function 0, word 0: no such property");
}
