#include "runtime/engine/event.hpp"

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr std::uint8_t kEventFormat = 1;
constexpr std::uint8_t kFlag = 1, kCreate = 2, kMarketingGiven = 4, kMarketing = 8;

void write_map(value::Writer& out, const value::Map& map) {
  out.varint(map.size());
  for (const auto& [key, v] : map) {
    out.bytes(key);
    out.value(v);
  }
}

value::Map read_map(value::Reader& in) {
  value::Map map(in.count(2));
  for (auto& [key, v] : map) {
    key = in.bytes();
    v = in.value();
  }
  return map;
}

}  // namespace

std::string encode(const InputEvent& event) {
  value::Writer out;
  out.u8(kEventFormat);
  out.u8(static_cast<std::uint8_t>(event.kind));
  std::uint8_t flags = event.flag ? kFlag : 0;
  if (event.create) flags |= kCreate;
  if (event.marketing) flags |= kMarketingGiven | (*event.marketing ? kMarketing : 0);
  out.u8(flags);
  out.bytes(event.type);
  out.bytes(event.object);
  out.bytes(event.subject);
  out.zigzag(event.occurred_at);
  write_map(out, event.data);
  write_map(out, event.properties);
  return out.take();
}

Result<InputEvent> decode_input(std::string_view bytes) {
  value::Reader in(bytes);
  InputEvent event;
  const std::uint8_t format = in.u8();
  event.kind = static_cast<InputKind>(in.u8());
  const std::uint8_t flags = in.u8();
  event.flag = (flags & kFlag) != 0;
  event.create = (flags & kCreate) != 0;
  if (flags & kMarketingGiven) event.marketing = (flags & kMarketing) != 0;
  event.type = in.bytes();
  event.object = in.bytes();
  event.subject = in.bytes();
  event.occurred_at = in.zigzag();
  event.data = read_map(in);
  event.properties = read_map(in);
  if (format != kEventFormat || in.failed() || !in.done() || event.kind > kLastInputKind) {
    return Error{ErrorCode::corrupt, "an accepted input does not decode"};
  }
  return event;
}

}  // namespace wf::engine
