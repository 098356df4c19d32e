// POST /v1/events: answers 2xx only after what it accepted is durable.
#include "runtime/api/event_body.hpp"
#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

struct Sorted {
  std::vector<store::Input> inputs;
  SourceCounts sources;
  value::List rejected;
};

Value rejection(const BodyEvent& item, const Error& error) {
  value::Map entry{{"index", Value::integer(static_cast<std::int64_t>(item.index))}};
  if (item.line > 0) entry.emplace_back("line", Value::integer(static_cast<std::int64_t>(item.line)));
  const std::string id = item.event ? text_member(*item.event, "id") : "";
  if (!id.empty()) entry.emplace_back("id", Value::text(id));
  entry.emplace_back("reason", Value::text(error.message));
  return Value::map(std::move(entry));
}

void sort_in(const EventCheck& check, const BodyEvent& item, bool cloud, Sorted& sorted) {
  if (!item.event) return sorted.rejected.push_back(rejection(item, item.event.error()));
  const auto checked = check.check(*item.event, cloud);
  if (!checked) return sorted.rejected.push_back(rejection(item, checked.error()));
  store::Input input;
  input.dedupe = checked->dedupe;
  input.body = engine::encode(checked->event);
  sorted.inputs.push_back(std::move(input));
  count_in(sorted.sources, source_of(checked->source));
}

}  // namespace

void post_events(Service& service, const http::Request& request, http::Respond respond) {
  const std::string_view content_type = request.header("content-type");
  const auto format = body_format(content_type);
  // A page of another site can post a body without a type, but no JSON type.
  const bool forged = content_type.empty() && !request.header("origin").empty();
  if (!format || forged) {
    return respond(problem(415,
                           "Content-Type must be application/json, application/x-ndjson, "
                           "application/cloudevents+json or application/cloudevents-batch+json"));
  }
  const bool cloud = *format == BodyFormat::cloud_event || *format == BodyFormat::cloud_events;
  Sorted sorted;
  const auto edition = service.editions->get();
  const auto read = read_events(request.body, *format,
                                [&](const BodyEvent& item) { sort_in(edition->check, item, cloud, sorted); });
  if (!read) return respond(problem(400, read.error().message));
  const std::size_t accepted = sorted.inputs.size();
  const int status = accepted > 0 || sorted.rejected.empty() ? 200 : 400;
  http::Response response =
      json_response(status, Value::map({{"accepted", Value::integer(static_cast<std::int64_t>(accepted))},
                                        {"rejected", Value::list(std::move(sorted.rejected))}}));
  if (accepted == 0) return respond(std::move(response));
  accept_then(service, std::move(sorted.inputs), std::move(response), std::move(respond),
              std::move(sorted.sources));
}

}  // namespace wf::api
