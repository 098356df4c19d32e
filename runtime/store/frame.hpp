// Frame: one atomic change of the run state, the unit of the journal.
//
// An accept frame records outside events before they are acknowledged. A redo frame records everything one
// engine batch did: it can be applied again after a crash without running a program, reading a clock or
// sending anything.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::store {

/// Key of a record: shard in the top 16 bits, a number within the shard below. 0 is no record.
using Key = std::uint64_t;
/// Number of a frame, from 1, without gaps.
using Seq = std::uint64_t;
/// Number of an accepted input, from 1, in acceptance order, without gaps.
using InputSeq = std::uint64_t;
/// 128-bit hash of (source, id) of an event.
using DedupeId = std::array<std::uint64_t, 2>;

inline constexpr unsigned kShardBits = 16;
inline constexpr std::uint16_t shard_of(Key key) {
  return static_cast<std::uint16_t>(key >> (64 - kShardBits));
}

/// An outside event as accepted: opaque to the store.
struct Input {
  InputSeq seq = 0;              ///< assigned by Store::accept
  std::int64_t received_at = 0;  ///< microseconds
  DedupeId dedupe{};             ///< all zero: no id, never a duplicate
  std::string body;
};

struct Timer {
  std::int64_t due = 0;  ///< microseconds
  Key record = 0;
  std::uint32_t enrolment = 0;  ///< number of the enrolment within the record; 0: the record itself
  std::uint32_t step = 0;
  std::uint8_t kind = 0;
  friend auto operator<=>(const Timer&, const Timer&) = default;
};

enum class EffectState : std::uint8_t {
  ready = 0,      ///< to be handed over at next_at
  attempted = 1,  ///< handed over; the answer is not recorded yet
  uncertain = 2,  ///< attempted before a crash and not repeatable: held for the operator
  dead = 3,       ///< retries used up
  late = 4,       ///< due while nothing ran, too long ago to leave without a person's decision
};
inline constexpr std::size_t kEffectStates = 5;

/// An undelivered outside effect (mail, webhook call). `id` orders the outbox; `body` is opaque to the store.
struct Effect {
  std::uint64_t id = 0;
  Key record = 0;
  std::int64_t next_at = 0;
  EffectState state = EffectState::ready;
  std::uint16_t attempts = 0;
  std::string body;
};

/// Where a record's newest history entry stands: the timeline is a chain through the journal.
struct HistoryRef {
  Seq frame = 0;  ///< 0: no history
  std::uint32_t offset = 0;
  friend bool operator==(const HistoryRef&, const HistoryRef&) = default;
};

/// A change creates the record when it does not exist yet. `erase` removes it with its history, and nothing
/// else of the change counts then. Several changes of one record apply in order.
struct RecordChange {
  Key key = 0;
  bool erase = false;
  std::optional<std::string> hot;   ///< new hot row; absent: unchanged
  std::optional<std::string> cold;  ///< new cold row; absent: unchanged
  std::string history;              ///< what happened to the record in this frame; empty: nothing to tell
};

struct Identity {  ///< (object symbol, folded external id) → record
  std::uint32_t object = 0;
  std::string id;
  Key record = 0;  ///< 0: forget it
};

struct Link {  ///< association `assoc` of record `from` points at `to`
  std::uint32_t assoc = 0;
  Key from = 0;
  Key to = 0;
  bool remove = false;
};

struct Symbol {  ///< stable number of a name: properties, lists, workflows, codes …
  std::uint32_t id = 0;
  std::string name;
};

struct StatDelta {  ///< adds to a named counter of the report
  std::string name;
  std::int64_t delta = 0;
};

struct MetaPut {  ///< small named blobs: active bundle, clock, next ids
  std::string key;
  std::string value;
};

/// A redo frame. All vectors may be empty. Timers are removed before the new ones are added; effects are put
/// before others are removed; within a vector the order counts.
struct Frame {
  InputSeq consumed = 0;         ///< all inputs up to here are done; 0: unchanged
  std::vector<DedupeId> dedupe;  ///< ids of the consumed inputs that took effect
  std::vector<RecordChange> records;
  std::vector<Timer> timers_added;
  std::vector<Timer> timers_removed;
  std::vector<Effect> effects_put;  ///< insert or replace by id
  std::vector<std::uint64_t> effects_removed;
  std::vector<Identity> identities;
  std::vector<Link> links;
  std::vector<Symbol> symbols;
  std::vector<StatDelta> stats;
  std::vector<MetaPut> meta;

  bool empty() const;
};

/// One history entry as it stands in the journal.
struct HistoryPart {
  Key key = 0;
  HistoryRef previous;  ///< the record's entry before this one; frame 0 with an offset: in the same frame
  std::string body;
};

/// As HistoryRef::frame given to encode(): the previous entry belongs to records[offset] of the same frame.
inline constexpr Seq kSameFrame = ~Seq{0};
/// Bytes in front of a history entry that tell its size.
inline constexpr std::size_t kHistoryHeader = 8;

/// The encoding of frames in the journal: starts with a format byte, ends with a checksum. Decoding refuses
/// anything malformed (corrupt) and newer formats (unsupported). history_offsets[i] is where
/// records[i].history stands within the encoding (0 if none); previous[i] is where that record's history
/// ended before (all none when shorter).
std::string encode(const Frame& frame, std::vector<std::uint32_t>* history_offsets = nullptr,
                   std::span<const HistoryRef> previous = {});
Result<Frame> decode_frame(std::string_view bytes, std::vector<std::uint32_t>* history_offsets = nullptr);
std::string encode(const std::vector<Input>& inputs);
Result<std::vector<Input>> decode_inputs(std::string_view bytes);

/// Reads one history entry alone: the size of the whole entry from its first kHistoryHeader bytes, then the
/// entry. Error: corrupt.
std::size_t history_size(std::string_view header);
Result<HistoryPart> decode_history(std::string_view entry);

}  // namespace wf::store
