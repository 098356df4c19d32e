// The world of the reference interpreter: everything that happened is kept, and every question is answered by
// looking at all of it again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/sema/module.hpp"
#include "grammar/value/value.hpp"

namespace wf::reference {

using bytecode::kNone;
using value::Value;
using Key = std::uint64_t;

/// Something that happened, as the engine's observer tells it.
struct Line {
  std::int64_t at = 0;
  Key record = 0;
  std::string_view what;          ///< "mail_sent"
  std::string subject, workflow;  ///< "email.welcome"; "workflow.nurturing" or ""
  std::string detail;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Event {
  std::uint32_t type = kNone;
  std::vector<Value> parameters;
  std::int64_t at = 0;    ///< when it occurred, never after it was received
  std::uint64_t key = 0;  ///< what `reenroll each event` counts by
  bool late = false;      ///< too old to trigger anything
};

/// What a condition can read of one record.
struct Facts {
  std::vector<Value> properties;
  std::set<std::uint32_t> lists;
  std::set<std::string> tags;
  std::size_t past = 0;  ///< so much of the record's history has happened
};

/// An event, or a value that a property took; with the record as it was then.
struct Past {
  Event event;
  std::uint32_t property = kNone;
  Value value;
  std::int64_t at = 0;  ///< when it occurred
  std::int64_t received = 0;
  Facts facts;
};

/// Where an enrolment stands in the tree of steps: the blocks it is in, outermost first.
struct Frame {
  const sema::Block* block = nullptr;
  std::size_t next = 0;
};
using Position = std::vector<Frame>;

enum class Status : std::uint8_t { running, waiting, deferred };

struct Enrolment {
  std::uint32_t id = 0, workflow = 0;
  Status status = Status::running;
  Position position;
  const sema::Step* wait = nullptr;
  std::uint32_t group = 0;  ///< groups of steps done
  std::int64_t due = 0;
  std::vector<Value> locals;
};

/// What is remembered of a workflow after its enrolments.
struct Memory {
  std::uint32_t times = 0;
  std::int64_t last_at = 0;
  std::size_t past = 0;  ///< of the record's history at the last enrolment
  std::vector<Value> keys, kept;
};

/// A mail that left for a contact.
struct Departure {
  std::uint64_t effect = 0;
  bytecode::MailClass mail_class = bytecode::MailClass::none;
  std::int64_t at = 0;
};

struct Record {
  Key key = 0;
  std::uint32_t object = kNone;
  std::int64_t created_at = 0;
  Facts facts;
  std::vector<std::shared_ptr<const Past>> history;
  bool marketing = false;
  std::string suppressed;
  std::map<std::string, bool> topics;  ///< subscribed or not, once said
  std::vector<Departure> departures;
  std::vector<Enrolment> enrolments;
  std::map<std::uint32_t, Memory> memories;
  std::uint32_t next_enrolment = 1;

  Enrolment* enrolment(std::uint32_t id) {
    for (Enrolment& e : enrolments) {
      if (e.id == id) return &e;
    }
    return nullptr;
  }
};

/// `enroll at MOMENT`, still to come.
struct Appointment {
  std::int64_t due = 0;
  Key record = 0;
  std::uint32_t workflow = 0;
  friend auto operator<=>(const Appointment&, const Appointment&) = default;
};

struct Effect {
  std::uint64_t id = 0;
  Key record = 0;  ///< the recipient of a mail, else whose enrolment it is
  Key source = 0;
  std::uint32_t workflow = 0, enrolment = 0, group = 0, number = 0;
  const sema::Send* send = nullptr;
  const sema::CallWebhook* call = nullptr;
  std::vector<Value> arguments;          ///< of a mail: plain values; of a call: its body
  std::vector<sema::WindowUse> windows;  ///< of a mail …
  std::vector<Value> zones;              ///< … and their zones at the step
  std::int64_t wanted_at = 0;            ///< the instant of the step
  std::int64_t next_at = 0;
  std::uint32_t attempts = 0;
  int depth = 0;  ///< of the chain that made it
  bool handed_over = false, dead = false;
};

struct World {
  std::map<Key, Record> records;
  std::set<Appointment> appointments;
  std::map<std::uint64_t, Effect> outbox;
  std::uint64_t next_record = 1, next_effect = 1;

  Record* find(Key key) {
    const auto found = records.find(key);
    return found == records.end() ? nullptr : &found->second;
  }
  const Record* find(Key key) const {
    const auto found = records.find(key);
    return found == records.end() ? nullptr : &found->second;
  }
};

/// What one cause changed on one record.
struct Change {
  Key record = 0;
  Facts before;
  std::vector<std::pair<std::uint32_t, bool>> lists;  ///< each that was joined or left
  std::set<std::uint32_t> moved;  ///< properties that differ now; later changes do not count
  bool created = false;
  bool touched = false;
};

}  // namespace wf::reference
