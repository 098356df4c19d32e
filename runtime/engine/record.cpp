#include "runtime/engine/record.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr std::uint8_t kFormat = 3;

template <class Items, class Id>
auto* find_by(Items& items, Id id, SymbolId std::decay_t<decltype(items[0])>::*member) {
  const auto it =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.*member == id; });
  return it == items.end() ? nullptr : &*it;
}

void write_property(value::Writer& out, const Record& record, const Layout& layout, std::uint32_t slot) {
  out.varint(layout.property(record.object, slot));
  out.value(record.properties[slot]);
}

void read_property(value::Reader& in, Record& record, Layout& layout, bool overlay) {
  const auto symbol = static_cast<SymbolId>(in.varint());
  Value v = in.value();
  if (in.failed()) return;
  const std::uint32_t slot = layout.slot(record.object, symbol);
  if (slot >= record.properties.size()) record.properties.resize(slot + 1);
  record.properties[slot] = std::move(v);
  if (overlay) record.overlay.push_back(slot);
}

void write_sets(value::Writer& out, const std::vector<Membership>& sets) {
  out.varint(sets.size());
  for (const Membership& set : sets) {
    out.varint(set.set);
    out.zigzag(set.since);
  }
}

std::vector<Membership> read_sets(value::Reader& in) {
  std::vector<Membership> sets(in.count(2));
  for (Membership& set : sets) {
    set.set = static_cast<SymbolId>(in.varint());
    set.since = in.zigzag();
  }
  return sets;
}

void write_counters(value::Writer& out, const std::vector<CounterState>& counters) {
  out.varint(counters.size());
  for (const CounterState& c : counters) {
    out.varint(c.counter);
    out.zigzag(c.count);
    out.zigzag(c.last_at);
    out.varint(c.times.size());
    for (const std::int64_t t : c.times) out.zigzag(t - c.last_at);
  }
}

std::vector<CounterState> read_counters(value::Reader& in) {
  std::vector<CounterState> counters(in.count(4));
  for (CounterState& c : counters) {
    c.counter = static_cast<SymbolId>(in.varint());
    c.count = in.zigzag();
    c.last_at = in.zigzag();
    c.times.resize(in.count());
    for (std::int64_t& t : c.times) t = in.zigzag() + c.last_at;
  }
  return counters;
}

void write_enrolment(value::Writer& out, const Enrolment& e) {
  out.varint(e.id);
  out.varint(e.code);
  out.varint(e.workflow);
  out.u8(static_cast<std::uint8_t>(e.status));
  out.varint(e.pc);
  out.varint(static_cast<std::uint32_t>(e.wait + 1));  // no wait is 0
  out.u8(e.resume);
  out.varint(e.group);
  out.zigzag(e.started_at);
  out.zigzag(e.due - e.started_at);
  out.u8(e.mailed ? 1 : 0);
  out.varint(e.locals.size());
  for (const Value& v : e.locals) out.value(v);
}

Enrolment read_enrolment(value::Reader& in) {
  Enrolment e;
  e.id = static_cast<std::uint32_t>(in.varint());
  e.code = static_cast<SymbolId>(in.varint());
  e.workflow = static_cast<SymbolId>(in.varint());
  e.status = static_cast<EnrolmentStatus>(in.u8());
  e.pc = static_cast<std::uint32_t>(in.varint());
  e.wait = static_cast<std::uint32_t>(in.varint()) - 1;
  e.resume = in.u8();
  e.group = static_cast<std::uint32_t>(in.varint());
  e.started_at = in.zigzag();
  e.due = in.zigzag() + e.started_at;
  e.mailed = in.u8() != 0;
  e.locals.resize(in.count());
  for (Value& v : e.locals) v = in.value();
  return e;
}

void write_memory(value::Writer& out, const Memory& m) {
  out.varint(m.workflow);
  out.varint(m.times);
  out.zigzag(m.last_at);
  out.varint(m.bases.size());
  for (const auto& [counter, count] : m.bases) {
    out.varint(counter);
    out.zigzag(count);
  }
  for (const auto* keys : {&m.keys, &m.kept}) {
    out.varint(keys->size());
    for (const std::uint64_t key : *keys) out.u64(key);
  }
}

Memory read_memory(value::Reader& in) {
  Memory m;
  m.workflow = static_cast<SymbolId>(in.varint());
  m.times = static_cast<std::uint32_t>(in.varint());
  m.last_at = in.zigzag();
  m.bases.resize(in.count(2));
  for (auto& [counter, count] : m.bases) {
    counter = static_cast<SymbolId>(in.varint());
    count = in.zigzag();
  }
  for (auto* keys : {&m.keys, &m.kept}) {
    keys->resize(in.count(8));
    for (std::uint64_t& key : *keys) key = in.u64();
  }
  return m;
}

void write_assignments(value::Writer& out, const std::vector<Assignment>& assignments) {
  out.varint(assignments.size());
  for (const Assignment& a : assignments) {
    out.varint(a.experiment);
    out.varint(a.arm);
    out.zigzag(a.at);
    out.u8(static_cast<std::uint8_t>((a.counted ? 1 : 0) | (a.reacted ? 2 : 0)));
  }
}

std::vector<Assignment> read_assignments(value::Reader& in) {
  std::vector<Assignment> assignments(in.count(4));
  for (Assignment& a : assignments) {
    a.experiment = static_cast<SymbolId>(in.varint());
    a.arm = static_cast<SymbolId>(in.varint());
    a.at = in.zigzag();
    const std::uint8_t flags = in.u8();
    a.counted = (flags & 1) != 0;
    a.reacted = (flags & 2) != 0;
  }
  return assignments;
}

void write_sends(value::Writer& out, const std::vector<SentMail>& sends) {
  out.varint(sends.size());
  for (const SentMail& s : sends) {
    out.varint(s.effect);
    out.u8(s.mail_class);
    out.zigzag(s.at);
  }
}

std::vector<SentMail> read_sends(value::Reader& in) {
  std::vector<SentMail> sends(in.count(3));
  for (SentMail& s : sends) {
    s.effect = in.varint();
    s.mail_class = in.u8();
    s.at = in.zigzag();
  }
  return sends;
}

void write_state(value::Writer& out, const Record& record) {
  write_counters(out, record.counters);
  write_sets(out, record.lists);
  write_sets(out, record.tags);
  out.varint(record.topics.size());
  for (const TopicState& t : record.topics) {
    out.varint(t.topic);
    out.u8(t.subscribed ? 1 : 0);
    out.zigzag(t.at);
  }
  out.varint(record.enrolments.size());
  for (const Enrolment& e : record.enrolments) write_enrolment(out, e);
  out.varint(record.memories.size());
  for (const Memory& m : record.memories) write_memory(out, m);
  write_assignments(out, record.assignments);
  write_sends(out, record.sends);
  out.varint(record.next_enrolment);
  out.varint(record.forward.to);
  out.varint(record.forward.enrolments);
}

void read_state(value::Reader& in, Record& record) {
  record.counters = read_counters(in);
  record.lists = read_sets(in);
  record.tags = read_sets(in);
  record.topics.resize(in.count(3));
  for (TopicState& t : record.topics) {
    t.topic = static_cast<SymbolId>(in.varint());
    t.subscribed = in.u8() != 0;
    t.at = in.zigzag();
  }
  for (std::size_t n = in.count(12); n > 0; --n) record.enrolments.push_back(read_enrolment(in));
  for (std::size_t n = in.count(6); n > 0; --n) record.memories.push_back(read_memory(in));
  record.assignments = read_assignments(in);
  record.sends = read_sends(in);
  record.next_enrolment = static_cast<std::uint32_t>(in.varint());
  record.forward.to = in.varint();
  record.forward.enrolments = static_cast<std::uint32_t>(in.varint());
}

}  // namespace

std::uint32_t Layout::slot(SymbolId object, SymbolId property) {
  PerObject& places = objects_[object];
  const auto [it, added] =
      places.slots.try_emplace(property, static_cast<std::uint32_t>(places.symbols.size()));
  if (added) places.symbols.push_back(property);
  return it->second;
}

std::uint32_t Layout::size(SymbolId object) const {
  const auto it = objects_.find(object);
  return it == objects_.end() ? 0 : static_cast<std::uint32_t>(it->second.symbols.size());
}

SymbolId Layout::property(SymbolId object, std::uint32_t slot) const {
  return objects_.at(object).symbols[slot];
}

const Value& Record::property(std::uint32_t slot) const {
  static const Value unknown;
  return slot < properties.size() ? properties[slot] : unknown;
}

void Record::set_property(std::uint32_t slot, Value v) {
  if (slot >= properties.size()) properties.resize(slot + 1);
  properties[slot] = std::move(v);
  const auto it = std::lower_bound(overlay.begin(), overlay.end(), slot);
  if (it == overlay.end() || *it != slot) overlay.insert(it, slot);
}

CounterState* Record::counter(SymbolId id) {
  return find_by(counters, id, &CounterState::counter);
}
const CounterState* Record::counter(SymbolId id) const {
  return find_by(counters, id, &CounterState::counter);
}

CounterState& Record::counter_or_new(SymbolId id) {
  if (CounterState* found = counter(id)) return *found;
  counters.emplace_back().counter = id;
  return counters.back();
}

Memory& Record::memory_or_new(SymbolId workflow) {
  if (Memory* found = find_by(memories, workflow, &Memory::workflow)) return *found;
  memories.emplace_back().workflow = workflow;
  return memories.back();
}

const Memory* Record::memory(SymbolId workflow) const {
  return find_by(memories, workflow, &Memory::workflow);
}

Enrolment* Record::enrolment(std::uint32_t id) {
  return find_by(enrolments, id, &Enrolment::id);
}

Assignment* Record::assignment(SymbolId experiment) {
  return find_by(assignments, experiment, &Assignment::experiment);
}
const Assignment* Record::assignment(SymbolId experiment) const {
  return find_by(assignments, experiment, &Assignment::experiment);
}

bool Record::in(const std::vector<Membership>& sets, SymbolId id) const {
  return find_by(sets, id, &Membership::set) != nullptr;
}

const TopicState* Record::topic(SymbolId id) const {
  return find_by(topics, id, &TopicState::topic);
}

std::string encode_hot(Record& record, const Layout& layout) {
  value::Writer overlay;
  if (!record.cold_dirty) {
    overlay.varint(record.overlay.size());
    for (const std::uint32_t slot : record.overlay) write_property(overlay, record, layout, slot);
    if (overlay.size() > kMaxOverlayBytes) record.cold_dirty = true;
  }
  value::Writer out;
  out.u8(kFormat);
  out.varint(record.object);
  out.zigzag(record.created_at);
  out.u8(static_cast<std::uint8_t>(record.marketing));
  out.varint(record.suppressed);
  if (record.cold_dirty) {
    out.varint(0);
  } else {
    out.raw(overlay.str());
  }
  write_state(out, record);
  return out.take();
}

std::string encode_cold(const Record& record, const Layout& layout) {
  value::Writer out;
  out.u8(kFormat);
  std::uint32_t known = 0;
  for (const Value& v : record.properties) known += v.is_unknown() ? 0 : 1;
  out.varint(known);
  for (std::uint32_t slot = 0; slot < record.properties.size(); ++slot) {
    if (!record.properties[slot].is_unknown()) write_property(out, record, layout, slot);
  }
  return out.take();
}

Result<Record> decode_record(Key key, std::string_view hot, std::string_view cold, Layout& layout) {
  Record record;
  record.key = key;
  value::Reader in(hot);
  const std::uint8_t format = in.u8();
  record.object = static_cast<SymbolId>(in.varint());
  record.created_at = in.zigzag();
  record.marketing = in.u8() != 0 ? Marketing::yes : Marketing::no;
  record.suppressed = static_cast<SymbolId>(in.varint());
  if (!cold.empty()) {
    value::Reader all(cold);
    if (all.u8() != kFormat) all.fail();
    for (std::size_t n = all.count(2); n > 0; --n) read_property(all, record, layout, false);
    if (all.failed()) return Error{ErrorCode::corrupt, "the cold row of a record does not decode"};
  }
  for (std::size_t n = in.count(2); n > 0; --n) read_property(in, record, layout, true);
  std::sort(record.overlay.begin(), record.overlay.end());
  read_state(in, record);
  if (format != kFormat || in.failed() || !in.done()) {
    return Error{ErrorCode::corrupt, "the hot row of a record does not decode"};
  }
  record.properties.resize(std::max<std::size_t>(record.properties.size(), layout.size(record.object)));
  return record;
}

}  // namespace wf::engine
