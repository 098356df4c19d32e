#include "runtime/store/frame.hpp"

#include <limits>

#include "grammar/value/codec.hpp"
#include "runtime/store/checksum.hpp"

namespace wf::store {

namespace {

using value::Reader;
using value::Writer;

// On disk: do not change.
constexpr std::uint8_t kRedoFormat = 1;
constexpr std::uint8_t kInputFormat = 2;
constexpr std::uint8_t kErase = 1;
constexpr std::uint8_t kHot = 2;
constexpr std::uint8_t kCold = 4;
constexpr std::uint8_t kHistory = 8;
constexpr std::size_t kChecksumSize = 8;

Error corrupt(const char* what) {
  return Error{ErrorCode::corrupt, what};
}

template <class T>
T narrow(Reader& in) {
  const std::uint64_t n = in.varint();
  if (n > std::numeric_limits<T>::max()) in.fail();
  return in.failed() ? T{0} : static_cast<T>(n);
}

bool flag(Reader& in) {
  const std::uint8_t n = in.u8();
  if (n > 1) in.fail();
  return n == 1;
}

template <class List, class Put>
void put_list(Writer& out, const List& list, Put put) {
  out.varint(list.size());
  for (const auto& item : list) put(out, item);
}

template <class Item, class Get>
void get_list(Reader& in, std::vector<Item>& list, Get get) {
  const std::size_t count = in.count();
  for (std::size_t i = 0; i < count && !in.failed(); ++i) list.push_back(get(in));
}

void put_id(Writer& out, const DedupeId& id) {
  out.u64(id[0]);
  out.u64(id[1]);
}

DedupeId get_id(Reader& in) {
  DedupeId id;
  id[0] = in.u64();
  id[1] = in.u64();
  return id;
}

void put_timer(Writer& out, const Timer& timer) {
  out.zigzag(timer.due);
  out.u64(timer.record);
  out.varint(timer.enrolment);
  out.varint(timer.step);
  out.u8(timer.kind);
}

Timer get_timer(Reader& in) {
  Timer timer;
  timer.due = in.zigzag();
  timer.record = in.u64();
  timer.enrolment = narrow<std::uint32_t>(in);
  timer.step = narrow<std::uint32_t>(in);
  timer.kind = in.u8();
  return timer;
}

void put_effect(Writer& out, const Effect& effect) {
  out.varint(effect.id);
  out.u64(effect.record);
  out.zigzag(effect.next_at);
  out.u8(static_cast<std::uint8_t>(effect.state));
  out.varint(effect.attempts);
  out.bytes(effect.body);
}

Effect get_effect(Reader& in) {
  Effect effect;
  effect.id = in.varint();
  effect.record = in.u64();
  effect.next_at = in.zigzag();
  const std::uint8_t state = in.u8();
  if (state > static_cast<std::uint8_t>(EffectState::late)) in.fail();
  effect.state = static_cast<EffectState>(state);
  effect.attempts = narrow<std::uint16_t>(in);
  effect.body = in.bytes();
  return effect;
}

void put_identity(Writer& out, const Identity& identity) {
  out.varint(identity.object);
  out.bytes(identity.id);
  out.u64(identity.record);
}

Identity get_identity(Reader& in) {
  Identity identity;
  identity.object = narrow<std::uint32_t>(in);
  identity.id = in.bytes();
  identity.record = in.u64();
  return identity;
}

void put_link(Writer& out, const Link& link) {
  out.varint(link.assoc);
  out.u64(link.from);
  out.u64(link.to);
  out.u8(link.remove ? 1 : 0);
}

Link get_link(Reader& in) {
  Link link;
  link.assoc = narrow<std::uint32_t>(in);
  link.from = in.u64();
  link.to = in.u64();
  link.remove = flag(in);
  return link;
}

void put_names(Writer& out, const Frame& frame) {
  put_list(out, frame.symbols, [](Writer& to, const Symbol& symbol) {
    to.varint(symbol.id);
    to.bytes(symbol.name);
  });
  put_list(out, frame.stats, [](Writer& to, const StatDelta& stat) {
    to.bytes(stat.name);
    to.zigzag(stat.delta);
  });
  put_list(out, frame.meta, [](Writer& to, const MetaPut& meta) {
    to.bytes(meta.key);
    to.bytes(meta.value);
  });
}

void get_names(Reader& in, Frame& frame) {
  get_list(in, frame.symbols, [](Reader& from) {
    Symbol symbol;
    symbol.id = narrow<std::uint32_t>(from);
    symbol.name = from.bytes();
    return symbol;
  });
  get_list(in, frame.stats, [](Reader& from) {
    StatDelta stat;
    stat.name = from.bytes();
    stat.delta = from.zigzag();
    return stat;
  });
  get_list(in, frame.meta, [](Reader& from) {
    MetaPut meta;
    meta.key = from.bytes();
    meta.value = from.bytes();
    return meta;
  });
}

/// A history entry: u32 size of the payload, u32 check of it, then the payload. Returns where it starts.
std::uint32_t put_history(Writer& out, const RecordChange& change, HistoryRef previous) {
  const std::size_t start = out.size();
  out.u32(0);
  out.u32(0);
  out.u64(change.key);
  out.varint(previous.frame);
  out.varint(previous.offset);
  out.bytes(change.history);
  const std::string_view payload = std::string_view(out.str()).substr(start + kHistoryHeader);
  const auto check = static_cast<std::uint32_t>(checksum(payload));
  out.patch_u32(start, static_cast<std::uint32_t>(payload.size()));
  out.patch_u32(start + 4, check);
  return static_cast<std::uint32_t>(start);
}

std::uint32_t put_record(Writer& out, const RecordChange& change, HistoryRef previous) {
  const bool history = !change.erase && !change.history.empty();
  std::uint8_t flags = change.erase ? kErase : 0;
  if (!change.erase) flags |= (change.hot ? kHot : 0) | (change.cold ? kCold : 0) | (history ? kHistory : 0);
  out.u64(change.key);
  out.u8(flags);
  if (flags & kHot) out.bytes(*change.hot);
  if (flags & kCold) out.bytes(*change.cold);
  return history ? put_history(out, change, previous) : 0;
}

void put_records(Writer& out, const Frame& frame, std::vector<std::uint32_t>& offsets,
                 std::span<const HistoryRef> previous) {
  out.varint(frame.records.size());
  offsets.clear();
  offsets.reserve(frame.records.size());
  for (std::size_t i = 0; i < frame.records.size(); ++i) {
    HistoryRef before = i < previous.size() ? previous[i] : HistoryRef{};
    if (before.frame == kSameFrame) before = {0, offsets[before.offset]};
    offsets.push_back(put_record(out, frame.records[i], before));
  }
}

RecordChange get_record(Reader& in, std::vector<std::uint32_t>& offsets) {
  RecordChange change;
  change.key = in.u64();
  const std::uint8_t flags = in.u8();
  if (flags > (kHot | kCold | kHistory) || (flags & kErase && flags != kErase)) in.fail();
  change.erase = flags & kErase;
  if (flags & kHot) change.hot = in.bytes();
  if (flags & kCold) change.cold = in.bytes();
  offsets.push_back(0);
  if (flags & kHistory) {
    offsets.back() = static_cast<std::uint32_t>(in.offset());
    const std::uint32_t size = in.u32();
    in.u32();  // the check of the entry alone: the one of the frame covers it
    Reader entry(in.raw(size));
    if (entry.u64() != change.key) in.fail();
    entry.varint();
    entry.varint();
    change.history = entry.bytes();
    if (entry.failed() || !entry.done()) in.fail();
  }
  return change;
}

std::string seal(Writer& out) {
  out.u64(checksum(out.str()));
  return out.take();
}

/// The fields between format byte and checksum.
Result<std::string_view> unseal(std::string_view bytes, std::uint8_t format) {
  if (bytes.size() < 1 + kChecksumSize) return corrupt("a journal frame is too short");
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumSize);
  if (Reader(bytes.substr(content.size())).u64() != checksum(content))
    return corrupt("a journal frame fails its checksum");
  if (static_cast<std::uint8_t>(content[0]) != format)
    return Error{ErrorCode::unsupported, "a journal frame has an unknown format"};
  return content;
}

}  // namespace

bool Frame::empty() const {
  return consumed == 0 && dedupe.empty() && records.empty() && timers_added.empty() &&
         timers_removed.empty() && effects_put.empty() && effects_removed.empty() && identities.empty() &&
         links.empty() && symbols.empty() && stats.empty() && meta.empty();
}

std::string encode(const Frame& frame, std::vector<std::uint32_t>* history_offsets,
                   std::span<const HistoryRef> previous) {
  Writer out;
  std::vector<std::uint32_t> offsets;
  out.u8(kRedoFormat);
  out.varint(frame.consumed);
  put_list(out, frame.dedupe, put_id);
  put_records(out, frame, history_offsets ? *history_offsets : offsets, previous);
  put_list(out, frame.timers_added, put_timer);
  put_list(out, frame.timers_removed, put_timer);
  put_list(out, frame.effects_put, put_effect);
  put_list(out, frame.effects_removed, [](Writer& to, std::uint64_t id) { to.varint(id); });
  put_list(out, frame.identities, put_identity);
  put_list(out, frame.links, put_link);
  put_names(out, frame);
  return seal(out);
}

Result<Frame> decode_frame(std::string_view bytes, std::vector<std::uint32_t>* history_offsets) {
  Result<std::string_view> content = unseal(bytes, kRedoFormat);
  if (!content) return content.error();
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t>& found = history_offsets ? *history_offsets : offsets;
  found.clear();
  Reader in(*content);
  in.u8();
  Frame frame;
  frame.consumed = in.varint();
  get_list(in, frame.dedupe, get_id);
  get_list(in, frame.records, [&](Reader& from) { return get_record(from, found); });
  get_list(in, frame.timers_added, get_timer);
  get_list(in, frame.timers_removed, get_timer);
  get_list(in, frame.effects_put, get_effect);
  get_list(in, frame.effects_removed, [](Reader& from) { return from.varint(); });
  get_list(in, frame.identities, get_identity);
  get_list(in, frame.links, get_link);
  get_names(in, frame);
  if (in.failed() || !in.done()) return corrupt("a journal frame is malformed");
  return frame;
}

std::string encode(const std::vector<Input>& inputs) {
  Writer out;
  out.u8(kInputFormat);
  put_list(out, inputs, [](Writer& to, const Input& input) {
    to.varint(input.seq);
    to.zigzag(input.received_at);
    put_id(to, input.dedupe);
    to.bytes(input.body);
  });
  return seal(out);
}

Result<std::vector<Input>> decode_inputs(std::string_view bytes) {
  Result<std::string_view> content = unseal(bytes, kInputFormat);
  if (!content) return content.error();
  Reader in(*content);
  in.u8();
  std::vector<Input> inputs;
  get_list(in, inputs, [](Reader& from) {
    Input input;
    input.seq = from.varint();
    input.received_at = from.zigzag();
    input.dedupe = get_id(from);
    input.body = from.bytes();
    return input;
  });
  if (in.failed() || !in.done()) return corrupt("a journal frame is malformed");
  return inputs;
}

std::size_t history_size(std::string_view header) {
  return kHistoryHeader + Reader(header).u32();
}

Result<HistoryPart> decode_history(std::string_view entry) {
  Reader in(entry);
  const std::uint32_t size = in.u32();
  const std::uint32_t check = in.u32();
  const std::string_view payload = in.raw(size);
  if (in.failed() || !in.done() || static_cast<std::uint32_t>(checksum(payload)) != check)
    return corrupt("a history entry fails its checksum");
  Reader fields(payload);
  HistoryPart part;
  part.key = fields.u64();
  part.previous.frame = fields.varint();
  part.previous.offset = narrow<std::uint32_t>(fields);
  part.body = fields.bytes();
  if (fields.failed() || !fields.done()) return corrupt("a history entry is malformed");
  return part;
}

}  // namespace wf::store
