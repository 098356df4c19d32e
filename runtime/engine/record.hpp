// Record: the run state of one contact, company, deal …, and its two rows.
//
// Everything in it is in stable terms: symbols instead of indices, enum values and resources by symbol. The
// hot row holds what programs change all the time, the properties changed lately, and short ones that
// programs read; the cold row all properties. It is read when something is asked for that the hot row does
// not have.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/codec.hpp"
#include "grammar/value/value.hpp"
#include "runtime/engine/symbols.hpp"

namespace wf::engine {

using store::Key;
using value::Value;

struct CounterState {
  SymbolId counter = 0;
  std::int64_t count = 0;
  std::int64_t last_at = 0;
  std::vector<std::int64_t> times;  ///< windowed counters: newest last
};

struct Membership {  ///< of a list, or a tag
  SymbolId set = 0;
  std::int64_t since = 0;
};

struct TopicState {
  SymbolId topic = 0;
  bool subscribed = false;
  std::int64_t at = 0;
};

/// The arm of an experiment that a record has for ever.
struct Assignment {
  SymbolId experiment = 0, arm = 0;
  std::int64_t at = 0;   ///< 0: given, and not exposed yet
  bool counted = false;  ///< exposed before there was a winner
  bool reacted = false;
};

/// A mail that a limit counts.
struct SentMail {
  std::uint64_t effect = 0;
  std::uint8_t mail_class = 0;
  std::int64_t at = 0;
};

enum class EnrolmentStatus : std::uint8_t {
  running,   ///< between two waits of one batch; never stored
  waiting,   ///< at a wait point
  deferred,  ///< the group at `pc` waits for a window to open
  held,      ///< the group at `pc` waits for a person: it would have run late
};

struct Enrolment {
  std::uint32_t id = 0;  ///< within the record, from 1
  SymbolId code = 0;     ///< the bundle it is pinned to
  SymbolId workflow = 0;
  EnrolmentStatus status = EnrolmentStatus::running;
  std::uint32_t pc = 0;
  std::uint32_t wait = 0xffffffff;  ///< of the program
  std::uint8_t resume = 0;          ///< vm::Resume of a deferred group
  std::uint32_t group = 0;          ///< groups of steps committed so far
  std::int64_t started_at = 0;
  std::int64_t due = 0;     ///< of its timer
  bool mailed = false;      ///< it has sent marketing mail: it cannot start again
  std::uint32_t day = 0;    ///< of its own, from its start: 0, 1, …
  std::uint32_t steps = 0;  ///< done within that day
  std::vector<Value> locals;
};

/// Where an enrolment stands.
struct Point {
  SymbolId code = 0, workflow = 0;
  std::uint32_t wait = 0;  ///< kNone: between waits
  friend auto operator<=>(const Point&, const Point&) = default;
};

/// A condition that time can turn was judged by a change while timers that could tell the same wait to be
/// looked at.
struct Judged {
  std::uint64_t condition = 0;  ///< hash of its workflow and its text
  std::int64_t at = 0;
};

/// What a record remembers of a workflow after its enrolments ended.
struct Memory {
  SymbolId workflow = 0;
  std::uint32_t times = 0;
  std::int64_t last_at = 0;
  std::vector<std::pair<SymbolId, std::int64_t>> bases;  ///< counts at the last enrolment
  std::vector<std::uint64_t> keys;                       ///< hashes of the keys enrolled for ever
  std::vector<std::uint64_t> kept;                       ///< keys that came while enrolled: next in line
};

enum class Marketing : std::uint8_t { no, yes };

/// Where a record went that was merged into another one.
struct Forward {
  Key to = 0;                    ///< 0: nowhere
  std::uint32_t enrolments = 0;  ///< the numbers of its enrolments have grown by this
};

/// Dense place of each property of an object; grows, never shrinks while the process lives.
class Layout {
 public:
  std::uint32_t slot(SymbolId object, SymbolId property);
  std::uint32_t size(SymbolId object) const;
  SymbolId property(SymbolId object, std::uint32_t slot) const;
  /// Programs read it: the hot row has it too, if it is short.
  void pin(SymbolId object, std::uint32_t slot);
  /// Ascending.
  const std::vector<std::uint32_t>& pinned(SymbolId object) const;

 private:
  friend class PropertyReader;
  struct PerObject {
    std::vector<SymbolId> symbols;
    std::unordered_map<SymbolId, std::uint32_t> slots;
    std::vector<std::uint32_t> pinned;
    std::uint32_t slot(SymbolId property);
  };
  std::unordered_map<SymbolId, PerObject> objects_;
};

class Properties;

/// Where the rest of a record is read when something is asked for that its hot row does not have.
class ColdRows {
 public:
  virtual ~ColdRows() = default;
  /// Reads the cold row of a record into its properties. Throws when it cannot.
  virtual void read(Key key, SymbolId object, Properties& properties) = 0;
};

/// The properties of one record by slot of the layout. Texts of a cold row stay in it until they are asked
/// for: of thirty properties a program reads a few. Not for two threads at once, not even to read.
class Properties {
 public:
  std::uint32_t slots() const;
  Value at(std::uint32_t slot) const;
  void set(std::uint32_t slot, Value v);
  bool is_known(std::uint32_t slot) const { return !at(slot).is_unknown(); }
  /// Known without the cold row.
  bool is_held(std::uint32_t slot) const;
  void write(value::Writer& out, std::uint32_t slot) const;
  std::size_t memory() const;
  /// From now on the cold row is read when it is needed.
  void defer(ColdRows& rows, Key key, SymbolId object);

 private:
  friend class PropertyReader;
  void complete() const;
  void put(Value& place, Value v) const;

  ColdRows* cold_ = nullptr;  ///< until it was read: then `held_` are the slots of `values_`
  Key key_ = 0;
  SymbolId object_ = 0;
  std::vector<std::uint32_t> held_;
  std::string row_;                           ///< the cold row as read
  mutable std::vector<std::uint32_t> texts_;  ///< where in it the text of a slot begins; 0: `values_` has it
  mutable std::vector<Value> values_;
  mutable std::size_t text_bytes_ = 0;  ///< of `values_`
};

struct Record {
  Key key = 0;
  SymbolId object = 0;
  std::int64_t created_at = 0;
  Marketing marketing = Marketing::no;
  SymbolId suppressed = 0;  ///< why no mail may go out at all: bounced, complained; 0: none
  Properties properties;
  std::vector<std::uint32_t> overlay;  ///< slots changed since the cold row was written, ascending
  std::vector<CounterState> counters;
  std::vector<Membership> lists, tags;
  std::vector<TopicState> topics;
  std::vector<Enrolment> enrolments;
  std::vector<Point> counted;  ///< of `enrolments` as of the last durable batch; not stored
  std::vector<Memory> memories;
  std::vector<Assignment> assignments;
  std::vector<SentMail> sends;  ///< oldest first, as many as limits ask for
  std::vector<Judged> judged;
  std::uint32_t next_enrolment = 1;
  Forward forward;          ///< of a record that is no more: `object` is 0 then
  bool cold_dirty = false;  ///< the next frame writes the cold row

  std::uint32_t slots() const { return properties.slots(); }
  Value property(std::uint32_t slot) const { return properties.at(slot); }
  void set_property(std::uint32_t slot, Value v);
  CounterState* counter(SymbolId id);
  const CounterState* counter(SymbolId id) const;
  CounterState& counter_or_new(SymbolId id);
  Memory& memory_or_new(SymbolId workflow);
  const Memory* memory(SymbolId workflow) const;
  Enrolment* enrolment(std::uint32_t id);
  Assignment* assignment(SymbolId experiment);
  const Assignment* assignment(SymbolId experiment) const;
  bool in(const std::vector<Membership>& sets, SymbolId id) const;
  const TopicState* topic(SymbolId id) const;
};

/// One enrolment alone: what is kept of one that failed.
std::string encode_enrolment(const Enrolment& enrolment);
/// Errors: corrupt.
Result<Enrolment> decode_enrolment(std::string_view bytes);

/// An overlay that grows beyond this is folded into a new cold row.
inline constexpr std::size_t kMaxOverlayBytes = 256;
/// Longer texts are not kept in the hot row because programs read them, and no more than so many bytes are.
inline constexpr std::size_t kMaxPinnedText = 48, kMaxPinnedBytes = 192;

/// The hot row. Sets `cold_dirty` instead of writing an overlay that is too large.
std::string encode_hot(Record& record, const Layout& layout);
std::string encode_cold(const Record& record, const Layout& layout);
/// Errors: corrupt.
Result<Record> decode_record(Key key, std::string_view hot, std::string cold, Layout& layout);
/// A record whose cold row is read from `cold` when it is needed, so that must outlive it.
Result<Record> decode_record(Key key, std::string_view hot, ColdRows& cold, Layout& layout);
/// For ColdRows::read(). Errors: corrupt.
Result<void> decode_cold(std::string row, SymbolId object, Properties& properties, Layout& layout);
/// Bytes that the record has outside of itself, about.
std::size_t memory_of(const Record& record);

}  // namespace wf::engine
