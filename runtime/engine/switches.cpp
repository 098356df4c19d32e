#include "runtime/engine/switches.hpp"

#include <algorithm>
#include <optional>

#include "grammar/value/codec.hpp"
#include "runtime/engine/context.hpp"

namespace wf::engine {

namespace {

constexpr const char* kSwitchesMeta = "switches";
constexpr std::size_t kPieceItems = 500;

std::string encode_pieces(const std::vector<ParkedItem>& items) {
  value::Writer out;
  out.varint(items.size());
  for (const ParkedItem& item : items) {
    out.zigzag(item.due);
    out.varint(item.effect);
    if (item.effect != 0) continue;
    out.u64(item.timer.record);
    out.varint(item.timer.enrolment);
    out.varint(item.timer.step);
    out.u8(item.timer.kind);
  }
  return out.take();
}

std::vector<ParkedItem> decode_pieces(const std::string& bytes) {
  value::Reader in(bytes);
  std::vector<ParkedItem> items(in.count(2));
  for (ParkedItem& item : items) {
    item.due = in.zigzag();
    item.effect = in.varint();
    if (item.effect != 0) continue;
    item.timer.due = item.due;
    item.timer.record = in.u64();
    item.timer.enrolment = static_cast<std::uint32_t>(in.varint());
    item.timer.step = static_cast<std::uint32_t>(in.varint());
    item.timer.kind = in.u8();
  }
  if (in.failed() || !in.done()) throw StoreFailure{{ErrorCode::corrupt, "a parked timer does not decode"}};
  return items;
}

}  // namespace

void Switches::load(store::Store& store) {
  states_.clear();
  queues_.clear();
  pieces_.clear();
  changed_ = false;
  const auto stored = need(store.meta(kSwitchesMeta));
  if (!stored) return;
  value::Reader in(*stored);
  for (std::size_t n = in.count(); n > 0; --n) {
    const auto workflow = static_cast<SymbolId>(in.varint());
    SwitchState state;
    const std::uint8_t flags = in.u8();
    state.off = (flags & 1) != 0;
    state.paused = (flags & 2) != 0;
    state.draining = (flags & 4) != 0;
    state.off_since = in.zigzag();
    state.paused_since = in.zigzag();
    state.drain_cursor = in.u64();
    if (!state.is_default()) states_[workflow] = state;
  }
  for (std::size_t n = in.count(); n > 0; --n) {
    Queue& queue = queues_[static_cast<SymbolId>(in.varint())];
    queue.first = in.varint();
    queue.end = in.varint();
    queue.size = in.varint();
  }
  if (in.failed() || !in.done()) {
    throw StoreFailure{{ErrorCode::corrupt, "the switches of the workflows do not decode"}};
  }
}

void Switches::write(store::Store& store, store::Frame& frame) {
  for (auto& [workflow, queue] : queues_) append_fresh(store, workflow, queue);
  if (!changed_) return;
  std::erase_if(queues_, [](const auto& entry) { return entry.second.size == 0; });
  value::Writer out;
  out.varint(states_.size());
  for (const auto& [workflow, state] : states_) {
    out.varint(workflow);
    out.u8(
        static_cast<std::uint8_t>((state.off ? 1 : 0) | (state.paused ? 2 : 0) | (state.draining ? 4 : 0)));
    out.zigzag(state.off_since);
    out.zigzag(state.paused_since);
    out.u64(state.drain_cursor);
  }
  out.varint(queues_.size());
  for (const auto& [workflow, queue] : queues_) {
    out.varint(workflow);
    out.varint(queue.first);
    out.varint(queue.end);
    out.varint(queue.size);
  }
  for (auto& [name, bytes] : pieces_) frame.meta.push_back({name, std::move(bytes)});
  frame.meta.push_back({kSwitchesMeta, out.take()});
  pieces_.clear();
  changed_ = false;
}

SwitchState Switches::state(SymbolId workflow) const {
  const auto it = states_.find(workflow);
  return it == states_.end() ? SwitchState{} : it->second;
}

void Switches::set(SymbolId workflow, const SwitchState& state) {
  changed_ = true;
  if (state.is_default()) {
    states_.erase(workflow);
  } else {
    states_[workflow] = state;
  }
}

void Switches::park(SymbolId workflow, ParkedItem item) {
  changed_ = true;
  Queue& queue = queues_[workflow];
  ++queue.size;
  queue.fresh.push_back(std::move(item));
}

std::uint64_t Switches::parked(SymbolId workflow) const {
  const auto it = queues_.find(workflow);
  return it == queues_.end() ? 0 : it->second.size;
}

SymbolId Switches::resuming() const {
  for (const auto& [workflow, queue] : queues_) {
    if (queue.size > 0 && !is_paused(workflow)) return workflow;
  }
  return 0;
}

std::string Switches::piece_name(SymbolId workflow, std::uint64_t piece) {
  return "parked:" + std::to_string(workflow) + ":" + std::to_string(piece);
}

std::string Switches::read_piece(store::Store& store, const std::string& name) const {
  const auto changed = pieces_.find(name);
  return changed != pieces_.end() ? changed->second : need(store.meta(name)).value_or("");
}

void Switches::append_fresh(store::Store& store, SymbolId workflow, Queue& queue) {
  if (queue.fresh.empty()) return;
  std::stable_sort(queue.fresh.begin(), queue.fresh.end(),
                   [](const ParkedItem& a, const ParkedItem& b) { return a.due < b.due; });
  std::vector<ParkedItem> items;
  if (queue.end > queue.first) {
    items = decode_pieces(read_piece(store, piece_name(workflow, queue.end - 1)));
    if (items.size() >= kPieceItems) {
      items.clear();
    } else {
      --queue.end;
    }
  }
  for (ParkedItem& item : queue.fresh) {
    items.push_back(std::move(item));
    if (items.size() < kPieceItems) continue;
    pieces_[piece_name(workflow, queue.end++)] = encode_pieces(items);
    items.clear();
  }
  if (!items.empty()) pieces_[piece_name(workflow, queue.end++)] = encode_pieces(items);
  queue.fresh.clear();
}

std::vector<ParkedItem> Switches::take(store::Store& store, SymbolId workflow) {
  Queue& queue = queues_[workflow];
  append_fresh(store, workflow, queue);
  std::vector<ParkedItem> items;
  if (queue.first == queue.end) return items;
  const std::string name = piece_name(workflow, queue.first++);
  items = decode_pieces(read_piece(store, name));
  pieces_[name] = "";
  queue.size -= std::min<std::uint64_t>(queue.size, items.size());
  changed_ = true;
  std::stable_sort(items.begin(), items.end(),
                   [](const ParkedItem& a, const ParkedItem& b) { return a.due < b.due; });
  return items;
}

}  // namespace wf::engine
