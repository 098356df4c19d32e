// What the outside tells the engine, as accepted: names and plain values, independent of any program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"

namespace wf::engine {

enum class InputKind : std::uint8_t {
  event,       ///< something happened to a record
  upsert,      ///< create the record, or set some of its properties
  membership,  ///< `type` list.NAME or tag.NAME, `flag` add or remove
  topic,       ///< `type` the topic's name ("" all), `flag` subscribe or unsubscribe
  marketing,   ///< `flag` marketing or not
  enroll,      ///< `type` the workflow; by hand
  unenroll,
  set,      ///< set some of the record's properties; never creates it
  variant,  ///< `type` EXPERIMENT.ARM: gives the record an arm before it gets there
  remove,   ///< delete the record
  merge,    ///< `type` the subject of another record of its object, which becomes this one
};
inline constexpr InputKind kLastInputKind = InputKind::merge;

struct InputEvent {
  InputKind kind = InputKind::event;
  std::string type;               ///< the event's name
  std::string object;             ///< "" : the event type's
  std::string subject;            ///< external id of the record
  std::int64_t occurred_at = 0;   ///< microseconds; 0: when received
  value::Map data;                ///< the event's fields by name
  value::Map properties;          ///< the record's properties to set
  std::optional<bool> marketing;  ///< consent that comes with the data
  bool flag = true;
  bool create = false;  ///< create the record when it is not there
};

std::string encode(const InputEvent& event);
/// Errors: corrupt.
Result<InputEvent> decode_input(std::string_view bytes);

}  // namespace wf::engine
