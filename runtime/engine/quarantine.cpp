#include "runtime/engine/quarantine.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/engine/event.hpp"

namespace wf::engine {

namespace {

constexpr const char* kIds = "quarantine";

std::string name_of(std::uint64_t id) {
  return "quarantine:" + std::to_string(id);
}

void put_timer(value::Writer& out, const store::Timer& timer) {
  out.zigzag(timer.due);
  out.u64(timer.record);
  out.u32(timer.enrolment);
  out.u32(timer.step);
  out.u8(timer.kind);
}

store::Timer take_timer(value::Reader& in) {
  store::Timer timer;
  timer.due = in.zigzag();
  timer.record = in.u64();
  timer.enrolment = in.u32();
  timer.step = in.u32();
  timer.kind = in.u8();
  return timer;
}

std::string encode(const Quarantined& entry) {
  value::Writer out;
  out.zigzag(entry.at);
  out.bytes(entry.reason);
  const auto* input = std::get_if<store::Input>(&entry.item);
  out.u8(input ? 1 : 2);
  if (input == nullptr) {
    put_timer(out, std::get<store::Timer>(entry.item));
    return out.take();
  }
  out.u64(input->seq);
  out.zigzag(input->received_at);
  out.bytes(input->body);
  return out.take();
}

Quarantined decode(std::uint64_t id, std::string_view bytes) {
  value::Reader in(bytes);
  Quarantined entry;
  entry.id = id;
  entry.at = in.zigzag();
  entry.reason = in.bytes();
  if (in.u8() == 1) {
    store::Input input;
    input.seq = in.u64();
    input.received_at = in.zigzag();
    input.body = in.bytes();
    entry.item = std::move(input);
  } else {
    entry.item = take_timer(in);
  }
  if (in.failed()) throw StoreFailure{{ErrorCode::corrupt, "an entry of the quarantine does not decode"}};
  return entry;
}

}  // namespace

void Quarantine::load() {
  ids_.clear();
  next_ = 1;
  const auto bytes = need(context_.store.meta(kIds));
  if (!bytes) return;
  value::Reader in(*bytes);
  next_ = in.varint();
  ids_.resize(in.count());
  for (std::uint64_t& id : ids_) id = in.varint();
  if (in.failed()) throw StoreFailure{{ErrorCode::corrupt, "the list of the quarantine does not decode"}};
}

void Quarantine::put_ids() {
  value::Writer out;
  out.varint(next_);
  out.varint(ids_.size());
  for (const std::uint64_t id : ids_) out.varint(id);
  context_.batch.frame.meta.push_back({kIds, out.take()});
}

void Quarantine::add(Item item, std::string reason) {
  const std::uint64_t id = next_++;
  ids_.push_back(id);
  context_.batch.frame.meta.push_back(
      {name_of(id), encode({id, context_.now, std::move(reason), std::move(item)})});
  context_.batch.count("engine", "quarantined");
  put_ids();
}

void Quarantine::remove(std::uint64_t id) {
  if (std::erase(ids_, id) == 0) return;
  context_.batch.frame.meta.push_back({name_of(id), ""});
  put_ids();
}

std::optional<Quarantined> Quarantine::find(std::uint64_t id) const {
  if (std::find(ids_.begin(), ids_.end(), id) == ids_.end()) return std::nullopt;
  return decode(id, need(context_.store.meta(name_of(id))).value_or(""));
}

std::string describe(const Item& item, Context& context) {
  if (const auto* timer = std::get_if<store::Timer>(&item)) {
    Record* record = context.cache.get(timer->record);
    const Enrolment* e = record == nullptr ? nullptr : record->enrolment(timer->enrolment);
    return e == nullptr ? "a timer" : "a timer of workflow " + std::string(context.symbols.name(e->workflow));
  }
  const auto event = decode_input(std::get<store::Input>(item).body);
  if (!event) return "an input that does not decode";
  return (event->type.empty() ? "a change" : event->type) + " of " + event->subject;
}

std::string encode(const CrashMark& mark) {
  value::Writer out;
  out.u8(mark.is_timer ? 2 : 1);
  out.varint(mark.input);
  put_timer(out, mark.timer);
  out.varint(mark.deaths);
  return out.take();
}

std::optional<CrashMark> decode_crash_mark(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  value::Reader in(bytes);
  CrashMark mark;
  mark.is_timer = in.u8() == 2;
  mark.input = in.varint();
  mark.timer = take_timer(in);
  mark.deaths = static_cast<std::uint32_t>(in.varint());
  return in.failed() ? std::nullopt : std::optional(mark);
}

}  // namespace wf::engine
