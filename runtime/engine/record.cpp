#include "runtime/engine/record.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr std::uint8_t kFormat = 4, kOldestFormat = 3;  // 3: nothing is pinned
constexpr std::uint8_t kMailed = 1, kCounted = 2;       // of an enrolment

template <class Items, class Id>
auto* find_by(Items& items, Id id, SymbolId std::decay_t<decltype(items[0])>::*member) {
  const auto it =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.*member == id; });
  return it == items.end() ? nullptr : &*it;
}

void write_property(value::Writer& out, const Record& record, const Layout& layout, std::uint32_t slot) {
  out.varint(layout.property(record.object, slot));
  record.properties.write(out, slot);
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
  out.u8(static_cast<std::uint8_t>((e.mailed ? kMailed : 0) | (e.steps > 0 ? kCounted : 0)));
  if (e.steps > 0) {
    out.varint(e.day);
    out.varint(e.steps);
  }
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
  const std::uint8_t flags = in.u8();
  e.mailed = (flags & kMailed) != 0;
  if ((flags & kCounted) != 0) {
    e.day = static_cast<std::uint32_t>(in.varint());
    e.steps = static_cast<std::uint32_t>(in.varint());
  }
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
  if (record.judged.empty()) return;  // most are, and rows from before have none
  out.varint(record.judged.size());
  for (const Judged& judged : record.judged) {
    out.u64(judged.condition);
    out.zigzag(judged.at);
  }
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
  if (in.failed() || in.done()) return;
  record.judged.resize(in.count(9));
  for (Judged& judged : record.judged) {
    judged.condition = in.u64();
    judged.at = in.zigzag();
  }
}

}  // namespace

namespace {

/// With what surrounds them.
std::size_t text_bytes_of(const Value& v) {
  constexpr std::size_t kBlock = 16;
  return v.kind() == value::Kind::text ? kBlock + v.as_text().size() : 0;
}

}  // namespace

std::uint32_t Layout::PerObject::slot(SymbolId property) {
  const auto [it, added] = slots.try_emplace(property, static_cast<std::uint32_t>(symbols.size()));
  if (added) symbols.push_back(property);
  return it->second;
}

std::uint32_t Layout::slot(SymbolId object, SymbolId property) {
  return objects_[object].slot(property);
}

std::uint32_t Layout::size(SymbolId object) const {
  const auto it = objects_.find(object);
  return it == objects_.end() ? 0 : static_cast<std::uint32_t>(it->second.symbols.size());
}

SymbolId Layout::property(SymbolId object, std::uint32_t slot) const {
  return objects_.at(object).symbols[slot];
}

void Layout::pin(SymbolId object, std::uint32_t slot) {
  std::vector<std::uint32_t>& pinned = objects_[object].pinned;
  const auto it = std::lower_bound(pinned.begin(), pinned.end(), slot);
  if (it == pinned.end() || *it != slot) pinned.insert(it, slot);
}

const std::vector<std::uint32_t>& Layout::pinned(SymbolId object) const {
  static const std::vector<std::uint32_t> none;
  const auto it = objects_.find(object);
  return it == objects_.end() ? none : it->second.pinned;
}

void Properties::defer(ColdRows& rows, Key key, SymbolId object) {
  cold_ = &rows;
  key_ = key;
  object_ = object;
}

/// Reading the cold row changes what is in memory, not what the properties are.
void Properties::complete() const {
  if (cold_ == nullptr) return;
  Properties whole;
  cold_->read(key_, object_, whole);
  for (std::size_t i = 0; i < held_.size(); ++i) whole.set(held_[i], values_[i]);
  *const_cast<Properties*>(this) = std::move(whole);
}

bool Properties::is_held(std::uint32_t slot) const {
  return cold_ == nullptr || std::binary_search(held_.begin(), held_.end(), slot);
}

std::uint32_t Properties::slots() const {
  complete();
  return static_cast<std::uint32_t>(values_.size());
}

Value Properties::at(std::uint32_t slot) const {
  if (cold_ != nullptr) {
    const auto held = std::lower_bound(held_.begin(), held_.end(), slot);
    if (held != held_.end() && *held == slot) return values_[static_cast<std::size_t>(held - held_.begin())];
    complete();
  }
  if (slot >= values_.size()) return {};
  if (slot < texts_.size() && texts_[slot] != 0) {
    value::Reader in(std::string_view(row_).substr(texts_[slot]));
    put(values_[slot], in.value());
    texts_[slot] = 0;
  }
  return values_[slot];
}

void Properties::put(Value& place, Value v) const {
  text_bytes_ += text_bytes_of(v) - text_bytes_of(place);
  place = std::move(v);
}

void Properties::set(std::uint32_t slot, Value v) {
  if (cold_ != nullptr) {
    const auto held = std::lower_bound(held_.begin(), held_.end(), slot);
    const auto at = held - held_.begin();
    if (held == held_.end() || *held != slot) {
      held_.insert(held, slot);
      values_.insert(values_.begin() + at, Value());
    }
    put(values_[static_cast<std::size_t>(at)], std::move(v));
    return;
  }
  if (slot >= values_.size()) values_.resize(slot + 1);
  put(values_[slot], std::move(v));
  if (slot < texts_.size()) texts_[slot] = 0;
}

void Properties::write(value::Writer& out, std::uint32_t slot) const {
  if (cold_ != nullptr || slot >= texts_.size() || texts_[slot] == 0) return out.value(at(slot));
  value::Reader in(std::string_view(row_).substr(texts_[slot]));
  out.u8(in.u8());
  out.bytes(in.bytes());
}

std::size_t Properties::memory() const {
  return row_.capacity() + (texts_.capacity() + held_.capacity()) * sizeof(std::uint32_t) +
         values_.size() * sizeof(Value) + text_bytes_;
}

/// Reads the properties of one row after the other.
class PropertyReader {
 public:
  PropertyReader(Properties& properties, SymbolId object, Layout& layout)
      : properties_(properties), places_(layout.objects_[object]) {}

  /// Their slots, ascending.
  std::vector<std::uint32_t> hot(value::Reader& in) {
    std::vector<std::uint32_t> slots;
    for (std::size_t n = in.count(2); n > 0; --n) {
      const std::uint32_t slot = next(in);
      properties_.set(slot, in.value());
      slots.push_back(slot);
    }
    std::sort(slots.begin(), slots.end());
    return slots;
  }

  /// False when the row is malformed.
  bool cold(std::string row) {
    properties_.row_ = std::move(row);
    value::Reader in(properties_.row_);
    if (const std::uint8_t format = in.u8(); format < kOldestFormat || format > kFormat) return false;
    properties_.values_.resize(places_.symbols.size());
    properties_.texts_.resize(places_.symbols.size());
    for (std::size_t n = in.count(2); n > 0 && !in.failed(); --n) {
      const std::uint32_t slot = next(in);
      const std::size_t at = in.offset();
      if (at >= properties_.row_.size()) return false;
      if (properties_.row_[at] != static_cast<char>(value::Kind::text)) {
        properties_.set(slot, in.value());
        continue;
      }
      in.u8();
      in.bytes();
      if (slot >= properties_.texts_.size()) properties_.texts_.resize(slot + 1);
      if (slot >= properties_.values_.size()) properties_.values_.resize(slot + 1);
      properties_.texts_[slot] = static_cast<std::uint32_t>(at);
    }
    return !in.failed() && in.done();
  }

  void make_room() {
    auto& values = properties_.values_;
    if (properties_.cold_ == nullptr) values.resize(std::max(values.size(), places_.symbols.size()));
  }

 private:
  /// Rows are written in the order of slots, which mostly is the order now.
  std::uint32_t next(value::Reader& in) {
    const auto symbol = static_cast<SymbolId>(in.varint());
    if (in.failed()) return 0;
    while (guess_ < places_.symbols.size() && places_.symbols[guess_] < symbol) ++guess_;
    if (guess_ >= places_.symbols.size() || places_.symbols[guess_] != symbol) guess_ = places_.slot(symbol);
    return guess_++;
  }

  Properties& properties_;
  Layout::PerObject& places_;
  std::uint32_t guess_ = 0;
};

void Record::set_property(std::uint32_t slot, Value v) {
  properties.set(slot, std::move(v));
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

std::string encode_enrolment(const Enrolment& enrolment) {
  value::Writer out;
  write_enrolment(out, enrolment);
  return out.take();
}

Result<Enrolment> decode_enrolment(std::string_view bytes) {
  value::Reader in(bytes);
  Enrolment enrolment = read_enrolment(in);
  if (in.failed() || !in.done()) return Error{ErrorCode::corrupt, "a failed enrolment does not decode"};
  return enrolment;
}

namespace {

/// The short properties that programs read and that `overlay` does not have.
void write_pinned(value::Writer& out, const Record& record, const Layout& layout) {
  value::Writer pinned;
  std::size_t count = 0;
  for (const std::uint32_t slot : layout.pinned(record.object)) {
    const bool changed = std::binary_search(record.overlay.begin(), record.overlay.end(), slot);
    if ((changed && !record.cold_dirty) || !record.properties.is_held(slot)) continue;
    const Value v = record.property(slot);
    const bool text = v.kind() == value::Kind::text;
    if (text ? v.as_text().size() > kMaxPinnedText : v.kind() == value::Kind::list) continue;
    if (pinned.size() + (text ? v.as_text().size() : 0) > kMaxPinnedBytes) break;
    write_property(pinned, record, layout, slot);
    ++count;
  }
  out.varint(count);
  out.raw(pinned.str());
}

}  // namespace

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
  write_pinned(out, record, layout);
  write_state(out, record);
  return out.take();
}

std::string encode_cold(const Record& record, const Layout& layout) {
  value::Writer out;
  out.u8(kFormat);
  std::uint32_t known = 0;
  for (std::uint32_t slot = 0; slot < record.slots(); ++slot)
    known += record.properties.is_known(slot) ? 1 : 0;
  out.varint(known);
  for (std::uint32_t slot = 0; slot < record.slots(); ++slot) {
    if (record.properties.is_known(slot)) write_property(out, record, layout, slot);
  }
  return out.take();
}

namespace {

/// False when the row is malformed.
bool read_hot(value::Reader& in, Record& record, Layout& layout, ColdRows* cold) {
  const std::uint8_t format = in.u8();
  record.object = static_cast<SymbolId>(in.varint());
  record.created_at = in.zigzag();
  record.marketing = in.u8() != 0 ? Marketing::yes : Marketing::no;
  record.suppressed = static_cast<SymbolId>(in.varint());
  if (format < kOldestFormat || format > kFormat || in.failed()) return false;
  if (cold != nullptr) record.properties.defer(*cold, record.key, record.object);
  record.overlay = PropertyReader(record.properties, record.object, layout).hot(in);
  if (format > kOldestFormat) PropertyReader(record.properties, record.object, layout).hot(in);
  read_state(in, record);
  return !in.failed() && in.done();
}

}  // namespace

Result<void> decode_cold(std::string row, SymbolId object, Properties& properties, Layout& layout) {
  if (row.empty() || PropertyReader(properties, object, layout).cold(std::move(row))) return {};
  return Error{ErrorCode::corrupt, "the cold row of a record does not decode"};
}

Result<Record> decode_record(Key key, std::string_view hot, std::string cold, Layout& layout) {
  Record record;
  record.key = key;
  value::Reader head(hot);
  head.u8();
  const auto object = static_cast<SymbolId>(head.varint());
  if (const auto read = decode_cold(std::move(cold), object, record.properties, layout); !read)
    return read.error();
  value::Reader in(hot);
  if (!read_hot(in, record, layout, nullptr))
    return Error{ErrorCode::corrupt, "the hot row of a record does not decode"};
  PropertyReader(record.properties, object, layout).make_room();
  return record;
}

Result<Record> decode_record(Key key, std::string_view hot, ColdRows& cold, Layout& layout) {
  Record record;
  record.key = key;
  value::Reader in(hot);
  if (!read_hot(in, record, layout, &cold))
    return Error{ErrorCode::corrupt, "the hot row of a record does not decode"};
  return record;
}

std::size_t memory_of(const Record& record) {
  const auto of = [](const auto& items) { return items.capacity() * sizeof(items[0]); };
  std::size_t bytes = record.properties.memory() + of(record.overlay) + of(record.counters) +
                      of(record.lists) + of(record.tags) + of(record.topics) + of(record.enrolments) +
                      of(record.memories) + of(record.assignments) + of(record.sends) + of(record.counted) +
                      of(record.judged);
  for (const CounterState& counter : record.counters) bytes += of(counter.times);
  for (const Enrolment& e : record.enrolments) bytes += of(e.locals);
  for (const Memory& memory : record.memories) bytes += of(memory.bases) + of(memory.keys) + of(memory.kept);
  return bytes;
}

}  // namespace wf::engine
