// P18: a store says which programs can read what the engine has written.
#include "runtime/engine/format.hpp"

#include "grammar/value/codec.hpp"
#include "tests/support/world.hpp"

using namespace wf;

namespace {

void put(store::Store& store, const std::string& note) {
  store::Frame frame;
  frame.meta.push_back({"format", note});
  REQUIRE(store.append(frame).ok());
}

std::string note_of(std::uint64_t min_reader, const std::string& written_by) {
  value::Writer out;
  out.varint(min_reader);
  out.bytes(written_by);
  return out.take();
}

}  // namespace

TEST_CASE("P18 a program that knows only earlier formats of the engine refuses the store") {
  const auto store = store::open_store("memory:").value();
  CHECK(engine::check_engine_format(*store, 0).ok());  // nobody has written to it
  REQUIRE(engine::Engine::open(*store).ok());
  CHECK(engine::check_engine_format(*store).ok());
  const auto refused = engine::check_engine_format(*store, engine::kEngineFormat - 1);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message.find("has written to the store in the engine's format 4") !=
        std::string::npos);

  // It is noted once.
  const auto frames = store->figures().last_frame;
  REQUIRE(engine::Engine::open(*store).ok());
  CHECK(store->figures().last_frame == frames);
}

TEST_CASE("P18 a store of a newer engine is refused and left as it is") {
  const auto store = store::open_store("memory:").value();
  put(*store, note_of(engine::kEngineFormat + 1, "wf 9.0.0"));
  const auto frames = store->figures().last_frame;
  const auto refused = engine::Engine::open(*store);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message ==
        "wf 9.0.0 has written to the store in the engine's format 5, and this program knows up to 4: use a "
        "newer "
        "one, or restore a copy from before");
  CHECK(store->figures().last_frame == frames);

  put(*store, note_of(engine::kEngineFormat, "wf 9.0.0") + "more");  // newer, but it can be read
  CHECK(engine::Engine::open(*store).ok());
  put(*store, "\xff");
  CHECK(engine::Engine::open(*store).error().code == ErrorCode::corrupt);
}
