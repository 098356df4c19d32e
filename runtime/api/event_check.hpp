// One event as it came in (plain values) to an input of the engine, or the reason why not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grammar/text/result.hpp"
#include "runtime/bytecode/program.hpp"
#include "runtime/engine/event.hpp"
#include "runtime/store/frame.hpp"

namespace wf::api {

/// An event that fits the project.
struct CheckedEvent {
  engine::InputEvent event;
  store::DedupeId dedupe{};  ///< all zero when it has no id
  std::string source;        ///< "" when it names none
};

/// Checks events against the catalogue of a program, which must outlive it. Thread-safe.
///
/// An event is an object with `type`; the record as `subject` (of the event's object, or of `object`) or
/// under the name of its object (`contact`, `deal` …); and optionally `id`, `source`, `time` (RFC 3339),
/// `data`, `properties`, `marketing` and `create`. With `specversion` it is a CloudEvent: further members are
/// allowed, and `id` and `source` are required. Without a subject the record is found by a unique property in
/// `data` or `properties`.
///
/// Types are the events of the project and the built-in ones: record.upsert, record.set, list.add,
/// list.remove, tag.add, tag.remove, topic.subscribe, topic.unsubscribe, marketing.set, workflow.enroll,
/// workflow.unenroll.
class EventCheck {
 public:
  explicit EventCheck(const bytecode::Program& program);

  /// Error `invalid` with a reason for people.
  Result<CheckedEvent> check(const value::Value& raw, bool cloud_event = false) const;

 private:
  struct Draft;
  Result<void> read_envelope(Draft& draft) const;
  Result<void> read_member(Draft& draft, const std::string& name, const value::Value& v) const;
  Result<void> find_type(Draft& draft) const;
  Result<void> find_object(Draft& draft) const;
  Result<void> find_subject(Draft& draft) const;
  Result<void> check_subject(std::uint32_t object, const std::string& subject) const;
  Result<void> take_other(Draft& draft) const;
  Result<void> check_event_data(Draft& draft) const;
  Result<void> check_key(const Draft& draft, bool answers, const std::string& name) const;
  bool brings_answers(const Draft& draft) const;
  Result<void> check_built_in(Draft& draft) const;
  Result<void> take_properties(Draft& draft) const;
  Result<void> take_name(Draft& draft, bytecode::ResourceKind kind, const std::string& prefix) const;
  Result<void> check_properties(const Draft& draft, const value::Map& properties) const;
  Result<void> check_property(const Draft& draft, const std::string& name, const value::Value& v) const;

  const bytecode::Program& program_;
  const bytecode::Catalogue& catalogue_;
  std::vector<std::string> types_;  ///< all that are known, for suggestions
};

/// The identity of an event: equal for equal (source, id), never all zero.
store::DedupeId dedupe_id(std::string_view source, std::string_view id);

}  // namespace wf::api
