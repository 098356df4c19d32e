// The encoding of frames: round trips, damage, and history entries read on their own.
#include "runtime/store/frame.hpp"

#include <catch2/catch.hpp>

#include "runtime/store/checksum.hpp"
#include "tests/contract/store/random_frame.hpp"

using namespace wf;
using namespace wf::store;

namespace {

Frame sample(std::uint64_t seed) {
  test::RandomFrames random(seed);
  return random.next();
}

}  // namespace

TEST_CASE("a frame survives its encoding") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Frame frame = sample(seed);
    const std::string bytes = encode(frame);
    Result<Frame> back = decode_frame(bytes);
    REQUIRE(back.ok());
    CHECK(encode(*back) == bytes);
    CHECK(test::same(*back, frame));
  }
}

TEST_CASE("any changed byte and any cut of a frame is refused") {
  const std::string bytes = encode(sample(7));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit : {0, 3, 7}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      REQUIRE_FALSE(decode_frame(damaged).ok());
    }
    REQUIRE_FALSE(decode_frame(std::string_view(bytes).substr(0, i)).ok());
  }
}

TEST_CASE("malformed content behind a right checksum is refused") {
  const std::string bytes = encode(sample(11));
  const std::string content = bytes.substr(0, bytes.size() - 8);
  int refused = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    std::string damaged = content;
    damaged[i] = static_cast<char>(0xff);
    const std::uint64_t sum = checksum(damaged);
    damaged.append(reinterpret_cast<const char*>(&sum), 8);
    Result<Frame> got = decode_frame(damaged);
    if (!got) ++refused;
  }
  CHECK(refused > 10);
  std::string newer = content;
  newer[0] = 77;
  const std::uint64_t sum = checksum(newer);
  newer.append(reinterpret_cast<const char*>(&sum), 8);
  Result<Frame> got = decode_frame(newer);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().code == ErrorCode::unsupported);
}

TEST_CASE("inputs survive their encoding and are no frame") {
  const std::vector<Input> inputs = {{1, 1000, {1, 2}, "first"}, {2, -5, {}, std::string(3000, 'x')}};
  const std::string bytes = encode(inputs);
  Result<std::vector<Input>> back = decode_inputs(bytes);
  REQUIRE(back.ok());
  REQUIRE(back->size() == 2);
  CHECK((*back)[0].body == "first");
  CHECK((*back)[0].dedupe == DedupeId{1, 2});
  CHECK((*back)[1].seq == 2);
  CHECK((*back)[1].received_at == -5);
  CHECK((*back)[1].body == inputs[1].body);
  CHECK_FALSE(decode_frame(bytes).ok());
  CHECK_FALSE(decode_inputs(encode(Frame{})).ok());
}

TEST_CASE("a history entry can be read alone") {
  Frame frame;
  frame.records.push_back({10, false, "hot", {}, "joined"});
  frame.records.push_back({11, false, {}, {}, ""});
  frame.records.push_back({10, false, {}, {}, std::string(500, 'h')});
  const std::vector<HistoryRef> previous = {{4, 77}, {}, {kSameFrame, 0}};
  std::vector<std::uint32_t> offsets;
  const std::string bytes = encode(frame, &offsets, previous);
  REQUIRE(offsets.size() == 3);
  CHECK(offsets[1] == 0);
  const auto part = [&](std::uint32_t offset) {
    const std::string_view rest = std::string_view(bytes).substr(offset);
    return decode_history(rest.substr(0, history_size(rest.substr(0, kHistoryHeader))));
  };
  Result<HistoryPart> first = part(offsets[0]);
  REQUIRE(first.ok());
  CHECK(first->key == 10);
  CHECK(first->previous == HistoryRef{4, 77});
  CHECK(first->body == "joined");
  Result<HistoryPart> second = part(offsets[2]);
  REQUIRE(second.ok());
  CHECK(second->previous == HistoryRef{0, offsets[0]});
  CHECK(second->body == frame.records[2].history);
  std::vector<std::uint32_t> decoded;
  REQUIRE(decode_frame(bytes, &decoded).ok());
  CHECK(decoded == offsets);
}
