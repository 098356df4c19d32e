// The body of POST /v1/events: one JSON event, an array, NDJSON, CloudEvents structured or batched.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"

namespace wf::api {

enum class BodyFormat : std::uint8_t { json, ndjson, cloud_event, cloud_events };

/// Of a Content-Type, parameters ignored; nothing when it is none of ours. An empty one is told from the
/// body.
std::optional<BodyFormat> body_format(std::string_view content_type);

struct BodyEvent {
  std::size_t index = 0;  ///< 0-based position among the events
  std::size_t line = 0;   ///< 1-based, of NDJSON; 0: not read by lines
  Result<value::Value> event;
};

/// Gives every event of `body` to `take`, in order. A line of NDJSON that is no JSON is given with its error
/// and the rest goes on; blank lines count as lines and are no events. JSON of several lines with an object
/// each is read as NDJSON. Errors: invalid, limit (a body that cannot be read at all; nothing was given).
Result<void> read_events(std::string body, BodyFormat format, const std::function<void(BodyEvent)>& take);

}  // namespace wf::api
